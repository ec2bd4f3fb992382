"""The Cornish-Fisher expansion: a quantile from four moments, and where it may be trusted.

It turns the normal's quantile z into one of a distribution with skew s and excess kurtosis k. That
is a distribution only where it rises in z everywhere, which bounds (s, k); outside, a quantile may
lie on the wrong side of the mean, and no number of digits makes it right.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from riskplatform.errors import UserInputError
from riskplatform.risk.checks import checked_confidence
from riskplatform.risk.moments import Moments


class Validity(NamedTuple):
    """``rises_beyond_quantile`` asks less: from the confidence on into the tail only."""

    is_valid: bool
    rises_beyond_quantile: bool
    message: str


def cornish_fisher_quantile(moments: Moments, chance: float, *, order: int = 4) -> float:
    """The value not passed with probability ``chance``; order 2 is normal, 3 skew, 4 kurtosis."""
    z = float(special.ndtri(checked_confidence(chance)))
    skew, kurtosis = _used(moments, order)
    moved = (
        z
        + (z * z - 1.0) * skew / 6.0
        + (z**3 - 3.0 * z) * kurtosis / 24.0
        - (2.0 * z**3 - 5.0 * z) * skew**2 / 36.0 * (order > 3)
    )
    return moments.mean + moments.volatility * moved


def cornish_fisher_mean_beyond(moments: Moments, chance: float, *, order: int = 4) -> float:
    """The mean of the expansion's own quantiles from ``chance`` to 1, in closed form."""
    tail = 1.0 - checked_confidence(chance)
    z = float(special.ndtri(chance))
    beyond = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / tail
    skew, kurtosis = _used(moments, order)
    moved = (
        1.0
        + z * skew / 6.0
        + (z * z - 1.0) * kurtosis / 24.0
        - (2.0 * z * z - 1.0) * skew**2 / 36.0 * (order > 3)
    )
    return moments.mean + moments.volatility * beyond * moved


def validity(moments: Moments, chance: float) -> Validity:
    """Whether the expansion rises in z: everywhere, and from the quantile of ``chance`` on."""
    skew, kurtosis = moments.skew, moments.excess_kurtosis
    square = kurtosis / 8.0 - skew**2 / 6.0
    linear = skew / 3.0
    constant = 1.0 - kurtosis / 8.0 + 5.0 * skew**2 / 36.0
    root = linear**2 - 4.0 * square * constant
    flat = abs(square) < 1e-15 and abs(linear) < 1e-15
    everywhere = (square > 0.0 and root <= 0.0) or (flat and constant > 0.0)
    z = float(special.ndtri(checked_confidence(chance)))
    turns = np.roots([square, linear, constant]) if not flat else np.empty(0)
    real = turns[np.abs(turns.imag) < 1e-12].real
    falls = square < -1e-15 or (abs(square) <= 1e-15 and linear < 0.0) or (flat and constant <= 0.0)
    beyond = everywhere or (not falls and not (real > z).any())
    if everywhere:
        return Validity(True, True, "")
    message = (
        f"Cornish-Fisher is outside its region: with skew {skew:.3g} and excess kurtosis "
        f"{kurtosis:.3g} its quantiles do not rise everywhere"
    )
    message += "." if beyond else f", not even from {chance:.4g} on: the figure is not to be used."
    return Validity(False, beyond, message)


def _used(moments: Moments, order: int) -> tuple[float, float]:
    if order not in (2, 3, 4):
        raise UserInputError(f"The order is {order}; 2, 3 or 4 moments can be used.")
    return (
        moments.skew if order > 2 else 0.0,
        moments.excess_kurtosis if order > 3 else 0.0,
    )
