"""Numbers of the reference cases that no other test has: 4, 8, 9, 10, 14, 18 and R26."""

from __future__ import annotations

import math

import numpy as np
import pytest

from riskplatform.factors.covariance.denoised import Denoised
from riskplatform.optimisation.black_litterman import (
    View,
    black_litterman,
    equilibrium,
    implied_aversion,
)
from riskplatform.optimisation.constraints import Box
from riskplatform.optimisation.frontier import Frontier, efficient_frontier
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.portfolio import Allocation, Portfolio
from riskplatform.optimisation.sharpe_ratios import expected_best
from riskplatform.optimisation.shortfall import MeanShortfall
from riskplatform.risk.closed_forms import normal_tail
from riskplatform.risk.quantiles import var_and_es
from tests.optimisation.published import idzorek, markowitz_todd
from tests.optimisation.random_markets import names


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good
    return found


def test_case_4_the_book_that_follows_from_the_views_of_idzorek() -> None:
    """Idzorek (2005), tables 6 and 8: what the new weights return, risk and move with."""
    assets, sigma, market = idzorek()
    aversion = implied_aversion(sigma, market, 0.03)
    views = [
        View({"intl dev": 1.0}, 0.0525),
        View({"intl bonds": 1.0, "US bonds": -1.0}, 0.0025),
        View({"US LG": 0.9, "US SG": 0.1, "US LV": -0.9, "US SV": -0.1}, 0.02),
    ]
    prior = equilibrium(sigma, market, aversion)
    found = black_litterman(assets, sigma, prior, views, tau=0.025, aversion=aversion)
    place = {name: i for i, name in enumerate(assets)}
    for view, printed in zip(views, (2.836, 0.563, 3.462), strict=True):
        pick = np.zeros(8)
        for name, weight in view.weights.items():
            pick[place[name]] = weight
        assert 100 * pick @ sigma @ pick == pytest.approx(printed, abs=6e-4)
    weights = found.weights(with_uncertainty=False)
    assert 100 * weights.sum() == pytest.approx(103.63, abs=6e-3)
    variance = float(weights @ sigma @ weights)
    assert 100 * weights @ found.expected == pytest.approx(3.101, abs=6e-4)
    # The covariances are printed to six decimals, which shows in the last digit of these three.
    assert variance == pytest.approx(0.01012, abs=1e-5)
    assert 100 * math.sqrt(variance) == pytest.approx(10.058, abs=2e-3)
    assert weights @ sigma @ market / (market @ sigma @ market) == pytest.approx(1.01256, abs=5e-5)
    active = weights - market
    assert 100 * math.sqrt(active @ sigma @ active) == pytest.approx(0.913, abs=6e-4)


def test_case_8_the_ends_of_the_frontier_of_markowitz_and_todd() -> None:
    """Weights of the least variance and of the largest Sharpe ratio, by the critical line and by
    the programmes."""
    mu, sigma = markowitz_todd()
    inputs = inputs_from_moments(names(10), sigma, mu)
    line = efficient_frontier(inputs)
    assert isinstance(line, Frontier)
    least = [0.03697, 0.02690, 0.09494, 0.12578, 0.07675, 0.21936, 0.02999, 0.03596, 0.06135,
             0.29201]  # fmt: skip
    best = [0.0840, 0.0489, 0.0, 0.2183, 0.0017, 0.1812, 0.0, 0.0312, 0.0079, 0.4269]
    assert line.weights[-1] == pytest.approx(least, abs=6e-6)
    assert good(MinimumVariance().fit(inputs)).weights == pytest.approx(least, abs=6e-6)
    assert line.maximum_sharpe() == pytest.approx(best, abs=6e-5)
    sharpest = good(MaximumSharpe().fit(inputs))
    assert sharpest.weights == pytest.approx(best, abs=6e-5)
    assert sharpest.objective == pytest.approx(4.4535, abs=5e-5)


def four_assets() -> np.ndarray:
    correlation = np.eye(4)
    correlation[0, 1] = correlation[1, 0] = 0.8
    correlation[2, 3] = correlation[3, 2] = -0.5
    return np.asarray(correlation * np.outer([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]))


def test_case_9_least_variance_and_equal_weights_beside_equal_risk() -> None:
    """Maillard, Roncalli and Teïletche (2010), second example."""
    sigma = four_assets()
    found = good(MinimumVariance().fit(inputs_from_moments(names(4), sigma)))
    assert 100 * found.weights == pytest.approx([74.48, 0.0, 15.17, 10.34], abs=6e-3)
    assert 100 * math.sqrt(found.weights @ sigma @ found.weights) == pytest.approx(8.63, abs=5e-3)
    assert 100 * math.sqrt(sigma.sum() / 16) == pytest.approx(11.51, abs=5e-3)


def test_case_10_marginal_volatilities_of_roncalli() -> None:
    correlation = np.array([[1.0, 0.8, 0.5], [0.8, 1.0, 0.3], [0.5, 0.3, 1.0]])
    sigma = correlation * np.outer([0.3, 0.2, 0.15], [0.3, 0.2, 0.15])
    weights = np.array([0.5, 0.2, 0.3])
    marginal = sigma @ weights / math.sqrt(weights @ sigma @ weights)
    assert 100 * marginal == pytest.approx([29.40, 16.63, 9.49], abs=5e-3)


def test_case_14_noise_is_allocated_to_nearly_equally() -> None:
    noise = np.random.default_rng(14).standard_normal((400, 50)) * 0.01
    cleaned = inputs_from_returns(noise, names(50), estimator=Denoised())
    weights = good(MinimumVariance().fit(cleaned)).weights
    assert np.abs(weights - 1 / 50).max() < 0.3 / 50
    raw = inputs_from_moments(names(50), np.cov(noise.T))
    assert np.abs(good(MinimumVariance().fit(raw)).weights - 1 / 50).max() > 0.8 / 50


def test_case_18_the_hurdle_of_a_year() -> None:
    """Bailey and López de Prado (2014): the best of 100 trials with a variance of one half."""
    assert math.sqrt(0.5) * expected_best(100) == pytest.approx(1.789, abs=6e-4)


ROCKAFELLAR_MEAN = np.array([0.0101110, 0.0043532, 0.0137058])
ROCKAFELLAR_SIGMA = np.array([
    [0.00324625, 0.00022983, 0.00420395],
    [0.00022983, 0.00049937, 0.00019247],
    [0.00420395, 0.00019247, 0.00764097],
])  # fmt: skip
ROCKAFELLAR_WEIGHTS = [0.452011, 0.115573, 0.432416]


def rockafellar(count: int | None = None) -> Inputs:
    """S&P, bonds and small caps; with normal scenarios that have these moments exactly."""
    assets = ("S&P", "bond", "small cap")
    if count is None:
        return inputs_from_moments(assets, ROCKAFELLAR_SIGMA, ROCKAFELLAR_MEAN)
    drawn = np.random.default_rng(26).standard_normal((count // 2, 3))
    drawn = np.vstack([drawn, -drawn])
    white = drawn @ np.linalg.inv(np.linalg.cholesky(drawn.T @ drawn / count)).T
    returns = white @ np.linalg.cholesky(ROCKAFELLAR_SIGMA).T + ROCKAFELLAR_MEAN
    means = dict(zip(assets, ROCKAFELLAR_MEAN.tolist(), strict=True))
    return inputs_from_returns(returns, assets, expected=means, is_history=False)


def test_r26_least_variance_at_a_return_has_the_least_cvar_of_normal_returns() -> None:
    """Rockafellar and Uryasev (2000), tables 1 and 2."""
    found = good(MeanVariance(target_return=0.011).fit(rockafellar()))
    weights = np.asarray(found.weights)
    assert weights == pytest.approx(ROCKAFELLAR_WEIGHTS, abs=6e-7)
    variance = float(weights @ ROCKAFELLAR_SIGMA @ weights)
    assert variance == pytest.approx(0.00378529, abs=6e-9)
    for confidence, var, cvar in (
        (0.90, 0.067847, 0.096975), (0.95, 0.090199, 0.115908), (0.99, 0.132128, 0.152977),
    ):  # fmt: skip
        tail = normal_tail(math.sqrt(variance), confidence, ROCKAFELLAR_MEAN @ weights)
        assert float(tail.var) == pytest.approx(var, abs=6e-7)
        assert float(tail.es) == pytest.approx(cvar, abs=6e-7)


@pytest.mark.slow
def test_r26_the_linear_programme_of_scenarios_finds_it_too() -> None:
    """What the paper does: the least CVaR over draws, near the exact answer, and at its own draws
    below that of the exact weights."""
    inputs = rockafellar(20_000)
    found = good(MeanShortfall(0.95, target_return=0.011).fit(inputs))
    weights = np.asarray(found.weights)
    assert weights == pytest.approx(ROCKAFELLAR_WEIGHTS, abs=0.03)
    assert weights @ ROCKAFELLAR_MEAN == pytest.approx(0.011, abs=1e-8)
    own = var_and_es(inputs.scenarios @ weights, 0.95)
    exact = var_and_es(inputs.scenarios @ ROCKAFELLAR_WEIGHTS, 0.95)
    assert found.objective == pytest.approx(float(own.es), rel=1e-6)
    assert float(own.es) <= float(exact.es)
    assert float(own.es) == pytest.approx(0.115908, rel=0.02)
    assert float(own.var) == pytest.approx(0.090199, rel=0.03)
    # Another confidence, the same weights: of normal returns they do not depend on it.
    tight = good(MeanShortfall(0.99, target_return=0.011, constraints=(Box(0.0, 1.0),)).fit(inputs))
    assert tight.weights == pytest.approx(ROCKAFELLAR_WEIGHTS, abs=0.05)
