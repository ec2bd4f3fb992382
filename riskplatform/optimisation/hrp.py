"""Hierarchical risk parity: money is split down a tree of likeness, against the risk of each side.

López de Prado (2016). What he left to his code is said here: the distance, the linkage, the order
of the leaves, and whether a cluster is cut in two halves of its leaves or where the tree cuts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_tree import ClusterTree, cluster_tree
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from riskplatform.risk.quantiles import var_and_es

SPLITS = ("halves", "tree")


@dataclass(frozen=True)
class Hrp:
    """``risk`` of a side is its variance, volatility or ES (at ``confidence``), held by inverse
    risk of its assets."""

    distance: str = "correlation"
    linkage: str = "single"
    split: str = "halves"
    risk: str = "variance"
    is_optimal_order: bool = False
    confidence: float = 0.95

    def fit(self, inputs: Inputs) -> Allocation:
        if self.split not in SPLITS:
            raise UnknownNameError("split", self.split, SPLITS)
        if self.risk not in RISKS:
            raise UnknownNameError("risk of a cluster", self.risk, RISKS)
        tree = cluster_tree(
            inputs.sigma,
            distance=self.distance,
            linkage=self.linkage,
            is_optimal_order=self.is_optimal_order,
        )
        measure = RISKS[self.risk](inputs, tree, self.confidence)
        weights = split_down(tree, self.split, measure)
        if not np.isfinite(weights).all():
            message = "The risk of a cluster is nothing, so that money cannot be split by it."
            failure = Failure(FailureReason.CALCULATION_FAILED, message, "hrp")
            return FailedPortfolio("hrp", failure, inputs.content)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="hrp",
            parameters=asdict(self) | {"covariance": inputs.covariance_id},
            inputs=inputs.content,
            excluded=inputs.excluded,
            details={"tree": tree},
        )


ClusterRisk = Callable[[slice], float]


def split_down(tree: ClusterTree, split: str, risk: ClusterRisk) -> FloatArray:
    """Weights by the order of the assets: each side of a cut gets what the other side's risk is
    of both."""
    weights = np.ones(tree.leaves)
    for left, right in _cuts(tree, split):
        one, other = risk(left), risk(right)
        share = 1.0 - one / (one + other) if one + other > 0.0 else np.nan
        weights[left] *= share
        weights[right] *= 1.0 - share
    out = np.empty(tree.leaves)
    out[tree.order] = weights
    return out


def _cuts(tree: ClusterTree, split: str) -> Iterator[tuple[slice, slice]]:
    """The two stretches of every cut, from the top down."""
    if split == "tree":
        for cluster in range(2 * tree.leaves - 2, tree.leaves - 1, -1):
            one, other = tree.children(cluster)
            yield tree.stretch(one), tree.stretch(other)
        return
    waiting = [(0, tree.leaves)]
    while waiting:
        start, end = waiting.pop()
        if end - start > 1:
            middle = start + (end - start) // 2
            yield slice(start, middle), slice(middle, end)
            waiting += [(start, middle), (middle, end)]


def alone(inputs: Inputs, risk: str, confidence: float) -> FloatArray:
    """Each asset's own risk; an asset that gains even in its tail has none by ES, and is NaN."""
    if risk == "es":
        found = np.asarray(var_and_es(inputs.scenarios.T, confidence, inputs.shares).es)
        return np.where(found > 0.0, found, np.nan)
    variances = np.diagonal(inputs.sigma)
    return np.asarray(variances if risk == "variance" else np.sqrt(variances))


def _variance(inputs: Inputs, tree: ClusterTree, confidence: float) -> ClusterRisk:
    sigma = inputs.sigma[np.ix_(tree.order, tree.order)]
    inverse = 1.0 / alone(inputs, "variance", confidence)[tree.order]

    def risk(side: slice) -> float:
        held = inverse[side]
        return float(held @ sigma[side, side] @ held / held.sum() ** 2)

    return risk


def _volatility(inputs: Inputs, tree: ClusterTree, confidence: float) -> ClusterRisk:
    sigma = inputs.sigma[np.ix_(tree.order, tree.order)]
    inverse = 1.0 / alone(inputs, "volatility", confidence)[tree.order]

    def risk(side: slice) -> float:
        held = inverse[side] / inverse[side].sum()
        return float(np.sqrt(held @ sigma[side, side] @ held))

    return risk


def _shortfall(inputs: Inputs, tree: ClusterTree, confidence: float) -> ClusterRisk:
    gains = inputs.scenarios[:, tree.order]
    inverse = 1.0 / alone(inputs, "es", confidence)[tree.order]

    def risk(side: slice) -> float:
        held = inverse[side] / inverse[side].sum()
        found = var_and_es(gains[:, side] @ held, confidence, inputs.shares)
        return float(found.es)

    return risk


RISKS: Mapping[str, Callable[[Inputs, ClusterTree, float], ClusterRisk]] = {
    "variance": _variance,
    "volatility": _volatility,
    "es": _shortfall,
}
