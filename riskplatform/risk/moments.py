"""Moments of P&L, and the sampling error of anything computed from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special

from riskplatform.market.content import FloatArray
from riskplatform.risk.intervals import Interval


class Moments(NamedTuple):
    """Of a P&L, signed; ``excess_kurtosis`` is 0 for the normal distribution."""

    mean: float
    volatility: float
    skew: float
    excess_kurtosis: float

    def of_loss(self) -> Moments:
        """The same distribution seen as losses."""
        return Moments(-self.mean, self.volatility, -self.skew, self.excess_kurtosis)


def moments_of(values: FloatArray, shares: FloatArray) -> Moments:
    """Weighted moments; without corrections for the size of the sample."""
    centre = float(values @ shares)
    unit = float(np.sqrt(np.square(values - centre) @ shares))
    if unit == 0.0 or values.max() == values.min():
        return Moments(centre, 0.0, 0.0, 0.0)
    standard = (values - centre) / unit
    square = np.square(standard)
    skew, kurtosis = float((square * standard) @ shares), float(np.square(square) @ shares)
    return Moments(centre, unit, skew, kurtosis - 3.0)


def from_powers(powers: FloatArray) -> Moments:
    """From the means of x, x², x³ and x⁴."""
    one, two, three, four = powers
    variance = two - one**2
    third = three - 3.0 * one * two + 2.0 * one**3
    fourth = four - 4.0 * one * three + 6.0 * one**2 * two - 3.0 * one**4
    unit = math.sqrt(variance)
    return Moments(float(one), unit, float(third / unit**3), float(fourth / variance**2 - 3.0))


def moment_interval(
    values: FloatArray,
    shares: FloatArray,
    statistic: Callable[[Moments], float],
    level: float,
) -> Interval:
    """Delta method: the slope of a statistic in four sample moments, times their covariance."""
    found = moments_of(values, shares)
    # In units of the volatility about the mean the four powers are of one size.
    standard = (values - found.mean) / found.volatility
    table = np.stack([standard, standard**2, standard**3, standard**4])
    means = table @ shares

    def back(powers: FloatArray) -> float:
        scaled = from_powers(powers)
        mean = found.mean + scaled.mean * found.volatility
        return statistic(
            scaled._replace(mean=mean, volatility=scaled.volatility * found.volatility)
        )

    step = 1e-5 * np.maximum(np.abs(means), 1.0)
    moves = np.diag(step)
    slope = np.array([back(means + move) - back(means - move) for move in moves]) / (2.0 * step)
    influence = slope @ (table - means[:, None])
    error = math.sqrt(float(np.square(shares) @ np.square(influence)))
    middle, width = statistic(found), float(special.ndtri(0.5 + 0.5 * level)) * error
    return Interval(middle - width, middle + width, level, "delta method on four sample moments")
