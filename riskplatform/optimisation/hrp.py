"""Hierarchical risk parity: money is split down a tree of likeness, against the risk of each side.

López de Prado (2016). What he left to his code is said here: the distance, the linkage, the order
of the leaves, and whether a cluster is cut in two halves of its leaves or where the tree cuts it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_risks import RISKS, ClusterRisk, Places, without_risk
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
    span = tree.leaves + 1
    # By start and stop of a stretch, as one number: a thousand tuples would wake the collector.
    money = {tree.leaves: 1.0}
    cuts = _cuts_of_tree(tree) if split == "tree" else _halves(tree.leaves)
    if len(cuts):
        risks = risk(cuts[:, :2].ravel(), cuts[:, 1:].ravel()).reshape(-1, 2)
        total = risks.sum(axis=1, keepdims=True)
        # Where both sides have no risk there is nothing to split by.
        shares = np.divide(risks, total, out=np.full_like(risks, np.nan), where=total > 0.0)
        start, middle, stop = cuts.T.tolist()
        one, other = shares.T.tolist()
        for place in range(len(cuts)):
            whole = money.pop(start[place] * span + stop[place])
            money[start[place] * span + middle[place]] = whole * other[place]
            money[middle[place] * span + stop[place]] = whole * one[place]
    weights = np.empty(tree.leaves)
    weights[tree.order] = [money[place * span + place + 1] for place in range(tree.leaves)]
    return weights


def _cuts_of_tree(tree: ClusterTree) -> Places:
    """Where the stretch of every cut starts, is cut and stops, from the top down."""
    cuts = []
    for cluster in range(2 * tree.leaves - 2, tree.leaves - 1, -1):
        left, right = (tree.stretch(each) for each in tree.children(cluster))
        cuts.append((left.start, right.start, right.stop))
    return np.array(cuts, dtype=np.intp).reshape(-1, 3)


def _halves(leaves: int) -> Places:
    """The same where every stretch is cut in two halves of its leaves, level by level."""
    start, stop = np.array([0], dtype=np.intp), np.array([leaves], dtype=np.intp)
    levels = [np.empty((0, 3), dtype=np.intp)]
    while len(start):
        is_cut = stop - start > 1
        start, stop = start[is_cut], stop[is_cut]
        middle = start + (stop - start) // 2
        levels.append(np.column_stack([start, middle, stop]))
        start, stop = np.concatenate([start, middle]), np.concatenate([middle, stop])
    return np.concatenate(levels)
