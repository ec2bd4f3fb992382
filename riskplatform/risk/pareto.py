"""The generalised Pareto distribution of losses beyond a threshold: two estimators, their error.

``ml`` is maximum likelihood, ``pwm`` probability-weighted moments (Hosking and Wallis, 1987): the
second is steadier on few excesses, and needs a shape below 1/2 for its error to be known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.simulation.gpd import LEAST_EXCESSES, Pareto, fit_pareto

FITS = ("ml", "pwm")
# Beyond one the mean is infinite, and so is ES; what no estimator can carry is a failure.
LARGEST_SHAPE = 0.95


class ParetoFit(NamedTuple):
    """``covariance`` of (shape, scale); infinite where theory gives none."""

    shape: float
    scale: float
    covariance: FloatArray
    log_likelihood: float


def fit_excesses(excesses: FloatArray, fit: str = "ml") -> ParetoFit | Failure:
    """Shape and scale of positive excesses, or why there are none."""
    if fit not in FITS:
        raise UnknownNameError("fit of a tail", fit, FITS)
    if excesses.size < LEAST_EXCESSES:
        message = f"A tail needs {LEAST_EXCESSES} losses beyond its threshold; {excesses.size} are."
        return Failure(FailureReason.MISSING_DATA, message)
    if excesses.max() == excesses.min():
        return Failure(FailureReason.INVALID_DATA, "All losses beyond the threshold are the same")
    try:
        found = fit_pareto(excesses, LARGEST_SHAPE) if fit == "ml" else _by_moments(excesses)
    except DataError as error:
        return Failure(FailureReason.CALCULATION_FAILED, str(error))
    if not found.shape < LARGEST_SHAPE:
        message = f"The tail's shape is {found.shape:.3g} or more: its mean is all but infinite"
        return Failure(FailureReason.CALCULATION_FAILED, message)
    reach = -found.scale / found.shape if found.shape < 0.0 else np.inf
    if not (found.scale > 0.0 and excesses.max() < reach):
        message = f"By {fit} the tail would end before the largest loss"
        return Failure(FailureReason.CALCULATION_FAILED, message)
    spread = _covariance(found, fit) / excesses.size
    return ParetoFit(found.shape, found.scale, spread, log_likelihood(excesses, *found))


def log_likelihood(excesses: FloatArray, shape: float, scale: float) -> float:
    """Of excesses under a Pareto tail; minus infinity where one is beyond its end."""
    if scale <= 0.0:
        return -np.inf
    if abs(shape) < 1e-9:
        return float(-excesses.size * np.log(scale) - excesses.sum() / scale)
    inner = 1.0 + shape / scale * excesses
    if inner.min() <= 0.0:
        return -np.inf
    return float(-excesses.size * np.log(scale) - (1.0 + 1.0 / shape) * np.log(inner).sum())


def _by_moments(excesses: FloatArray) -> Pareto:
    ordered = np.sort(excesses)
    count = ordered.size
    mean = float(ordered.mean())
    # The mean of x (1 - F(x)), without bias.
    weight = (count - 1.0 - np.arange(count)) / (count - 1.0)
    first = float((weight * ordered).mean())
    spread = mean - 2.0 * first
    return Pareto(2.0 - mean / spread, 2.0 * mean * first / spread)


def _covariance(found: Pareto, fit: str) -> FloatArray:
    """Of one excess, in large samples (Hosking and Wallis, 1987; their k is minus the shape)."""
    k, scale = -found.shape, found.scale
    if fit == "ml":
        return np.array([[(1.0 - k) ** 2, -(1.0 - k) * scale],
                         [-(1.0 - k) * scale, 2.0 * (1.0 - k) * scale**2]])  # fmt: skip
    if k <= -0.5:
        return np.full((2, 2), np.inf)
    scales = (7.0 + 18.0 * k + 11.0 * k**2 + 2.0 * k**3) * scale**2
    both = (2.0 + k) * (2.0 + 6.0 * k + 7.0 * k**2 + 2.0 * k**3) * scale
    shapes = (1.0 + k) * (2.0 + k) ** 2 * (1.0 + k + 2.0 * k**2)
    return np.array([[shapes, -both], [-both, scales]]) / ((1.0 + 2.0 * k) * (3.0 + 2.0 * k))
