"""Changes of a book: trades, and books or slices of them made larger, smaller or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from riskplatform.errors import UserInputError

Number = int | float | Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Trade:
    """Buy (or, below zero, sell) so many units in a node.

    ``share`` is of what the node holds and stands in place of a quantity: -1 sells all of it;
    ``target`` is how much the node shall hold in the end.
    """

    instrument_id: str
    quantity: Number | None = None
    node: str | None = None
    share: Number | None = None
    target: Number | None = None

    def __post_init__(self) -> None:
        given = [each for each in (self.quantity, self.share, self.target) if each is not None]
        if len(given) != 1:
            raise UserInputError(
                f"A trade of {self.instrument_id} says how much in one way.",
                hint="Give a quantity, a share of what is held, or a target.",
            )
        exact(given[0], self.instrument_id)

    def __str__(self) -> str:
        where = f"{self.node}: " if self.node else ""
        if self.quantity is not None:
            return f"{where}{self.instrument_id} {written(self.quantity, sign='+')}"
        if self.share is not None:
            return f"{where}{self.instrument_id} {written(self.share, sign='+', times=100)}%"
        return f"{where}{self.instrument_id} -> {written(self.target or 0)}"


@dataclass(frozen=True, slots=True)
class Scale:
    """Everything that a node holds (or one group of it, such as a sector) times a factor.

    0 removes it, 2 doubles it, -1 turns it round.
    """

    factor: Number
    node: str | None = None
    by: str | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        exact(self.factor, self.node or "the book")
        if (self.by is None) != (self.group is None):
            raise UserInputError(
                "A part of a book is named by a slice and a group.",
                hint="Such as by sector, group Energy.",
            )

    def __str__(self) -> str:
        part = f" {self.by} {self.group}" if self.by else ""
        where = self.node or EVERYTHING
        if exact(self.factor, where) == 0:
            return f"remove {where}{part}"
        return f"scale {where}{part} {written(self.factor)}"


Change = Trade | Scale


def exact(number: Number, what: str) -> Fraction:
    """The number itself, so that a trade and its reverse are nothing together."""
    if isinstance(number, bool):
        raise UserInputError(f"{number} is no quantity of {what}.", hint="Give a number.")
    if isinstance(number, Decimal) and number.is_finite() and abs(number.adjusted()) > _MOST_DIGITS:
        # Written out it would fill the memory.
        raise UserInputError(f"{number} is no quantity of {what}: its exponent is too large.")
    try:
        found = Fraction(number)
    except (ValueError, OverflowError, TypeError, ZeroDivisionError) as error:
        raise UserInputError(f"{number!r} is no quantity of {what}.") from error
    if abs(found) >= 10**_MOST_DIGITS:
        raise UserInputError(
            f"A quantity of {what} is 1e{_MOST_DIGITS} or more.", hint="Nobody has so many."
        )
    return found


def written(number: Number, *, sign: str = "", times: int = 1) -> str:
    """All digits of a number, so that what is read again is the same; thousands separated.

    A binary fraction is written by its shortest digits, and a third by those of the nearest one.
    """
    if isinstance(number, Fraction):
        number = int(number) if number.denominator == 1 else float(number)
    digits = Decimal(repr(float(number))) if isinstance(number, float) else Decimal(number)
    with localcontext() as context:
        context.prec = 3 * _MOST_DIGITS
        text = format(digits * times, f"{sign},f")
    return text.rstrip("0").rstrip(".") if "." in text else text


EVERYTHING = "everything"
"""How the whole book is called where a line names what is scaled."""
_MOST_DIGITS = 30
