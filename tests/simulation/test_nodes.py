"""Moves of factors as states: each kind of move on each kind of number, by its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation import MoveKind, factor_axis
from riskplatform.simulation.nodes import StateMaker, level_of, nodes_of, standing, state_maker
from tests.pricing.units.listed_market import AS_OF
from tests.simulation.cube_world import book_of, instruments

BOOK = book_of(instruments())
NODES = {node.factor_id: node for node in nodes_of(BOOK.layout)}
ONE_OF_EACH = ["spot.SHARE", "fx.EUR", "basis.GOLD.F", "zero.USD.OIS@2", "hazard.X@3",
               "price.MINUS.F", "carry.DIV.SHARE@1"]  # fmt: skip


def maker_of(factor_ids: list[str], kind: str | MoveKind) -> StateMaker:
    return state_maker(BOOK.layout, factor_axis(factor_ids, AS_OF, [kind] * len(factor_ids)))


def level_in(state: np.ndarray, factor_id: str) -> float:
    """By what the layout says of its numbers, without the code under test."""
    node = NODES[factor_id]
    number = float(state[node.column])
    logged = node.kind in (NodeKind.SPOT, NodeKind.FX, NodeKind.BASIS)
    return float(np.exp(number)) if logged else number


@pytest.mark.parametrize("factor_id", ONE_OF_EACH)
@pytest.mark.parametrize("kind", MoveKind)
def test_a_move_leads_to_the_level_that_its_kind_says(factor_id: str, kind: MoveKind) -> None:
    before = level_in(BOOK.layout.base, factor_id)
    moves = np.array([-0.011, 0.0, 0.004]) * (abs(before) if kind is MoveKind.ABSOLUTE else 1.0)
    after = {
        MoveKind.LOG: before * np.exp(moves),
        MoveKind.RELATIVE: before * (1 + moves),
        MoveKind.ABSOLUTE: before + moves,
    }[kind]
    states = maker_of([factor_id], kind).states(moves[:, None])
    found = [level_in(state, factor_id) for state in states]
    assert found == pytest.approx(after.tolist(), rel=1e-14)
    assert level_of(NODES[factor_id], states[0]) == pytest.approx(after[0], rel=1e-14)
    others = np.delete(states, NODES[factor_id].column, axis=1)
    assert (others == np.delete(BOOK.layout.base, NODES[factor_id].column)).all()


@pytest.mark.parametrize("kind", MoveKind)
def test_no_move_is_the_market_itself_to_the_last_bit(kind: MoveKind) -> None:
    only_added = () if kind is MoveKind.ABSOLUTE else ("vol.", "skew.")
    names = [name for name in NODES if not name.startswith(only_added)]
    states = maker_of(names, kind).states(np.zeros((2, len(names))))
    np.testing.assert_array_equal(states, BOOK.layout.states(2))


@pytest.mark.parametrize("name", ["vol.VOL.SHARE@1", "skew.VOL.SHARE@1"])
def test_a_shift_of_volatility_is_added(name: str) -> None:
    states = maker_of([name], MoveKind.ABSOLUTE).states(np.array([[0.05], [-0.02]]))
    assert states[:, NODES[name].column].tolist() == [0.05, -0.02]


@pytest.mark.parametrize("name", ["vol.VOL.SHARE@1", "skew.VOL.SHARE@1"])
@pytest.mark.parametrize("kind", [MoveKind.LOG, MoveKind.RELATIVE])
def test_a_volatility_that_would_not_move_at_all_is_refused(kind: MoveKind, name: str) -> None:
    with pytest.raises(UserInputError, match=r"VOL.SHARE@1 moves by .* 'absolute'"):
        maker_of([name], kind)


def test_what_stands_still_is_told_without_bases_and_all_skews_at_once() -> None:
    still = maker_of(["spot.SHARE"], "log").still
    told = standing(still)
    assert told.count("skew.*") == 1
    assert set(told) - {"skew.*"} == {
        name for name in NODES if not name.startswith(("basis.", "skew.")) and name != "spot.SHARE"
    }
    assert sum(name.startswith("skew.") for name in still) > 1
    assert standing([name for name in still if not name.startswith("skew.")]) == [
        name for name in told if name != "skew.*"
    ]


def test_a_hazard_rate_does_not_fall_below_zero() -> None:
    states = maker_of(["hazard.X@3"], MoveKind.ABSOLUTE).states(np.array([[-1.0], [0.01]]))
    assert states[:, NODES["hazard.X@3"].column].tolist() == [0.0, 0.015 + 0.01]


def test_a_price_below_zero_is_not_a_number_and_harms_no_other() -> None:
    states = maker_of(["spot.SHARE", "spot.BTC"], MoveKind.ABSOLUTE).states(
        np.array([[-150.0, 10.0]])
    )
    column = NODES["spot.SHARE"].column
    assert np.isnan(states[0, column])
    assert np.isfinite(np.delete(states[0], column)).all()


def test_a_factor_that_no_unit_reads_is_left_aside() -> None:
    moves = np.array([[0.03, 0.01, -0.02]])
    plain = maker_of(["spot.SHARE", "fx.EUR"], "log").states(moves[:, [0, 2]])
    more = maker_of(["spot.SHARE", "spot.UNKNOWN", "fx.EUR"], "log").states(moves)
    np.testing.assert_array_equal(more, plain)


def test_the_price_of_the_pivot_is_no_factor() -> None:
    assert "fx.USD" not in NODES
    states = maker_of(["fx.USD", "fx.EUR"], "log").states(np.array([[0.5, 0.1]]))
    assert states[0, BOOK.layout.place(NodeKind.FX, "USD")] == 0.0


def test_what_no_factor_moves_is_listed() -> None:
    still = maker_of(["spot.SHARE", "spot.UNKNOWN"], "log").still
    assert set(still) == set(NODES) - {"spot.SHARE"}


@given(order=st.permutations(ONE_OF_EACH), seed=st.integers(0, 1000))
def test_the_order_of_the_factors_does_not_matter(order: list[str], seed: int) -> None:
    moves = np.random.default_rng(seed).normal(0, 0.01, (3, len(order)))
    columns = [ONE_OF_EACH.index(name) for name in order]
    np.testing.assert_array_equal(
        maker_of(order, "log").states(moves[:, columns]), maker_of(ONE_OF_EACH, "log").states(moves)
    )
