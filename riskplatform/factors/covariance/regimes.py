"""Covariance of the days that were like tomorrow: weighted by regimes of volatility."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.factors.covariance.observations import Observations, observed
from riskplatform.factors.covariance.result import CovarianceResult, Detail, dense_result
from riskplatform.factors.covariance.sample import second_moment
from riskplatform.market.content import FloatArray

_LEAST_REGIME_DAYS = 20.0


@dataclass(frozen=True)
class RegimeWeighted:
    """The mixture of the regimes' covariances, each with its probability for tomorrow; mean zero.

    Without ``labels`` two states of volatility are found: in ``series`` (one number per day, such
    as a market index's returns) or, if not given, in the first principal component of the
    standardised returns. With ``labels`` (one per day) the regime is ``now``, if not given that of
    the last day, and its days alone count.
    """

    labels: tuple[str, ...] | None = None
    now: str | None = None
    series: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.labels is not None and self.series is not None:
            raise UserInputError("Regimes are either labelled or found in a series, not both.")
        if self.now is not None and self.labels is None:
            raise UserInputError("A regime of now needs labels of the days.")

    @property
    def method_id(self) -> str:
        if self.labels is not None:
            return f"regime-weighted (labels, {self._now()})"
        where = "first component" if self.series is None else "given series"
        return f"regime-weighted (two states of volatility in the {where})"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        seen = observed(returns, names, weights)
        factors, details = self._labelled(seen) if self.labels is not None else self._found(seen)
        if not (factors * seen.weights).any():
            raise MissingDataError(f"No day with a weight is in the regime of {self.method_id}.")
        seen = seen.reweighted(factors)
        moment = second_moment(seen.returns, seen.weights)
        return dense_result(moment, seen, self.method_id, is_semidefinite=True, details=details)

    def _now(self) -> str:
        return self.now if self.now is not None else (self.labels or ("",))[-1]

    def _labelled(self, seen: Observations) -> tuple[FloatArray, dict[str, Detail]]:
        labels = np.array(self.labels, dtype=object)
        if len(labels) != len(seen.returns):
            raise UserInputError(f"{len(labels)} labels do not fit {len(seen.returns)} days.")
        inside = labels == self._now()
        if not inside.any():
            known = ", ".join(sorted(set(self.labels or ())))
            raise UserInputError(f"No day is labelled {self._now()!r}; labels are {known}.")
        return inside.astype(np.float64), {"regime": self._now(), "days": int(inside.sum())}

    def _found(self, seen: Observations) -> tuple[FloatArray, dict[str, Detail]]:
        from riskplatform.factors.covariance.hidden_states import fit_two_states

        series = first_component(seen) if self.series is None else np.array(self.series)
        if len(series) != len(seen.returns):
            raise UserInputError(f"A series of {len(series)} days beside {len(seen.returns)}.")
        states = fit_two_states(series)
        # Each regime's days sum to its probability for tomorrow.
        totals = seen.weights @ states.smoothed
        # A state that was hardly ever seen has no covariance of its own; all days stand in.
        rare = totals * seen.effective_days < _LEAST_REGIME_DAYS
        shares = np.where(rare, 0.0, states.tomorrow / np.maximum(totals, 1e-300))
        return states.smoothed @ shares + states.tomorrow[rare].sum(), {
            "turbulent tomorrow": float(states.tomorrow[1]),
            "calm stays": float(states.stay[0]),
            "turbulent stays": float(states.stay[1]),
            "turbulent over calm volatility": float(states.deviations[1] / states.deviations[0]),
        }


def first_component(seen: Observations) -> FloatArray:
    """What moves most of all factors at once: the largest principal component by day."""
    scale = np.sqrt(seen.weights @ seen.returns**2)
    scaled = seen.returns / np.where(scale > 0, scale, 1.0)
    moment = second_moment(scaled, seen.weights)
    last = len(moment) - 1
    _, basis = linalg.eigh(moment, subset_by_index=[last, last])
    return np.asarray(scaled @ basis[:, 0])
