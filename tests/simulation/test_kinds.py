"""Moves of the three kinds: taken, applied, and put one upon another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskplatform.errors import DataError, UnknownNameError
from riskplatform.simulation.kinds import (
    MoveKind,
    add_day,
    check_levels,
    kinds_with,
    move_kind,
    moves_between,
    shocked_levels,
)

ALL = (MoveKind.LOG, MoveKind.RELATIVE, MoveKind.ABSOLUTE)
LEVELS = arrays(np.float64, (1, 3), elements=st.floats(0.5, 200.0))


def test_a_move_by_hand() -> None:
    start, end = np.array([[100.0, 100.0, 0.03]]), np.array([[110.0, 110.0, 0.025]])
    moves = moves_between(start, end, ALL)
    assert moves[0] == pytest.approx([np.log(1.1), 0.1, -0.005])


@given(LEVELS, LEVELS)
def test_a_move_applied_to_its_start_gives_its_end(start: np.ndarray, end: np.ndarray) -> None:
    moves = moves_between(start, end, ALL)
    assert shocked_levels(start[0], moves, ALL) == pytest.approx(end, rel=1e-12)


@given(LEVELS, LEVELS, LEVELS)
def test_two_days_are_one_move_over_both(
    start: np.ndarray, middle: np.ndarray, end: np.ndarray
) -> None:
    total = moves_between(start, middle, ALL)
    add_day(total, moves_between(middle, end, ALL), ALL)
    assert total == pytest.approx(moves_between(start, end, ALL), rel=1e-9, abs=1e-12)


def test_kinds_are_chosen_by_factor_before_type() -> None:
    ids = ("EQ.MKT", "EQ.TEC", "IR.USD.OIS.10Y")
    kinds = kinds_with(ids, ALL, {"EQ": "relative", "EQ.TEC": "absolute"})
    assert kinds == (MoveKind.RELATIVE, MoveKind.ABSOLUTE, MoveKind.ABSOLUTE)


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="absolute"):
        move_kind("absolut")
    with pytest.raises(UnknownNameError, match=r"Did you mean EQ\.MKT"):
        kinds_with(("EQ.MKT",), (MoveKind.LOG,), {"EQ.MTK": "log"})


@pytest.mark.parametrize(("kind", "level"), [(MoveKind.LOG, -0.01), (MoveKind.RELATIVE, 0.0)])
def test_levels_that_cannot_move_so_are_refused_by_name(kind: MoveKind, level: float) -> None:
    with pytest.raises(DataError, match=r"IR\.EUR.*absolute"):
        check_levels(np.array([[0.01], [level]]), ["IR.EUR"], [kind])
