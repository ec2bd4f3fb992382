"""Nested clusters: weights inside each cluster by one method, between clusters by another.

López de Prado (2019). What is unstable in a large covariance is likeness within clusters; solved
cluster by cluster it stays there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_tree import cluster_tree
from riskplatform.optimisation.herc import cluster_count
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.long_only import MinimumVariance
from riskplatform.optimisation.portfolio import Allocation, Allocator, FailedPortfolio, Portfolio


@dataclass(frozen=True)
class NestedClusters:
    """``inner`` and ``outer`` are methods; constraints of either name assets it does not see as
    such, so give them methods without any."""

    clusters: int | None = None
    inner: Allocator = field(default_factory=MinimumVariance)
    outer: Allocator = field(default_factory=MinimumVariance)
    distance: str = "correlation"
    linkage: str = "ward"

    def fit(self, inputs: Inputs) -> Allocation:
        tree = cluster_tree(inputs.sigma, distance=self.distance, linkage=self.linkage)
        count = cluster_count(tree, self.clusters)
        groups = [np.sort(tree.order[tree.stretch(each)]) for each in tree.cut(count)]
        inside = np.zeros((len(inputs.asset_ids), len(groups)))
        for place, group in enumerate(groups):
            found = self.inner.fit(_reduced(inputs, np.eye(len(inputs.asset_ids))[:, group], [
                inputs.asset_ids[i] for i in group
            ]))  # fmt: skip
            if isinstance(found, FailedPortfolio):
                return replace(found, method="nested-clusters", inputs=inputs.content)
            inside[group, place] = found.weights
        names = [f"cluster {place + 1}" for place in range(len(groups))]
        between = self.outer.fit(_reduced(inputs, inside, names))
        if isinstance(between, FailedPortfolio):
            return replace(between, method="nested-clusters", inputs=inputs.content)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=inside @ between.weights,
            method="nested-clusters",
            parameters={
                "clusters": count,
                "inner": repr(self.inner),
                "outer": repr(self.outer),
                "distance": self.distance,
                "linkage": self.linkage,
                "covariance": inputs.covariance_id,
            },
            inputs=inputs.content,
            excluded=inputs.excluded,
            details={"tree": tree, "inside": inside, "between": between.weights},
        )


def _reduced(inputs: Inputs, books: FloatArray, names: Sequence[str]) -> Inputs:
    """Books [asset, book] as assets of their own."""

    def of(values: FloatArray | None) -> FloatArray | None:
        return None if values is None else values @ books

    return Inputs(
        asset_ids=tuple(names),
        covariance=Dense(books.T @ inputs.sigma @ books),
        returns=of(inputs.returns),
        expected=of(inputs.expected),
        shares=inputs.shares,
        is_history=inputs.is_history,
        covariance_id=inputs.covariance_id,
        sources=inputs.sources,
    )
