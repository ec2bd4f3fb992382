"""The book of one instrument: messages reach it in time, between the ticks of its market."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_never

from riskplatform.domain.orders import OrderType, Side, TimeInForce
from riskplatform.execution.gateways.gateway import (
    Accepted,
    Cancelled,
    CancelRejected,
    Rejected,
    Replaced,
    ReplaceRejected,
)
from riskplatform.execution.paper.chance import uniform
from riskplatform.execution.paper.market import Halt, Listing
from riskplatform.execution.paper.matching import Matching, reaches
from riskplatform.execution.paper.messages import CancelSent, OrderSent, ReplaceSent, Request
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.working import Working

# Beyond these, sums of money no longer have exact cents; nobody means such a number.
LARGEST_QUANTITY = Decimal(10) ** 12
LARGEST_PRICE = Decimal(10) ** 9
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Book(Matching):
    """Takes messages and lets time pass; a tick comes before a message, the close after both."""

    def __init__(self, instrument_id: str, rules: VenueRules, seed: int) -> None:
        super().__init__(instrument_id, rules, seed)
        self._pending: list[tuple[datetime, int, Request, Working]] = []
        self._due = _LONG_AGO

    @property
    def is_busy(self) -> bool:
        """Whether anything can happen here before the next message."""
        return bool(self._pending) or self._waiting > 0

    def open(self, listing: Listing, day: date, halts: Iterable[Halt]) -> None:
        super().open(listing, day, halts)
        self._due = _LONG_AGO

    def send(self, request: Request, working: Working, at: datetime, sequence: int) -> None:
        """A message about an order, which reaches the book at ``at``."""
        heapq.heappush(self._pending, (at, sequence, request, working))
        self._due = min(self._due, at)

    def advance(self, to: datetime) -> None:
        """All that happens up to and at ``to``."""
        if self._waiting and to < self._due:
            return
        while True:
            if not self._waiting:
                self._skip(min(to, self._pending[0][0]) if self._pending else to)
            at, happen = self._next_event()
            if at > to:
                self._due = at
                return
            self._now = at
            happen()

    def _next_event(self) -> tuple[datetime, Callable[[], None]]:
        """When the next thing happens, and what: a tick before a message before the close."""
        at, happen = _NEVER, self._close
        if self._listing is not None and not self._is_closed:
            at = self._listing.closes_at
        if self._pending and self._pending[0][0] <= at:
            at, happen = self._pending[0][0], self._receive
        if self._next < len(self._times) and self._times[self._next] <= at:
            at, happen = self._times[self._next], self._pass_tick
        return at, happen

    # ------------------------------------------------------------------ messages arrive

    def _receive(self) -> None:
        _, _, request, working = heapq.heappop(self._pending)
        match request:
            case OrderSent():
                self._arrive(working)
            case CancelSent():
                self._cancel(working)
            case ReplaceSent():
                self._replace(working, request)
            case _:
                assert_never(request)

    def _arrive(self, working: Working) -> None:
        name = working.name
        working.at = self._now
        if reason := self._refusal(working):
            working.status = "rejected"
            self.said.append(Rejected(client_order_id=name, reason=reason, at=self._now))
            return
        working.rank = self._new_rank()
        self.said.append(
            Accepted(client_order_id=name, venue_order_id=working.venue_order_id, at=self._now)
        )
        self._enter(working)

    def _refusal(self, working: Working) -> str:
        order, listing = working.order, self._listing
        if listing is None:
            return f"{self.instrument_id} is not listed here"
        if order.currency != listing.currency:
            return f"{self.instrument_id} trades in {listing.currency}, not {order.currency}"
        if reason := _is_absurd(order.quantity, order.limit_price, order.stop_price):
            return reason
        if order.quantity != listing.whole_lots(order.quantity):
            return f"{order.quantity} is not in lots of {listing.lot_size}"
        if self._is_closed and order.time_in_force is not TimeInForce.GTC:
            return "the session is closed"
        chance = uniform(self._seed, "reject", working.name)
        return "the venue refused it by chance" if chance < self._rules.reject_probability else ""

    def _enter(self, working: Working) -> None:
        """Take what is shown, wait with the rest."""
        side = working.order.side
        last = self._traded[self._next - 1][1] if self._tick is not None else None
        if working.waits_for_stop and last is not None and reaches(working, last):
            working.is_triggered = True
        self._waiting += 1
        if working.waits_for_stop:
            self._stops[side].add(working)
            return
        self._lines[side].add(working)
        if self._is_trading():
            self._take(working)
            self._rest(working)
        if working.limit is not None and not working.is_resting:
            self._takers.append(working)
        self._end_if_immediate(working)

    def _rest(self, working: Working) -> None:
        """Wait at the limit, unless the quote still meets it."""
        side, limit = working.order.side, working.limit
        touch = self._depth[side].touch
        if limit is None or not working.left or (touch is not None and working.takes(touch)):
            return
        assert self._tick is not None
        bids = side is Side.BUY
        best, shown = (
            (self._tick.bid, self._tick.bid_size) if bids else (self._tick.ask, self._tick.ask_size)
        )
        is_alone = best is None or (working.takes(best) and limit != best)
        last = self._lines[side].last_at(limit, side)
        own = last.ahead if last is not None else Decimal(0)
        working.ahead = max(Decimal(0) if is_alone else shown, own)
        working.is_resting = True

    def _cancel(self, working: Working) -> None:
        name = working.name
        if working.is_in_book:
            self._end(working, "cancelled")
            self.said.append(Cancelled(client_order_id=name, at=self._now))
            return
        reason = f"the order is {working.status}"
        self.said.append(CancelRejected(client_order_id=name, reason=reason, at=self._now))

    def _replace(self, working: Working, asked: ReplaceSent) -> None:
        order = working.order
        name, number = working.name, asked.number
        if 0 < number < working.replaces:
            return
        working.replaces = max(number, working.replaces)
        limit = order.limit_price if asked.limit_price is None else asked.limit_price
        if reason := self._replace_refusal(working, asked):
            self.said.append(
                ReplaceRejected(client_order_id=name, reason=reason, at=self._now, number=number)
            )
            return
        loses_place = limit != order.limit_price or asked.quantity > order.quantity
        working.at = self._now
        if loses_place:
            self._leave(working)
        working.change(asked.quantity, limit)
        self.said.append(
            Replaced(
                client_order_id=name,
                quantity=asked.quantity,
                limit_price=limit,
                at=self._now,
                number=number,
            )
        )
        if loses_place:
            working.rank, working.is_resting = self._new_rank(), False
            self._enter(working)

    def _replace_refusal(self, working: Working, asked: ReplaceSent) -> str:
        if not working.is_in_book:
            return f"the order is {working.status}"
        if reason := _is_absurd(asked.quantity, asked.limit_price):
            return reason
        if asked.quantity <= working.filled:
            return f"{working.filled} are filled already"
        if asked.quantity != self._whole_lots(asked.quantity):
            return f"{asked.quantity} is not in whole lots"
        if asked.limit_price is not None and working.order.order_type is not OrderType.LIMIT:
            return f"a {working.order.order_type} order has no limit"
        return ""


def _is_absurd(quantity: Decimal, *prices: Decimal | None) -> str:
    """Why no sum of money could be said of such numbers; nothing when one can."""
    if quantity > LARGEST_QUANTITY:
        return f"{quantity:.3e} is more than the {LARGEST_QUANTITY:.0e} that this venue takes"
    for price in prices:
        if price is not None and abs(price) > LARGEST_PRICE:
            return f"a price of {price:.3e} is beyond the {LARGEST_PRICE:.0e} that this venue takes"
    return ""
