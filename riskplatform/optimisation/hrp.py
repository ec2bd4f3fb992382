"""Hierarchical risk parity: money is split down a tree of likeness, against the risk of each side.

López de Prado (2016). What he left to his code is said here: the distance, the linkage, the order
of the leaves, and whether a cluster is cut in two halves of its leaves or where the tree cuts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_risks import RISKS, ClusterRisk, without_risk
from riskplatform.optimisation.cluster_tree import ClusterTree, cluster_tree
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, Portfolio

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
            return without_risk("hrp", inputs, self.risk, self.confidence)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="hrp",
            parameters=asdict(self) | {"covariance": inputs.covariance_id},
            inputs=inputs.content,
            excluded=inputs.excluded,
            details={"tree": tree},
        )


def split_down(tree: ClusterTree, split: str, risk: ClusterRisk) -> FloatArray:
    """Weights by the order of the assets: each side of a cut gets what the other side's risk is
    of both."""
    money = {(0, tree.leaves): 1.0}
    cuts = list(_cuts(tree, split))
    if cuts:
        risks = risk([side for cut in cuts for side in cut]).reshape(-1, 2)
        total = risks.sum(axis=1, keepdims=True)
        # Where both sides have no risk there is nothing to split by.
        shares = np.divide(risks, total, out=np.full_like(risks, np.nan), where=total > 0.0)
        for (left, right), (one, other) in zip(cuts, shares.tolist(), strict=True):
            whole = money.pop((left.start, right.stop))
            money[left.start, left.stop] = whole * other
            money[right.start, right.stop] = whole * one
    weights = np.empty(tree.leaves)
    weights[tree.order] = [money[place, place + 1] for place in range(tree.leaves)]
    return weights


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
