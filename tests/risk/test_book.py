"""The book of risk: gains by plain loops, nodes of several roots, slices, what is not there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.risk.book import EVERYTHING, RiskBook, tree_rows
from tests.risk.limits.small_book import CURRENCIES, HOLDINGS, IDS, small_book

BOOK = small_book()


def by_hand(book: RiskBook, leaves: set[str], view: str) -> np.ndarray:
    """Gains of what leaves hold, number by number: U is in each unit's own currency."""
    table = book.view(view).cube.cube.values
    euro = np.asarray(table[-1, 2:], dtype=np.float64)
    out = np.zeros(table.shape[1] - 2)
    for leaf in leaves:
        for name, quantity in HOLDINGS[leaf].items():
            row = IDS.index(name)
            value, gains = float(table[row, 0]), np.asarray(table[row, 2:], dtype=np.float64)
            if np.isnan(value):
                continue
            for place in range(out.size):
                if CURRENCIES[row] == "USD":
                    out[place] += quantity * gains[place]
                else:
                    later = 1.1 * (1.0 + euro[place])
                    out[place] += quantity * ((value + gains[place]) * later - value * 1.1)
    return out


@pytest.mark.parametrize("view", ["historical", "drawn", "shocks"])
@pytest.mark.parametrize(
    ("node", "leaves"),
    [
        (None, {"growth", "value", "macro", "other"}),
        ("firm", {"growth", "value", "macro", "other"}),
        ("fund", {"growth", "value"}),
        ("value", {"value"}),
        ("other", {"other"}),
    ],
)
def test_a_node_gains_what_its_leaves_hold(node: str | None, leaves: set[str], view: str) -> None:
    expected = by_hand(BOOK, leaves, view)
    assert BOOK.gains(node, view) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    row = BOOK.all_gains(view)[BOOK.row(node)]
    assert row == pytest.approx(expected, rel=1e-6, abs=1e-6)
    held = BOOK.held_by(node)
    for place, name in enumerate(IDS):
        assert held[place] == sum(HOLDINGS[leaf].get(name, 0.0) for leaf in leaves)


def test_sums_over_scenarios_are_those_of_the_units_matrix() -> None:
    rng = np.random.default_rng(1)
    for name in ("historical", "shocks"):
        view = BOOK.view(name)
        weights = rng.normal(size=(len(view.labels), 4))
        for currency in ("USD", "EUR"):
            seen = view.cube.weighed(weights, currency)
            units = view.cube.units(currency)
            assert seen == pytest.approx(units @ weights, rel=1e-12, abs=1e-9)
            # Only where it is wanted, of weights that are nothing in most scenarios.
            few = sparse.csc_matrix(np.where(rng.random(weights.shape) < 0.5, weights, 0.0))
            wanted = sparse.csr_matrix(rng.random((len(units), 4)) < 0.4, dtype=np.float64)
            found = view.cube.weighed_where(few, wanted, currency)
            rows, columns = wanted.nonzero()
            expected = (units @ few.toarray())[rows, columns]
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_worth_is_value_in_the_base_currency() -> None:
    cube = BOOK.view().cube
    assert cube.worth("USD")[:4] == pytest.approx([100.0, 50.0, 22.0, 10.0])
    assert cube.worth("EUR")[0] == pytest.approx(100.0 / 1.1)
    assert np.isnan(cube.worth("USD")[4])
    held = BOOK.held_by("value")
    assert BOOK.view().worth(held) == pytest.approx(400 * 50.0 + 1_000 * 22.0 + 1_000 * 1.1)


def test_parents_come_before_children_and_several_roots_have_one_above_them() -> None:
    tree = PortfolioTree(
        PortfolioNode(portfolio_id=name, name=name, parent_id=parent)
        for name, parent in (("one", None), ("a", "one"), ("b", "one"), ("two", None), ("bm", None))
    )
    nodes, below = tree_rows(tree, ("a", "b", "two"))
    assert nodes == (EVERYTHING, "one", "a", "b", "two")
    assert below.toarray().tolist() == [
        [1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]
    ]  # fmt: skip
    alone, rows = tree_rows(tree, ("a",))
    assert (alone, rows.toarray().tolist()) == (("one", "a"), [[1], [1]])
    book = replace(
        BOOK, tree=tree, nodes=nodes, leaves=("a", "b", "two"), below=below,
        holdings=BOOK.holdings[:3],
    )  # fmt: skip
    assert book.named(0) is None
    assert book.parent("one") == EVERYTHING
    assert book.parent("a") == "one"
    assert book.held_by(None) == pytest.approx(BOOK.holdings[:3].toarray().sum(axis=0))


def test_slices_hold_all_that_the_node_does() -> None:
    names, held = BOOK.sliced("sector", "fund")
    assert names == ("Energy", "Tech", "unclassified")
    assert np.asarray(held.sum(axis=0)).ravel() == pytest.approx(BOOK.held_by("fund"))
    names, held = BOOK.sliced("portfolio")
    assert set(names) == {"fund", "macro", "other"}
    names, _ = BOOK.sliced("portfolio_id")
    assert names == BOOK.leaves
    with pytest.raises(UnknownNameError, match="sectr") as error:
        BOOK.sliced("sectr")
    assert "sector" in str(error.value.hint)


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(UnknownNameError, match="fnd"):
        BOOK.gains("fnd")
    with pytest.raises(MissingDataError, match="empty holds nothing on 2026-03-06"):
        BOOK.held_by("empty")
    with pytest.raises(UnknownNameError, match="scenario set"):
        BOOK.view("historicl")
    with pytest.raises(UnknownNameError, match="instrument"):
        BOOK.place("AAB")
    with pytest.raises(MissingDataError, match="without values and exposures"):
        _ = replace(BOOK, facts=None).known
    with pytest.raises(MissingDataError, match="no scenarios"):
        replace(BOOK, views={}).view()
