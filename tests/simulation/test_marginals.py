"""Marginals and their tails, against SciPy's generalised Pareto distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskplatform.errors import DataError
from riskplatform.simulation import fit_marginals
from riskplatform.simulation.gpd import LARGEST_SHAPE, Pareto, fit_pareto, pareto_quantile
from tests.simulation.worlds import equicorrelation, t_moves

MOVES = t_moves(2_000, 4.0, equicorrelation(2, 0.5), 1)


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.15, 0.4])
def test_the_fit_is_the_likelihoods_maximum(shape: float) -> None:
    excesses = stats.genpareto.rvs(shape, scale=0.02, size=800, random_state=1)
    found = fit_pareto(excesses)
    theirs = stats.genpareto.fit(excesses, floc=0.0)
    ours = stats.genpareto.logpdf(excesses, found.shape, scale=found.scale).sum()
    best = stats.genpareto.logpdf(excesses, theirs[0], scale=theirs[2]).sum()
    assert ours >= best - 1e-4
    # Asymptotic standard error of the shape: (1 + shape) / sqrt(n).
    assert found.shape == pytest.approx(shape, abs=4.0 * (1.0 + shape) / np.sqrt(800))


@given(st.floats(-0.4, 0.9), st.floats(1e-4, 10.0))
def test_quantiles_are_those_of_scipy(shape: float, scale: float) -> None:
    survival = np.array([1.0, 0.5, 0.01, 1e-6])
    expected = stats.genpareto.isf(survival, shape, scale=scale)
    found = pareto_quantile(Pareto(shape, scale), survival)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_an_infinite_mean_is_held_at_the_bound_and_told() -> None:
    rng = np.random.default_rng(1)
    wild = rng.pareto(0.5, (2_000, 1)) * rng.choice([-1.0, 1.0], (2_000, 1))
    made = fit_marginals(wild, "gpd", factor_ids=["EQ.WILD"])
    assert made.upper[0].shape == LARGEST_SHAPE
    assert "EQ.WILD" in made.notes[0]


@pytest.mark.parametrize("family", ["empirical", "gpd", "normal"])
def test_quantiles_rise_and_keep_the_history(family: str) -> None:
    made = fit_marginals(MOVES, family)
    chances = np.repeat(np.linspace(1e-6, 1.0 - 1e-6, 20_001)[:, None], 2, axis=1)
    moves = made.quantiles(chances)
    assert (np.diff(moves, axis=0) >= 0.0).all()
    assert moves.mean(axis=0) == pytest.approx(MOVES.mean(axis=0), abs=2e-4)
    # A fitted tail may hold more than the history has shown.
    assert moves.std(axis=0) == pytest.approx(MOVES.std(axis=0), rel=0.1)
    beyond = (moves[0] < MOVES.min(axis=0)).all() and (moves[-1] > MOVES.max(axis=0)).all()
    assert bool(beyond) is (family == "gpd")


def test_the_body_is_the_history_and_the_tail_joins_it() -> None:
    plain, tailed = fit_marginals(MOVES, "empirical"), fit_marginals(MOVES, "gpd", tail_share=0.1)
    inside = np.repeat(np.linspace(0.1, 0.9, 101)[:, None], 2, axis=1)
    assert (plain.quantiles(inside) == tailed.quantiles(inside)).all()
    edge = np.array([[0.1, 0.9], [0.1 - 1e-9, 0.9 + 1e-9]])
    joined = tailed.quantiles(edge)
    assert joined[0] == pytest.approx(joined[1], abs=1e-8)


def test_the_tail_of_a_known_world() -> None:
    """t with 4 degrees of freedom: the 99.9% quantile from 2,000 days, by tail and by rank."""
    exact = 0.01 * np.sqrt(0.5) * stats.t(4).isf(0.001)
    found = fit_marginals(MOVES, "gpd").quantiles(np.full((1, 2), 0.999))[0]
    assert found == pytest.approx(np.full(2, exact), rel=0.25)


def test_a_factor_that_never_moves_has_no_tail() -> None:
    still = np.column_stack([MOVES[:, 0], np.full(2_000, 0.001)])
    made = fit_marginals(still, "gpd")
    assert (made.quantiles(np.array([[0.5, 1e-6], [0.5, 0.999999]]))[:, 1] == 0.001).all()


def test_a_tail_of_too_few_moves_is_refused() -> None:
    with pytest.raises(DataError, match="10 moves beyond its threshold; found 5"):
        fit_marginals(MOVES[:100], "gpd", tail_share=0.05)
