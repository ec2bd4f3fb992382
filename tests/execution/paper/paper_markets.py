"""Markets, orders and venues for the tests of the paper venue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from riskplatform.domain.orders import Order, OrderKey, OrderType, Side, TimeInForce
from riskplatform.execution.paper.market import Bar, DayMarket, Halt, Listing, Tick
from riskplatform.execution.paper.messages import CancelSent, DayOpened, OrderSent, ReplaceSent
from riskplatform.execution.paper.rules import FeeSchedule, Latency, VenueRules
from riskplatform.execution.paper.venue import Venue

DAY = date(2026, 3, 6)
OPEN = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
CLOSE = datetime(2026, 3, 6, 21, 0, tzinfo=UTC)
NAME = "ALFA.XNYS"

AT_ONCE = Latency(fixed_ms=0.0, mean_extra_ms=0.0)
NO_FEES = FeeSchedule(bp=Decimal(0))
PLAIN = VenueRules(latency=AT_ONCE, fees=NO_FEES, participation=Decimal("0.5"), levels=2)


def d(value: str | int) -> Decimal:
    return Decimal(value)


def at(seconds: float) -> datetime:
    """So long after the open."""
    return OPEN + timedelta(seconds=seconds)


def tick(
    seconds: float,
    price: str | int | None = None,
    size: int = 0,
    *,
    bid: str | int | None = 99,
    ask: str | int | None = 101,
    shown: tuple[int, int] = (100, 100),
) -> Tick:
    return Tick(
        at=at(seconds),
        price=None if price is None else d(price),
        size=d(size),
        bid=None if bid is None else d(bid),
        ask=None if ask is None else d(ask),
        bid_size=d(shown[0]),
        ask_size=d(shown[1]),
    )


def listing(ticks: Iterable[Tick] = (), *, name: str = NAME, bar: Bar | None = None) -> Listing:
    return Listing(
        instrument_id=name, currency="USD", opens_at=OPEN, closes_at=CLOSE,
        price_step=d(1), ticks=tuple(ticks), bar=bar,
    )  # fmt: skip


def market(*ticks: Tick, halts: Iterable[Halt] = ()) -> DayMarket:
    return DayMarket(day=DAY, listings=(listing(ticks),), halts=tuple(halts))


def venue(*ticks: Tick, rules: VenueRules = PLAIN, halts: Iterable[Halt] = ()) -> Venue:
    """A venue on its day, at the open."""
    made = Venue("V", rules, seed=7)
    made.apply(DayOpened(at=OPEN, market=market(*ticks, halts=halts)))
    return made


def order(
    number: int,
    side: str = "buy",
    quantity: int = 100,
    *,
    limit: str | int | None = None,
    stop: str | int | None = None,
    good: str = "day",
    name: str = NAME,
    currency: str = "USD",
) -> Order:
    kind = OrderType.LIMIT if limit is not None else OrderType.STOP if stop else OrderType.MARKET
    return Order(
        key=OrderKey("A", "growth", name, number),
        side=Side(side),
        quantity=d(quantity),
        currency=currency,
        order_type=kind,
        limit_price=None if limit is None else d(limit),
        stop_price=None if stop is None else d(stop),
        time_in_force=TimeInForce(good),
    )


def sent(seconds: float, what: Order) -> OrderSent:
    return OrderSent(at=at(seconds), order=what)


def cancel(seconds: float, what: Order) -> CancelSent:
    return CancelSent(at=at(seconds), client_order_id=what.client_order_id)


def change(seconds: float, what: Order, quantity: int, limit: str | None = None) -> ReplaceSent:
    return ReplaceSent(
        at=at(seconds),
        client_order_id=what.client_order_id,
        quantity=d(quantity),
        limit_price=None if limit is None else d(limit),
    )


def fills(made: Venue, what: Order) -> list[tuple[Decimal, Decimal]]:
    """(quantity, price) of an order's executions."""
    return [
        (one.quantity, one.price)
        for one in made.executions
        if one.client_order_id == what.client_order_id
    ]


def kinds(made: Venue, what: Order) -> list[str]:
    """What was said about an order."""
    name = what.client_order_id
    return [type(one).__name__ for one in made.reports if one.client_order_id == name]
