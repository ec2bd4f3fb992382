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

# Points on one half of the path; twice as many change the tail by less than 1e-10.
_POINTS = 400
# The path ends sinh(22), two thousand million, widths of the saddle away.
_REACH = 22.0
_BEND = 0.5


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
        return min(
            (self._along(level, start, bend) for bend in (_BEND, -_BEND)),
            key=lambda found: found[1],
        )[0]

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

    def _along(self, level: float, start: float, bend: float) -> tuple[TailArea, float]:
        """The two integrals on one path, and how much there was to cancel."""
        # The step along the path grows from the width of the saddle to far beyond every scale.
        w = (np.arange(_POINTS) + 0.5) * (_REACH / _POINTS)
        width = min(self._width(start), start)
        y = width * np.sinh(w)
        slope = width * np.cosh(w)
        root = np.sqrt(y * y + width * width)
        s = start + 1j * y + bend * (root - width)
        step = (1j + bend * y / root) * slope * (_REACH / _POINTS)
        scale = 1.0 - s[:, None] * self.squares
        exponent = (
            s * (self.constant - level)
            - 0.5 * np.log(scale).sum(axis=1)
            + (0.5 * s[:, None] ** 2 * self.linear**2 / scale).sum(axis=1)
        )
        with np.errstate(over="ignore", invalid="ignore"):
            whole = np.exp(exponent) * step
            first, second = whole / s, whole / s**2
            size = float(np.abs(first).sum())
        if not math.isfinite(size):
            return TailArea(math.nan, math.nan), math.inf
        area = (float(part.imag.sum() / math.pi) for part in (first, second))
        return TailArea(*area), size

    def _width(self, start: float) -> float:
        """The distance over which the integrand falls at the saddle."""
        scale = 1.0 - start * self.squares
        second = 0.5 * (self.squares / scale) ** 2 + self.linear**2 / scale**3
        return 1.0 / math.sqrt(float(second.sum()) + 1.0 / start**2)
