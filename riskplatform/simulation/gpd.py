"""The generalised Pareto distribution, fitted to what lies beyond a threshold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray

LEAST_EXCESSES = 10
# From 0.5 on the variance is infinite, which a few dozen excesses cannot show; below -0.5 the
# likelihood is not to be trusted.
LARGEST_SHAPE = 0.5
SMALLEST_SHAPE = -0.5


class Pareto(NamedTuple):
    """P(excess > y) = (1 + shape · y / scale)^(-1 / shape); shape 0 is the exponential."""

    shape: float
    scale: float


def fit_pareto(excesses: FloatArray, largest_shape: float = LARGEST_SHAPE) -> Pareto:
    """Maximum likelihood, by the profile in shape/scale (Grimshaw, 1993)."""
    if excesses.size < LEAST_EXCESSES:
        raise DataError(
            f"A tail needs {LEAST_EXCESSES} moves beyond its threshold; found {excesses.size}.",
            hint="Give a longer history, a larger tail share, or empirical marginals.",
        )
    mean = float(excesses.mean())
    if mean == 0.0:
        return Pareto(0.0, 0.0)
    unit = excesses / mean
    ratio = _best_ratio(unit)
    shape = float(np.mean(np.log1p(ratio * unit)))
    if SMALLEST_SHAPE <= shape <= largest_shape and abs(ratio) > 1e-9:
        return Pareto(shape, mean * shape / ratio)
    if abs(ratio) <= 1e-9:
        return Pareto(0.0, mean)
    # At the bound the scale is that which keeps the mean.
    bounded = float(np.clip(shape, SMALLEST_SHAPE, largest_shape))
    return Pareto(bounded, mean * (1.0 - bounded))


def pareto_quantile(tail: Pareto, survival: FloatArray) -> FloatArray:
    """The excess that is passed with probability ``survival``."""
    if abs(tail.shape) < 1e-9:
        return np.asarray(-tail.scale * np.log(survival), dtype=np.float64)
    grown = np.power(survival, -tail.shape) - 1.0
    return np.asarray(tail.scale / tail.shape * grown, dtype=np.float64)


def _best_ratio(unit: FloatArray) -> float:
    """The shape/scale of the largest profile likelihood, for excesses with mean 1."""
    from scipy.optimize import minimize_scalar

    lowest = -1.0 / float(unit.max())
    # Dense near zero, where most tails are; without a mean the ratio to it is very large; and the
    # likelihood has no limit at the very left end.
    grid = np.concatenate([lowest * np.linspace(0.99, 0.01, 60), np.geomspace(1e-3, 1e8, 180)])
    shapes = np.log1p(grid[:, None] * unit).mean(axis=1)
    costs = np.log(shapes / grid) + shapes + 1.0
    best = int(costs.argmin())
    bounds = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    found = minimize_scalar(_cost, bounds=bounds, args=(unit,), method="bounded")
    # Rounded, so that a fit does not carry noise in its last digits.
    return float(np.round(found.x, 10))


def _cost(ratio: float, unit: FloatArray) -> float:
    """Minus the profile log-likelihood per excess."""
    if abs(ratio) < 1e-12:
        return float(np.log(unit.mean()) + 1.0)
    shape = np.mean(np.log1p(ratio * unit))
    return float(np.log(shape / ratio) + shape + 1.0)
