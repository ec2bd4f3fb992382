"""Roots of covariances: exact where there is one, repaired and told where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, UserInputError
from riskplatform.simulation import Gaussian, monte_carlo_plan
from riskplatform.simulation.products import product
from riskplatform.simulation.roots import covariance_root, inverse_lower, lower_root
from tests.simulation.worlds import axis_of, equicorrelation

INDEFINITE = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_a_root_multiplies_back(size: int, rank: int, seed: int) -> None:
    """Scales from 1e-6 to 1e6, full rank or not: as many columns as the rank."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** rng.uniform(-6, 6, size)
    base = rng.standard_normal((size, rank))
    covariance = base @ base.T * np.outer(scale, scale)
    covariance = 0.5 * (covariance + covariance.T)
    root = covariance_root(covariance)
    deviation = np.sqrt(np.diagonal(covariance))
    back = root.matrix @ root.matrix.T
    assert np.abs(back - covariance).max(initial=0.0) <= 1e-8 * np.outer(deviation, deviation).max()
    assert root.matrix.shape[1] <= min(size, rank)
    assert not root.is_repaired


def test_an_indefinite_matrix_is_repaired_and_told() -> None:
    root = covariance_root(INDEFINITE * 4.0)
    assert root.is_repaired
    assert "smallest eigenvalue of its correlation -0.8" in root.notes[0]
    assert np.linalg.eigvalsh(root.covariance)[0] > -1e-9
    assert np.diagonal(root.covariance) == pytest.approx(np.full(3, 4.0))
    assert root.matrix @ root.matrix.T == pytest.approx(root.covariance, abs=1e-8)
    changed = np.abs(root.covariance / 4.0 - INDEFINITE).max()
    assert f"more than {changed:.3g}" in root.notes[0]
    # The repaired correlation of equal ±0.9 is ±0.5, by symmetry.
    assert np.abs(root.covariance[0, 1]) == pytest.approx(2.0)


def test_a_repair_reaches_the_notes_of_the_set_or_is_refused() -> None:
    made = monte_carlo_plan(axis_of(3), INDEFINITE, Gaussian(scenarios=10), seed=1).materialise()
    assert "repaired" in made.notes[0]
    with pytest.raises(DataError, match="not positive semi-definite"):
        monte_carlo_plan(axis_of(3), INDEFINITE, Gaussian(repair=False), seed=1)


def test_a_factor_without_variance_never_moves_and_is_told() -> None:
    covariance = np.diag([1e-4, 0.0, 1e-4])
    made = monte_carlo_plan(axis_of(3), covariance, Gaussian(scenarios=50), seed=1).materialise()
    assert (made.moves[:, 1] == 0.0).all()
    assert made.moves[:, 0].any()
    assert made.notes == ("Factors without variance in the covariance: 1.",)
    still = monte_carlo_plan(axis_of(3), np.zeros((3, 3)), Gaussian(scenarios=5), seed=1)
    assert not still.materialise().moves.any()


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.ones((2, 3)), "square"),
        (np.full((2, 2), np.nan), "not finite"),
        (np.array([[1.0, 0.5], [0.4, 1.0]]), "not symmetric"),
        (np.array([[1.0, 0.0], [0.0, -1.0]]), "below zero"),
        (np.array([[1.0, 0.1], [0.1, 0.0]]), "no variance"),
    ],
)
def test_what_is_no_covariance_is_refused(matrix: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        covariance_root(matrix)


def test_a_covariance_for_other_factors_is_refused() -> None:
    with pytest.raises(UserInputError, match="for 2 factors; the axis has 3"):
        monte_carlo_plan(axis_of(3), np.eye(2), Gaussian(), seed=1)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_products_are_products(rows: int, inner: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = rng.standard_normal((rows, inner)), rng.standard_normal((inner, width))
    assert product(left, right) == pytest.approx(left @ right, abs=1e-12)


def test_lower_roots_and_their_inverses() -> None:
    matrix = equicorrelation(6, 0.4)
    lower = lower_root(matrix)
    assert lower == pytest.approx(np.linalg.cholesky(matrix), abs=1e-12)
    assert inverse_lower(lower) @ lower == pytest.approx(np.eye(6), abs=1e-12)
