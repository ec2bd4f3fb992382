"""The grid of exposures: every row is a sum of the rows below it, however it is opened."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.pricing.exposures.book import Exposures
from riskplatform.ui.exposure_tree import (
    MOST_CHILDREN,
    Tree,
    everything,
    group_name,
    toggled,
    tree_of,
    visible,
)
from tests.ui.modelled_lines import BOND, OPTION
from tests.ui.small_desk import AS_OF, START, WITHOUT_PRICE

MEASURES = ("delta", "vega", "dv01", "cs01")
PLACES = {"EQ": "Equity fund", "LS.1": "Pairs"}


@pytest.fixture(scope="module")
def found(small_desk: Desk) -> Exposures:
    return small_desk.exposures("FIRM", AS_OF)


@pytest.fixture(scope="module")
def tree(found: Exposures) -> Tree:
    return tree_of(found, ("asset_class", "kind"), MEASURES, PLACES)


def test_the_closed_grid_is_the_desk_s_table(found: Exposures, tree: Tree) -> None:
    rows = visible(tree, frozenset())
    table = found.by("asset_class", measures=MEASURES)
    assert [path for path in rows["path"] if path] == [(name,) for name in table["asset_class"]]
    for name in ("value", *MEASURES, "lines", "not_covered"):
        assert list(rows[name][1:]) == pytest.approx(list(table[name]), rel=1e-12)


def test_the_total_is_the_desk_s(found: Exposures, tree: Tree) -> None:
    total = visible(tree, frozenset()).iloc[0]
    assert total["label"] == "Total"
    assert total["lines"] == len(found.lines)
    for name in MEASURES:
        assert total[name] == pytest.approx(found.totals()[name], rel=1e-12)


def test_an_open_row_shows_what_it_is_the_sum_of(tree: Tree) -> None:
    equity = visible(tree, frozenset()).query("label == '+ Equity'").iloc[0]
    rows = visible(tree, frozenset({("equity",)}))
    place = next(i for i, path in enumerate(rows["path"]) if path == ("equity",))
    kinds = rows[rows["depth"] == 1]
    assert list(kinds.index) == [place + 1, place + 2]
    assert rows["label"][place] == "− Equity"
    for name in ("value", *MEASURES, "lines"):
        assert kinds[name].sum() == pytest.approx(equity[name], rel=1e-12)


def test_from_the_firm_to_the_position(found: Exposures, tree: Tree) -> None:
    path = ("equity", "equity", "ALPHA.US")
    rows = visible(tree, frozenset(path[:depth] for depth in (1, 2, 3)))
    books = rows[rows["depth"] == 3]
    held = found.lines[found.lines["instrument_id"] == "ALPHA.US"]
    assert sorted(books["value"]) == pytest.approx(sorted(held["value"]))
    assert set(books["path"]) == {None}
    assert any(label.endswith("Pairs") for label in books["label"])


def test_what_is_not_covered_is_unknown_and_not_zero(tree: Tree) -> None:
    rows = visible(tree, frozenset({("equity",), ("equity", "equity")}))
    (row,) = rows[[WITHOUT_PRICE in label for label in rows["label"]]].to_dict("records")
    assert row["not_covered"] == row["lines"] == 1
    assert all(np.isnan(row[name]) for name in ("value", "model_value", *MEASURES))


def test_order_by_another_number(tree: Tree) -> None:
    rows = visible(tree, frozenset(), "dv01")
    assert rows["path"][1] == ("credit",)


def test_many_children_are_cut_and_still_add_up(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskplatform.ui.exposure_tree.MOST_CHILDREN", 3)
    rows = visible(tree, frozenset({("equity",), ("equity", "equity")}))
    shares = rows[rows["depth"] == 2]
    assert MOST_CHILDREN > 3
    assert shares["label"].iloc[-1].strip() == "5 others"
    parent = next(i for i, path in enumerate(rows["path"]) if path == ("equity", "equity"))
    assert shares["delta"].sum() == pytest.approx(rows["delta"][parent])


def test_a_spreadsheet_has_every_level(found: Exposures, tree: Tree) -> None:
    table = everything(tree)
    assert set(table["level"]) == {0, 1, 2, 3, 4}
    for _, part in table.groupby("level"):
        assert part["lines"].sum() == len(found.lines)
        assert part["dv01"].sum() == pytest.approx(found.totals()["dv01"])
    assert {BOND, OPTION} <= set(table["instrument_id"].dropna())


def test_a_slice_that_is_a_position_already(found: Exposures) -> None:
    assert tree_of(found, ("instrument_id",), (), {}).levels == ("instrument_id", "portfolio_id")
    by_book = tree_of(found, ("portfolio_id", "sector"), MEASURES, PLACES)
    rows = visible(by_book, frozenset({("LS.1",), ("LS.1", "Industrials")}))
    assert not [path for path in rows[rows["depth"] == 2]["path"] if path]


def test_toggle_opens_and_closes_with_all_below() -> None:
    opened = toggled(toggled(frozenset(), ("a",)), ("a", "b"))
    assert opened == {("a",), ("a", "b")}
    assert toggled(opened, ("a", "b")) == {("a",)}
    assert toggled(opened | {("c",)}, ("a",)) == {("c",)}


def test_nothing_held(small_desk: Desk) -> None:
    found = small_desk.exposures("FIRM", START - timedelta(days=1))
    rows = visible(tree_of(found, ("asset_class", "kind"), MEASURES, {}), frozenset())
    assert list(rows["label"]) == ["Total"]


@pytest.mark.parametrize(
    ("key", "name"),
    [("fixed_bond", "Fixed bond"), ("fx", "FX"), ("Energy", "Energy"), ("BBB", "BBB")],
)
def test_names_of_groups(key: str, name: str) -> None:
    assert group_name(key) == name
