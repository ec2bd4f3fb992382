"""Breakers: conditions under which execution stops by itself. Pure functions of figures."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from riskplatform.errors import UserInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRules:
    """Where each breaker trips; None switches one off. Money is in the base currency.

    ``daily_loss`` is what the trading of the day may have lost, ``drawdown`` what it may have lost
    since its best moment. Rates are counted over ``window_seconds``; a share of rejects counts
    from ``least_orders`` on. The feed is stale when nothing whose market is open was quoted for
    ``stale_seconds``; one quiet instrument is the gate's business.
    """

    daily_loss: float | None = 1_000_000.0
    drawdown: float | None = 1_000_000.0
    orders_per_window: int | None = 600
    reject_share: float | None = 0.5
    least_orders: int = 10
    window_seconds: float = 60.0
    stale_seconds: float | None = 120.0

    def __post_init__(self) -> None:
        for name in ("daily_loss", "drawdown", "orders_per_window", "reject_share",
                     "least_orders", "window_seconds", "stale_seconds"):  # fmt: skip
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UserInputError(f"{name} is {value}; give a number above 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the breakers look at. Profits are signed; None is not known."""

    profit: float | None = None
    best_profit: float | None = None
    orders: int = 0
    rejects: int = 0
    newest_quote_seconds: float | None = None
    newest_quote_of: str = ""
    working: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """A breaker and why it tripped."""

    breaker: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return {"breaker": self.breaker, "reason": self.reason}

    def __str__(self) -> str:
        return f"{self.breaker}: {self.reason}"


def trips(figures: Figures, rules: BreakerRules) -> tuple[Trip, ...]:
    """Every breaker that trips."""
    found = (
        daily_loss(figures, rules),
        drawdown(figures, rules),
        order_rate(figures, rules),
        reject_share(figures, rules),
        stale_feed(figures, rules),
    )
    return tuple(trip for trip in found if trip is not None)


def daily_loss(figures: Figures, rules: BreakerRules) -> Trip | None:
    most, profit = rules.daily_loss, figures.profit
    if most is None or profit is None or -profit < most:
        return None
    return Trip("daily loss", f"today's trading lost {-profit:,.0f}, the limit is {most:,.0f}")


def drawdown(figures: Figures, rules: BreakerRules) -> Trip | None:
    most, profit, best = rules.drawdown, figures.profit, figures.best_profit
    if most is None or profit is None or best is None or best - profit < most:
        return None
    return Trip(
        "drawdown",
        f"today's trading lost {best - profit:,.0f} from its best of {best:,.0f}, "
        f"the limit is {most:,.0f}",
    )


def order_rate(figures: Figures, rules: BreakerRules) -> Trip | None:
    most = rules.orders_per_window
    if most is None or figures.orders <= most:
        return None
    return Trip(
        "order rate",
        f"{figures.orders} orders in {rules.window_seconds:g} s, at most {most} are normal",
    )


def reject_share(figures: Figures, rules: BreakerRules) -> Trip | None:
    most = rules.reject_share
    if most is None or figures.orders < rules.least_orders:
        return None
    share = figures.rejects / figures.orders
    if share <= most:
        return None
    return Trip(
        "reject ratio",
        f"{figures.rejects} of the last {figures.orders} orders were rejected, {share:.0%} "
        f"where {most:.0%} is normal",
    )


def stale_feed(figures: Figures, rules: BreakerRules) -> Trip | None:
    """Only while something is worked, and by markets that are open: closed ones have old quotes."""
    most, age = rules.stale_seconds, figures.newest_quote_seconds
    if most is None or age is None or not figures.working or age <= most:
        return None
    return Trip(
        "stale feed",
        f"the newest quote, of {figures.newest_quote_of}, is {age:,.0f} s old, "
        f"{most:g} s are allowed",
    )


@dataclass(slots=True)
class Rates:
    """Orders and rejects of the last seconds."""

    seconds: float
    _orders: deque[datetime] = field(default_factory=deque)
    _rejects: deque[datetime] = field(default_factory=deque)

    def sent(self, at: datetime) -> None:
        self._orders.append(at)

    def rejected(self, at: datetime) -> None:
        self._rejects.append(at)

    def within(self, at: datetime) -> tuple[int, int]:
        """(orders, rejects) after ``at`` minus the window."""
        start = at - timedelta(seconds=self.seconds)
        for times in (self._orders, self._rejects):
            while times and times[0] <= start:
                times.popleft()
        return len(self._orders), len(self._rejects)


@dataclass(slots=True)
class TradingProfit:
    """What trading has won since it began: money in and out, and what is held at the market.

    Money is kept by currency and converted at ``rates`` (base currency per unit) when asked.
    """

    money: dict[str, Decimal] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=dict)
    best: float = 0.0

    def trade(
        self, instrument_id: str, signed_quantity: Decimal, price: Decimal, per_unit: Decimal,
        currency: str, fee: Decimal, fee_currency: str,
    ) -> None:  # fmt: skip
        """An execution; ``per_unit`` turns price times quantity into money."""
        paid = signed_quantity * price * per_unit
        self.money[currency] = self.money.get(currency, Decimal(0)) - paid
        self.money[fee_currency] = self.money.get(fee_currency, Decimal(0)) - fee
        self.held[instrument_id] = self.held.get(instrument_id, Decimal(0)) + signed_quantity

    def now(
        self, worth: Mapping[str, tuple[float, str]], rates: Mapping[str, float]
    ) -> float | None:
        """Signed, in the base currency; None when something held has no price or no rate.

        ``worth`` is the money that one unit is worth at the market, with its currency.
        """
        total = 0.0
        for currency, amount in self.money.items():
            if amount and currency not in rates:
                return None
            total += float(amount) * rates.get(currency, 0.0)
        for name, quantity in self.held.items():
            if not quantity:
                continue
            if name not in worth or worth[name][1] not in rates:
                return None
            unit, currency = worth[name]
            total += float(quantity) * unit * rates[currency]
        self.best = max(self.best, total)
        return total
