"""Lots of one line: what was bought when and for how much, and which of it a sale closes.

Quantities and costs are whole billionths, so nothing is lost: a lot that is closed in part keeps
exactly the cost that the closed part did not take. Short holdings are lots with both signs turned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from riskplatform.errors import UserInputError
from riskplatform.store.ledger.splits import multiply_parts


class Method(StrEnum):
    """Which lots a sale closes first; average keeps a single lot."""

    FIFO = "fifo"
    LIFO = "lifo"
    AVERAGE = "average"

    @classmethod
    def of(cls, text: str) -> Method:
        try:
            return cls(text)
        except ValueError:
            raise UserInputError(
                f"There is no lot method {text!r}.", hint=f"Accepted: {', '.join(cls)}."
            ) from None


class OpenLot(NamedTuple):
    """A quantity still held and what it cost, in billionths; signs are those of the holding."""

    opened_at: int
    transaction_id: str
    quantity: int
    cost: int


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` in proportion to ``weights``, in whole numbers that sum to it exactly."""
    whole = sum(weights)
    if not whole:
        return [total, *[0] * (len(weights) - 1)] if weights else []
    return multiply_parts(weights, Fraction(total, whole))


class LotLine:
    """The open lots of one portfolio and instrument, in the order in which they were opened."""

    def __init__(self, method: Method, lots: Iterable[OpenLot] = ()) -> None:
        self.method = method
        self.lots = deque(lots)
        self.quantity = sum(lot.quantity for lot in self.lots)

    @property
    def cost(self) -> int:
        return sum(lot.cost for lot in self.lots)

    def trade(self, lot: OpenLot) -> int:
        """Buy or sell ``lot``; returns what is realised by the part that closes others."""
        held = self.quantity
        if not lot.quantity or held * lot.quantity >= 0:
            self.add([lot])
            return 0
        closing = -min(abs(lot.quantity), abs(held)) * (1 if held > 0 else -1)
        paid, rest = allocate(lot.cost, [closing, lot.quantity - closing])
        closed = self.relieve(-closing)
        self.add([lot._replace(quantity=lot.quantity - closing, cost=rest)])
        return -paid - sum(part.cost for part in closed)

    def add(self, lots: Iterable[OpenLot]) -> None:
        """Lots of the sign that is held, or of any when nothing is."""
        for lot in lots:
            if not (lot.quantity or lot.cost):
                continue
            self.quantity += lot.quantity
            if self.method is Method.AVERAGE and self.lots:
                self.lots.append(_merged(self.lots.pop(), lot))
            else:
                self.lots.append(lot)

    def relieve(self, quantity: int) -> list[OpenLot]:
        """Take out ``quantity`` (of the sign that is held), with its cost; the rest stays."""
        taken: list[OpenLot] = []
        left = quantity
        while left and self.lots:
            lot = self._next_lot()
            if abs(lot.quantity) <= abs(left):
                part = lot
            else:
                cost, kept = allocate(lot.cost, [left, lot.quantity - left])
                part = lot._replace(quantity=left, cost=cost)
                self._put_back(lot._replace(quantity=lot.quantity - left, cost=kept))
            taken.append(part)
            left -= part.quantity
            self.quantity -= part.quantity
        return taken

    def split(self, ratio: Fraction) -> None:
        """Multiply the quantities; the cost of each lot stays what it was."""
        quantities = multiply_parts([lot.quantity for lot in self.lots], ratio)
        changed = (
            lot._replace(quantity=quantity)
            for lot, quantity in zip(self.lots, quantities, strict=True)
        )
        self.lots = deque(changed)
        self.quantity = sum(quantities)

    def _next_lot(self) -> OpenLot:
        return self.lots.pop() if self.method is Method.LIFO else self.lots.popleft()

    def _put_back(self, lot: OpenLot) -> None:
        if self.method is Method.LIFO:
            self.lots.append(lot)
        else:
            self.lots.appendleft(lot)


def _merged(first: OpenLot, second: OpenLot) -> OpenLot:
    """One lot with the date of the first."""
    return first._replace(quantity=first.quantity + second.quantity, cost=first.cost + second.cost)
