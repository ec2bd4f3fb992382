"""The nearest correlation matrix, against published cases and the laws of a projection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.covariance.repair import nearest_correlation, positive_semidefinite


def test_higham_2002() -> None:
    # Higham (2002), "Computing the nearest correlation matrix", section 4: distance 0.5278.
    given = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    nearest, steps = nearest_correlation(given)
    expected = [[1.0, 0.7607, 0.1573], [0.7607, 1.0, 0.7607], [0.1573, 0.7607, 1.0]]
    assert nearest == pytest.approx(np.array(expected), abs=5e-5)
    assert np.linalg.norm(nearest - given) == pytest.approx(0.5278, abs=5e-5)
    assert steps > 1


def test_tridiagonal_case_of_higham() -> None:
    # 2 on the diagonal and -1 beside it: the example of the NAG library's routine for this.
    given = 2.0 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
    expected = [
        [1.0, -0.8084, 0.1916, 0.1068],
        [-0.8084, 1.0, -0.6562, 0.1916],
        [0.1916, -0.6562, 1.0, -0.8084],
        [0.1068, 0.1916, -0.8084, 1.0],
    ]
    nearest, _ = nearest_correlation(given)
    assert nearest == pytest.approx(np.array(expected), abs=1e-4)


@given(size=st.integers(2, 7), seed=st.integers(0, 2**32 - 1))
def test_nothing_else_is_nearer(size: int, seed: int) -> None:
    """At the nearest point of a convex set, no direction into the set leads towards the given."""
    rng = np.random.default_rng(seed)
    given = np.clip(rng.uniform(-1.5, 1.5, (size, size)), -1, 1)
    given = 0.5 * (given + given.T)
    np.fill_diagonal(given, 1.0)
    nearest, _ = nearest_correlation(given)
    assert np.array_equal(nearest, nearest.T)
    assert np.diagonal(nearest) == pytest.approx(1.0, abs=1e-12)
    assert np.linalg.eigvalsh(nearest).min() >= -1e-12
    for _ in range(20):
        root = rng.standard_normal((size, size))
        other = root @ root.T
        scale = 1.0 / np.sqrt(np.diagonal(other))
        other *= np.outer(scale, scale)
        assert np.sum((given - nearest) * (other - nearest)) <= 1e-5


def test_a_covariance_that_is_one_is_left_alone() -> None:
    covariance = np.array([[4e-8, 1e-5], [1e-5, 1e-2]])
    same, repair = positive_semidefinite(covariance)
    assert repair is None
    assert np.array_equal(same, covariance)
    # Rounding is not repaired, in whatever units: the check is on correlations.
    exact = np.array([[1e-14, 1e-7], [1e-7, 1.0]])
    assert positive_semidefinite(exact)[1] is None


def test_variances_survive_a_repair() -> None:
    scale = np.array([1e-5, 1e-2, 1.0])
    wrong = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, -0.9], [0.9, -0.9, 1.0]])
    repaired, repair = positive_semidefinite(wrong * np.outer(scale, scale))
    assert np.array_equal(np.diagonal(repaired), scale**2)
    assert repair is not None
    assert repair.smallest_eigenvalue_before == pytest.approx(-0.8)
    assert repair.distance == pytest.approx(np.sqrt(6) * 0.4, rel=1e-6)
    assert repair.largest_change == pytest.approx(0.4, rel=1e-6)


def test_what_is_no_matrix() -> None:
    with pytest.raises(UserInputError, match="square"):
        nearest_correlation(np.zeros((2, 3)))
    with pytest.raises(DataError, match="not finite"):
        nearest_correlation(np.array([[1.0, np.nan], [np.nan, 1.0]]))
    with pytest.raises(DataError, match="negative variance"):
        positive_semidefinite(np.array([[-1.0]]))
