"""Least variance and largest Sharpe ratio; held long both are one small problem, solved exactly.

With constraints they are convex programmes (``mean_variance``). Without, and scaled to sum to one,
the answer of either is the y ≥ 0 for which ½ y'Σy - b'y is least, with b ones for the least
variance and expected excess returns for the largest ratio. Guessing which weights are above zero
and exchanging all wrong guesses at once (block principal pivoting, Júdice and Pires 1994) reaches
the exact answer in a handful of solutions; where an exchange does not help for some rounds, one
guess is exchanged at a time, which always ends (Murty).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.factors.covariance.matrices import CovarianceMatrix, LowRank
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.mean_variance import largest_ratio, least_variance
from riskplatform.optimisation.portfolio import (
    Allocation,
    Certificate,
    FailedPortfolio,
    Portfolio,
)

_RATIO = "the Sharpe ratio per period"
_PATIENCE = 3
_TOLERANCE = 1e-10

Places = NDArray[np.intp]
Solver = Callable[[Places, FloatArray], FloatArray]


@dataclass(frozen=True)
class MinimumVariance:
    """The least variance of weights that are long and sum to one, unless constraints say other."""

    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        if self.constraints:
            return least_variance(inputs, self.constraints)
        found = _fitted(inputs, np.ones(len(inputs.asset_ids)), "minimum-variance")
        # Of twins, or of fewer days than assets, no exact answer is found, but a convex programme
        # still has one.
        return found or least_variance(inputs, ())


@dataclass(frozen=True)
class MaximumSharpe:
    """The largest ratio of expected excess return to volatility, long unless constraints say
    other."""

    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        pull = inputs.views
        if self.constraints:
            return largest_ratio(inputs, pull, self.constraints, "maximum-sharpe", _RATIO)
        if not (pull > 0.0).any():
            message = "No asset is expected to return more than cash; no ratio is above zero."
            failure = Failure(FailureReason.INVALID_DATA, message, "maximum-sharpe")
            return FailedPortfolio("maximum-sharpe", failure, inputs.content)
        return _fitted(inputs, pull, "maximum-sharpe") or largest_ratio(
            inputs, pull, (), "maximum-sharpe", _RATIO
        )


class NonNegative(NamedTuple):
    """``slope`` is that of the objective: zero where y is above zero, else not below zero."""

    y: FloatArray
    slope: FloatArray
    rounds: int


def nonnegative_minimum(covariance: CovarianceMatrix, pull: FloatArray) -> NonNegative | None:
    """The y ≥ 0 for which ½ y'Σy - pull·y is least; None where there is none."""
    scale = np.sqrt(np.maximum(covariance.variances(), 0.0))
    unit = np.where(scale > 0.0, scale, 1.0)
    solve = _solver(covariance)
    is_free = pull > 0.0
    fewest, patience = len(pull) + 1, _PATIENCE
    for rounds in range(1, 50 * len(pull) + 50):
        y, slope = np.zeros(len(pull)), -pull.copy()
        free = np.flatnonzero(is_free)
        if free.size:
            try:
                y[free] = solve(free, pull[free])
            except linalg.LinAlgError:
                return None
            slope = covariance.multiply(y) - pull
            slope[free] = 0.0
        # In units of each asset's own volatility, small means the same for all.
        wrong = np.where(is_free, y * scale, slope / unit)
        size = max(float(np.abs(y * scale).max(initial=0.0)), 1.0)
        bad = np.flatnonzero(wrong < -_TOLERANCE * size)
        if not bad.size:
            return NonNegative(np.maximum(y, 0.0), slope, rounds)
        if bad.size < fewest:
            fewest, patience = bad.size, _PATIENCE
        elif patience:
            patience -= 1
        else:
            bad = bad[-1:]
        is_free[bad] = ~is_free[bad]
    return None


def _solver(covariance: CovarianceMatrix) -> Solver:
    """Σ on some assets against a vector; of a low rank without the whole matrix."""
    if isinstance(covariance, LowRank):
        loadings, own = covariance.loadings, covariance.own_variances

        def woodbury(free: Places, vector: FloatArray) -> FloatArray:
            part, scaled = loadings[free], vector / own[free]
            weighted = part / own[free][:, None]
            inner = np.eye(part.shape[1]) + part.T @ weighted
            return np.asarray(scaled - weighted @ linalg.solve(inner, part.T @ scaled))

        return woodbury
    sigma = covariance.dense()

    def cholesky(free: Places, vector: FloatArray) -> FloatArray:
        whole = sigma if free.size == len(sigma) else sigma[np.ix_(free, free)]
        return np.asarray(linalg.cho_solve(linalg.cho_factor(whole), vector))

    return cholesky


def _fitted(inputs: Inputs, pull: FloatArray, method: str) -> Portfolio | None:
    """None where no exact answer is found, or one that does not pass its own check."""
    found = nonnegative_minimum(inputs.covariance, pull)
    if found is None or not found.y.any():
        return None
    certificate = _certificate(inputs.covariance, pull, found)
    if not certificate.is_good:
        return None
    weights = found.y / found.y.sum()
    variance = float(weights @ inputs.covariance.multiply(weights))
    volatility = float(np.sqrt(variance))
    is_ratio = method == "maximum-sharpe"
    return Portfolio(
        asset_ids=inputs.asset_ids,
        weights=weights,
        method=method,
        parameters={"held": "long", "covariance": inputs.covariance_id},
        inputs=inputs.content,
        objective=float(pull @ weights) / volatility if is_ratio else volatility,
        certificate=certificate,
        excluded=inputs.excluded,
    )


def _certificate(covariance: CovarianceMatrix, pull: FloatArray, found: NonNegative) -> Certificate:
    """From the answer alone: signs, the slope where weights are above zero, and their product."""
    y = found.y
    slope = covariance.multiply(y) - pull
    size = max(float(np.abs(pull).max()), 1e-300)
    held = y > 0.0
    off = np.where(held, np.abs(slope), np.maximum(-slope, 0.0))
    scale = max(float(np.abs(y).max()), 1e-300)
    return Certificate(
        solver="block principal pivoting",
        objective=float(0.5 * y @ covariance.multiply(y) - pull @ y),
        primal_residual=float(np.maximum(-y, 0.0).max()) / scale,
        dual_residual=float(off.max()) / size,
        gap=float(abs(y @ slope)) / max(float(abs(pull @ y)), 1e-300),
        iterations=found.rounds,
    )
