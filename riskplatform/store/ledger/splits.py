"""Splits, exactly: the ratio as a fraction, and one rounding rule. Pure, on whole billionths.

A ratio written with eight decimals or more, such as 0.333333333, is read as the simple fraction
(denominator up to 1,000) that it is a rounding of, when there is one: three shares become one, not
0.999999999. What is held after a split is rounded to the billionth, half to even.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

_ROUNDED_FROM = 8
_LARGEST_DENOMINATOR = 1000


def exact_ratio(ratio: Decimal) -> Fraction:
    """What the ratio means, as a fraction."""
    written = Fraction(ratio)
    decimals = -int(ratio.normalize().as_tuple().exponent)
    if decimals < _ROUNDED_FROM:
        return written
    simple = written.limit_denominator(_LARGEST_DENOMINATOR)
    is_rounding = abs(simple - written) <= Fraction(1, 2 * 10**decimals)
    return simple if is_rounding and simple else written


def multiply(nanos: int, ratio: Fraction) -> int:
    """``nanos × ratio`` to the nearest whole billionth, half to even."""
    return round(Fraction(nanos) * ratio)


def multiply_parts(parts: Sequence[int], ratio: Fraction) -> list[int]:
    """Each part multiplied, rounded so that the parts still sum to the whole multiplied."""
    result = []
    total = done = 0
    for part in parts:
        total += part
        reached = multiply(total, ratio)
        result.append(reached - done)
        done = reached
    return result


@dataclass(frozen=True)
class Splits:
    """Per instrument key, the moments of its splits and their ratios, in order."""

    by_instrument: Mapping[int, tuple[tuple[int, Fraction], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, splits: Iterable[tuple[int, int, Decimal]]) -> Splits:
        """From (instrument key, effective_at in microseconds, ratio), already in order."""
        found: dict[int, list[tuple[int, Fraction]]] = {}
        for instrument, moment, ratio in splits:
            found.setdefault(instrument, []).append((moment, exact_ratio(ratio)))
        return cls({key: tuple(them) for key, them in found.items()})
