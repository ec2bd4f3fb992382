"""The distribution of a quadratic function of normal moves, exactly.

With moves x of covariance Σ, ``a + b'x + x'Cx/2`` is a sum of independent terms
``d z + λ z²/2``. Its cumulants have closed forms; its tail is an integral of the moment generating
function along a path in the complex plane. The path goes through the saddle point, where the
integrand is largest, and bends to where it fades, so no oscillation is left to cancel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, optimize

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_confidence
from riskplatform.risk.moments import Moments

# Points on one half of the path, and then more where that was not enough.
_POINTS = (400, 3_200)
# The path ends sinh(22), two thousand million, widths of the saddle away.
_REACH = 22.0
# How far it leans from the vertical, tried in turn until one is good.
_BENDS = (0.5, -0.5, 0.15, -0.15, 0.03, -0.03, 0.0)
# The sum converges geometrically: what half of the points change is the root of the error.
_GOOD, _POOR = 1e-6, 1e-3


class TailArea(NamedTuple):
    """Probability beyond a level, and the mean of what is beyond it, times that probability."""

    probability: float
    excess: float


@dataclass(frozen=True, eq=False)
class QuadraticForm:
    """``constant + Σ (linear z + squares z²/2)`` of independent standard normals z."""

    constant: float
    linear: FloatArray
    squares: FloatArray

    @classmethod
    def of(
        cls,
        covariance: ArrayLike,
        linear: ArrayLike,
        quadratic: ArrayLike | None = None,
        constant: float = 0.0,
    ) -> QuadraticForm:
        """From b, and C as a matrix or as its diagonal, of moves with a covariance."""
        sigma = np.asarray(covariance, dtype=np.float64)
        slope = np.asarray(linear, dtype=np.float64)
        size = slope.size
        bend = np.zeros(size) if quadratic is None else np.asarray(quadratic, dtype=np.float64)
        if sigma.shape != (size, size) or bend.shape not in ((size,), (size, size)):
            raise UserInputError(
                f"A covariance {sigma.shape} and gammas {bend.shape} do not fit {size} deltas."
            )
        if not all(np.isfinite(part).all() for part in (sigma, slope, bend)):
            raise DataError("A covariance, delta or gamma is no number.")
        values, basis = linalg.eigh(sigma)
        root = basis * np.sqrt(np.maximum(values, 0.0))
        inner = root.T @ (bend @ root if bend.ndim == 2 else bend[:, None] * root)
        squares, turned = linalg.eigh(0.5 * (inner + inner.T))
        # What is rounding beside the largest is no curvature at all.
        squares[np.abs(squares) < 1e-14 * np.abs(squares).max(initial=0.0)] = 0.0
        return cls(float(constant), turned.T @ (root.T @ slope), squares)

    def negative(self) -> QuadraticForm:
        return QuadraticForm(-self.constant, -self.linear, -self.squares)

    def cumulant(self, order: int) -> float:
        if order == 1:
            return self.constant + 0.5 * float(self.squares.sum())
        powers = self.squares ** (order - 2)
        own = 0.5 * math.factorial(order - 1) * (powers * self.squares**2).sum()
        return float(own + 0.5 * math.factorial(order) * (powers * self.linear**2).sum())

    def moments(self) -> Moments:
        """Mean, volatility, skew and excess kurtosis, exactly."""
        mean, variance, third, fourth = (self.cumulant(order) for order in (1, 2, 3, 4))
        unit = math.sqrt(variance)
        if unit == 0.0:
            return Moments(mean, 0.0, 0.0, 0.0)
        return Moments(mean, unit, third / unit**3, fourth / variance**2)

    def beyond(self, level: float) -> TailArea:
        """What lies above ``level``."""
        start = self._saddle(level)
        found: list[tuple[float, TailArea]] = []
        for points in _POINTS:
            for bend in _BENDS:
                found.append(self._along(level, start, bend, points))
                if found[-1][0] <= _GOOD:
                    return found[-1][1]
        error, area = min(found, key=lambda each: each[0])
        if error > _POOR:
            raise DataError(
                f"The tail of a quadratic P&L of {self.squares.size} factors was not found at "
                f"{level:g}: its curvatures are too far apart.",
                hint="Use the way 'cornish_fisher', or a simulation.",
            )
        return area

    def quantile(self, chance: float) -> float:
        """The level not passed with probability ``chance``."""
        chance = checked_confidence(chance)
        shape = self.moments()
        if shape.volatility == 0.0:
            return shape.mean

        def gap(level: float) -> float:
            return self.beyond(level).probability - (1.0 - chance)

        low, high = self._bracket(gap, shape)
        return float(optimize.brentq(gap, low, high, xtol=1e-13 * shape.volatility, rtol=1e-14))

    def _bracket(self, gap: Callable[[float], float], shape: Moments) -> tuple[float, float]:
        width = shape.volatility
        low = high = shape.mean
        if gap(shape.mean) > 0.0:
            while gap(high) > 0.0:
                low, high, width = high, high + width, 2.0 * width
        else:
            while gap(low) <= 0.0:
                high, low, width = low, low - width, 2.0 * width
        return low, high

    def _saddle(self, level: float) -> float:
        """Where the real integrand is smallest, from 0 to the first singularity on the right."""
        largest = float(self.squares.max(initial=0.0))
        unit = math.sqrt(self.cumulant(2))
        end = 1.0 / largest if largest > 0.0 else math.inf

        def slope(s: float) -> float:
            scale = 1.0 - s * self.squares
            own = 0.5 * self.squares / scale
            shift = self.linear**2 * s * (1.0 - 0.5 * s * self.squares) / scale**2
            # The last term keeps off the pole at 0.
            return self.constant + float((own + shift).sum()) - level - 1.0 / s

        low, high = 1e-9 / unit, min(1.0 / unit, 0.5 * end)
        while slope(high) < 0.0 and high < 1e12 / unit:
            low, high = high, min(2.0 * high, 0.5 * (high + end))
        if slope(high) <= 0.0:
            return high
        return float(optimize.brentq(slope, low, high, rtol=1e-6))

    def _along(
        self, level: float, start: float, bend: float, points: int
    ) -> tuple[float, TailArea]:
        """The two integrals on one path, and by how much half of the points would change them."""
        # The step along the path grows from the width of the saddle to far beyond every scale.
        w = np.linspace(0.0, _REACH, points + 1)
        width = min(self._width(start), start)
        y = width * np.sinh(w)
        root = np.sqrt(y * y + width * width)
        s = start + 1j * y + bend * (root - width)
        scale = 1.0 - s[:, None] * self.squares
        exponent = (
            s * (self.constant - level)
            - 0.5 * np.log(scale).sum(axis=1)
            + (0.5 * s[:, None] ** 2 * self.linear**2 / scale).sum(axis=1)
        )
        with np.errstate(over="ignore", invalid="ignore"):
            whole = np.exp(exponent) * (1j + bend * y / root) * width * np.cosh(w)
        if not np.isfinite(whole).all():
            return math.inf, TailArea(math.nan, math.nan)
        # The two halves of the path mirror each other; its middle point is counted once.
        whole[0] *= 0.5
        parts = np.stack([whole / s, whole / s**2]).imag / math.pi * (_REACH / points)
        fine, coarse = parts.sum(axis=1), 2.0 * parts[:, ::2].sum(axis=1)
        if not -1e-9 <= fine[0] <= 1.0 + 1e-9:
            return math.inf, TailArea(math.nan, math.nan)
        lost = 1e-16 * np.abs(parts).sum(axis=1)
        error = float(np.max((np.abs(fine - coarse) + lost) / np.maximum(np.abs(fine), 1e-300)))
        return error, TailArea(float(fine[0]), float(fine[1]))

    def _width(self, start: float) -> float:
        """The distance over which the integrand falls at the saddle."""
        scale = 1.0 - start * self.squares
        second = 0.5 * (self.squares / scale) ** 2 + self.linear**2 / scale**3
        return 1.0 / math.sqrt(float(second.sum()) + 1.0 / start**2)
