"""GARCH filter and forecasts: reference cases, and residuals of a known world."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import DataError
from riskplatform.simulation import GarchParameters, fit_each, garch_filter
from riskplatform.simulation.garch import EWMA_DECAY, variance_forecast
from tests.simulation.worlds import garch_moves

ROW = (2e-6, 0.05, 0.08, 0.88, np.inf)


def test_filter_sequence_r21() -> None:
    """R21: the recursion of QuantLib's GARCH test."""
    parameters = GarchParameters.of([(0.2, 0.2, 0.0, 0.3, np.inf)])
    found = garch_filter(np.full((10, 1), 0.1), parameters, start=[0.01])
    expected = [0.452769, 0.513323, 0.530141, 0.535084, 0.536558]
    expected += [0.536999, 0.537132, 0.537171, 0.537183, 0.537187]
    assert np.sqrt(found.variance[1:, 0]) == pytest.approx(expected, abs=5e-7)


def test_one_step_r18() -> None:
    """R18: GARCH of Hull, chapter 23, and the same recursion as exponential weights."""
    rows = [(2e-6, 0.13, 0.0, 0.86, np.inf), (0.0, 0.1, 0.0, 0.9, np.inf)]
    parameters = GarchParameters.of(rows)
    moves = np.array([[0.01, 0.02]])
    found = garch_filter(moves, parameters, start=[0.016**2, 0.01**2])
    assert np.sqrt(found.variance[1]) == pytest.approx([0.0153349, 0.0114018], abs=5e-8)
    assert np.sqrt(parameters.long_run_variance[0]) == pytest.approx(0.0141421, abs=5e-8)
    assert np.isinf(parameters.long_run_variance[1])


def test_term_structure_r19() -> None:
    """R19: Hull's forecast of the variance 10 and 100 days ahead."""
    parameters = GarchParameters.of([(1.3465e-6, 0.083394, 0.0, 0.910116, np.inf)])
    found = variance_forecast(parameters, [3e-4], 100)[:, 0]
    assert parameters.long_run_variance[0] == pytest.approx(2.074730e-4, rel=1e-6)
    assert found[[10, 100]] == pytest.approx([2.941674e-4, 2.557226e-4], rel=5e-7)


def test_residuals_of_a_garch_world_are_close_to_iid() -> None:
    """The world is simulated by a loop in the test; its own shocks must come back."""
    moves = garch_moves(4_000, ROW, seed=8)
    found = garch_filter(moves, GarchParameters.of([ROW]))
    z = found.residuals[:, 0]
    assert z.mean() == pytest.approx(0.0, abs=4.0 / np.sqrt(4_000))
    assert z.var() == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / 4_000))
    assert stats.kstest(z, "norm").pvalue > 0.01
    assert ljung_box(moves[:, 0] ** 2) < 1e-6
    assert ljung_box(z**2) > 0.01
    assert ljung_box(z) > 0.01


def ljung_box(series: np.ndarray, lags: int = 20) -> float:
    """The p-value for no autocorrelation up to ``lags``."""
    centred, n = series - series.mean(), len(series)
    rho = [
        (centred[lag:] * centred[:-lag]).sum() / (centred**2).sum() for lag in range(1, lags + 1)
    ]
    statistic = n * (n + 2) * sum(r * r / (n - lag) for lag, r in enumerate(rho, start=1))
    return float(stats.chi2.sf(statistic, lags))


def test_a_variance_knows_earlier_moves_only() -> None:
    moves = garch_moves(50, ROW, seed=1)
    poisoned = moves.copy()
    poisoned[30] = 1.0
    parameters = GarchParameters.of([ROW])
    one = garch_filter(moves, parameters, start=[1e-4])
    other = garch_filter(poisoned, parameters, start=[1e-4])
    assert (one.variance[:31] == other.variance[:31]).all()
    assert other.variance[31] > one.variance[31]


def test_a_fit_that_fails_is_told_and_replaced() -> None:
    def fit(shocks: np.ndarray) -> tuple[float, ...]:
        if shocks[0] > 0.5:
            raise ValueError("no convergence")
        return (np.nan, 0.1, 0.0, 0.8, 8.0) if shocks[0] < -0.5 else ROW

    moves = np.array([[0.0, 1.0, -1.0], [0.01, 0.01, 0.01]])
    parameters, failures = fit_each(moves, ["A", "B", "C"], fit)
    assert [failure.subject for failure in failures] == ["B", "C"]
    assert "no convergence" in failures[0].message
    assert parameters.beta.tolist() == [0.88, EWMA_DECAY, EWMA_DECAY]
    assert parameters.alpha[1] == pytest.approx(1.0 - EWMA_DECAY)


def test_a_fit_sees_shocks_without_their_mean() -> None:
    seen = []

    def fit(shocks: np.ndarray) -> tuple[float, ...]:
        seen.append(shocks.mean())
        return ROW

    moves = np.random.default_rng(1).normal(0.5, 0.1, (100, 1))
    parameters, _ = fit_each(moves, ["A"], fit, mean=moves.mean(axis=0))
    assert seen[0] == pytest.approx(0.0, abs=1e-12)
    assert parameters.mean == pytest.approx(moves.mean(axis=0))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((-1.0, 0.1, 0.0, 0.8, 5.0), "omega"),
        ((np.nan, 0.1, 0.0, 0.8, 5.0), "omega"),
        ((1e-6, -0.1, 0.0, 0.8, 5.0), "alpha"),
        ((1e-6, 0.1, -0.2, 0.8, 5.0), "alpha \\+ gamma"),
        ((1e-6, 0.1, 0.0, 1.0, 5.0), "beta"),
        ((1e-6, 0.1, 0.0, 0.8, 2.0), "nu"),
        ((1e-6, 0.3, 0.0, 0.8, 5.0), "persistence"),
    ],
)
def test_parameters_that_cannot_be_are_refused(row: tuple[float, ...], words: str) -> None:
    with pytest.raises(DataError, match=f"{words}.*first in column 1"):
        GarchParameters.of([ROW, row])
    with pytest.raises(DataError, match="omega, alpha, gamma, beta and nu"):
        GarchParameters.of([row[:4]])
