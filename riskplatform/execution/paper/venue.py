"""The whole venue as a function of what was put into it: messages and time in, reports out.

Nothing here reads a clock, a file or luck that is not named by the seed. The same messages give
the same reports in the same order, into however many steps the time between them is cut.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from riskplatform.errors import UserInputError
from riskplatform.execution.gateways.gateway import (
    CancelRejected,
    Filled,
    Quote,
    ReplaceRejected,
    Report,
    Traded,
    VenueOrder,
)
from riskplatform.execution.paper.book import Book
from riskplatform.execution.paper.market import DayMarket, Listing, Tick
from riskplatform.execution.paper.messages import (
    CancelSent,
    DayOpened,
    Message,
    OrderSent,
    ReplaceSent,
)
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.tape import halts_of, heard, ticks_of
from riskplatform.execution.paper.turnover import PastDays
from riskplatform.execution.paper.working import Working


class Venue:
    """Books, orders and executions. ``venue_id`` begins every id that it gives."""

    def __init__(self, venue_id: str, rules: VenueRules, seed: int) -> None:
        self.venue_id, self.rules, self.seed = venue_id, rules, seed
        self.reports: list[Report] = []
        self.executions: list[Filled] = []
        self.market: DayMarket | None = None
        self.now = datetime.min.replace(tzinfo=UTC)
        self._days = PastDays()
        self._listings: dict[str, Listing] = {}
        self._books: dict[str, Book] = {}
        self._busy: dict[str, Book] = {}
        self._orders: dict[str, Working] = {}
        self._unfinished: dict[str, Working] = {}
        self._reaches_book_at: dict[str, datetime] = {}
        self._positions: dict[tuple[str, str], Decimal] = {}
        self._messages = 0

    # ------------------------------------------------------------------ what is put in

    def apply(self, message: Message) -> None:
        """Take a message in; time goes on to its moment."""
        self.advance(message.at)
        if isinstance(message, DayOpened):
            self.check_day(message.market)
        # What was refused above was never a message: ids count those that were taken.
        self._messages += 1
        match message:
            case DayOpened():
                self._open(message.market)
            case OrderSent():
                self._submit(message)
            case CancelSent() | ReplaceSent():
                self._send_on(message)
        self.advance(message.at)

    def advance(self, to: datetime) -> None:
        """Let the market run up to and at ``to``."""
        if to < self.now:
            raise UserInputError(f"The venue's time is {self.now}; it does not go back to {to}.")
        self.now = to
        said: list[tuple[datetime, str, int, Report]] = []
        for name, book in list(self._busy.items()):
            book.advance(to)
            if not book.said and book.is_busy:
                continue
            said += [(one.at, name, place, one) for place, one in enumerate(book.said)]
            book.said.clear()
            if not book.is_busy:
                del self._busy[name]
        for _, _, _, report in sorted(said, key=lambda one: one[:3]):
            self._say(report)

    def check_day(self, market: DayMarket) -> None:
        """Refuse a day that cannot follow."""
        if self.market is not None and self.now < self.market.closes_at:
            raise UserInputError(
                f"The day {self.market.day} is not over: it closes at {self.market.closes_at}."
            )
        if market.opens_at < self.now:
            raise UserInputError(
                f"The day {market.day} opens at {market.opens_at}, which is over.",
                hint=f"The venue's time is {self.now}; give it a later day, or begin a new venue.",
            )

    def _open(self, market: DayMarket) -> None:
        self.market = market
        self._listings = {listing.instrument_id: listing for listing in market.listings}
        self._days.add(market, self._listings)
        # Books without orders are made anew when they are asked for; a tape takes a while.
        self._books = dict(self._busy)
        for name, book in self._books.items():
            if name in self._listings:
                book.open(self._listings[name], market.day, market.halts)

    def _submit(self, sent: OrderSent) -> None:
        order = sent.order
        name = order.client_order_id
        if name in self._orders:
            return
        working = Working(
            order=order,
            name=name,
            venue_order_id=f"{self.venue_id}-{self._messages}",
            at=sent.at,
        )
        self._orders[name] = self._unfinished[name] = working
        self._post(sent, working)

    def _send_on(self, sent: CancelSent | ReplaceSent) -> None:
        working = self._orders.get(sent.client_order_id)
        if working is not None:
            self._post(sent, working)
            return
        name, reason = sent.client_order_id, "the order is not known here"
        if isinstance(sent, CancelSent):
            self._say(CancelRejected(client_order_id=name, reason=reason, at=sent.at))
            return
        self._say(
            ReplaceRejected(client_order_id=name, reason=reason, at=sent.at, number=sent.number)
        )

    def _post(self, sent: OrderSent | CancelSent | ReplaceSent, working: Working) -> None:
        """On its way to the book; a message never overtakes an earlier one about its order."""
        name = working.name
        arrives = sent.at + self.rules.latency.of(self.seed, name, str(self._messages))
        arrives = max(arrives, self._reaches_book_at.get(name, arrives))
        self._reaches_book_at[name] = arrives
        book = self._book(working.order.key.instrument_id)
        book.send(sent, working, arrives, self._messages)
        self._busy[book.instrument_id] = book

    def _book(self, instrument_id: str) -> Book:
        if instrument_id not in self._books:
            book = Book(instrument_id, self.rules, self.seed)
            if self.market is not None and instrument_id in self._listings:
                book.open(self._listings[instrument_id], self.market.day, self.market.halts)
            self._books[instrument_id] = book
        return self._books[instrument_id]

    def _say(self, report: Report) -> None:
        self.reports.append(report)
        if isinstance(report, Filled):
            self.executions.append(report)
            order = self._orders[report.client_order_id].order
            line = (order.key.portfolio_id, order.key.instrument_id)
            signed = order.side.sign * report.quantity
            self._positions[line] = self._positions.get(line, Decimal(0)) + signed

    # ------------------------------------------------------------------ what can be asked

    def knows(self, client_order_id: str) -> bool:
        return client_order_id in self._orders

    def order(self, client_order_id: str) -> VenueOrder | None:
        found = self._orders.get(client_order_id)
        return None if found is None else found.seen

    def open_orders(self) -> tuple[VenueOrder, ...]:
        left = {name: one for name, one in self._unfinished.items() if one.status == "open"}
        self._unfinished = left
        return tuple(one.seen for one in left.values())

    def executions_since(self, moment: datetime | None) -> tuple[Filled, ...]:
        """In the order of time, the border included."""
        first = 0 if moment is None else bisect_left(self.executions, moment, key=_moment)
        return tuple(self.executions[first:])

    def statement(self, day: date) -> tuple[Filled, ...]:
        return tuple(one for one in self.executions if one.at.astimezone(UTC).date() == day)

    def positions(self) -> dict[tuple[str, str], Decimal]:
        """Lines that are not flat."""
        return {line: held for line, held in self._positions.items() if held}

    def quotes(self, instrument_ids: Collection[str]) -> dict[str, Quote]:
        found = {}
        for name in instrument_ids:
            if name in self._listings:
                book = self._book(name)
                book.advance(self.now)
                if (quote := book.quote(self.now)) is not None:
                    found[name] = quote
        return found

    def traded(self, instrument_id: str, start: datetime, end: datetime) -> Traded | None:
        """What the market traded up to now; orders here take a part in it."""
        until = min(end, self.now)
        if start > until:
            raise UserInputError(f"From {start} to {until} is no time that has been.")
        return self._days.traded(instrument_id, start, until, self._ticks)

    def _ticks(self, market: DayMarket, listing: Listing) -> tuple[Tick, ...]:
        """Today's are there already; those of a day before are made again from its bar."""
        if market is self.market:
            return self._book(listing.instrument_id).ticks()
        ticks = ticks_of(listing, market.day, self.rules, self.seed)
        return heard(ticks, halts_of(listing, market.halts))


def _moment(execution: Filled) -> datetime:
    return execution.at


def replay(venue: Venue, messages: Iterable[Message], until: datetime) -> Venue:
    """The venue after all of that."""
    for message in messages:
        venue.apply(message)
    venue.advance(until)
    return venue
