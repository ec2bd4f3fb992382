"""The tree of likeness above the correlations that it orders, clusters as blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_tree import ClusterTree
from riskplatform.reporting import palette
from riskplatform.reporting.charts import empty, plain, plain_text

MOST_CLUSTERS = 8
_TICKS = [-100, -50, 0, 50, 100]
_MOST_NAMES = 45
"""Of single lines on the axes; of more only the clusters are named."""

_LEAST_SHARE = 0.03
_TREE = 0.24
"""Of the height, for the tree."""


def cluster_words(members: Sequence[str], groups: Mapping[str, str], most: int = 2) -> str:
    """What is in a cluster: its largest groups, each with how many lines, and the others."""
    counts = Counter(groups.get(name, "unclassified") for name in members).most_common()
    said = [f"{plain_text(group, 24)} {count}" for group, count in counts[:most]]
    rest = sum(count for _, count in counts[most:])
    return ", ".join(said + ([f"others {rest}"] if rest else []))


def clusters_of_tree(tree: ClusterTree) -> list[slice]:
    """The stretches of its last merges, which are coloured and named, from left to right."""
    wanted = max(tree.natural_count(), min(MOST_CLUSTERS, tree.leaves // 4))
    return [tree.stretch(each) for each in tree.cut(wanted)]


def halves_of_order(tree: ClusterTree) -> list[slice]:
    """The stretches that halving the order three times makes, as a split by halves does."""
    found = [(0, tree.leaves)]
    while len(found) < MOST_CLUSTERS and all(end - start > 1 for start, end in found):
        middles = [start + (end - start) // 2 for start, end in found]
        found = [
            half
            for (start, end), middle in zip(found, middles, strict=True)
            for half in ((start, middle), (middle, end))
        ]
    return [slice(start, end) for start, end in found]


def clusters(
    tree: ClusterTree,
    correlation: FloatArray,
    names: Sequence[str],
    groups: Mapping[str, Mapping[str, str]],
    cut: Sequence[slice],
    height: int = 620,
) -> go.Figure:
    """``correlation`` and ``names`` are in the order of the assets; ``groups`` are those of each
    slice by name, the first of which names the stretches of the ``cut``."""
    if tree.leaves < 2:
        return empty(height, "One line alone has no clusters.")
    ordered = [names[place] for place in tree.order]
    figure = plain(height)
    _add_tree(figure, tree, ordered, groups, cut)
    table = np.round(100.0 * correlation[np.ix_(tree.order, tree.order)]).astype(np.int8)
    labels = [plain_text(name) for name in ordered]
    figure.add_heatmap(
        z=table, x=labels, y=labels, zmin=-100, zmax=100, zmid=0, colorscale=_COLOURS,
        colorbar={"thickness": 8, "len": 0.5, "y": 0.38, "x": 1.01, "outlinewidth": 0,
                  "tickvals": _TICKS, "ticktext": [f"{tick} %" for tick in _TICKS],
                  "tickfont": {"size": 10.5, "color": palette.MUTED}},
        hovertemplate="%{x} and %{y}: correlation %{z} %<extra></extra>",
    )  # fmt: skip
    for stretch in cut:
        low, high = stretch.start - 0.5, stretch.stop - 0.5
        figure.add_shape(
            type="rect", x0=low, x1=high, y0=low, y1=high,
            line={"color": palette.INK, "width": 1}, fillcolor="rgba(0,0,0,0)",
        )  # fmt: skip
    _axes(figure, tree, ordered, groups, cut)
    return figure


def _axes(
    figure: go.Figure,
    tree: ClusterTree,
    ordered: Sequence[str],
    groups: Mapping[str, Mapping[str, str]],
    cut: Sequence[slice],
) -> None:
    ends = [-0.5, tree.leaves - 0.5]
    if tree.leaves <= _MOST_NAMES:
        places, words = list(range(tree.leaves)), [plain_text(name, 18) for name in ordered]
    else:
        named = [each for each in cut if each.stop - each.start >= _LEAST_SHARE * tree.leaves]
        places = [(each.start + each.stop - 1) // 2 for each in named]
        first = next(iter(groups.values()), {})
        words = [cluster_words(ordered[each], first, 1) for each in named]
    figure.update_layout(
        xaxis={"domain": [0, 1], "range": ends, "showticklabels": False, "showgrid": False,
               "fixedrange": True, "ticks": ""},
        yaxis={"domain": [0, 1 - _TREE - 0.01], "range": ends[::-1], "showgrid": False,
               "tickvals": places, "ticktext": words, "fixedrange": True, "ticklabelstandoff": 4,
               "ticks": "",
               "tickfont": {"size": 11, "color": palette.INK}},
        xaxis2={"domain": [0, 1], "range": ends, "anchor": "y2", "visible": False,
                "fixedrange": True},
        yaxis2={"domain": [1 - _TREE, 1], "range": _heights(tree), "nticks": 4,
                "fixedrange": True,
                "title": {"text": "Distance"}, "zeroline": False},
        hovermode="closest", margin={"l": 4, "r": 4, "t": 6, "b": 4},
    )  # fmt: skip


def _add_tree(
    figure: go.Figure,
    tree: ClusterTree,
    ordered: Sequence[str],
    groups: Mapping[str, Mapping[str, str]],
    cut: Sequence[slice],
) -> None:
    """One line for the merges inside each stretch, a grey one for those across, and a point on each
    merge that says what it joins."""
    middle, high = _places(tree)
    parts: dict[int, tuple[list[float | None], list[float | None]]] = {}
    xs, ys, said = [], [], []
    for step in range(len(tree.merges)):
        cluster = tree.leaves + step
        one, other = tree.children(cluster)
        across, up = parts.setdefault(_owner(tree.stretch(cluster), cut), ([], []))
        across += [middle[one], middle[one], middle[other], middle[other], None]
        up += [high[one], high[cluster], high[cluster], high[other], None]
        members = ordered[tree.stretch(cluster)]
        xs.append(middle[cluster])
        ys.append(high[cluster])
        words = [cluster_words(members, each, 4) for each in groups.values()]
        said.append("<br>".join([f"{len(members)} lines at {high[cluster]:.2f}", *words]))
    for place, (across, up) in sorted(parts.items()):
        colour = palette.FAINT if place < 0 else palette.CATEGORIES[place % len(palette.CATEGORIES)]
        figure.add_scatter(
            x=across, y=up, mode="lines", xaxis="x2", yaxis="y2", hoverinfo="skip",
            line={"color": colour, "width": 1.2},
        )  # fmt: skip
    figure.add_scatter(
        x=xs, y=ys, mode="markers", xaxis="x2", yaxis="y2", text=said,
        marker={"size": 7, "opacity": 0.0, "color": palette.INK},
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _places(tree: ClusterTree) -> tuple[FloatArray, FloatArray]:
    """Where each leaf and merge stands from left to right, and at which distance."""
    middle = np.zeros(2 * tree.leaves - 1)
    high = np.zeros(2 * tree.leaves - 1)
    middle[: tree.leaves] = tree.first[: tree.leaves]
    for step in range(len(tree.merges)):
        cluster = tree.leaves + step
        one, other = tree.children(cluster)
        middle[cluster] = 0.5 * (middle[one] + middle[other])
        high[cluster] = tree.merges[step, 2]
    return middle, high


def _owner(stretch: slice, cut: Sequence[slice]) -> int:
    """The place in the cut of the stretch that has all of another; -1 if none has."""
    for place, each in enumerate(cut):
        if each.start <= stretch.start and stretch.stop <= each.stop:
            return place
    return -1


def _heights(tree: ClusterTree) -> list[float]:
    """From just below the first merge: what is below it says nothing."""
    heights = tree.merges[:, 2]
    return [0.9 * float(heights.min()), 1.04 * float(heights.max())]


_COLOURS = (
    (0.0, palette.SHORT), (0.5, palette.PAPER), (0.75, "#9db8da"), (1.0, palette.ACCENT),
)  # fmt: skip
