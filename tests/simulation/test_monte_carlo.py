"""Normal, Student-t, factor-model and jump scenarios against their own moments in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import DataError
from riskplatform.simulation import (
    FactorModel,
    Gaussian,
    Merton,
    ScenarioSet,
    StudentT,
    factor_model_plan,
    merton_plan,
    monte_carlo_plan,
)
from riskplatform.simulation.jumps import poisson_from_uniform
from tests.simulation.worlds import COVARIANCE, axis_of

AXIS = axis_of(3)
N = 200_000
MEAN = np.array([1e-3, -2e-3, 5e-4])


def gaps(made: ScenarioSet) -> tuple[float, float, float]:
    """Largest gap of mean, deviation and correlation to what went in.

    In standard errors of independent normal draws; heavier tails need a wider bound.
    """
    found, reference = made.describe(), made.reference
    assert reference is not None
    assert found.correlation_gap is not None
    table, root = found.moments, np.sqrt(len(made))
    mean = np.abs(table["mean"] - reference.mean) / reference.deviation * root
    deviation = np.abs(table["deviation"] / reference.deviation - 1.0) * root * np.sqrt(2.0)
    return mean.max(), deviation.max(), found.correlation_gap * root


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["pseudo", "antithetic", "moment_matched", "sobol"])
@pytest.mark.parametrize("days", [1, 10])
def test_gaussian_moments(scheme: str, days: int) -> None:
    recipe = Gaussian(scenarios=N, scheme=scheme, horizon_days=days, block_size=10_000)
    made = monte_carlo_plan(AXIS, COVARIANCE, recipe, seed=1, mean=MEAN).materialise()
    mean, deviation, correlation = gaps(made)
    # Antithetic pairs halve the sample of second moments.
    widest = 4.0 * (np.sqrt(2.0) if scheme == "antithetic" else 1.0)
    assert mean < (1e-6 if scheme in ("antithetic", "moment_matched") else widest)
    assert deviation < (1e-6 if scheme == "moment_matched" else widest)
    assert correlation < (1e-6 if scheme == "moment_matched" else widest)
    if scheme == "sobol":
        assert max(mean, deviation, correlation) < 0.5
    assert stats.jarque_bera(made.moves[:: 2 if scheme == "antithetic" else 1, 0]).pvalue > 1e-4


def test_pseudo_random_draws_are_normal_to_the_tails() -> None:
    made = monte_carlo_plan(AXIS, COVARIANCE, Gaussian(scenarios=N), seed=3).materialise()
    for column in range(3):
        unit = made.moves[:, column] / np.sqrt(COVARIANCE[column, column])
        assert stats.kstest(unit, "norm").pvalue > 1e-3
        beyond = (np.abs(unit) > 3.0).sum()
        assert stats.binomtest(int(beyond), N, 2 * stats.norm.sf(3.0)).pvalue > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["pseudo", "sobol"])
def test_student_t_has_the_covariance_and_the_tails(scheme: str) -> None:
    nu = 6.0
    recipe = StudentT(scenarios=N, nu=nu, scheme=scheme)
    made = monte_carlo_plan(AXIS, COVARIANCE, recipe, seed=2, mean=MEAN).materialise()
    # The fourth moment of t6 is 6, twice the normal's: errors of deviations are 1.6 times as wide.
    mean, deviation, correlation = gaps(made)
    assert mean < 4.0
    assert max(deviation, correlation) < 8.0
    unit = (made.moves - MEAN) / np.sqrt(np.diagonal(COVARIANCE) * (nu - 2.0) / nu)
    assert stats.kstest(unit[:, 0], "t", args=(nu,)).pvalue > 1e-3
    assert stats.kstest(unit[:, 1], "t", args=(nu,)).pvalue > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("nu", [None, 8.0])
def test_a_factor_model_has_the_covariance_of_its_parts(nu: float | None) -> None:
    rng = np.random.default_rng(4)
    loadings, specific = rng.standard_normal((12, 3)), rng.uniform(1e-5, 1e-4, 12)
    recipe = FactorModel(scenarios=N, nu=nu, horizon_days=4)
    made = factor_model_plan(
        axis_of(12), loadings, COVARIANCE, specific, recipe, seed=5
    ).materialise()
    expected = 4.0 * (loadings @ COVARIANCE @ loadings.T + np.diag(specific))
    assert made.reference is not None
    assert made.reference.deviation == pytest.approx(np.sqrt(np.diagonal(expected)))
    # 12 names have 66 correlations: five standard errors, nine with the t's tails.
    mean, deviation, correlation = gaps(made)
    assert max(mean, deviation, correlation) < (5.0 if nu is None else 9.0)


def test_bad_parts_of_a_factor_model_are_refused() -> None:
    with pytest.raises(DataError, match="The loadings has shape"):
        factor_model_plan(axis_of(3), np.ones((2, 1)), [[1.0]], np.ones(3), seed=1)
    with pytest.raises(DataError, match=r"specific variance of F\.1"):
        factor_model_plan(axis_of(3), np.ones((3, 1)), [[1.0]], [1.0, -1.0, 1.0], seed=1)


@pytest.mark.slow
def test_poisson_from_its_quantiles() -> None:
    uniforms = (np.arange(100_000) + 0.5) / 100_000
    for mean in (0.0, 0.01, 2.5, 90.0):
        found = poisson_from_uniform(uniforms, mean)
        assert (found == stats.poisson.ppf(uniforms, mean)).all() or mean == 0.0
        assert found.mean() == pytest.approx(mean, rel=2e-3, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("centred", [True, False])
def test_merton_cumulants(centred: bool) -> None:
    """The n-th cumulant is rate × n-th moment of a jump, plus the diffusion's."""
    size, jump = np.array([-0.05, 0.02, 0.0]), 9.0 * COVARIANCE
    recipe = Merton(scenarios=400_000, jumps_per_year=25.2, horizon_days=5, centred=centred)
    made = merton_plan(AXIS, COVARIANCE, size, jump, recipe, seed=6, mean=MEAN).materialise()
    rate, variance = 0.5, np.diagonal(jump)
    assert recipe.expected_jumps == pytest.approx(rate)
    mean = 5.0 * MEAN + (0.0 if centred else rate * size)
    spread = 5.0 * np.diagonal(COVARIANCE) + rate * (variance + size**2)
    third = rate * (size**3 + 3.0 * size * variance)
    fourth = rate * (size**4 + 6.0 * size**2 * variance + 3.0 * variance**2)
    table = made.describe().moments
    error = np.sqrt(spread / 400_000)
    assert np.abs(table["mean"] - mean).max() < 4.0 * error.max()
    assert table["deviation"].to_numpy() == pytest.approx(np.sqrt(spread), rel=0.01)
    assert table["skewness"].to_numpy() == pytest.approx(third / spread**1.5, abs=0.03)
    assert table["excess_kurtosis"].to_numpy() == pytest.approx(fourth / spread**2, rel=0.1)
    assert made.describe().correlation_gap is not None
    assert made.describe().correlation_gap < 0.01  # type: ignore[operator]


def test_without_jumps_merton_is_gaussian() -> None:
    recipe = Merton(scenarios=1_000, jumps_per_year=0.0)
    jumps = merton_plan(AXIS, COVARIANCE, np.ones(3), COVARIANCE, recipe, seed=6).materialise()
    assert jumps.moves.std(axis=0) == pytest.approx(np.sqrt(np.diagonal(COVARIANCE)), rel=0.1)
