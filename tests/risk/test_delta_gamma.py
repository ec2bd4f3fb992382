"""Quadratic P&L of normal moves: case R25, chi-squares in closed form, and a simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskplatform.domain.outcome import Failure
from riskplatform.errors import DataError, UnknownNameError
from riskplatform.factors.covariance.catalogue import estimator
from riskplatform.risk.cornish_fisher import (
    cornish_fisher_mean_beyond,
    cornish_fisher_quantile,
    validity,
)
from riskplatform.risk.delta_gamma import delta_gamma_figures, taylor_pnl
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.intervals import sampling_intervals
from riskplatform.risk.moments import Moments
from riskplatform.risk.quadratic_form import QuadraticForm


def figures(*args: object, **more: object) -> RiskFigures:
    found = delta_gamma_figures(*args, **more)  # type: ignore[arg-type]
    assert isinstance(found, RiskFigures)
    return found


def test_r25_one_factor_with_negative_gamma() -> None:
    """Moments, three orders of the expansion, and the exact 99% quantile of the gain."""
    form = QuadraticForm.of([[1.0]], [0.0], [-10_000.0])
    gain = form.moments()
    assert gain == pytest.approx((-5_000.0, 7_071.0678, -2.8284271, 12.0), rel=1e-8)
    normal, skewed, full = (cornish_fisher_quantile(gain, 0.99, order=order) for order in (2, 3, 4))
    assert normal == pytest.approx(11_449.764, abs=5e-4)
    assert skewed == pytest.approx(-3_256.551, abs=5e-4)
    assert full == pytest.approx(-4_707.8824, abs=5e-5)
    assert form.quantile(0.99) == pytest.approx(-0.7854393, abs=5e-8)
    checked = validity(gain, 0.99)
    assert not checked.is_valid
    assert not checked.rises_beyond_quantile
    assert "outside its region: with skew -2.83 and excess kurtosis 12" in checked.message


def test_r25_positive_gamma() -> None:
    form = QuadraticForm.of([[1e6]], [0.0], [1.0])
    assert cornish_fisher_quantile(form.moments(), 0.99) == pytest.approx(3_470_474.7, abs=0.05)
    assert form.quantile(0.99) == pytest.approx(3_317_448.3, abs=0.05)


def test_figures_of_a_loss_and_the_expansion_that_is_refused() -> None:
    """A long straddle: the gain is bounded below, the loss has the R25 shape."""
    assert figures([0.0], [1e4], [[1.0]], 0.99).var == pytest.approx(-0.7854393, abs=5e-8)
    assert figures([0.0], [1e4], [[1.0]], 0.99, way="normal").var == pytest.approx(11_449.764)
    refused = delta_gamma_figures([0.0], [1e4], [[1.0]], 0.99, way="cornish_fisher")
    assert isinstance(refused, Failure)
    assert "VaR would be -4,707.88" in refused.message
    with pytest.raises(UnknownNameError, match="Did you mean exact"):
        delta_gamma_figures([0.0], [1e4], [[1.0]], 0.99, way="exakt")


CHANCES = (1e-4, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9999)


@pytest.mark.parametrize("chance", CHANCES)
def test_against_closed_forms(chance: float) -> None:
    normal = QuadraticForm.of(np.diag([4.0, 9.0]), [1.0, -2.0])
    assert normal.quantile(chance) == pytest.approx(
        stats.norm.ppf(chance, scale=np.sqrt(40)), abs=1e-9
    )
    chi = QuadraticForm.of(np.eye(5), np.zeros(5), np.full(5, 2.0))
    assert chi.quantile(chance) == pytest.approx(stats.chi2.ppf(chance, 5), rel=1e-9)
    # 3 z + z² is a shifted square of a normal about 1.5.
    shifted = QuadraticForm.of([[1.0]], [3.0], [2.0])
    expected = stats.ncx2.ppf(chance, 1, 2.25) - 2.25
    assert shifted.quantile(chance) == pytest.approx(expected, abs=1e-8)
    # The difference of two equal pairs of squares is a Laplace.
    laplace = QuadraticForm.of(np.eye(4), np.zeros(4), [1.0, 1.0, -1.0, -1.0])
    assert laplace.quantile(chance) == pytest.approx(stats.laplace.ppf(chance), abs=1e-9)


def test_the_mean_beyond_against_closed_forms() -> None:
    chi = QuadraticForm.of(np.eye(2), np.zeros(2), [2.0, 2.0])
    # Exponential of mean 2: what is beyond any level exceeds it by 2 on average.
    for level in (0.5, 5.0, 20.0):
        found = chi.beyond(level)
        assert found.probability == pytest.approx(np.exp(-level / 2), rel=1e-10)
        assert found.excess == pytest.approx(2 * np.exp(-level / 2), rel=1e-10)


@pytest.mark.parametrize("chance", [0.5, 0.9, 0.99, 0.9999])
def test_curvatures_of_very_different_size(chance: float) -> None:
    """Pairs of equal squares are exponentials: their sum has a tail in closed form."""
    means = np.array([1e-3, 1.0, 30.0, -5.0, -1e-2])
    form = QuadraticForm.of(np.eye(10), np.zeros(10), np.repeat(means, 2))
    level = form.quantile(chance)
    others = [np.delete(means, i) for i in range(5)]
    parts = np.array([np.prod(own / (own - rest)) for own, rest in zip(means, others, strict=True)])
    up = means > 0
    tail = parts[up] * np.exp(-level / means[up])
    if level > 0:
        assert tail.sum() == pytest.approx(1.0 - chance, rel=1e-9)
        assert form.beyond(level).excess == pytest.approx((means[up] * tail).sum(), rel=1e-9)


def test_a_distribution_that_is_not_found_is_said_so() -> None:
    """One in some thousand forms drawn over many orders of size; a number is never made up."""
    linear = np.array([15.9855477, -0.05187570, 1.11760178, -104.559498, 0.0, 0.0])
    squares = np.array([-1.15272801, -0.121744034, 18078.73, -3.43436e-3, 0.0, -0.0607791157])
    with pytest.raises(DataError, match=r"curvatures are too far apart. Use the way"):
        QuadraticForm(-0.116028639, linear, squares).beyond(41374.76862799325)


def random_book(seed: int, size: int = 25) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((size, size)) * np.exp(rng.standard_normal((size, 1)))
    gamma = rng.standard_normal((size, size))
    return root @ root.T / size, 3.0 * rng.standard_normal(size), 0.5 * (gamma + gamma.T)


def test_many_factors_against_a_simulation() -> None:
    sigma, delta, gamma = random_book(1)
    exact = figures(delta, gamma, sigma, 0.99, theta=-2.0)
    rng = np.random.default_rng(2)
    moves = rng.multivariate_normal(np.zeros(25), sigma, 200_000, method="cholesky")
    drawn = taylor_pnl(moves, delta, gamma) - 2.0
    # What the draws say, to three standard errors.
    seen = sampling_intervals(drawn, 0.99, level=0.9973)
    assert seen.var.low < exact.var < seen.var.high
    assert seen.es.low < exact.es < seen.es.high
    assert drawn.mean() == pytest.approx(exact.mean, abs=0.01 * exact.volatility)
    assert drawn.std() == pytest.approx(exact.volatility, rel=0.01)
    near = figures(delta, gamma, sigma, 0.99, theta=-2.0, way="cornish_fisher")
    # Skew -1.3 and kurtosis 3: the expansion is six per cent off.
    assert near.var == pytest.approx(exact.var, rel=0.08)


@pytest.mark.slow
@given(st.integers(0, 50), st.floats(0.9, 0.999), st.floats(0.1, 50.0))
def test_a_diagonal_gamma_and_units_of_factors(seed: int, confidence: float, unit: float) -> None:
    sigma, delta, gamma = random_book(seed, 4)
    scale = np.array([unit, 1.0, 1.0 / unit, 2.0])
    plain = figures(delta, np.diag(np.diag(gamma)), sigma, confidence)
    diagonal = figures(
        delta / scale, np.diag(gamma) / scale**2, sigma * np.outer(scale, scale), confidence
    )
    assert diagonal.var == pytest.approx(plain.var, rel=1e-7)
    assert diagonal.es == pytest.approx(plain.es, rel=1e-7)


def test_without_gamma_all_ways_are_the_normal() -> None:
    sigma, delta, _ = random_book(3)
    ways = [
        figures(delta, None, sigma, 0.975, way=way) for way in ("exact", "cornish_fisher", "normal")
    ]
    for found in ways:
        assert found.var == pytest.approx(ways[2].var, rel=1e-9)
        assert found.es == pytest.approx(ways[2].es, rel=1e-9)


def test_gamma_meets_the_larger_moves_of_a_longer_horizon() -> None:
    one, ten = (figures([0.0], [-2.0], [[1.0]], 0.99, horizon_days=days).var for days in (1, 10))
    assert ten == pytest.approx(10 * one)
    assert one == pytest.approx(stats.chi2.ppf(0.99, 1))


def test_the_interval_of_an_estimated_covariance() -> None:
    returns = np.random.default_rng(4).standard_normal((250, 1)) * 0.01
    estimated = estimator("sample").fit(returns, ("A",))
    found = figures([100.0], [-2_000.0], estimated, 0.99)
    assert found.var_interval is not None
    assert found.var_interval.low < found.var < found.var_interval.high
    assert figures([100.0], [-2_000.0], estimated.covariance, 0.99).var_interval is None


@given(st.floats(-0.3, 0.3), st.floats(0.3, 3.0), st.floats(0.8, 0.999))
def test_the_expansion_where_it_is_valid(skew: float, kurtosis: float, chance: float) -> None:
    shape = Moments(1.0, 2.0, skew, kurtosis)
    assert validity(shape, chance).is_valid
    grid = np.linspace(chance, 1.0, 200_001)
    middle = 0.5 * (grid[1:] + grid[:-1])
    quantiles = [cornish_fisher_quantile(shape, each) for each in middle[:: len(middle) // 500]]
    assert np.all(np.diff(quantiles) > 0)
    var, es = cornish_fisher_quantile(shape, chance), cornish_fisher_mean_beyond(shape, chance)
    assert es > var


def test_the_mean_beyond_of_the_expansion_is_that_of_its_quantiles() -> None:
    shape = Moments(0.5, 3.0, -0.4, 1.5)
    grid = (np.arange(400_000) + 0.5) / 400_000
    z = stats.norm.ppf(0.95 + 0.05 * grid)
    s, k = shape.skew, shape.excess_kurtosis
    w = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
    assert cornish_fisher_mean_beyond(shape, 0.95) == pytest.approx(0.5 + 3 * w.mean(), abs=1e-3)
