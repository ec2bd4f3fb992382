"""All lines of a book run through their history: lots, realised gains, income and fees. Pure.

Costs are what was paid for the instrument alone: fees are counted as fees, accrued interest as
income. Transfers, mergers and spin-offs carry lots on with their dates and costs and realise
nothing; cash received in a merger lowers the cost that is carried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from riskplatform.domain.transactions import TransactionKind
from riskplatform.store.ledger.groups import LINKED_KINDS, sources_and_received
from riskplatform.store.ledger.lots import LotLine, Method, OpenLot, allocate
from riskplatform.store.ledger.splits import exact_ratio

LineKey = tuple[int, int]
"""Portfolio key and instrument key."""


class Event(NamedTuple):
    """A transaction as far as lots and gains are concerned; numbers in billionths."""

    kind: TransactionKind
    effective_at: int
    transaction_id: str
    portfolio: int
    instrument: int
    quantity: int
    cost: int  # paid for the quantity alone
    income: int
    fees: int
    currency: str
    ratio: Decimal | None = None
    group_id: str | None = None

    @property
    def line(self) -> LineKey:
        return self.portfolio, self.instrument

    @property
    def lot(self) -> OpenLot:
        return OpenLot(self.effective_at, self.transaction_id, self.quantity, self.cost)


@dataclass(slots=True)
class Gains:
    """What a line has earned in one currency so far, in billionths."""

    realised: int = 0
    income: int = 0
    fees: int = 0


@dataclass
class Book:
    """Lines and gains after some history."""

    method: Method
    lines: dict[LineKey, LotLine] = field(default_factory=dict)
    gains: dict[tuple[int, int, str], Gains] = field(default_factory=lambda: defaultdict(Gains))

    def line(self, key: LineKey) -> LotLine:
        found = self.lines.get(key)
        if found is None:
            found = self.lines[key] = LotLine(self.method)
        return found


def run(events: Sequence[Event], method: Method) -> Book:
    """The book after ``events``, which come in the order in which they took effect."""
    book = Book(method)
    groups = _legs(events)
    for event in events:
        _count(book, event)
        if event.kind is TransactionKind.SPLIT:
            _split(book, event)
        elif event.kind in LINKED_KINDS:
            # The first leg does the whole group; the others find it done.
            legs = groups.pop(_group(event), [])
            if event.kind is TransactionKind.TRANSFER:
                _transfer(book, legs)
            elif legs:
                _carry_on(book, legs)
        elif event.quantity:
            realised = book.line(event.line).trade(event.lot)
            book.gains[(*event.line, event.currency)].realised += realised
    return book


def _group(event: Event) -> tuple[str, str | None, int]:
    """Transfers join instruments of the same kind; other actions stay in one portfolio."""
    is_transfer = event.kind is TransactionKind.TRANSFER
    return event.kind, event.group_id, event.instrument if is_transfer else event.portfolio


def _legs(events: Iterable[Event]) -> dict[tuple[str, str | None, int], list[Event]]:
    found = defaultdict(list)
    for event in events:
        if event.kind in LINKED_KINDS:
            found[_group(event)].append(event)
    return dict(found)


def _count(book: Book, event: Event) -> None:
    if event.income or event.fees:
        gains = book.gains[(*event.line, event.currency)]
        gains.income += event.income
        gains.fees += event.fees


def _split(book: Book, event: Event) -> None:
    if event.ratio is None:
        return
    ratio = exact_ratio(event.ratio)
    for (_, instrument), line in book.lines.items():
        if instrument == event.instrument:
            line.split(ratio)


def _transfer(book: Book, legs: Sequence[Event]) -> None:
    """Lots leave the lines that shrink and arrive, with date and cost, in the others."""
    out = [leg for leg in legs if leg.quantity < 0]
    into = [leg for leg in legs if leg.quantity > 0]
    shorts_move = any(book.line(leg.line).quantity < 0 for leg in into)
    if shorts_move and not any(book.line(leg.line).quantity > 0 for leg in out):
        out, into = into, out
    pool = LotLine(Method.FIFO)
    for leg in out:
        pool.add(_given(book.line(leg.line), leg))
    for leg in into:
        line = book.line(leg.line)
        for lot in pool.relieve(leg.quantity):
            book.gains[(*leg.line, leg.currency)].realised += line.trade(lot)


def _given(line: LotLine, leg: Event) -> list[OpenLot]:
    """Lots taken from a line; what it does not hold is lent at no cost and leaves a short lot."""
    taken = []
    if line.quantity * leg.quantity < 0:
        taken = line.relieve(-_smaller(leg.quantity, line.quantity))
    lent = -leg.quantity - sum(lot.quantity for lot in taken)
    if lent:
        line.add([OpenLot(leg.effective_at, leg.transaction_id, -lent, 0)])
        taken.append(OpenLot(leg.effective_at, leg.transaction_id, lent, 0))
    return taken


def _smaller(quantity: int, held: int) -> int:
    """``quantity``, but no more of it than is held."""
    return min(abs(quantity), abs(held)) * (1 if quantity > 0 else -1)


def _carry_on(book: Book, legs: Sequence[Event]) -> None:
    """A merger or spin-off: received legs carry on the cost of the source, lot by lot."""
    sources, received = sources_and_received(legs)
    paid = sum(leg.cost for leg in legs)
    if legs[0].kind is TransactionKind.SPIN_OFF:
        old = list(book.line(sources[0].line).lots) if sources else []
    else:
        old = [lot for leg in sources for lot in _given(book.line(leg.line), leg)]
    if not old:
        first = received[0]
        old = [OpenLot(first.effective_at, first.transaction_id, first.quantity, 0)]
    extra = allocate(paid, [lot.quantity for lot in old])
    costs = [lot.cost + more for lot, more in zip(old, extra, strict=True)]
    left = costs
    for leg, share in zip(received, _shares(received), strict=True):
        is_all_that_is_left = leg is received[-1] and leg.kind is TransactionKind.MERGER
        carried = left if is_all_that_is_left else [round(cost * share) for cost in costs]
        left = [a - b for a, b in zip(left, carried, strict=True)]
        quantities = allocate(leg.quantity, [lot.quantity for lot in old])
        _receive(book, leg, old, quantities, carried)
    if legs[0].kind is TransactionKind.SPIN_OFF and sources:
        source = book.line(sources[0].line)
        source.lots.clear()
        source.quantity = 0
        source.add(lot._replace(cost=cost) for lot, cost in zip(old, left, strict=True))


def _shares(received: Sequence[Event]) -> list[Fraction]:
    return [Fraction(1) if leg.ratio is None else exact_ratio(leg.ratio) for leg in received]


def _receive(
    book: Book,
    leg: Event,
    old: Sequence[OpenLot],
    quantities: Sequence[int],
    costs: Sequence[int],
) -> None:
    line = book.line(leg.line)
    for lot, quantity, cost in zip(old, quantities, costs, strict=True):
        arrived = lot._replace(quantity=quantity, cost=cost)
        book.gains[(*leg.line, leg.currency)].realised += line.trade(arrived)
