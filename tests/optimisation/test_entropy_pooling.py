"""Entropy pooling: Jaynes' die, another library, and what the answer must be like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UserInputError
from riskplatform.optimisation.entropy_pooling import (
    Pooled,
    Statement,
    entropy_pooling,
    pooled_opinions,
)

FACES = np.arange(1.0, 7.0)
EVEN = np.full(6, 1 / 6)


def pooled(*statements: Statement, prior: np.ndarray = EVEN, confidence: float = 1.0) -> Pooled:
    found = entropy_pooling(statements, prior, confidence)
    assert isinstance(found, Pooled), found
    return found


def test_the_die_of_jaynes() -> None:
    found = pooled(Statement(FACES, 4.5))
    expected = [0.05435, 0.07877, 0.11416, 0.16545, 0.23977, 0.34749]
    assert found.shares == pytest.approx(expected, abs=5e-6)
    assert found.multipliers == pytest.approx([0.371049], abs=5e-7)
    assert found.divergence == pytest.approx(0.178178, abs=5e-7)


@given(st.integers(0, 1000), st.floats(-0.6, 0.6), st.floats(0.5, 1.8))
def test_the_views_hold_and_no_other_probabilities_are_closer(
    seed: int, mean: float, square: float
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(200)
    prior = rng.dirichlet(np.ones(200))
    centre, spread = float(prior @ x), float(prior @ x**2)
    views = [Statement(x, centre + 0.3 * mean), Statement(x**2, spread * square)]
    found = entropy_pooling(views, prior)
    if isinstance(found, Failure):
        assert square * spread < (centre + 0.3 * mean) ** 2 + 0.05
        return
    for view in views:
        assert found.shares @ view.values == pytest.approx(view.target, abs=1e-8)
    # Any other that fits differs by a direction that keeps the views; none may be closer.
    rows = np.stack([np.ones(200), x, x**2])
    noise = rng.standard_normal(200) * found.shares
    noise -= rows.T @ np.linalg.lstsq(rows @ rows.T, rows @ noise, rcond=None)[0]
    step = 0.3 * (found.shares / np.maximum(np.abs(noise), 1e-300)).min()
    other = found.shares + step * noise
    assert np.sum(other * np.log(other / prior)) >= found.divergence - 1e-12


def test_an_inequality_that_holds_already_changes_nothing() -> None:
    assert pooled(Statement(FACES, 4.0, "at most")).shares == pytest.approx(EVEN)
    binding = pooled(Statement(FACES, 4.5, "at least"))
    assert binding.shares == pytest.approx(pooled(Statement(FACES, 4.5)).shares)


def test_of_two_inequalities_only_the_one_that_binds_counts() -> None:
    found = pooled(Statement(FACES, 4.5, "at least"), Statement(FACES**2, 80.0, "at most"))
    assert found.shares == pytest.approx(pooled(Statement(FACES, 4.5)).shares)
    assert found.multipliers[1] == 0.0


def test_confidence_mixes_with_the_prior() -> None:
    whole = pooled(Statement(FACES, 4.5)).shares
    assert pooled(Statement(FACES, 4.5), confidence=0.25).shares == pytest.approx(
        0.25 * whole + 0.75 * EVEN
    )
    assert pooled(Statement(FACES, 4.5), confidence=0.0).divergence == pytest.approx(0.0)


def test_what_no_probabilities_can_fit_is_said() -> None:
    found = entropy_pooling([Statement(FACES, 7.0, name="mean")], EVEN)
    assert isinstance(found, Failure)
    assert "between 1 and 6" in found.message
    both = [Statement(FACES, 2.0, name="low"), Statement(FACES, 5.0, name="high")]
    assert isinstance(entropy_pooling(both, EVEN), Failure)


def test_opinions_are_mixed_by_their_weights() -> None:
    one, other = pooled(Statement(FACES, 4.5)).shares, EVEN
    assert pooled_opinions([one, other], [3.0, 1.0]) == pytest.approx(0.75 * one + 0.25 * other)
    with pytest.raises(UserInputError):
        pooled_opinions([one], [0.5, 0.5])


def test_bad_input_is_refused() -> None:
    with pytest.raises(UserInputError):
        Statement(FACES, 4.5, "about")
    with pytest.raises(UserInputError):
        entropy_pooling([Statement(FACES, 4.5)], np.ones(5))
    with pytest.raises(UserInputError):
        entropy_pooling([], [-1.0, 2.0])


def test_a_large_set_of_scenarios_is_no_trouble() -> None:
    x = np.random.default_rng(4).standard_normal((20, 50_000))
    views = [Statement(row, 0.1) for row in x]
    found = pooled(*views, prior=np.ones(50_000))
    assert x @ found.shares == pytest.approx(np.full(20, 0.1), abs=1e-9)
    assert found.effective > 20_000
