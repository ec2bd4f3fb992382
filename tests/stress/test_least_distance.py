"""The shortest vector within linear constraints: optimal, or rightly said not to be there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize

from riskplatform.market.content import FloatArray
from riskplatform.stress.least_distance import shortest, shortest_within


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 9), columns=st.integers(1, 6))
def test_no_other_vector_within_is_shorter(seed: int, rows: int, columns: int) -> None:
    """By the conditions of Kuhn and Tucker, and by a linear programme where there is none."""
    rng = np.random.default_rng(seed)
    matrix, bounds = rng.standard_normal((rows, columns)), rng.standard_normal(rows)
    found = shortest(matrix, bounds)
    programme = optimize.linprog(
        np.zeros(columns), A_ub=-matrix, b_ub=-bounds, bounds=[(None, None)] * columns
    )
    assert (found is None) == (programme.status == 2)
    if found is None:
        return
    slack = matrix @ found - bounds
    assert slack.min() >= -1e-8
    # The answer is a sum of the rows that bind, none of them taken backwards.
    binding = matrix[slack <= 1e-7]
    if len(binding):
        _, rest = optimize.nnls(binding.T, found)
        assert rest <= 1e-7 * (1.0 + float(np.linalg.norm(found)))
    else:
        assert (found == 0.0).all()


def test_rows_that_are_nothing() -> None:
    assert shortest(np.zeros((1, 3)), np.array([1.0])) is None
    found = shortest(np.zeros((1, 3)), np.array([-1.0]))
    assert found is not None
    assert (found == 0.0).all()


@pytest.mark.slow
def test_hundreds_of_bounds_are_taken_in_when_they_bind() -> None:
    """The sum must be 270 with no number above 1: those with the smallest weights give way."""
    size = 300
    weights = np.linspace(0.5, 2.0, size)
    asked: list[int] = []

    def others(places: NDArray[np.intp]) -> FloatArray:
        asked.append(len(places))
        return np.asarray(-np.eye(size)[places])

    found = shortest_within(
        weights[None, :], np.array([270.0]), others, lambda z: 1.0 - z
    )  # fmt: skip
    assert found is not None
    assert weights @ found == pytest.approx(270.0)
    assert found.max() <= 1.0 + 1e-8
    # Below the bound numbers are in proportion to their weights.
    free = found < 1.0 - 1e-6
    assert found[free] / weights[free] == pytest.approx((found[free] / weights[free])[0])
    assert found[~free] == pytest.approx(1.0)
    assert max(asked) < size
    low = shortest_within(weights[None, :], np.array([600.0]), others, lambda z: 1.0 - z)
    assert low is None
