"""A node's risk by slice, place, position and factor: alone, as a component, without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.risk.factor_parts import UNEXPLAINED, factor_risk, taylor_blocks
from riskplatform.risk.measures import volatility
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.slices import sliced_risk
from riskplatform.risk.taylor import TaylorMoves
from tests.risk.limits.small_book import IDS, Traded, small_book

BOOK = small_book(days=250)
BYS = ["asset_class", "sector", "instrument_id", "portfolio", "portfolio_id", "currency"]


@pytest.mark.parametrize("by", BYS)
@pytest.mark.parametrize("node", [None, "fund", "macro"])
def test_the_parts_are_the_whole(by: str, node: str | None) -> None:
    found = sliced_risk(BOOK, by, node, "drawn", 0.95)
    gains = BOOK.gains(node, "drawn")
    whole = var_and_es(gains, 0.95)
    expected = [float(volatility(gains)), float(whole.var), float(whole.es)]
    assert found.parts.totals == pytest.approx(expected)
    assert found.parts.is_whole
    assert found.parts.components.sum(axis=0) == pytest.approx(expected, rel=1e-10)
    names, held = BOOK.sliced(by, node)
    assert found.parts.items == names
    for place in range(len(names)):
        own = BOOK.view("drawn").of(held[place])[0]
        alone, without = var_and_es(own, 0.95), var_and_es(gains - own, 0.95)
        assert found.standalone[place] == pytest.approx(
            [float(volatility(own)), float(alone.var), float(alone.es)], abs=1e-6
        )
        assert found.parts.without is not None
        assert found.parts.without[place] == pytest.approx(
            [float(without.var), float(without.es)], abs=1e-6
        )
    frame = found.to_frame("es")
    assert frame[by].tolist()[0] in names
    assert frame["es"].abs().is_monotonic_decreasing
    ratio = found.standalone[:, 2].sum() / expected[2]
    assert found.diversification["es"] == pytest.approx(ratio)
    assert found.to_dict()["items"][0][by] in names


def test_the_tail_names_what_drove_it() -> None:
    found = sliced_risk(BOOK, "instrument_id", "fund", "historical", 0.95, shown=2, drivers=2)
    gains = BOOK.gains("fund", "historical")
    worst = np.argsort(gains)[:2]
    units = BOOK.view("historical").cube.units("USD") * BOOK.held_by("fund")[:, None]
    for scenario, place in zip(found.parts.tail, worst, strict=True):
        assert scenario.label == f"day {place}"
        assert scenario.loss == pytest.approx(-gains[place])
        names = [IDS[i] for i in np.argsort(units[:, place])[:2]]
        assert [name for name, _ in scenario.drivers] == names


def test_a_book_as_it_would_be_is_taken_apart_too() -> None:
    state = Traded.of(BOOK, {"growth": {"EEE": 500.0, "CASH.USD": -11_000.0}})
    for by in BYS:
        found = sliced_risk(state, by, "fund", "drawn", 0.95)
        expected = var_and_es(state.gains("fund", "drawn"), 0.95)
        assert found.parts.totals[2] == pytest.approx(float(expected.es))
        assert found.parts.is_whole
    lines = sliced_risk(state, "instrument_id", "growth", "drawn", 0.95)
    assert "EEE" in lines.parts.items
    assert "EEE" not in sliced_risk(BOOK, "instrument_id", "growth", "drawn", 0.95).parts.items


def test_what_cannot_be_sliced_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="slice named 'sectr'") as error:
        sliced_risk(BOOK, "sectr", None, "drawn", 0.95)
    assert "sector" in str(error.value.hint)
    with pytest.raises(UserInputError, match="stand for themselves"):
        sliced_risk(BOOK, "sector", None, "shocks", 0.5)
    with pytest.raises(UnknownNameError, match="measure"):
        sliced_risk(BOOK, "sector", None, "drawn", 0.95).to_frame("vars")


def relative_moves() -> TaylorMoves:
    """The drawn moves of the three shares in relative terms, and of the euro against the dollar."""
    table = np.asarray(BOOK.view("drawn").cube.cube.values[:, 2:], dtype=np.float64)
    shares = table[:3] / np.array([[100.0], [50.0], [20.0]])
    moves = np.concatenate([shares, table[-1:]]).T
    places = {(NodeKind.SPOT, name, 0.0): i for i, name in enumerate(IDS[:3])}
    return TaylorMoves(moves, {**places, (NodeKind.FX, "EUR", 0.0): 3}, 1)


def test_factors_and_what_they_do_not_explain_are_the_whole() -> None:
    moves = relative_moves()
    found = factor_risk(BOOK, "factor", moves, "value", "drawn", 0.95)
    assert found.parts.items == ("delta BBB", "delta EEE", UNEXPLAINED)
    gains = BOOK.gains("value", "drawn")
    expected = var_and_es(gains, 0.95)
    assert found.parts.totals[1:] == pytest.approx([float(expected.var), float(expected.es)])
    assert found.parts.is_whole
    assert "Taylor" in found.note
    # By hand: 400 BBB at 50, 1,000 EEE at 22 dollars; the euro is in no exposure of this book.
    taylor = 20_000.0 * moves.moves[:, 1] + 22_000.0 * moves.moves[:, 2]
    rest = gains - taylor
    worst = np.argsort(gains)[: round(0.05 * gains.size)]
    assert found.parts.components[2, 2] == pytest.approx(-rest[worst].mean(), rel=1e-9)
    kinds = factor_risk(BOOK, "measure", moves, "value", "drawn", 0.95)
    assert kinds.parts.items == ("delta", UNEXPLAINED)
    assert kinds.parts.components[0] == pytest.approx(found.parts.components[:2].sum(axis=0))
    with pytest.raises(UnknownNameError, match="factor slice"):
        factor_risk(BOOK, "sector", moves, "value", "drawn", 0.95)


def test_curvature_and_time_are_items_of_their_own() -> None:
    columns = pd.DataFrame(
        {"measure": ["delta", "gamma", "theta"], "factor_id": ["AAA", "AAA", "time"],
         "years": [np.nan] * 3}
    )  # fmt: skip
    moves = TaylorMoves(np.array([[0.02], [-0.01]]), {(NodeKind.SPOT, "AAA", 0.0): 0}, 1)
    total = np.array([7.0, -7.0])
    blocks = list(taylor_blocks(np.array([1_000.0, 50.0, -3.0]), columns, moves, total, "factor"))
    items = {
        name: gains
        for names, block in blocks
        for name, gains in zip(names, np.asarray(block), strict=True)
    }
    assert items["delta AAA"].tolist() == pytest.approx([20.0, -10.0])
    # Delta changes by 50 for 1 %: half of 50 / 1 % times the move squared.
    assert items["gamma AAA"].tolist() == pytest.approx([1.0, 0.25])
    assert items["theta time"].tolist() == [-3.0, -3.0]
    assert items[UNEXPLAINED].tolist() == pytest.approx([7.0 - 18.0, -7.0 + 12.75])


@given(st.sampled_from(BYS), st.sampled_from([None, "fund", "other"]), st.floats(0.7, 0.99))
def test_components_sum_at_any_confidence(by: str, node: str | None, confidence: float) -> None:
    found = sliced_risk(BOOK, by, node, "drawn", confidence, incremental=False)
    size = np.abs(found.parts.components).sum() + 1.0
    assert found.parts.components[:, [0, 2]].sum(axis=0) == pytest.approx(
        found.parts.totals[[0, 2]], abs=1e-10 * size
    )
