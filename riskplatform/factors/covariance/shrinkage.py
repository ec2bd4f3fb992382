"""Shrinkage of the sample covariance towards something simple: Ledoit-Wolf and OAS.

``target="variances"`` shrinks correlations and keeps every factor's own variance. It is the
default because factors differ in unit: beside a volatility that moves 5% a day, the target
``"identity"`` (the same variance for all, as in the papers) would swamp a rate that moves 0.05%.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.observations import Observations, observed
from riskplatform.factors.covariance.result import CovarianceResult, dense_result
from riskplatform.factors.covariance.sample import second_moment
from riskplatform.market.content import FloatArray

Target = Literal["variances", "identity"]
Intensity = Callable[[FloatArray, FloatArray, FloatArray], float]


@dataclass(frozen=True)
class LedoitWolf:
    """Ledoit and Wolf (2004): the shrinkage with the least expected squared error."""

    target: Target = "variances"

    @property
    def method_id(self) -> str:
        return f"ledoit-wolf (target {self.target})"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        seen = observed(returns, names, weights)
        return _shrunk(seen, self.target, self.method_id, ledoit_wolf_intensity)


@dataclass(frozen=True)
class Oas:
    """Chen, Wiesel, Eldar and Hero (2010): better than Ledoit-Wolf when returns are normal."""

    target: Target = "variances"

    @property
    def method_id(self) -> str:
        return f"oas (target {self.target})"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        seen = observed(returns, names, weights)
        return _shrunk(seen, self.target, self.method_id, oas_intensity)


def ledoit_wolf_intensity(
    centred: FloatArray, weights: FloatArray, covariance: FloatArray
) -> float:
    """Sampling error of the covariance over its distance from the scaled identity.

    The error is ``Σ w² ‖x xᵀ − S‖²``, which for equal weights is the one of the paper.
    """
    size = len(covariance)
    total = float(np.vdot(covariance, covariance))
    squares = weights**2
    lengths = np.einsum("ti,ti->t", centred, centred)
    if np.ptp(weights) == 0.0:
        # Σ w² xᵀ S x is w times the sum of squares of S, which is Σ w x xᵀ.
        inside = float(weights[0]) * total
    else:
        inside = float(squares @ np.einsum("ti,ti->t", centred @ covariance, centred))
    error = squares @ lengths**2 - 2.0 * inside + squares.sum() * total
    mean = np.trace(covariance) / size
    distance = total - size * mean**2
    # A single factor is its own target.
    if size == 1 or error <= 0.0 or distance <= 0.0:
        return 0.0
    return float(min(error / distance, 1.0))


def oas_intensity(centred: FloatArray, weights: FloatArray, covariance: FloatArray) -> float:
    """The limit of the oracle's iteration; ``1/Σw²`` stands for the number of days."""
    size = len(covariance)
    if size == 1:
        return 0.0
    days = 1.0 / float(np.sum(weights**2))
    mean_square = float(np.vdot(covariance, covariance)) / size**2
    square_mean = float(np.trace(covariance) / size) ** 2
    above = mean_square + square_mean
    below = (days + 1.0) * (mean_square - square_mean / size)
    return 1.0 if below <= 0.0 else float(min(above / below, 1.0))


def _shrunk(
    seen: Observations, target: Target, method_id: str, intensity: Intensity
) -> CovarianceResult:
    if target not in ("variances", "identity"):
        raise UserInputError(f"A target is 'variances' or 'identity', not {target!r}.")
    centred = seen.centred()
    scale = np.ones(len(seen.names))
    if target == "variances":
        own = np.sqrt(np.einsum("t,ti,ti->i", seen.weights, centred, centred))
        # A factor that never moves has nothing to shrink and stays at zero.
        scale = np.where(own > 0, own, 1.0)
        centred /= scale
    covariance = second_moment(centred, seen.weights)
    moving = np.diagonal(covariance) > 0 if target == "variances" else np.ones(len(scale), bool)
    share = 0.0
    if moving.all():
        share = intensity(centred, seen.weights, covariance)
        _shrink(covariance, share)
    elif moving.any():
        part = covariance[np.ix_(moving, moving)]
        share = intensity(centred[:, moving], seen.weights, part)
        _shrink(part, share)
        covariance[np.ix_(moving, moving)] = part
    covariance *= np.outer(scale, scale)
    # A sum of squares and a diagonal without a negative number.
    return dense_result(covariance, seen, method_id, is_semidefinite=True, shrinkage=share)


def _shrink(covariance: FloatArray, share: float) -> None:
    """Towards its mean variance on the diagonal, in place."""
    mean = float(np.trace(covariance)) / len(covariance)
    covariance *= 1.0 - share
    covariance[np.diag_indices_from(covariance)] += share * mean
