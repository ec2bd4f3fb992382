"""Schur-complementary allocation: between hierarchical risk parity and minimum variance.

Cotton (2022, 2024). Hierarchical risk parity forgets what the two sides of a cut have in common.
Minimum variance is the same recursion on blocks that know it: of A and D with B between them,
A - γ B D⁻¹ Bᵀ in place of A, and 1 - γ B D⁻¹ 1 in place of the budget 1 of its assets. γ = 0
forgets all and γ = 1 nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import linalg

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_risks import without_risk
from riskplatform.optimisation.cluster_tree import ClusterTree, cluster_tree
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio

SIDES = ("diagonal", "own")
_STEPS = 20


@dataclass(frozen=True)
class SchurComplementary:
    """``side`` is whose variance a side of a cut has: ``diagonal``, that of its assets held by
    inverse variance, so that γ = 0 is HRP by halves; or ``own``, that of its own allocation, so
    that γ = 1 is the minimum variance.

    Where γ makes some weight negative and ``is_long``, the largest of twenty steps from 0 to γ that
    does not is taken, and said in ``effective_gamma``.
    """

    gamma: float = 0.5
    side: str = "diagonal"
    is_long: bool = True
    distance: str = "correlation"
    linkage: str = "single"
    is_optimal_order: bool = False

    def fit(self, inputs: Inputs) -> Allocation:
        if not 0.0 <= self.gamma <= 1.0:
            raise UserInputError(f"gamma is {self.gamma:g}; give one from 0 to 1.")
        if self.side not in SIDES:
            raise UnknownNameError("variance of a side", self.side, SIDES)
        tree = cluster_tree(
            inputs.sigma,
            distance=self.distance,
            linkage=self.linkage,
            is_optimal_order=self.is_optimal_order,
        )
        # In units of each asset's own volatility: assets may differ by many powers of ten.
        scale, units = to_correlation(inputs.sigma[np.ix_(tree.order, tree.order)])
        if not (scale > 0.0).all():
            return without_risk("schur-complementary", inputs, "variance", 0.95)
        for step in range(_STEPS, -1, -1):
            gamma = self.gamma * step / _STEPS
            found = self._weights(units, scale, gamma)
            if found is not None and (not self.is_long or (found >= 0.0).all()):
                return self._portfolio(inputs, tree, found, gamma)
        message = "Some block of the covariance is singular, even without what sides share."
        failure = Failure(FailureReason.CALCULATION_FAILED, message, "schur-complementary")
        return FailedPortfolio("schur-complementary", failure, inputs.content)

    def _weights(self, units: FloatArray, scale: FloatArray, gamma: float) -> FloatArray | None:
        try:
            found = _allocate(units, 1.0 / scale, gamma, self.side == "own") / scale
        except linalg.LinAlgError:
            return None
        total = found.sum()
        return found / total if np.isfinite(found).all() and total > 0.0 else None

    def _portfolio(
        self, inputs: Inputs, tree: ClusterTree, found: FloatArray, gamma: float
    ) -> Portfolio:
        weights = np.empty(len(found))
        weights[tree.order] = found
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="schur-complementary",
            parameters=asdict(self)
            | {"effective_gamma": gamma, "covariance": inputs.covariance_id},
            inputs=inputs.content,
            excluded=inputs.excluded,
            details={"tree": tree},
        )


def _allocate(sigma: FloatArray, budget: FloatArray, gamma: float, is_own: bool) -> FloatArray:
    """Weights with budget · w = 1: nearly the least risky of them, at γ = 1 exactly."""
    count = len(sigma)
    if count == 1:
        return 1.0 / budget
    half = count // 2
    parts = []
    for one, other in ((slice(0, half), slice(half, count)), (slice(half, count), slice(0, half))):
        block, kept = sigma[one, one], budget[one]
        if gamma > 0.0:
            between = gamma * linalg.solve(sigma[other, other], sigma[other, one], assume_a="pos").T
            block = block - between @ sigma[other, one]
            kept = kept - between @ budget[other]
        inner = _allocate(block, kept, gamma, is_own)
        held = inner if is_own else _by_inverse_variance(block, kept)
        variance = float(held @ block @ held)
        if not variance > 0.0:
            raise linalg.LinAlgError("a side without variance")
        parts.append(inner / variance)
    found = np.concatenate(parts)
    total = float(budget @ found)
    return found / total


def _by_inverse_variance(block: FloatArray, budget: FloatArray) -> FloatArray:
    held = budget / np.diagonal(block)
    return np.asarray(held / float(budget @ held))
