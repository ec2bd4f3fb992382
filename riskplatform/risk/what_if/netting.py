"""Many changes as one: what is added to each line, in exact arithmetic, one after the other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from riskplatform.domain.instruments import cash_id
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.pricing.attributes import SLICES
from riskplatform.pricing.valuation import UNCLASSIFIED
from riskplatform.risk.book import RiskBook
from riskplatform.risk.what_if.changes import Change, Scale, Trade, exact

Line = tuple[int, int]
"""Leaf and instrument, by their places."""


@dataclass(frozen=True, slots=True)
class NetChange:
    """``added`` [leaf, instrument] to a book; ``cash`` of it is what the trades cost or bring.

    ``traded`` is the money that changes hands, by instrument, in the base currency; ``unpriced``
    are instruments without a mark, whose money is in no number.
    """

    added: Mapping[Line, float]
    cash: Mapping[Line, float]
    traded: Mapping[int, float]
    unpriced: tuple[Failure, ...] = ()

    @property
    def whole(self) -> dict[Line, float]:
        """With the money that it takes."""
        out = dict(self.added)
        for line, amount in self.cash.items():
            out[line] = out.get(line, 0.0) + amount
        return {line: much for line, much in out.items() if much != 0.0}


def netted(book: RiskBook, changes: Iterable[Change], *, self_financed: bool = True) -> NetChange:
    """Fold changes in their order; what nets to nothing leaves no trace.

    ``self_financed`` takes the money for a trade from the leaf's cash of the same currency, at the
    mark; a book that is scaled brings its own. Contracts that are settled daily cost nothing but
    owe their price, whichever it is.
    """
    held = _Holdings(book, self_financed)
    for change in changes:
        match change:
            case Trade():
                held.trade(change)
            case Scale():
                held.scale(change)
    added = {line: float(much) for line, much in held.added.items() if much}
    cash = {line: float(much) for line, much in held.cash.items() if much}
    return NetChange(added, cash, *_traded(book, added))


class _Holdings:
    """Base quantities and what was added to them so far, both exact.

    ``cash`` is money that trades cost or brought; a book that is scaled later is scaled with it.
    """

    def __init__(self, book: RiskBook, self_financed: bool) -> None:
        self.book = book
        self.self_financed = self_financed
        self.added: dict[Line, Fraction] = {}
        self.cash: dict[Line, Fraction] = {}
        self.kinds = book.kinds

    def trade(self, change: Trade) -> None:
        place = self.book.place(change.instrument_id)
        leaf = self._leaf(change, place)
        much = self._quantity(change, (leaf, place))
        is_paid = self.self_financed or self.kinds[place] in _SETTLED
        self._add((leaf, place), much, is_paid=is_paid)

    def scale(self, change: Scale) -> None:
        factor = exact(change.factor, str(change.node)) - 1
        chosen = self._chosen(change)
        for leaf in self.book.below[self.book.row(change.node)].indices:
            row = self.book.holdings[int(leaf)]
            lines = {(int(leaf), int(place)) for place in row.indices}
            lines |= {line for line in (*self.added, *self.cash) if line[0] == int(leaf)}
            for line in lines:
                if chosen[line[1]]:
                    # What a whole book owes on its futures is scaled with its cash.
                    is_paid = change.by is not None and self.kinds[line[1]] in _SETTLED
                    self._add(line, self._now(line) * factor, is_paid=is_paid)

    def _chosen(self, change: Scale) -> np.ndarray:
        if change.by is None:
            return np.ones(len(self.book.instrument_ids), dtype=np.bool_)
        if change.by not in SLICES:
            raise UnknownNameError("slice", change.by, SLICES)
        groups = self.book.attributes[change.by].fillna(UNCLASSIFIED).astype(str)
        if change.group not in set(groups):
            raise UnknownNameError(change.by.replace("_", " "), str(change.group), set(groups))
        return np.asarray(groups == change.group)

    def _leaf(self, change: Trade, place: int) -> int:
        """A node trades in its only leaf, or in the only one that holds the instrument."""
        row = self.book.row(change.node)
        inside = [int(leaf) for leaf in self.book.below[row].indices]
        if len(inside) == 1:
            return inside[0]
        holding = [leaf for leaf in inside if self._now((leaf, place))]
        if len(holding) == 1:
            return holding[0]
        names = [self.book.leaves[leaf] for leaf in holding or inside]
        some = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        raise UserInputError(
            f"{change.instrument_id} cannot be traded in {change.node or 'the whole book'}: it has "
            f"{len(inside)} portfolios, {len(holding)} of which hold it.",
            hint=f"Name one of {some}, such as {names[0]}: {change.instrument_id} +100.",
        )

    def _quantity(self, change: Trade, line: Line) -> Fraction:
        if change.quantity is not None:
            return exact(change.quantity, change.instrument_id)
        if change.share is not None:
            return self._now(line) * exact(change.share, change.instrument_id)
        return exact(change.target or 0, change.instrument_id) - self._now(line)

    def _now(self, line: Line) -> Fraction:
        held = Fraction(float(self.book.holdings[line]))
        return held + self.added.get(line, _NOTHING) + self.cash.get(line, _NOTHING)

    def _add(self, line: Line, much: Fraction, *, is_paid: bool) -> None:
        self.added[line] = self.added.get(line, _NOTHING) + much
        if is_paid and self.kinds[line[1]] != "cash":
            self._pay(line, much)

    def _pay(self, line: Line, much: Fraction) -> None:
        """At the mark, in the instrument's currency; without a mark nobody knows how much."""
        leaf, place = line
        value = float(self.book.known.values[place])
        if math.isfinite(value):
            money = (leaf, self.book.place(cash_id(str(self.book.currencies[place]))))
            price = Fraction(value) / Fraction(float(self.book.known.values[money[1]]))
            self.cash[money] = self.cash.get(money, _NOTHING) - much * price


def _traded(
    book: RiskBook, added: Mapping[Line, float]
) -> tuple[dict[int, float], tuple[Failure, ...]]:
    """How much money changes hands by instrument, and for which it is not known."""
    traded: dict[int, float] = {}
    unpriced: dict[int, Failure] = {}
    for (_, place), much in added.items():
        value = float(book.known.values[place])
        if book.kinds[place] == "cash":
            continue
        if math.isfinite(value):
            traded[place] = traded.get(place, 0.0) + abs(much * value)
            continue
        name = book.instrument_ids[place]
        message = f"{name} has no mark on {book.as_of}: the money for it is not known."
        unpriced[place] = Failure(FailureReason.MISSING_DATA, message, name)
    return traded, tuple(unpriced.values())


_NOTHING = Fraction(0)
_SETTLED = frozenset({"future", "perpetual"})
