"""The tree above its correlations: every leaf and merge once, clusters as they lie in the order."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_tree import ClusterTree, cluster_tree
from riskplatform.reporting.cluster_charts import (
    cluster_words,
    clusters,
    clusters_of_tree,
    halves_of_order,
)

NAMES = [f"A{place}" for place in range(12)]
GROUPS = {
    "sector": {name: ("Energy", "Banks", "Tech")[place % 3] for place, name in enumerate(NAMES)}
}


@pytest.fixture(scope="module")
def correlation() -> FloatArray:
    """Three sectors of four, alike inside and not alike between."""
    inside = np.array([[(i - j) % 3 == 0 for j in range(12)] for i in range(12)])
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.02, (12, 12))
    table = np.where(inside, 0.8, 0.1) + 0.5 * (noise + noise.T)
    np.fill_diagonal(table, 1.0)
    return np.asarray(table)


@pytest.fixture(scope="module")
def tree(correlation: FloatArray) -> ClusterTree:
    return cluster_tree(correlation, linkage="ward")


def test_the_heat_map_is_the_correlations_in_the_order_of_the_tree(
    tree: ClusterTree, correlation: FloatArray
) -> None:
    figure = clusters(tree, correlation, NAMES, GROUPS, clusters_of_tree(tree))
    heat = next(each for each in figure.data if each.type == "heatmap")
    places = [NAMES.index(name) for name in heat.x]
    assert sorted(places) == list(range(12))
    assert np.asarray(heat.z) / 100 == pytest.approx(correlation[np.ix_(places, places)], abs=5e-3)
    # Sectors are alike inside, so that each lies in one stretch of the order.
    sectors = [place % 3 for place in places]
    assert sum(one != other for one, other in zip(sectors[1:], sectors, strict=False)) == 2


def test_every_merge_is_drawn_once_at_its_distance(
    tree: ClusterTree, correlation: FloatArray
) -> None:
    figure = clusters(tree, correlation, NAMES, GROUPS, clusters_of_tree(tree))
    drawn = [each for each in figure.data if each.type == "scatter"]
    lines = [each for each in drawn if each.mode == "lines"]
    tops = [y for each in lines for y in np.asarray(each.y, dtype=float).reshape(-1, 5)[:, 1]]
    assert sorted(tops) == pytest.approx(sorted(tree.merges[:, 2]))
    points = next(each for each in drawn if each.mode == "markers")
    top = max(zip(points.y, points.text, strict=True))[1]
    assert top.startswith("12 lines")
    assert "Energy 4" in top


def test_squares_are_the_stretches_of_the_cut_and_cover_every_line_once(
    tree: ClusterTree, correlation: FloatArray
) -> None:
    for cut in (clusters_of_tree(tree), halves_of_order(tree)):
        figure = clusters(tree, correlation, NAMES, GROUPS, cut)
        ends = [(shape.x0 + 0.5, shape.x1 + 0.5) for shape in figure.layout.shapes]
        assert [place for low, high in ends for place in range(int(low), int(high))] == list(
            range(12)
        )
    # Halves of 12 are 6 and 6, then 3, then 1 and 2.
    assert [each.stop - each.start for each in halves_of_order(tree)] == [1, 2] * 4


def test_words_of_a_cluster_count_every_line() -> None:
    groups = {"A": "Energy", "B": "Energy", "C": "<b>", "D": "Tech"}
    assert cluster_words(["A", "B", "C", "D", "E"], groups, 1) == "Energy 2, others 3"
    assert cluster_words(["C", "E"], groups) == "‹b› 1, unclassified 1"


def test_one_line_alone_and_two_lines() -> None:
    alone = cluster_tree(np.eye(1))
    assert not clusters(alone, np.eye(1), ["A"], {}, [slice(0, 1)]).data
    pair = np.array([[1.0, 0.5], [0.5, 1.0]])
    tree = cluster_tree(pair)
    figure = clusters(tree, pair, ["A", "B"], {}, clusters_of_tree(tree))
    assert [list(each.x) for each in figure.data if each.type == "heatmap"] == [["A", "B"]]
