"""The book of one instrument: price-time priority against a market that is given.

Each tick does this, in order:

1. The quote is renewed: both sides show their sizes again, ``levels`` deep.
2. Stops that the trade reaches become market orders.
3. The trade is matched with resting orders, the keenest price and then the earliest first. What
   others show ahead at the same price is served before; an order through which the market trades
   has nobody ahead. Of each trade, orders here get at most the venue's participation, at their
   own limit.
4. Nobody waits behind more than is shown at the price.
5. Orders that meet the quote take what it shows: those that came to take at its price, those that
   rested and were overtaken at their own.

An order that arrives takes first what is shown within its limit; what is left of it rests behind
the shown size. Orders here do not trade with each other. A message at the moment of a tick comes
after it, and the close after both. Time is what is handed in; nothing else is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from riskplatform.domain.orders import Side, TimeInForce
from riskplatform.execution.gateways.gateway import (
    Cancelled,
    Expired,
    Filled,
    Quote,
    Report,
)
from riskplatform.execution.paper.depth import Depth
from riskplatform.execution.paper.market import Halt, Listing, Tick
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.tape import halts_of, heard, ticks_of
from riskplatform.execution.paper.working import Line, Working


class Matching:
    """The orders of one instrument. ``said`` grows by what there is to report, in order of time.

    When things happen, and what messages do, is said in :mod:`riskplatform.execution.paper.book`.
    """

    def __init__(self, instrument_id: str, rules: VenueRules, seed: int) -> None:
        self.instrument_id = instrument_id
        self.said: list[Report] = []
        self._rules, self._seed = rules, seed
        self._listing: Listing | None = None
        self._halts: tuple[Halt, ...] = ()
        self._ticks: tuple[Tick, ...] = ()
        self._times: list[datetime] = []
        self._traded: list[tuple[Decimal, Decimal | None]] = []
        self._next = 0
        self._tick: Tick | None = None
        self._depth: dict[Side, Depth] = {}
        self._is_closed = True
        self._lines = {side: Line() for side in Side}
        self._stops = {side: Line() for side in Side}
        self._takers: list[Working] = []
        self._ranks = self._waiting = 0
        self._now = datetime.min.replace(tzinfo=UTC)

    def open(self, listing: Listing, day: date, halts: Iterable[Halt]) -> None:
        """Begin the day of a listing; what trades during a halt does not happen."""
        self._listing = listing
        self._halts = halts_of(listing, halts)
        self._ticks = heard(ticks_of(listing, day, self._rules, self._seed), self._halts)
        self._times = [tick.at for tick in self._ticks]
        self._traded = list(_traded(self._ticks))
        self._next, self._tick, self._depth, self._is_closed = 0, None, {}, False

    def quote(self, now: datetime) -> Quote | None:
        """The market at ``now``, up to which the book has been advanced."""
        if self._tick is None:
            return None
        volume, last = self._traded[self._next - 1]
        return Quote(
            instrument_id=self.instrument_id,
            bid=self._tick.bid,
            ask=self._tick.ask,
            last=last,
            at=self._tick.at,
            bid_size=self._tick.bid_size,
            ask_size=self._tick.ask_size,
            day_volume=volume,
            is_halted=any(halt.start <= now < halt.end for halt in self._halts),
        )

    def ticks(self) -> tuple[Tick, ...]:
        """All of the day, those to come as well."""
        return self._ticks

    # ------------------------------------------------------------------ the market moves

    def _skip(self, to: datetime) -> None:
        """Nobody is here: only the last of the ticks up to ``to`` matters."""
        following = bisect_right(self._times, to, lo=self._next)
        if following > self._next:
            self._next = following
            self._see(self._ticks[following - 1])

    def _see(self, tick: Tick) -> None:
        assert self._listing is not None
        self._tick = tick
        self._depth = {side: Depth(side, tick, self._listing, self._rules) for side in Side}

    def _pass_tick(self) -> None:
        tick = self._ticks[self._next]
        self._next += 1
        self._see(tick)
        if tick.price is not None:
            self._trigger_stops(tick.price)
            if tick.size:
                self._print(tick.price, tick.size)
        self._shorten_waits(tick)
        for side in Side:
            self._meet_quote(side)
        if self._takers:
            self._settle_takers()

    def _trigger_stops(self, price: Decimal) -> None:
        for side in Side:
            for working in self._stops[side]:
                if not reaches(working, price):
                    break
                self._trigger(working)
                self._lines[side].add(working)

    def _trigger(self, working: Working) -> None:
        self._stops[working.order.side].remove(working)
        working.is_triggered = True
        working.rank = self._new_rank()

    def _print(self, price: Decimal, size: Decimal) -> None:
        """A trade of the market: what of it the resting orders get."""
        budget, taken = self._rules.participation * size, Decimal(0)
        for side in Side:
            for working in self._lines[side]:
                if not working.is_resting:
                    continue
                if not working.takes(price):
                    break
                if working.limit != price:
                    working.ahead = Decimal(0)
                passed = size - taken
                eaten = min(working.ahead, passed)
                working.ahead -= eaten
                open_to_it = min(working.left, budget - taken, passed - eaten)
                quantity = self._whole_lots(open_to_it)
                if quantity:
                    taken += quantity
                    self._fill(working, quantity, working.limit)

    def _shorten_waits(self, tick: Tick) -> None:
        for side, touch, shown in (
            (Side.BUY, tick.bid, tick.bid_size),
            (Side.SELL, tick.ask, tick.ask_size),
        ):
            if touch is None:
                continue
            for working in self._lines[side]:
                if not working.is_resting:
                    continue
                if not working.takes(touch):
                    break
                at_touch = working.limit == touch
                working.ahead = min(working.ahead, shown) if at_touch else Decimal(0)

    def _meet_quote(self, side: Side) -> None:
        touch = self._depth[side].touch
        if touch is None:
            return
        for working in self._lines[side]:
            if not working.takes(touch):
                break
            working.ahead = Decimal(0)
            self._take(working)
            self._end_if_immediate(working)

    def _settle_takers(self) -> None:
        """Who came to take and finds nothing within the limit any more, waits with nobody ahead."""
        still = []
        for working in self._takers:
            touch = self._depth[working.order.side].touch
            if not working.is_in_book or working.is_resting:
                continue
            if touch is not None and not working.takes(touch):
                working.is_resting = True
            else:
                still.append(working)
        self._takers = still

    def _take(self, working: Working) -> None:
        for price, quantity in self._depth[working.order.side].take(working):
            self._fill(working, quantity, working.limit if working.is_resting else price)

    # ------------------------------------------------------------------ what becomes of orders

    def _fill(self, working: Working, quantity: Decimal, price: Decimal | None) -> None:
        assert price is not None
        assert self._listing is not None
        working.filled += quantity
        working.notional += quantity * abs(price) * self._listing.multiplier
        fee = self._rules.fees.total(working.filled, working.notional)
        working.fills += 1
        working.at = self._now
        self.said.append(
            Filled(
                client_order_id=working.name,
                execution_id=f"{working.venue_order_id}-{working.fills}",
                quantity=quantity,
                price=price,
                fee=fee - working.fee,
                fee_currency=self._listing.currency,
                at=self._now,
            )
        )
        working.fee = fee
        if not working.left:
            self._end(working, "filled")

    def _close(self) -> None:
        """The session is over: what is good for the day only, expires, the earliest first."""
        self._is_closed = True
        self._depth = {}
        everyone = [w for lines in (self._lines, self._stops) for side in Side for w in lines[side]]
        for working in sorted(everyone, key=lambda one: one.rank):
            if working.order.time_in_force is not TimeInForce.GTC:
                self._end(working, "expired")
                name = working.name
                self.said.append(Expired(client_order_id=name, at=self._now))

    def _end_if_immediate(self, working: Working) -> None:
        if working.status == "open" and working.order.time_in_force is TimeInForce.IOC:
            self._end(working, "cancelled")
            name = working.name
            self.said.append(
                Cancelled(client_order_id=name, at=self._now, reason="not filled at once")
            )

    def _end(self, working: Working, status: str) -> None:
        self._leave(working)
        working.status, working.at = status, self._now

    def _leave(self, working: Working) -> None:
        lines = self._stops if working.waits_for_stop else self._lines
        lines[working.order.side].remove(working)
        self._waiting -= 1

    def _new_rank(self) -> int:
        self._ranks += 1
        return self._ranks

    def _whole_lots(self, quantity: Decimal) -> Decimal:
        assert self._listing is not None
        return self._listing.whole_lots(quantity)

    def _is_trading(self) -> bool:
        """Whether the last quote still stands: no close and no halt since."""
        if self._is_closed or self._tick is None:
            return False
        seen = self._tick.at
        return not any(halt.start <= self._now and halt.end > seen for halt in self._halts)


def reaches(working: Working, price: Decimal) -> bool:
    stop = working.order.stop_price
    assert stop is not None
    return price >= stop if working.order.side is Side.BUY else price <= stop


def _traded(ticks: Iterable[Tick]) -> Iterable[tuple[Decimal, Decimal | None]]:
    """Volume so far and last price at each tick."""
    volume, last = Decimal(0), None
    for tick in ticks:
        volume += tick.size
        last = tick.price if tick.price is not None else last
        yield volume, last
