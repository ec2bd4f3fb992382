"""Mean and variance with the cost of getting there in the objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import CovarianceMatrix, Dense, LowRank
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, Detail, Portfolio
from riskplatform.optimisation.trading_costs.pieces import CostPieces

_ROUNDS = 40
_HALVINGS = 12
_GAP = 1e-9
# Changes that are smaller than this are taken to be of this size: at nothing impact has no
# curvature that could be written down.
_LEAST_CHANGE = 1e-8
_FIRST_CHANGE = 0.01


@dataclass(frozen=True)
class CostAwareMeanVariance:
    """The most of μ'w - ½ ``aversion`` w'Σw - cost(w - current) / ``periods``.

    A cost is paid once and the return is earned in every period, so it is spread over the periods
    for which the weights are to be held. Impact is a curve: it is followed by quadratic programmes
    that have its slope and its curvature at the last answer (Newton's method), with steps that are
    halved while they do not help. A last programme with the curve's tangents, which are nowhere
    above it, says by how much any other allowed weights could be better at the most.
    """

    aversion: float
    costs: CostPieces
    periods: float = 1.0
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        if not (self.aversion >= 0.0 and self.periods > 0.0):
            raise UserInputError(
                f"The aversion is {self.aversion:g}, the holding {self.periods:g} periods.",
                hint="Give an aversion from 0 on and more than 0 periods.",
            )
        current = _current(inputs)
        found = self._solved(inputs, np.full(len(current), _FIRST_CHANGE), is_bent=True)
        if not isinstance(found, Portfolio):
            return found
        if self.costs.is_curved:
            found = self._followed(inputs, found, current)
        return self._noted(inputs, found)

    def utility(self, inputs: Inputs, weights: FloatArray) -> float:
        """What is made most, with the exact cost."""
        cost = self.costs.total(weights, _current(inputs)) / self.periods
        variance = float(weights @ inputs.covariance.multiply(weights))
        return float(inputs.views @ weights) - 0.5 * self.aversion * variance - cost

    def _followed(self, inputs: Inputs, found: Portfolio, current: FloatArray) -> Portfolio:
        """Newton's method from a first answer."""
        weights, value = found.weights, self.utility(inputs, found.weights)
        for _ in range(_ROUNDS):
            tried = self._solved(inputs, np.abs(weights - current), is_bent=True)
            if not isinstance(tried, Portfolio):
                break
            better, gained = self._stepped(inputs, weights, tried.weights, value)
            if gained <= value + _GAP * abs(value):
                break
            weights, value, found = better, gained, tried
        return replace(found, weights=weights, objective=value)

    def _stepped(
        self, inputs: Inputs, start: FloatArray, end: FloatArray, least: float
    ) -> tuple[FloatArray, float]:
        """The whole step, or half of it as long as it does not help."""
        for halving in range(_HALVINGS):
            weights = np.asarray(start + 0.5**halving * (end - start))
            value = self.utility(inputs, weights)
            if value > least:
                return weights, value
        return start, least

    def _solved(self, inputs: Inputs, sizes: FloatArray, *, is_bent: bool) -> Allocation:
        """With the cost's slope, and its curvature if it is to be bent, at changes of ``sizes``."""
        size = np.maximum(sizes, _LEAST_CHANGE)
        slopes, bend = self.costs.slopes(size), np.zeros(len(size))
        if is_bent:
            bend = self.costs.curvature(size)
            slopes = np.maximum(slopes - bend * size, 0.0)
        draft = draft_of(inputs, self.constraints)
        bend = bend / self.periods
        draft.pull(0, -inputs.views - bend * draft.current)
        self.costs.pull(draft, slopes, 1.0 / self.periods)
        curved = _plus_diagonal(inputs.covariance, self.aversion, bend)
        parameters: dict[str, Detail] = {
            "aversion": self.aversion,
            "periods": self.periods,
            "costs": content_hash(self.costs)[:16],
        }
        return allocated(
            Task(
                "cost-aware-mean-variance", inputs,
                draft.finished(curved, 0.0 if curved is None else 1.0), self.constraints,
                parameters, self._measured(inputs),
                "expected return less the prices of variance and of trading",
            )
        )  # fmt: skip

    def _measured(self, inputs: Inputs) -> Callable[[FloatArray], float]:
        return lambda weights: self.utility(inputs, weights)

    def _noted(self, inputs: Inputs, found: Portfolio) -> Portfolio:
        """With the cost, and how far from the best of all it can be."""
        current = _current(inputs)
        details = {**found.details, "trading_cost": self.costs.total(found.weights, current)}
        notes = found.notes
        if self.costs.is_curved:
            missing = self._missing(inputs, found.weights, np.abs(found.weights - current))
            details["most_missing"] = missing
            if not missing <= 1e-6 * abs(float(found.objective or 0.0)) + 1e-12:
                text = f"Other weights could improve the objective by {missing:.2g} at the most."
                notes = (*notes, text)
        return replace(found, details=details, notes=notes)

    def _missing(self, inputs: Inputs, weights: FloatArray, sizes: FloatArray) -> float:
        tangent = self._solved(inputs, sizes, is_bent=False)
        if not isinstance(tangent, Portfolio):
            return np.inf
        size = np.maximum(sizes, _LEAST_CHANGE)
        slopes, values = self.costs.slopes(size), self.costs.traded(size)

        def bound(held: FloatArray) -> float:
            """The objective with tangents for the curve."""
            change = np.abs(held - _current(inputs))
            gone = self.costs.traded(change) - (values + slopes * (change - size))
            return self.utility(inputs, held) + float(gone.sum()) / self.periods

        return max(bound(tangent.weights) - self.utility(inputs, weights), 0.0)


def _current(inputs: Inputs) -> FloatArray:
    return np.zeros(len(inputs.asset_ids)) if inputs.current is None else inputs.current


def _plus_diagonal(
    covariance: CovarianceMatrix, scale: float, more: FloatArray
) -> CovarianceMatrix | None:
    """scale · Σ + diag(more), of low rank where Σ is; None of nothing."""
    if not scale and not more.any():
        return None
    if isinstance(covariance, LowRank):
        own = scale * covariance.own_variances + more
        if (own > 0.0).all():
            return LowRank(np.sqrt(scale) * covariance.loadings, own)
    return Dense(scale * covariance.dense() + np.diag(more))
