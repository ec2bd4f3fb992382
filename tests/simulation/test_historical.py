"""Historical, age-weighted and volatility-scaled sets, against sums written out here."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, UserInputError
from riskplatform.simulation import (
    AgeWeighted,
    Historical,
    VolatilityScaled,
    age_weighted_set,
    factor_history,
    historical_set,
    volatility_scaled_set,
)
from tests.simulation.worlds import history_of

MOVES = np.random.default_rng(5).normal(0.0, 0.01, (300, 3)) * np.array([1.0, 2.0, 0.5])
HISTORY = history_of(MOVES)


def test_each_day_is_a_scenario() -> None:
    made = historical_set(HISTORY)
    assert made.moves == pytest.approx(MOVES)
    assert made.labels[-1] == str(HISTORY.dates[-1])
    assert (made.weights == 1.0 / 300.0).all()
    assert made.seed is None


@given(st.integers(1, 60))
def test_overlapping_windows_are_rolling_sums(horizon: int) -> None:
    made = historical_set(HISTORY, Historical(horizon_days=horizon))
    sums = np.cumsum(np.vstack([np.zeros(3), MOVES]), axis=0)
    assert made.moves == pytest.approx(sums[horizon:] - sums[:-horizon], abs=1e-12)
    apart = historical_set(HISTORY, Historical(horizon_days=horizon, overlapping=False))
    assert len(apart) == 300 // horizon
    used = (300 // horizon) * horizon
    assert apart.moves.sum(axis=0) == pytest.approx(MOVES[-used:].sum(axis=0), abs=1e-9)


def test_kinds_by_factor_type() -> None:
    days = np.datetime64("2024-01-01") + np.arange(2)
    history = factor_history([[100.0, 2.0], [120.0, 2.5]], days, ["EQ.A", "IR.B"])
    made = historical_set(history, Historical(kinds=(("EQ", "relative"), ("IR.B", "absolute"))))
    assert made.moves[0] == pytest.approx([0.2, 0.5])
    assert made.levels([100.0, 2.0])[0] == pytest.approx([120.0, 2.5])


def test_the_window_takes_the_newest() -> None:
    made = historical_set(HISTORY, Historical(window_days=50, horizon_days=3))
    assert len(made) == 50
    assert made.moves[-1] == pytest.approx(MOVES[-3:].sum(axis=0))
    with pytest.raises(DataError, match="history has 301"):
        historical_set(HISTORY, Historical(window_days=301))


def test_age_weights_are_those_of_the_paper() -> None:
    decay, n = 0.98, 300
    made = age_weighted_set(HISTORY, AgeWeighted(decay=decay))
    age = np.arange(1, n + 1)[::-1]
    assert made.weights == pytest.approx(decay ** (age - 1) * (1 - decay) / (1 - decay**n))
    even = age_weighted_set(HISTORY, AgeWeighted(decay=1.0))
    assert even.weights == pytest.approx(np.full(n, 1.0 / n))
    assert made.effective_sample_size == pytest.approx(
        (1 + decay) / (1 - decay) * (1 - decay**n) / (1 + decay**n)
    )


def test_scaling_by_exponential_weights() -> None:
    recipe = VolatilityScaled(decay=0.9, warm_up_days=20)
    made = volatility_scaled_set(HISTORY, recipe)
    variance, before = (MOVES[:20] ** 2).mean(axis=0), []
    for move in MOVES[20:]:
        before.append(variance)
        variance = 0.9 * variance + 0.1 * move**2
    assert made.moves == pytest.approx(MOVES[20:] * np.sqrt(variance / np.array(before)))
    assert "first 20 daily moves" in made.notes[-1]


def test_the_scale_of_a_day_does_not_know_that_day() -> None:
    """Poison one day: no scaled scenario before it changes but by today's volatility."""
    poisoned = MOVES.copy()
    poisoned[200, 0] = 0.5
    recipe = VolatilityScaled()
    one = volatility_scaled_set(HISTORY, recipe).moves[:, 0]
    other = volatility_scaled_set(history_of(poisoned), recipe).moves[:, 0]
    ratio = other[:180] / one[:180]
    assert ratio == pytest.approx(np.full(180, ratio[0]))


def test_scaled_moves_have_todays_volatility() -> None:
    """A world whose volatility doubles: plain history is too calm, the scaled one is not."""
    rng = np.random.default_rng(2)
    moves = (
        rng.normal(0.0, 0.01, (2_000, 1)) * np.where(np.arange(2_000) < 1_500, 1.0, 2.0)[:, None]
    )
    made = volatility_scaled_set(history_of(moves), VolatilityScaled(decay=0.97))
    # The EWMA of 0.97 has about 65 days in it: 9% of sampling error for its own last value.
    assert made.moves.std() == pytest.approx(0.02, rel=0.25)
    assert historical_set(history_of(moves)).moves.std() < 0.0145


def test_a_volatility_of_ones_own_over_several_days() -> None:
    own = np.full((301, 3), 0.01)
    own[-1] = 0.02
    made = volatility_scaled_set(HISTORY, VolatilityScaled(horizon_days=5), volatility=own)
    plain = historical_set(HISTORY, Historical(horizon_days=5))
    assert made.moves == pytest.approx(2.0 * plain.moves)
    assert "volatility" in made.inputs
    recipe = VolatilityScaled(window_days=10)
    assert len(volatility_scaled_set(HISTORY, recipe, volatility=own)) == 10
    for bad in (own[1:], np.zeros_like(own)):
        with pytest.raises(DataError, match="volatility"):
            volatility_scaled_set(HISTORY, volatility=bad)


def test_a_factor_that_never_moves_stays_and_is_named() -> None:
    moves = MOVES.copy()
    moves[:, 1] = 0.0
    made = volatility_scaled_set(history_of(moves))
    assert (made.moves[:, 1] == 0.0).all()
    assert any("never vary" in note and "F.1" in note for note in made.notes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Historical(horizon_days=0),
        lambda: Historical(window_days=0),
        lambda: AgeWeighted(decay=0.0),
        lambda: AgeWeighted(decay=1.1),
        lambda: VolatilityScaled(decay=1.0),
        lambda: VolatilityScaled(warm_up_days=1),
    ],
)
def test_choices_that_cannot_be_are_refused(make: object) -> None:
    with pytest.raises(UserInputError):
        make()  # type: ignore[operator]


def test_too_short_for_the_warm_up() -> None:
    with pytest.raises(DataError, match="21 moves over 1 days are needed"):
        volatility_scaled_set(history_of(MOVES[:15]))
