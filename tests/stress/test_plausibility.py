"""Distances and their chances against scipy's distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import UserInputError
from riskplatform.stress.plausibility import in_words, of_distance, plausibility
from tests.stress.test_conditional import covariance, low_rank


def test_the_distance_and_its_chi_square_tail() -> None:
    sigma = covariance()
    moves = np.array([2e-4, 1e-3, -0.02])
    found = plausibility(moves, sigma, [0, 1, 3])
    block = sigma[np.ix_([0, 1, 3], [0, 1, 3])]
    square = moves @ np.linalg.inv(block) @ moves
    assert found.distance == pytest.approx(math.sqrt(square), rel=1e-9)
    assert found.dimensions == 3
    assert found.probability == pytest.approx(stats.chi2.sf(square, 3), rel=1e-9)
    assert found.beyond == pytest.approx(stats.norm.sf(math.sqrt(square)), rel=1e-9)


def test_a_t_has_the_covariance_that_is_given_and_an_f_tail() -> None:
    sigma, nu = covariance(), 4.0
    moves = np.array([2e-4, 1e-3, 0.01, -0.02, 0.1])
    found = plausibility(moves, sigma, degrees=nu)
    scaled = moves @ np.linalg.inv(sigma * (nu - 2) / nu) @ moves
    assert found.probability == pytest.approx(stats.f.sf(scaled / 5, 5, nu), rel=1e-9)
    assert found.beyond == pytest.approx(stats.t.sf(math.sqrt(scaled), nu), rel=1e-9)
    assert found.distribution == "t (4 degrees)"


def test_the_tail_of_the_t_is_that_of_draws() -> None:
    """The share of draws whose distance is larger, counted."""
    sigma, nu = np.array([[1.0, 0.3], [0.3, 0.5]]), 5.0
    drawn = stats.multivariate_t(
        np.zeros(2), sigma * (nu - 2) / nu, nu, seed=np.random.default_rng(3)
    ).rvs(400_000)
    moves = np.array([2.0, -0.5])
    found = plausibility(moves, sigma, degrees=nu)
    distances = np.sqrt(np.sum(drawn * np.linalg.solve(sigma, drawn.T).T, axis=1))
    share = float((distances >= found.distance).mean())
    assert share == pytest.approx(found.probability, abs=4 * math.sqrt(share / len(drawn)))


@pytest.mark.parametrize("degrees", [None, 5.0])
def test_low_rank_is_what_its_dense_matrix_is(degrees: float | None) -> None:
    matrix = low_rank()
    moves = 1.5 * np.sqrt(matrix.variances()) * [1, -1, 1, 1, -1, 1, 1]
    for places in (None, [0, 2, 6]):
        chosen = moves if places is None else moves[places]
        thin = plausibility(chosen, matrix, places, degrees=degrees)
        dense = plausibility(chosen, matrix.dense(), places, degrees=degrees)
        assert thin.distance == pytest.approx(dense.distance, rel=1e-9)
        assert thin.probability == pytest.approx(dense.probability, rel=1e-8)
        assert thin.dimensions == dense.dimensions


def test_once_in_so_many_years() -> None:
    # Hull's rule of thumb: a day at 2.326 deviations is one in a hundred.
    found = of_distance(2.3263478740408408, 1)
    assert found.beyond == pytest.approx(0.01)
    assert found.years == pytest.approx(100 / 252)
    assert found.words == "once in 5 months, by the gaussian distribution"
    assert of_distance(2.3263478740408408, 1, horizon_days=21.0).years == pytest.approx(2100 / 252)


@pytest.mark.parametrize(
    ("years", "words"),
    [
        (0.001, "every day"),
        (0.04, "once in 10 days"),
        (0.1, "once a month"),
        (0.5, "once in 6 months"),
        (1.2, "once a year"),
        (40.4, "once in 40 years"),
        (12_345.0, "once in 12,345 years"),
        (2e6, "less than once in a million years"),
        (math.inf, "never"),
    ],
)
def test_words(years: float, words: str) -> None:
    assert in_words(years, "gaussian").startswith(words)


def test_nothing_moved_is_at_no_distance_and_certain() -> None:
    found = plausibility(np.zeros(5), covariance())
    assert (found.distance, found.probability, found.beyond) == (0.0, 1.0, 0.5)


@pytest.mark.parametrize("moves", [[1.0], [[1.0] * 5], [np.inf] * 5])
def test_moves_that_do_not_fit(moves: object) -> None:
    with pytest.raises(UserInputError):
        plausibility(moves, covariance())  # type: ignore[arg-type]
