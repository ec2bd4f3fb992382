"""The group-by grid of exposures as rows: groups that open into groups, down to positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from riskplatform.pricing.exposures.book import Exposures
from riskplatform.reporting.exposure_tables import grouped

Path = tuple[str, ...]

POSITION = ("instrument_id", "portfolio_id")
"""Below all groups: the instrument, and below it the portfolios that hold it."""

MOST_CHILDREN = 60
"""So many are listed below a group; the others are one row, so that sums still add up."""

_INDENT = "\N{EM SPACE}"


@dataclass(frozen=True, slots=True)
class Tree:
    """Sums of the finest groups, which every row above is a sum of."""

    levels: Path
    measures: tuple[str, ...]
    finest: pd.DataFrame
    titles: Mapping[str, str] = field(default_factory=dict)
    """What instruments are called."""
    places: Mapping[str, str] = field(default_factory=dict)
    """What portfolios are called."""

    @property
    def numbers(self) -> list[str]:
        return ["lines", "value", "model_value", *self.measures, "not_covered"]

    def groups(self, rows: pd.DataFrame, depth: int, order_by: str) -> pd.DataFrame:
        """Sums by the level at ``depth``; largest first, what is not known last."""
        by_level = rows.groupby(self.levels[depth], sort=False)[self.numbers]
        sums = by_level.sum(min_count=1)
        return sums.sort_values(order_by, ascending=False, key=abs, kind="stable")


def tree_of(
    found: Exposures,
    slices: Sequence[str],
    measures: Sequence[str],
    places: Mapping[str, str],
) -> Tree:
    """The book by ``slices``, then by position."""
    levels = tuple(dict.fromkeys((*slices, *POSITION)))
    finest = grouped(found, levels, measures)
    title = found.lines.drop_duplicates("instrument_id").set_index("instrument_id")["name"]
    titles = {str(key): str(name) for key, name in title.items()}
    return Tree(levels, tuple(measures), finest, titles, places)


def visible(tree: Tree, opened: frozenset[Path], order_by: str = "value") -> pd.DataFrame:
    """The total, and below it each group, with what is below the ``opened`` ones.

    Columns: path (None where nothing can be opened), depth, label, and the sums.
    """
    total = tree.finest[tree.numbers].sum(min_count=1).to_dict()
    head = {"path": None, "depth": 0, "label": "Total", **total}
    rows = [head, *_below(tree, tree.finest, (), opened, order_by)]
    return pd.DataFrame(rows, columns=["path", "depth", "label", *tree.numbers])


def everything(tree: Tree) -> pd.DataFrame:
    """All groups of all levels without cuts, for a spreadsheet: one column for each level."""
    frames = []
    for depth in range(1, len(tree.levels) + 1):
        keys = list(tree.levels[:depth])
        sums = tree.finest.groupby(keys, sort=False)[tree.numbers].sum(min_count=1)
        frames.append(sums.reset_index().assign(level=depth))
    total = tree.finest[tree.numbers].sum(min_count=1).to_frame().T.assign(level=0)
    columns = ["level", *tree.levels, *tree.numbers]
    return pd.concat([total, *frames], ignore_index=True).reindex(columns=columns)


def _below(
    tree: Tree, rows: pd.DataFrame, path: Path, opened: frozenset[Path], order_by: str
) -> Iterator[dict[str, Any]]:
    depth = len(path)
    groups = tree.groups(rows, depth, order_by)
    for key, sums in groups.head(MOST_CHILDREN).iterrows():
        here = (*path, str(key))
        can_open, is_open = here_opens(tree, depth), here in opened
        yield {
            "path": here if can_open else None,
            "depth": depth,
            "label": _label(tree, depth, str(key), is_open if can_open else None),
            **sums,
        }
        if can_open and is_open:
            yield from _below(tree, rows[rows[tree.levels[depth]] == key], here, opened, order_by)
    rest = groups.iloc[MOST_CHILDREN:]
    if len(rest):
        words = f"{_INDENT * (2 * depth + 1)}{len(rest):,} others"
        yield {"path": None, "depth": depth, "label": words, **rest.sum(min_count=1)}


def here_opens(tree: Tree, depth: int) -> bool:
    """Whether there is a level below."""
    return depth + 1 < len(tree.levels)


def _label(tree: Tree, depth: int, key: str, is_open: bool | None) -> str:
    """Indented, with a sign that says whether the row opens."""
    sign = {True: "\N{MINUS SIGN} ", False: "+ ", None: "   "}[is_open]
    return f"{_INDENT * 2 * depth}{sign}{_called(tree, tree.levels[depth], key)}"


def _called(tree: Tree, level: str, key: str) -> str:
    if level in ("portfolio", "portfolio_id"):
        return tree.places.get(key, key)
    if level == "instrument_id":
        title = tree.titles.get(key, key)
        return key if title == key else f"{key}  {title}"
    return group_name(key)


def group_name(key: str) -> str:
    """A group's name for people; what is written small throughout starts with a capital."""
    if not key.islower():
        return key
    words = key.replace("_", " ")
    return words.upper() if len(key) < 4 else words.capitalize()


def toggled(opened: frozenset[Path], path: Path) -> frozenset[Path]:
    """Open what was closed; close what was open, with all below it."""
    if path not in opened:
        return opened | {path}
    return frozenset(other for other in opened if other[: len(path)] != path)
