"""Our own orders as the gate counts them: what is open, what was approved, what was sent today.

Every count is a sum that is carried from event to event; nothing here looks through orders.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from riskplatform.domain.orders import Order, OrderType, Side
from riskplatform.domain.targets import ApprovedTargets

ZERO = Decimal(0)
Line = tuple[str, str, str]
"""Approval, portfolio, instrument: what an order is a child of."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What was approved of one line: a signed quantity, at what price, and for how long."""

    quantity: Decimal
    reference_price: float
    approved_at: datetime
    expires_at: datetime


@dataclass(slots=True, eq=False)
class Sent:
    """An order that was sent. ``remaining`` is what may still be filled of it."""

    order: Order
    at: datetime
    day: date
    unit_notional: float
    quantity: Decimal
    limit_price: Decimal | None
    remaining: Decimal
    filled: Decimal = ZERO

    @property
    def line(self) -> Line:
        return line_of(self.order)


@dataclass(slots=True)
class DayTotals:
    """Of one day: money by portfolio and instrument, units by instrument, orders."""

    notional: float = 0.0
    by_portfolio: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_instrument: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    units: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    orders: int = 0


class OwnPrices:
    """The prices at which our own orders of one side rest, from low to high."""

    __slots__ = ("prices",)

    def __init__(self) -> None:
        self.prices: list[float] = []

    def add(self, price: float) -> None:
        insort(self.prices, price)

    def remove(self, price: float) -> None:
        place = bisect_left(self.prices, price)
        del self.prices[place]


class OrderBook:
    """What the gate must remember of orders, by event: sent, filled, replaced, closed."""

    def __init__(self) -> None:
        self.orders: dict[str, Sent] = {}
        self.parents: dict[Line, Parent] = {}
        self.committed: dict[Line, Decimal] = defaultdict(lambda: ZERO)
        self.day = DayTotals()
        self.today: date | None = None
        self._resting: dict[tuple[str, Side], OwnPrices] = defaultdict(OwnPrices)
        self._open: dict[tuple[str, str, Side], Decimal] = defaultdict(lambda: ZERO)

    def approve(self, targets: ApprovedTargets) -> None:
        """What may be traded; approving the same again changes nothing."""
        for trade in targets.trades:
            line = (targets.approval_id, trade.portfolio_id, trade.instrument_id)
            self.parents[line] = Parent(
                trade.quantity,
                float(trade.reference_price),
                targets.approved_at,
                targets.expires_at,
            )

    def turn(self, at: datetime) -> None:
        """A new day begins with empty totals; a clock set back does not bring the old ones back."""
        day = at.date()
        if self.today is None or day > self.today:
            self.today, self.day = day, DayTotals()

    def send(self, order: Order, at: datetime, unit_notional: float) -> None:
        self.turn(at)
        assert self.today is not None
        sent = Sent(
            order, at, self.today, unit_notional, order.quantity, order.limit_price, order.quantity
        )
        self.orders[order.client_order_id] = sent
        self.committed[sent.line] += order.quantity
        self._resting[order.key.instrument_id, order.side].add(_price(sent))
        self._open[_open_line(order)] += order.quantity
        self.day.orders += 1
        self._count(sent, order.quantity)

    def fill(self, client_order_id: str, quantity: Decimal) -> Decimal:
        """How much more than was open it is: none, unless a venue fills what we thought ended."""
        sent = self.orders[client_order_id]
        sent.filled += quantity
        more = max(quantity - sent.remaining, ZERO)
        if more:
            self.committed[sent.line] += more
            self._count(sent, more)
        self._rest(sent, max(sent.remaining - quantity, ZERO))
        return more

    def replace(
        self, client_order_id: str, quantity: Decimal, limit_price: Decimal | None
    ) -> Decimal:
        """By how much what is open changes."""
        sent = self.orders[client_order_id]
        left = max(quantity - sent.filled, ZERO)
        change = left - sent.remaining
        self._rest(sent, ZERO)
        sent.quantity, sent.limit_price = quantity, limit_price
        self._rest(sent, left)
        self.committed[sent.line] += change
        self._count(sent, change)
        return change

    def close(self, client_order_id: str) -> Decimal:
        """What was open of it and is no more."""
        sent = self.orders[client_order_id]
        left = sent.remaining
        if left:
            self._rest(sent, ZERO)
            self.committed[sent.line] -= left
            self._count(sent, -left)
        return left

    def open_opposite(self, order: Order) -> Decimal:
        """What is open of the same instrument in the same portfolio on the other side."""
        key = order.key
        return self._open.get((key.portfolio_id, key.instrument_id, _other(order.side)), ZERO)

    def best_opposite(self, order: Order) -> float | None:
        """The price of our own order that a new one would meet first; None without any."""
        other = _other(order.side)
        resting = self._resting.get((order.key.instrument_id, other))
        if resting is None or not resting.prices:
            return None
        return resting.prices[0] if other is Side.SELL else resting.prices[-1]

    def _rest(self, sent: Sent, left: Decimal) -> None:
        """Set what is open, and take its price off or put it on the list of resting ones."""
        prices = self._resting[sent.order.key.instrument_id, sent.order.side]
        if sent.remaining > 0 and left <= 0:
            prices.remove(_price(sent))
        elif sent.remaining <= 0 and left > 0:
            prices.add(_price(sent))
        self._open[_open_line(sent.order)] += left - sent.remaining
        sent.remaining = left

    def _count(self, sent: Sent, quantity: Decimal) -> None:
        """In the totals of the day on which the order was sent."""
        if sent.day != self.today:
            return
        units = float(quantity)
        money, key = units * sent.unit_notional, sent.order.key
        self.day.notional += money
        self.day.by_portfolio[key.portfolio_id] += money
        self.day.by_instrument[key.instrument_id] += money
        self.day.units[key.instrument_id] += units


def _other(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY


def _open_line(order: Order) -> tuple[str, str, Side]:
    return order.key.portfolio_id, order.key.instrument_id, order.side


def line_of(order: Order) -> Line:
    key = order.key
    return key.approval_id, key.portfolio_id, key.instrument_id


def crossing_price(order_type: OrderType, side: Side, limit_price: Decimal | None) -> float:
    """The worst price that an order takes: without a limit, any."""
    if order_type is OrderType.LIMIT and limit_price is not None:
        return float(limit_price)
    return float("inf") if side is Side.BUY else float("-inf")


def _price(sent: Sent) -> float:
    return crossing_price(sent.order.order_type, sent.order.side, sent.limit_price)
