"""Constant and dynamic correlation: brute force for two series, and simulations."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.dynamic import GarchCovariance
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.factors.garch.correlation import (
    constant_correlation,
    fit_dynamic_correlation,
    next_correlation,
    pair_log_likelihood,
)
from riskplatform.factors.garch.fit import GarchSpec
from riskplatform.factors.garch.many import fit_many


def dynamic_returns(days: int, size: int, news: float, memory: float, seed: int) -> np.ndarray:
    """Unit-variance series whose correlations follow DCC exactly."""
    rng = np.random.default_rng(seed)
    target = 0.4 + 0.6 * np.eye(size)
    q, z = target.copy(), np.empty((days, size))
    for day in range(days):
        _, correlation = to_correlation(q)
        z[day] = np.linalg.cholesky(correlation) @ rng.standard_normal(size)
        q = (1 - news - memory) * target + news * np.outer(z[day], z[day]) + memory * q
    return z


def test_the_sum_over_days_is_the_recursion() -> None:
    z = dynamic_returns(300, 5, 0.05, 0.9, seed=1)
    target = constant_correlation(z)
    q = target.copy()
    for row in z:
        q = 0.06 * target + 0.04 * np.outer(row, row) + 0.90 * q
    expected = to_correlation(q)[1]
    assert next_correlation(z, target, 0.04, 0.90) == pytest.approx(expected, rel=1e-10)
    assert next_correlation(z, target, 0.0, 0.0) == pytest.approx(target, rel=1e-12)


def test_the_likelihood_of_two_series_is_the_whole_likelihood() -> None:
    z = dynamic_returns(250, 2, 0.05, 0.9, seed=2)
    target = constant_correlation(z)
    q, total = target.copy(), 0.0
    for row in z:
        correlation = to_correlation(q)[1]
        total -= 0.5 * (np.linalg.slogdet(correlation)[1] + row @ np.linalg.solve(correlation, row))
        q = 0.07 * target + 0.03 * np.outer(row, row) + 0.90 * q
    first, second = np.array([0]), np.array([1])
    mine = pair_log_likelihood(z, first, second, target[[0], [1]], 0.03, 0.90)
    assert mine == pytest.approx(total, rel=1e-10)


def test_known_memory_is_found() -> None:
    z = dynamic_returns(3000, 6, 0.04, 0.93, seed=3)
    found = fit_dynamic_correlation(z)
    assert found.news == pytest.approx(0.04, abs=0.012)
    assert found.memory == pytest.approx(0.93, abs=0.03)
    assert found.log_likelihood_gain > 5
    assert np.linalg.eigvalsh(found.correlation).min() > 0
    assert found.long_run == pytest.approx(0.4 + 0.6 * np.eye(6), abs=0.12)


def test_constant_correlations_stay_nearly_so() -> None:
    z = dynamic_returns(2000, 6, 0.0, 0.0, seed=4)
    found = fit_dynamic_correlation(z)
    assert found.news < 0.01
    assert found.correlation == pytest.approx(found.long_run, abs=0.08)
    with pytest.raises(UserInputError, match="at least two"):
        fit_dynamic_correlation(z[:, :1])


@pytest.mark.parametrize("correlation", ["constant", "dynamic"])
def test_covariance_is_volatility_times_correlation(correlation: str) -> None:
    z = dynamic_returns(800, 4, 0.04, 0.93, seed=5)
    z[600:] *= 2.0
    returns = z * [1e-4, 1e-2, 0.05, 1.0]
    spec = GarchSpec("garch", "normal")
    result = GarchCovariance(spec, correlation).fit(returns, "ABCD")  # type: ignore[arg-type]
    fits = fit_many(returns, "ABCD", spec)
    assert result.volatility == pytest.approx(np.sqrt(fits.path.next_variance), rel=1e-12)
    standardised = fits.path.standardised()
    expected = (
        constant_correlation(standardised)
        if correlation == "constant"
        else fit_dynamic_correlation(standardised).correlation
    )
    assert result.correlation == pytest.approx(expected, rel=1e-9)
    # The volatility is that of the second regime, not of the average.
    assert result.volatility[3] > 1.5
    frame = result.factor_diagnostics()
    assert (frame["persistence"] > 0.5).all()
    measures = dict(result.diagnostics().to_numpy().tolist())
    assert ("correlation memory" in measures) == (correlation == "dynamic")


def test_a_factor_without_a_model_is_named_and_no_other_is_spoilt() -> None:
    returns = dynamic_returns(400, 3, 0.0, 0.0, seed=6) * 0.01
    returns[:, 1] = 0.0
    result = GarchCovariance(correlation="constant").fit(returns, ["A", "PEG", "C"])
    assert [failure.subject for failure in result.failures] == ["PEG"]
    assert not result.covariance[1].any()
    assert result.volatility[[0, 2]] == pytest.approx(0.01, rel=0.3)
    assert len(result.to_dict()["failures"]) == 1


def test_weights_are_refused_and_one_factor_will_do() -> None:
    returns = dynamic_returns(200, 2, 0.0, 0.0, seed=7)
    with pytest.raises(UserInputError, match="takes no weights"):
        GarchCovariance().fit(returns, "AB", weights=np.ones(200))
    with pytest.raises(UserInputError, match="'constant' or 'dynamic'"):
        GarchCovariance(correlation="cdcc")  # type: ignore[arg-type]
    assert GarchCovariance().fit(returns[:, :1], "A").covariance.shape == (1, 1)
