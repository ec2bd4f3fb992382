"""The paper venue: orders matched over a day, and orders made durable.

The peer of the matching is the same rule as one would first write it: at every tick all open
orders are sorted and looked at. The peer of the durable orders is the same service asked for one
order at a time, each with a commit of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.harness import Case

if TYPE_CHECKING:
    from riskplatform.domain.orders import Order
    from riskplatform.execution.paper.market import DayMarket, Listing, Tick
    from riskplatform.execution.paper.messages import OrderSent
    from riskplatform.execution.paper.rules import VenueRules
    from riskplatform.execution.paper.service import PaperService

DAY = date(2026, 3, 6)
OPEN = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
CLOSE = datetime(2026, 3, 6, 21, 0, tzinfo=UTC)
NAMES, ORDERS = 2, 700
DURABLE, TOGETHER = 400, 50


def _rules() -> VenueRules:
    from riskplatform.execution.paper.rules import Latency, VenueRules

    return VenueRules(latency=Latency(fixed_ms=0.0, mean_extra_ms=0.0))


def _listing(name: str) -> Listing:
    from riskplatform.execution.paper.market import Bar, Listing

    open_, high, low, close = (Decimal(price) for price in (100, 102, 98, 101))
    bar = Bar(open=open_, high=high, low=low, close=close, volume=Decimal(200_000))
    return Listing(instrument_id=name, currency="USD", opens_at=OPEN, closes_at=CLOSE, bar=bar)


def _market() -> DayMarket:
    from riskplatform.execution.paper.market import DayMarket

    return DayMarket(day=DAY, listings=tuple(_listing(f"EQ{n}") for n in range(NAMES)))


def _order(number: int) -> Order:
    """Limit orders around the open, far and near, both ways."""
    from riskplatform.domain.orders import Order, OrderKey, OrderType, Side

    side = Side.BUY if number % 2 else Side.SELL
    limit = Decimal(100) - side.sign * Decimal(number * 37 % 300) / 100
    return Order(
        key=OrderKey("bench", "book", f"EQ{number % NAMES}", number),
        side=side,
        quantity=Decimal(100 + number % 50),
        currency="USD",
        order_type=OrderType.LIMIT,
        limit_price=limit,
    )


@dataclass(frozen=True)
class Orders:
    """What is sent in the first hours of a day."""

    market: DayMarket
    sent: tuple[OrderSent, ...]
    ticks: dict[str, tuple[Tick, ...]]


def _orders() -> Orders:
    from riskplatform.execution.paper.messages import OrderSent
    from riskplatform.execution.paper.tape import ticks_of

    market = _market()
    sent = tuple(
        OrderSent(at=OPEN + timedelta(seconds=3 * n), order=_order(n))
        for n in range(NAMES * ORDERS)
    )
    ticks = {one.instrument_id: ticks_of(one, DAY, _rules(), 1) for one in market.listings}
    return Orders(market, sent, ticks)


def _match(orders: Orders) -> int:
    from riskplatform.execution.paper.messages import DayOpened
    from riskplatform.execution.paper.venue import Venue

    venue = Venue("V", _rules(), 1)
    venue.apply(DayOpened(at=OPEN, market=orders.market))
    for message in orders.sent:
        venue.apply(message)
    venue.advance(CLOSE)
    return len(venue.executions)


def _match_plainly(orders: Orders) -> int:
    count = 0
    for name, ticks in orders.ticks.items():
        mine = [one for one in orders.sent if one.order.key.instrument_id == name]
        book = _PlainBook(_rules())
        events: list[tuple[datetime, int, Any]] = [(tick.at, 0, tick) for tick in ticks]
        events += [(one.at, 1, one.order) for one in mine]
        for _, kind, what in sorted(events, key=lambda event: event[:2]):
            book.arrive(what) if kind else book.tick(what)
        count += book.fills
    return count


@dataclass
class _Plain:
    """An order in the plain book."""

    sign: int
    limit: Decimal
    left: Decimal
    rank: int
    ahead: Decimal = Decimal(0)
    rests: bool = False


class _PlainBook:
    """Limit orders only; every tick sorts and visits all that are open."""

    def __init__(self, rules: VenueRules) -> None:
        self.rules, self.fills, self.ranks = rules, 0, 0
        self.open: list[_Plain] = []
        self.shown: dict[int, list[list[Decimal]]] = {}
        self.last: Tick | None = None

    def line(self, sign: int) -> list[_Plain]:
        mine = [one for one in self.open if one.sign == sign and one.left]
        return sorted(mine, key=lambda one: (-sign * one.limit, one.rank))

    def tick(self, tick: Tick) -> None:
        self.last = tick
        assert tick.bid is not None
        assert tick.ask is not None
        assert tick.price is not None
        steps = [
            max((self.rules.impact_bp * touch / 100).to_integral_value(ROUND_CEILING), Decimal(1))
            / 100
            for touch in (tick.ask, tick.bid)
        ]
        self.shown = {
            1: [[tick.ask + n * steps[0], tick.ask_size] for n in range(self.rules.levels)],
            -1: [[tick.bid - n * steps[1], tick.bid_size] for n in range(self.rules.levels)],
        }
        budget, taken = self.rules.participation * tick.size, Decimal(0)
        for sign, own, size in ((1, tick.bid, tick.bid_size), (-1, tick.ask, tick.ask_size)):
            for one in self.line(sign):
                if one.rests and sign * one.limit >= sign * tick.price:
                    if one.limit != tick.price:
                        one.ahead = Decimal(0)
                    eaten = min(one.ahead, tick.size - taken)
                    one.ahead -= eaten
                    got = min(one.left, budget - taken, tick.size - taken - eaten) // 1
                    if got:
                        taken += got
                        self.give(one, got)
            for one in self.line(sign):
                if one.rests and sign * one.limit >= sign * own:
                    one.ahead = min(one.ahead, size) if one.limit == own else Decimal(0)
        for sign, touch in ((1, tick.ask), (-1, tick.bid)):
            for one in self.line(sign):
                if sign * one.limit >= sign * touch:
                    one.ahead = Decimal(0)
                    self.take(one)
                elif not one.rests:
                    one.rests = True
        self.open = [one for one in self.open if one.left]

    def arrive(self, order: Order) -> None:
        sign = order.side.sign
        assert order.limit_price is not None
        self.ranks += 1
        one = _Plain(sign, order.limit_price, order.quantity, self.ranks)
        self.open.append(one)
        assert self.last is not None
        self.take(one)
        own, size = (
            (self.last.bid, self.last.bid_size) if sign > 0 else (self.last.ask, self.last.ask_size)
        )
        assert own is not None
        if one.left and sign * one.limit < sign * self.shown[sign][0][0]:
            queue = [o.ahead for o in self.line(sign) if o.limit == one.limit and o.rests]
            alone = sign * one.limit > sign * own
            one.ahead = max([Decimal(0) if alone else size, *queue])
            one.rests = True

    def take(self, one: _Plain) -> None:
        for level in self.shown[one.sign]:
            if one.sign * level[0] > one.sign * one.limit:
                return
            got = min(one.left, level[1]) // 1
            if got:
                level[1] -= got
                self.give(one, got)

    def give(self, one: _Plain, got: Decimal) -> None:
        one.left -= got
        self.fills += 1


def _services() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _fresh(folder: Path) -> PaperService:
    from riskplatform.execution.gateways.paper import PaperGateway
    from riskplatform.execution.paper.service import PaperService
    from riskplatform.execution.paper.store import VenueFacts, VenueStore

    path = Path(tempfile.mkdtemp(dir=folder)) / "venue.sqlite"
    service = PaperService(VenueStore.create(path, VenueFacts("V", 1, _rules())))
    PaperGateway.within(service).open_day(_market())
    return service


def _submit(service: PaperService, together: int) -> None:
    from riskplatform.domain.codec import to_terms

    asked = [{"do": "submit", "order": to_terms(_order(n))} for n in range(DURABLE)]
    for first in range(0, DURABLE, together):
        service.handle(asked[first : first + together])


CASES = [
    Case(
        f"paper venue: {NAMES * ORDERS:,} limit orders matched over a day of ticks",
        setup=_orders,
        ours=_match,
        peer=_match_plainly,
        peer_name="all orders sorted and visited at each tick",
        repeats=2,
        warmups=0,
        target="≥ 5x; ≤ 2 s",
    ),
    Case(
        f"paper venue: {DURABLE} durable orders, {TOGETHER} at a time",
        setup=_services,
        prepare=_fresh,
        ours=lambda service: _submit(service, TOGETHER),
        peer=lambda service: _submit(service, 1),
        peer_name="one commit an order",
        repeats=3,
        target="≤ 0.5 s",
    ),
]
