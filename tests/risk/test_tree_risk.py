"""Every node's risk at once: against one node at a time, sums of parts, and what must hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.risk.book import RiskBook
from riskplatform.risk.intervals import sampling_intervals
from riskplatform.risk.measures import volatility
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.tree_risk import TreeRisk, all_nodes_risk
from tests.risk.limits.small_book import IDS, Traded, small_book

BOOK = small_book(days=250)
CONFIDENCES = st.floats(0.6, 0.99)
HELD = st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 2)), min_size=28, max_size=28)


def holding(book: RiskBook, quantities: list[float]) -> RiskBook:
    """The same tree and scenarios with other quantities in its leaves."""
    table = np.array(quantities).reshape(4, len(IDS))
    held = sparse.csr_matrix(table)
    views = {name: replace(view, gains=view.of(held)) for name, view in book.views.items()}
    return replace(book, holdings=held, views=views)


def es_of(found: TreeRisk) -> dict[str, float]:
    return dict(zip(found.nodes, found.figures[:, 2], strict=True))


@pytest.mark.parametrize("view", ["historical", "drawn"])
def test_each_node_has_its_own_figures(view: str) -> None:
    found = all_nodes_risk(BOOK, view, 0.95)
    rows = found.to_frame().set_index("portfolio_id")
    for node in BOOK.nodes:
        gains = BOOK.gains(node, view)
        expected = var_and_es(gains, 0.95)
        ends = sampling_intervals(gains, 0.95)
        row = rows.loc[node]
        assert row["volatility"] == pytest.approx(float(volatility(gains)))
        assert (row["var"], row["es"]) == pytest.approx((float(expected.var), float(expected.es)))
        assert (row["var_low"], row["var_high"]) == pytest.approx((ends.var.low, ends.var.high))
        assert (row["es_low"], row["es_high"]) == pytest.approx((ends.es.low, ends.es.high))
    assert rows.loc["growth", "parent_id"] == "fund"
    assert rows["parent_id"].isna().tolist() == [True] + [False] * (len(rows) - 1)


def test_components_of_children_and_positions_add_up() -> None:
    found = all_nodes_risk(BOOK, "drawn", 0.975, with_positions=True)
    place = {node: i for i, node in enumerate(found.nodes)}
    for node, children in {
        "firm": ["fund", "macro", "other"],
        "fund": ["growth", "value"],
    }.items():
        together = found.components[[place[child] for child in children]].sum(axis=0)
        assert together == pytest.approx(found.components[place[node]], rel=1e-10, abs=1e-10)
    assert found.components[0] == pytest.approx(found.figures[0], rel=1e-10)
    assert found.positions is not None
    for node in found.nodes:
        rows = found.positions_frame(node)
        sums = rows[["volatility", "var", "es"]].sum().to_numpy()
        assert sums == pytest.approx(found.figures[place[node]], rel=1e-10, abs=1e-10)
        held = dict(zip(rows["instrument_id"], rows["quantity"], strict=True))
        quantities = BOOK.held_by(node)
        assert held == {IDS[i]: quantities[i] for i in np.flatnonzero(quantities)}
    assert found.to_dict()["nodes"][0]["portfolio_id"] == "firm"


def test_a_book_as_it_would_be_is_measured_too() -> None:
    state = Traded.of(BOOK, {"growth": {"AAA": 100.0, "CASH.USD": -10_000.0}})
    found = all_nodes_risk(state, "historical", 0.95, with_positions=True)
    expected = var_and_es(state.gains("growth", "historical"), 0.95)
    row = found.to_frame().set_index("portfolio_id").loc["growth"]
    assert row["es"] == pytest.approx(float(expected.es))
    lines = found.positions_frame("growth").set_index("instrument_id")
    assert lines.loc["AAA", "quantity"] == 400.0
    assert lines["es"].sum() == pytest.approx(float(expected.es))


def test_scenarios_that_cannot_carry_a_quantile_are_refused() -> None:
    with pytest.raises(UserInputError, match="99; it lies between 0 and 1") as error:
        all_nodes_risk(BOOK, "drawn", 99)
    assert "0.99" in str(error.value.hint)
    with pytest.raises(UserInputError, match="stand for themselves"):
        all_nodes_risk(BOOK, "shocks", 0.5)
    with pytest.raises(
        MissingDataError, match=r"10 scenarios hold 0\.1 in the tail.*100 scenarios"
    ):
        all_nodes_risk(small_book(days=10), "historical", 0.99)


def test_what_does_not_move_has_no_risk_and_no_part_of_one() -> None:
    still = holding(BOOK, [0.0] * 5 + [100.0, 0.0] + [0.0] * 21)
    found = all_nodes_risk(still, "historical", 0.95, with_positions=True)
    assert not found.figures.any()
    assert not found.components.any()
    assert np.isfinite(found.to_frame()["es_share"]).all()


@given(HELD, CONFIDENCES, CONFIDENCES)
def test_es_is_at_least_var_and_both_rise_with_confidence(
    quantities: list[float], one: float, other: float
) -> None:
    book = holding(BOOK, quantities)
    low, high = (all_nodes_risk(book, "drawn", each) for each in sorted((one, other)))
    assert (low.figures[:, 2] >= low.figures[:, 1]).all()
    size = 1e-9 * np.abs(high.figures).max()
    assert (high.figures[:, 1:] >= low.figures[:, 1:] - size).all()


@given(HELD, st.sampled_from([0.5, 4.0, 1024.0]))
def test_twice_the_holdings_are_twice_the_risk(quantities: list[float], factor: float) -> None:
    plain = all_nodes_risk(holding(BOOK, quantities), "drawn", 0.95)
    scaled = all_nodes_risk(holding(BOOK, [factor * q for q in quantities]), "drawn", 0.95)
    assert scaled.figures == pytest.approx(factor * plain.figures, rel=1e-12, abs=1e-9)
    assert scaled.components == pytest.approx(factor * plain.components, rel=1e-9, abs=1e-6)


@given(HELD, CONFIDENCES)
def test_the_es_of_a_node_is_no_more_than_that_of_its_parts(
    quantities: list[float], confidence: float
) -> None:
    found = es_of(all_nodes_risk(holding(BOOK, quantities), "historical", confidence))
    scale = 1e-9 * sum(abs(each) for each in found.values()) + 1e-9
    assert found["fund"] <= found["growth"] + found["value"] + scale
    assert found["firm"] <= found["fund"] + found["macro"] + found["other"] + scale


@given(HELD, CONFIDENCES)
def test_components_sum_whatever_is_held(quantities: list[float], confidence: float) -> None:
    found = all_nodes_risk(holding(BOOK, quantities), "drawn", confidence, with_positions=True)
    table = found.positions_frame()
    whole = table[table["portfolio_id"] == "firm"][["volatility", "es"]].sum().to_numpy()
    size = np.abs(table[["volatility", "es"]].to_numpy()).sum() + 1.0
    assert whole == pytest.approx(found.figures[0, [0, 2]], abs=1e-10 * size)
    if not found.failures:
        assert float(table[table["portfolio_id"] == "firm"]["var"].sum()) == pytest.approx(
            found.figures[0, 1], abs=1e-10 * (size + np.abs(table["var"]).sum())
        )


@given(HELD, st.randoms(use_true_random=False))
def test_the_order_of_scenarios_does_not_matter(quantities: list[float], rng: object) -> None:
    book = holding(BOOK, quantities)
    view = book.view("drawn")
    order = np.arange(len(view.labels))
    rng.shuffle(order)  # type: ignore[attr-defined]
    cube = view.cube.cube
    columns = np.concatenate([[0, 1], 2 + order])
    labels = tuple(cube.column_labels[i] for i in columns)
    moved: Any = cube.values[:, columns]
    turned = replace(cube, values=moved, column_labels=labels)
    other = replace(
        view, cube=replace(view.cube, cube=turned), gains=view.gains[:, order]
    )  # fmt: skip
    plain = all_nodes_risk(book, "drawn", 0.9)
    again = all_nodes_risk(replace(book, views={"drawn": other}), "drawn", 0.9)
    size = np.abs(plain.figures).max() + 1.0
    assert again.figures == pytest.approx(plain.figures, abs=1e-10 * size)
    assert again.components == pytest.approx(plain.components, abs=1e-8 * size)


@given(HELD)
def test_the_order_of_leaves_does_not_matter(quantities: list[float]) -> None:
    book = holding(BOOK, quantities)
    order = [2, 0, 3, 1]
    views = {"drawn": replace(book.view("drawn"), gains=book.view("drawn").gains[order])}
    turned = replace(
        book, leaves=tuple(book.leaves[i] for i in order), below=book.below[:, order],
        holdings=book.holdings[order], views=views,
    )  # fmt: skip
    plain, again = (all_nodes_risk(each, "drawn", 0.9) for each in (book, turned))
    size = np.abs(plain.figures).max() + 1.0
    assert again.figures == pytest.approx(plain.figures, abs=1e-10 * size)


@given(HELD, CONFIDENCES)
def test_each_scenario_twice_at_half_its_weight_changes_nothing(
    quantities: list[float], confidence: float
) -> None:
    # The drawn set is the history twice: all weights are half of those there.
    book = holding(BOOK, quantities)
    once, twice = (all_nodes_risk(book, name, confidence) for name in ("historical", "drawn"))
    size = np.abs(once.figures).max() + 1.0
    assert twice.figures[:, 1:] == pytest.approx(once.figures[:, 1:], abs=1e-9 * size)
