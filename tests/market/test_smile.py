"""Smiles: the same curves as SciPy's, many at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline, PchipInterpolator

from riskplatform.market.smile import SmileInterpolation, evaluate

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
POINTS = st.integers(min_value=3, max_value=9)


def _smiles(seed: int, points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    nodes = np.cumsum(rng.uniform(0.05, 1.0, size=(3, points)), axis=1)
    values = rng.normal(size=(3, points))
    rows = rng.integers(0, 3, size=40)
    return nodes, values, rows, rng.uniform(-1.0, points + 1.0, size=40)


@given(SEEDS, POINTS)
def test_natural_cubic_is_scipys(seed: int, points: int) -> None:
    nodes, values, rows, x = _smiles(seed, points)
    found = evaluate(nodes, values, rows, x, SmileInterpolation.NATURAL_CUBIC)
    for row in range(3):
        inside = np.clip(x[rows == row], nodes[row, 0], nodes[row, -1])
        expected = CubicSpline(nodes[row], values[row], bc_type="natural")(inside)
        np.testing.assert_allclose(found[rows == row], expected, atol=1e-10)


@given(SEEDS, POINTS)
def test_monotone_is_scipys_pchip(seed: int, points: int) -> None:
    nodes, values, rows, x = _smiles(seed, points)
    found = evaluate(nodes, values, rows, x, SmileInterpolation.MONOTONE)
    for row in range(3):
        inside = np.clip(x[rows == row], nodes[row, 0], nodes[row, -1])
        expected = PchipInterpolator(nodes[row], values[row])(inside)
        np.testing.assert_allclose(found[rows == row], expected, atol=1e-12)
    assert found.min() >= values.min() - 1e-12
    assert found.max() <= values.max() + 1e-12


@given(SEEDS, POINTS)
def test_linear_is_numpys_and_flat_outside(seed: int, points: int) -> None:
    nodes, values, rows, x = _smiles(seed, points)
    found = evaluate(nodes, values, rows, x, SmileInterpolation.LINEAR)
    expected = [np.interp(at, nodes[row], values[row]) for at, row in zip(x, rows, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("method", SmileInterpolation)
def test_one_and_two_points(method: SmileInterpolation) -> None:
    rows = np.zeros(3, dtype=np.intp)
    x = np.array([-1.0, 0.25, 2.0])
    one = evaluate(np.array([[0.0]]), np.array([[0.2]]), rows, x, method)
    np.testing.assert_array_equal(one, 0.2)
    two = evaluate(np.array([[0.0, 1.0]]), np.array([[0.2, 0.4]]), rows, x, method)
    np.testing.assert_allclose(two, [0.2, 0.25, 0.4])
