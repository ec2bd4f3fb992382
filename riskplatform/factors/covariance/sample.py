"""Sample covariance and exponentially weighted covariance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.observations import observed
from riskplatform.factors.covariance.result import CovarianceResult, dense_result
from riskplatform.market.content import FloatArray


@dataclass(frozen=True)
class Sample:
    """The covariance of what was seen.

    Without weights it is divided by the number of days less one; with weights by
    ``1 − Σ w²``, which is the same rule. ``centred=False`` takes the mean to be zero and divides
    by the weights alone.
    """

    centred: bool = True

    @property
    def method_id(self) -> str:
        return "sample" if self.centred else "sample (mean zero)"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        seen = observed(returns, names, weights)
        if not self.centred:
            moment = second_moment(seen.returns, seen.weights)
        else:
            moment = second_moment(seen.centred(), seen.weights)
            moment /= 1.0 - np.sum(seen.weights**2)
        return dense_result(moment, seen, self.method_id, is_semidefinite=True)


@dataclass(frozen=True)
class Ewma:
    """RiskMetrics: a day's weight is ``decay`` times that of the day after it; mean zero.

    Weights sum to one over the days there are, so no start value is needed. Weights of days that
    are handed to ``fit`` multiply these.
    """

    decay: float = 0.94

    def __post_init__(self) -> None:
        _check_decay(self.decay)

    @classmethod
    def of_half_life(cls, days: float) -> Self:
        """The decay at which a weight has halved after so many days."""
        if not days > 0:
            raise UserInputError(f"A half-life is longer than {days} days.")
        return cls(0.5 ** (1.0 / days))

    @property
    def half_life_days(self) -> float:
        return math.log(0.5) / math.log(self.decay)

    @property
    def method_id(self) -> str:
        return f"ewma (decay {self.decay:.6g})"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        seen = observed(returns, names, weights)
        seen = seen.reweighted(age_weights(len(seen.returns), self.decay))
        return dense_result(
            second_moment(seen.returns, seen.weights),
            seen,
            self.method_id,
            is_semidefinite=True,
            details={
                "half-life in days": self.half_life_days,
                "days for 99% of the weight": memory_days(self.decay, 0.01),
            },
        )


def second_moment(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Σ w x xᵀ over days, for weights that sum to one."""
    if np.ptp(weights) == 0.0:
        moment = np.asarray(values.T @ values)
        moment *= weights[0]
        return moment
    scaled = values * np.sqrt(weights)[:, np.newaxis]
    return np.asarray(scaled.T @ scaled)


def age_weights(days: int, decay: float) -> FloatArray:
    """Exponential weights of ``days`` days, oldest first, the last one being 1."""
    return np.asarray(decay ** np.arange(days - 1, -1, -1, dtype=np.float64))


def ewma_step(variance: float, move: float, decay: float) -> float:
    """Tomorrow's variance from today's variance and today's return."""
    _check_decay(decay)
    return decay * variance + (1.0 - decay) * move * move


def memory_days(decay: float, tolerance: float) -> float:
    """Days after which less than ``tolerance`` of all weight is left (RiskMetrics TD, 5.3)."""
    _check_decay(decay)
    if not 0.0 < tolerance < 1.0:
        raise UserInputError(f"A tolerance lies between 0 and 1; {tolerance} does not.")
    return math.log(tolerance) / math.log(decay)


def _check_decay(decay: float) -> None:
    if not 0.0 < decay < 1.0:
        raise UserInputError(f"A decay lies between 0 and 1; {decay} does not.")
