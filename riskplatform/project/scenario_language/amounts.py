"""Amounts with their unit: ``-20 %``, ``+100 bp``, ``8 points``, ``-3 sigma``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a number of a move counts.

    A basis point is 0.0001 of a rate, a point 0.01 of a volatility or one unit of a price, a
    sigma one standard deviation of the factor over the scenario's horizon.
    """

    PERCENT = "%"
    BASIS_POINT = "bp"
    POINT = "points"
    SIGMA = "sigma"


_WORDS = {
    "%": Unit.PERCENT,
    "bp": Unit.BASIS_POINT,
    "point": Unit.POINT,
    "points": Unit.POINT,
    "sigma": Unit.SIGMA,
    "σ": Unit.SIGMA,
}
UNIT_WORDS = tuple(_WORDS)
LARGEST = {Unit.PERCENT: 10_000.0, Unit.BASIS_POINT: 10_000.0, Unit.POINT: 1_000.0, Unit.SIGMA: 50}
"""Beyond these a number is a slip of the pen, and would leave what can be computed."""

NUMBER = r"[+-]?\d{1,9}(?:\.\d{1,12})?"
_AMOUNT = re.compile(rf"({NUMBER})\s*(\S{{1,12}})")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and its unit, as written."""

    value: float
    unit: Unit

    def __str__(self) -> str:
        sign = "+" if self.value > 0 else ""
        return f"{sign}{self.value:.12g} {self.unit.value}"

    @property
    def fraction(self) -> float:
        """The number in units of one: 0.2 of 20 %, 0.01 of 100 bp, 0.08 of 8 points."""
        if self.unit is Unit.BASIS_POINT:
            return self.value / 10_000.0
        return self.value if self.unit is Unit.SIGMA else self.value / 100.0

    def times(self, factor: float) -> Amount:
        return Amount(self.value * factor, self.unit)


def parse_amount(text: str) -> tuple[float, str] | None:
    """Number and unit word of an amount; None if it is not written as one."""
    matched = _AMOUNT.fullmatch(text.strip().replace("−", "-"))
    if matched is None or not math.isfinite(float(matched[1])):
        return None
    return float(matched[1]), matched[2]


def unit_named(word: str) -> Unit | None:
    """The unit that a word means."""
    return _WORDS.get(word)
