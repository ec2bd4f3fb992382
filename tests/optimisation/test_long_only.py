"""Least variance and largest Sharpe ratio: published weights, another solver, other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from tests.optimisation.published import markowitz_todd
from tests.optimisation.random_markets import names, returns


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    assert found.weights.sum() == pytest.approx(1.0)
    return found


def test_the_ten_assets_of_markowitz_and_todd() -> None:
    mu, sigma = markowitz_todd()
    inputs = inputs_from_moments(names(10), sigma, mu)
    least = good(MinimumVariance().fit(inputs))
    expected = [0.03697, 0.02690, 0.09494, 0.12578, 0.07675, 0.21936, 0.02999, 0.03596, 0.06135,
                0.29201]  # fmt: skip
    assert least.weights == pytest.approx(expected, abs=5e-6)
    best = good(MaximumSharpe().fit(inputs))
    assert best.objective == pytest.approx(4.4535, abs=5e-5)
    assert best.weights == pytest.approx(
        [0.0840, 0.0489, 0, 0.2183, 0.0017, 0.1812, 0, 0.0312, 0.0079, 0.4269], abs=5e-5
    )


def test_the_four_assets_of_maillard_roncalli_and_teiletche() -> None:
    deviation = np.array([0.1, 0.2, 0.3, 0.4])
    correlation = np.eye(4)
    correlation[0, 1] = correlation[1, 0] = 0.8
    correlation[2, 3] = correlation[3, 2] = -0.5
    sigma = np.outer(deviation, deviation) * correlation
    found = good(MinimumVariance().fit(inputs_from_moments(names(4), sigma)))
    assert 100 * found.weights == pytest.approx([74.48, 0, 15.17, 10.34], abs=6e-3)
    assert 100 * float(found.objective or 0) == pytest.approx(8.63, abs=5e-3)


@given(st.integers(1, 40), st.integers(0, 300))
def test_no_other_long_weights_are_better(count: int, seed: int) -> None:
    sigma = np.cov(returns(count, 60, seed).T).reshape(count, count) + 1e-9 * np.eye(count)
    rng = np.random.default_rng(seed)
    mu = rng.normal(0.0002, 0.001, count)
    inputs = inputs_from_moments(names(count), sigma, mu)
    least = good(MinimumVariance().fit(inputs))
    sharpe = MaximumSharpe().fit(inputs)
    assert isinstance(sharpe, FailedPortfolio) == (not (mu > 0).any())
    for _ in range(30):
        other = rng.dirichlet(np.full(count, rng.choice([0.05, 1.0])))
        deviation = np.sqrt(other @ sigma @ other)
        assert deviation >= float(least.objective or 0) * (1 - 1e-9)
        if isinstance(sharpe, Portfolio):
            assert mu @ other / deviation <= float(sharpe.objective or 0) * (1 + 1e-9) + 1e-15


def test_the_answer_is_that_of_non_negative_least_squares() -> None:
    table = returns(60, 500, 9)
    sigma = np.cov(table.T)
    root = np.linalg.cholesky(sigma).T
    target = np.linalg.solve(root.T, np.ones(60))
    theirs = optimize.nnls(root, target)[0]
    ours = good(MinimumVariance().fit(inputs_from_moments(names(60), sigma)))
    assert ours.weights == pytest.approx(theirs / theirs.sum(), abs=1e-9)


def test_a_low_rank_gives_the_weights_of_the_whole_matrix() -> None:
    rng = np.random.default_rng(2)
    factors = LowRank(rng.standard_normal((300, 6)) * 0.01, rng.uniform(1e-5, 4e-4, 300))
    low = good(MinimumVariance().fit(Inputs(tuple(names(300)), factors)))
    dense = good(MinimumVariance().fit(inputs_from_moments(names(300), factors.dense())))
    assert low.weights == pytest.approx(dense.weights, abs=1e-12)


def test_assets_that_are_the_same_and_books_without_risk() -> None:
    twins = np.array([[0.04, 0.04 - 1e-12, 0.0], [0.04 - 1e-12, 0.04, 0.0], [0.0, 0.0, 0.04]])
    found = good(MinimumVariance().fit(inputs_from_moments(names(3), twins)))
    assert found.weights[:2].sum() == pytest.approx(0.5, abs=1e-6)
    hedged = np.array([[0.01, -0.01], [-0.01, 0.01]])
    # A book without risk is the least risky one; there is no largest ratio where it earns.
    whole = good(MinimumVariance().fit(inputs_from_moments(names(2), hedged)))
    assert whole.weights == pytest.approx([0.5, 0.5], abs=1e-6)
    failed = MaximumSharpe().fit(inputs_from_moments(names(2), hedged, [0.01, 0.01]))
    assert isinstance(failed, FailedPortfolio)
    assert "no risk" in failed.failure.message


def test_nothing_that_returns_more_than_cash_has_no_ratio() -> None:
    found = MaximumSharpe().fit(inputs_from_moments(names(2), np.eye(2), [-0.01, 0.0]))
    assert isinstance(found, FailedPortfolio)
    assert "more than cash" in found.failure.message
