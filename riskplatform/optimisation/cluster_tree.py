"""A tree of assets by likeness: distance, linkage and order of leaves, each a choice that counts.

The same name (HRP, say) stands for other weights under another distance, linkage or order, so all
three are fields, are recorded with the result, and are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UnknownNameError
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.market.content import FloatArray

_MOST_CLUSTERS = 10
LINKAGES = ("single", "complete", "average", "weighted", "ward")


def _by_correlation(correlation: FloatArray) -> FloatArray:
    found = pairs(correlation)
    np.subtract(1.0, found, out=found)
    found *= 0.5
    return _root(found)


def _by_size_of_correlation(correlation: FloatArray) -> FloatArray:
    return _root(1.0 - np.abs(pairs(correlation)))


def _between_columns(correlation: FloatArray) -> FloatArray:
    """How unlike two assets are in their distances to all others, as in López de Prado's code."""
    table = np.sqrt(np.maximum(0.5 * (1.0 - correlation), 0.0))
    np.fill_diagonal(table, 0.0)
    # |a - b|² = |a|² + |b|² - 2 a·b: one matrix product in place of a loop over pairs.
    squares = np.einsum("ij,ij->j", table, table)
    return _root(pairs(squares[:, None] + squares[None, :] - 2.0 * (table.T @ table)))


def pairs(table: FloatArray) -> FloatArray:
    """What stands above the diagonal, row by row, as SciPy wants it: half of the work."""
    from scipy.spatial.distance import squareform

    return np.asarray(squareform(table, checks=False))


def _root(squares: FloatArray) -> FloatArray:
    """In place: fresh memory for half a million pairs costs more than the roots."""
    np.maximum(squares, 0.0, out=squares)
    return np.sqrt(squares, out=squares)


DISTANCES: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "correlation": _by_correlation,
    "absolute_correlation": _by_size_of_correlation,
    "between_columns": _between_columns,
}
"""From correlations [asset, asset] to the distance of each pair, in the order of :func:`pairs`."""


@dataclass(frozen=True, slots=True, eq=False)
class ClusterTree:
    """``merges`` [step, 4] as SciPy writes them: two clusters, their distance, how many leaves.

    ``order`` is that of the leaves, such that every cluster lies in one stretch of it; ``first``
    and ``count`` say which, for leaves and then for merges.
    """

    merges: FloatArray
    order: NDArray[np.intp]
    first: NDArray[np.intp]
    count: NDArray[np.intp]
    distance: str
    linkage: str
    is_optimal_order: bool

    @property
    def leaves(self) -> int:
        return len(self.order)

    def children(self, cluster: int) -> tuple[int, int]:
        """The two that a merge joined, as they lie in the order from left to right."""
        one, other = (int(each) for each in self.merges[cluster - self.leaves, :2])
        return (one, other) if self.first[one] < self.first[other] else (other, one)

    def stretch(self, cluster: int) -> slice:
        """Where a cluster lies in the order of the leaves."""
        start = int(self.first[cluster])
        return slice(start, start + int(self.count[cluster]))

    def cut(self, clusters: int) -> list[int]:
        """The clusters that the last merges would join, from left to right."""
        wanted = min(max(clusters, 1), self.leaves)
        found = [2 * self.leaves - 2] if self.leaves > 1 else [0]
        while len(found) < wanted:
            # Merges are in the order of their distance: the last one is undone first.
            last = max(found)
            found.remove(last)
            found += self.children(last)
        return sorted(found, key=lambda cluster: int(self.first[cluster]))

    def natural_count(self) -> int:
        """How many clusters lie furthest apart: the cut, of at most ten clusters, in the widest gap
        between the distances of two merges that follow each other."""
        heights = self.merges[::-1, 2]
        gaps = heights[:-1] - heights[1:]
        return int(np.argmax(gaps[: _MOST_CLUSTERS - 1])) + 2 if len(gaps) else 1


def cluster_tree(
    covariance: FloatArray,
    *,
    distance: str = "correlation",
    linkage: str = "single",
    is_optimal_order: bool = False,
) -> ClusterTree:
    """The tree of a covariance [asset, asset]; an optimal order puts like leaves side by side."""
    if distance not in DISTANCES:
        raise UnknownNameError("distance", distance, DISTANCES)
    if linkage not in LINKAGES:
        raise UnknownNameError("linkage", linkage, LINKAGES)
    count = len(covariance)
    if count == 1:
        one = np.zeros(1, dtype=np.intp)
        return ClusterTree(np.empty((0, 4)), one, one, one + 1, distance, linkage, True)
    from scipy.cluster import hierarchy

    condensed = DISTANCES[distance](to_correlation(covariance)[1])
    merges = hierarchy.linkage(condensed, linkage)
    if is_optimal_order:
        merges = hierarchy.optimal_leaf_ordering(merges, condensed)
    order = np.asarray(hierarchy.leaves_list(merges), dtype=np.intp)
    first, sizes = _stretches(merges, order)
    return ClusterTree(merges, order, first, sizes, distance, linkage, is_optimal_order)


def _stretches(
    merges: FloatArray, order: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    leaves = len(order)
    first = [0] * (2 * leaves - 1)
    for place, leaf in enumerate(order.tolist()):
        first[leaf] = place
    sizes = [1] * leaves + merges[:, 3].astype(np.intp).tolist()
    for step, (one, other) in enumerate(merges[:, :2].astype(np.intp).tolist()):
        first[leaves + step] = min(first[one], first[other])
    return np.array(first, dtype=np.intp), np.array(sizes, dtype=np.intp)
