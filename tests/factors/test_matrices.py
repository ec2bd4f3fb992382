"""Dense and low-rank matrices do the same; the low-rank one without the dense array."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.covariance.matrices import CovarianceMatrix, Dense, LowRank
from riskplatform.factors.covariance.structured import FactorStructured


@pytest.fixture
def low_rank() -> LowRank:
    rng = np.random.default_rng(6)
    scale = 10.0 ** rng.uniform(-4, 0, 30)
    return LowRank(rng.standard_normal((30, 4)) * scale[:, None], scale**2 * rng.uniform(1, 2, 30))


@pytest.mark.parametrize("shape", [(30,), (30, 5)])
def test_both_do_the_same(low_rank: LowRank, shape: tuple[int, ...]) -> None:
    dense = Dense(low_rank.dense())
    vectors = np.random.default_rng(1).standard_normal(shape)
    assert low_rank.variances() == pytest.approx(dense.variances(), rel=1e-12)
    assert low_rank.multiply(vectors) == pytest.approx(dense.multiply(vectors), rel=1e-9)
    assert low_rank.quadratic(vectors) == pytest.approx(dense.quadratic(vectors), rel=1e-9)
    for matrix in (low_rank, dense):
        back = low_rank.dense() @ matrix.solve(vectors)
        assert back == pytest.approx(vectors, rel=1e-6, abs=1e-9)


def test_log_determinant(low_rank: LowRank) -> None:
    sign, expected = np.linalg.slogdet(low_rank.dense())
    assert sign == 1.0
    assert low_rank.log_determinant() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ["low rank", "dense"])
def test_draws_have_the_covariance(low_rank: LowRank, kind: str) -> None:
    matrix: CovarianceMatrix = low_rank if kind == "low rank" else Dense(low_rank.dense())
    draws = matrix.sample(np.random.default_rng(2), 40_000)
    scale = np.sqrt(low_rank.variances())
    difference = (np.cov(draws.T) - low_rank.dense()) / np.outer(scale, scale)
    # A correlation of n draws has an error of at most sqrt(2/n); the largest of 465 is below five.
    assert np.abs(difference).max() < 5 * np.sqrt(2 / 40_000)
    again = matrix.sample(np.random.default_rng(2), 40_000)
    assert np.array_equal(draws, again)


def test_a_singular_matrix_solves_to_the_shortest() -> None:
    root = np.random.default_rng(1).standard_normal((6, 3))
    covariance = root @ root.T
    scale = np.sqrt(np.diagonal(covariance))
    b = covariance @ np.arange(6.0)
    x = Dense(covariance).solve(b)
    assert covariance @ x == pytest.approx(b, rel=1e-9)
    expected = np.linalg.pinv(covariance / np.outer(scale, scale)) @ (b / scale)
    assert x * scale == pytest.approx(expected, rel=1e-8)
    still = Dense(np.diag([4.0, 0.0]))
    assert still.solve(np.array([8.0, 1.0])).tolist() == [2.0, 0.0]
    assert not still.sample(np.random.default_rng(0), 9)[:, 1].any()


def test_what_cannot_be_held() -> None:
    with pytest.raises(DataError, match="not finite"):
        Dense(np.array([[np.inf]]))
    with pytest.raises(DataError, match="positive"):
        LowRank(np.ones((2, 1)), np.array([1.0, 0.0]))


def test_structure_keeps_variances_and_the_common_part() -> None:
    rng = np.random.default_rng(4)
    values = rng.standard_normal((400, 2)) @ rng.standard_normal((2, 40))
    values = (values + rng.standard_normal((400, 40))) * np.geomspace(1e-4, 1, 40)
    result = FactorStructured(components=2).fit(values, [str(place) for place in range(40)])
    assert isinstance(result.matrix, LowRank)
    assert result.matrix.rank == 2
    assert result.volatility == pytest.approx(values.std(axis=0, ddof=1), rel=1e-9)
    # By another way: two principal components of the correlation, ones put on the diagonal.
    vals, basis = np.linalg.eigh(np.corrcoef(values.T))
    expected = (basis[:, -2:] * vals[-2:]) @ basis[:, -2:].T
    np.fill_diagonal(expected, 1.0)
    assert result.correlation == pytest.approx(expected, abs=1e-9)
    assert result.factor_diagnostics()["common_share"].between(0, 1).all()


def test_thousands_of_factors_without_the_dense_matrix() -> None:
    values = np.random.default_rng(4).standard_normal((120, 5_000))
    result = FactorStructured(components=5).fit(values, [str(place) for place in range(5_000)])
    exposure = np.ones(5_000)
    # The dense matrix would take 200 MB.
    assert result.matrix.quadratic(exposure) == pytest.approx(
        exposure @ result.matrix.multiply(exposure)
    )
    assert result.matrix.multiply(result.matrix.solve(exposure)) == pytest.approx(exposure)
    assert "covariance" not in vars(result)


def test_more_components_than_there_are() -> None:
    with pytest.raises(UserInputError, match="there are 3"):
        FactorStructured(components=4).fit(np.random.default_rng(1).normal(size=(9, 3)), "ABC")
    with pytest.raises(UserInputError, match="At least one"):
        FactorStructured(components=0)
