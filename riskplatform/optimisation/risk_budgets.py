"""Risk parity and risk budgeting: weights whose shares of the volatility are what was asked for.

Without other constraints the weights are those of the one minimum of ½ y'Cy − Σ b ln y, scaled to
sum to one (Spinu 2013; C are correlations, y weights times volatilities). Newton's method reaches
it in some ten steps from anywhere with the damping that this self-concordant function allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.constrained_budgets import budgeted_within
from riskplatform.optimisation.constraints.contract import Constraint
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import (
    Allocation,
    Certificate,
    Detail,
    FailedPortfolio,
    Portfolio,
)

_MOST_STEPS = 200
_SMALL = 1e-13


@dataclass(frozen=True)
class RiskBudgets:
    """``budgets`` are shares of the risk by asset, equal where none are given; all are held long.

    An asset whose budget is nothing gets no weight. Under ``constraints`` the shares are as near to
    the budgets as those allow, and told in the details; the objective is then a ratio that is
    largest where the shares are the budgets (see ``constrained_budgets``).
    """

    budgets: Mapping[str, float] | None = None
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        shares = self._shares(inputs)
        named: dict[str, Detail] = {"budgets": "equal"}
        if self.budgets is not None:
            named["budgets"] = f"given {content_hash(shares)[:16]}"
        if self.constraints:
            return budgeted_within(inputs, shares, self.constraints, named)
        kept = np.flatnonzero(shares > 0.0)
        sigma = inputs.sigma[np.ix_(kept, kept)]
        found = budgeted_weights(sigma, shares[kept])
        if found is None:
            message = (
                "No weights have these shares of the risk: some long-only portfolio of the assets "
                "has no risk at all."
            )
            failure = Failure(FailureReason.CALCULATION_FAILED, message, "risk budgets")
            return FailedPortfolio("risk-budgets", failure, inputs.content)
        weights = np.zeros(len(inputs.asset_ids))
        weights[kept] = found[0]
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="risk-budgets",
            parameters={**named, "covariance": inputs.covariance_id},
            inputs=inputs.content,
            objective=float(np.sqrt(weights @ inputs.sigma @ weights)),
            certificate=_certificate(sigma, found[0], shares[kept], found[1]),
            excluded=inputs.excluded,
            details={"shares": risk_shares_of(inputs.sigma, weights)},
        )

    def _shares(self, inputs: Inputs) -> FloatArray:
        count = len(inputs.asset_ids)
        if self.budgets is None:
            return np.full(count, 1.0 / count)
        unknown = sorted(set(self.budgets) - set(inputs.asset_ids))
        if unknown:
            raise UserInputError(
                f"{len(unknown)} budgets are for assets that are not there: {unknown[0]}."
            )
        given = np.array([self.budgets.get(name, 0.0) for name in inputs.asset_ids], dtype=float)
        if (given < 0.0).any() or not np.isfinite(given).all() or given.sum() <= 0.0:
            raise UserInputError("Budgets are shares of the risk: none below zero, some above.")
        return np.asarray(given / given.sum())


def budgeted_weights(sigma: FloatArray, shares: FloatArray) -> tuple[FloatArray, int] | None:
    """Weights that sum to one, and how many steps it took; None where there are none."""
    deviation, correlation = to_correlation(sigma)
    if not (deviation > 0.0).all():
        return None
    # The answer where nothing is correlated.
    y = np.sqrt(shares)
    for step in range(1, _MOST_STEPS + 1):
        slope = correlation @ y - shares / y
        curve = correlation + np.diag(shares / y**2)
        try:
            factor = linalg.cho_factor(curve, check_finite=False)
        except linalg.LinAlgError:
            return None
        move = linalg.cho_solve(factor, slope, check_finite=False)
        decrement = float(np.sqrt(max(slope @ move, 0.0)))
        if not np.isfinite(decrement):
            return None
        # Damped until the full step is sure to stay inside (shares weigh the barrier).
        length = float(np.max(np.abs(move) / y))
        y = y - move / (1.0 + length if length >= 0.5 else 1.0)
        if decrement < _SMALL or float(np.max(np.abs(move) / y)) < _SMALL:
            weights = y / deviation
            return np.asarray(weights / weights.sum()), step
    # A book without risk lets the weights grow for ever.
    return None


def risk_shares_of(sigma: FloatArray, weights: FloatArray) -> FloatArray:
    """Each asset's share of the variance; together one."""
    parts = weights * (sigma @ weights)
    total = parts.sum()
    return np.asarray(parts / total) if total > 0.0 else np.zeros_like(parts)


def _certificate(
    sigma: FloatArray, weights: FloatArray, shares: FloatArray, steps: int
) -> Certificate:
    """The residual is the largest miss of a share."""
    miss = float(np.max(np.abs(risk_shares_of(sigma, weights) - shares)))
    volatility = float(np.sqrt(weights @ sigma @ weights))
    return Certificate("newton", volatility, abs(float(weights.sum()) - 1.0), miss, 0.0, steps)
