"""Shapes of curve moves, at tenors where they can be said in words."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.stress.curve_shapes import bend, long_end, rate_moves, short_end, tilt
from tests.stress.stress_world import scenario

YEARS = np.array([0.25, 2.0, 4.0, 5.0, 6.0, 10.0, 30.0])


def shape(text: str) -> list[float]:
    (shock,) = scenario(f"shocks:\n  - rates: all\n{text}").shocks
    return [round(move * 1e4, 9) for move in rate_moves(shock, YEARS).tolist()]


def test_a_tilt_turns_about_the_middle() -> None:
    assert tilt(YEARS).tolist() == pytest.approx([-0.5, -0.5, -0.25, -0.125, 0.0, 0.5, 0.5])
    assert shape("    tilt: +80 bp\n    between: [5y, 10y]\n") == [-40, -40, -40, -40, -24, 40, 40]


def test_a_bend_lifts_the_middle_alone() -> None:
    assert bend(YEARS).tolist() == pytest.approx([0, 0, 2 / 3, 1, 0.8, 0, 0])
    around = shape("    bend: +10 bp\n    around: 4y\n")
    assert around == pytest.approx([0, 0, 10, 10 * 5 / 6, 10 * 4 / 6, 0, 0])


def test_short_and_long_ends_are_what_is_left_of_each_other() -> None:
    assert (short_end(YEARS) + long_end(YEARS)).tolist() == pytest.approx([1.0] * 7)
    assert short_end(np.array([4.0]))[0] == pytest.approx(np.exp(-1.0))
    assert short_end(np.array([1.0]), 0.5)[0] == pytest.approx(np.exp(-2.0))


def test_tenors_are_joined_by_straight_lines_and_flat_beyond() -> None:
    assert shape("    tenors: {2y: +10 bp, 5y: +40 bp}\n") == [10, 10, 30, 40, 40, 40, 40]


def test_parts_of_one_shock_add_up() -> None:
    together = shape(
        "    tilt: +80 bp\n    bend: +10 bp\n    short: +5 bp\n    tenors: {1y: 1 bp}\n"
    )
    parts = [
        shape(f"    {text}\n")
        for text in ("tilt: +80 bp", "bend: +10 bp", "short: +5 bp", "tenors: {1y: 1 bp}")
    ]
    assert together == pytest.approx(np.sum(parts, axis=0).tolist())
