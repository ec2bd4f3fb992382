"""Hierarchical equal risk contribution: the tree is cut into a few clusters, money is split down to
them against the risks of the clusters on each side, and inside by the inverse of own risk.

Raffinot (2018). The number of clusters is a choice, recorded like the others.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_risks import RISKS, ClusterRisk, alone, without_risk
from riskplatform.optimisation.cluster_tree import ClusterTree, cluster_tree
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, Portfolio


@dataclass(frozen=True)
class Herc:
    """``clusters`` is how many, where the tree is cut in its widest gap if not given."""

    clusters: int | None = None
    distance: str = "correlation"
    linkage: str = "ward"
    risk: str = "variance"
    is_optimal_order: bool = False
    confidence: float = 0.95

    def fit(self, inputs: Inputs) -> Allocation:
        if self.risk not in RISKS:
            raise UnknownNameError("risk of a cluster", self.risk, RISKS)
        tree = cluster_tree(
            inputs.sigma,
            distance=self.distance,
            linkage=self.linkage,
            is_optimal_order=self.is_optimal_order,
        )
        count = cluster_count(tree, self.clusters)
        measure = RISKS[self.risk](inputs, tree, self.confidence)
        inverse = 1.0 / alone(inputs, self.risk, self.confidence)[tree.order]
        weights = np.empty(tree.leaves)
        weights[tree.order] = _split(tree, tree.cut(count), measure, inverse)
        if not np.isfinite(weights).all():
            return without_risk("herc", inputs, self.risk, self.confidence)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="herc",
            parameters=asdict(self) | {"clusters": count, "covariance": inputs.covariance_id},
            inputs=inputs.content,
            excluded=inputs.excluded,
            details={"tree": tree},
        )


def cluster_count(tree: ClusterTree, wanted: int | None) -> int:
    """As many as are wanted, but no more than there are assets."""
    if wanted is None:
        return tree.natural_count()
    if wanted < 1:
        raise UserInputError(f"{wanted} clusters; give 1 or more.")
    return min(wanted, tree.leaves)


def _split(
    tree: ClusterTree, clusters: list[int], measure: ClusterRisk, inverse: FloatArray
) -> FloatArray:
    """Weights by the order of the leaves."""
    starts = tree.first[clusters]
    found = measure(starts, starts + tree.count[clusters])
    risks = dict(zip(clusters, found.tolist(), strict=True))
    weights = np.empty(tree.leaves)
    root = 2 * tree.leaves - 2 if tree.leaves > 1 else 0
    waiting = [(root, 1.0)]
    while waiting:
        cluster, money = waiting.pop()
        if cluster in risks:
            side = tree.stretch(cluster)
            weights[side] = money * inverse[side] / inverse[side].sum()
            continue
        one, other = tree.children(cluster)
        left, right = (_sum_within(tree, each, risks) for each in (one, other))
        share = 1.0 - left / (left + right) if left + right > 0.0 else np.nan
        waiting += [(one, money * share), (other, money * (1.0 - share))]
    return weights


def _sum_within(tree: ClusterTree, cluster: int, risks: dict[int, float]) -> float:
    side = tree.stretch(cluster)
    return sum(
        risk
        for each, risk in risks.items()
        if side.start <= tree.stretch(each).start and tree.stretch(each).stop <= side.stop
    )
