"""The efficient frontier: published turning points, optimality everywhere, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.optimisation.frontier import Frontier, efficient_frontier
from riskplatform.optimisation.inputs import inputs_from_moments
from riskplatform.optimisation.long_only import MinimumVariance
from riskplatform.optimisation.portfolio import FailedPortfolio, Portfolio
from tests.optimisation.published import markowitz_todd
from tests.optimisation.random_markets import names, returns


def test_the_turning_points_of_markowitz_and_todd() -> None:
    mu, sigma = markowitz_todd()
    found = efficient_frontier(inputs_from_moments(names(10), sigma, mu))
    assert isinstance(found, Frontier)
    expected = [
        (1.19, 0.952, 58.303), (1.1803, 0.5457, 4.174), (1.1601, 0.4173, 1.946),
        (1.1113, 0.2667, 0.1646), (1.1084, 0.2650, 0.1474), (1.0225, 0.2297, 0.0562),
        (1.0153, 0.2280, 0.0520), (0.9727, 0.2196, 0.0365), (0.9499, 0.2160, 0.0310),
        (0.8032, 0.2052, 0.0),
    ]  # fmt: skip
    assert found.expected == pytest.approx([row[0] for row in expected], abs=5.1e-5)
    assert np.sqrt(found.variances) == pytest.approx([row[1] for row in expected], abs=5.1e-5)
    assert found.prices == pytest.approx([row[2] for row in expected], abs=5.1e-4)
    best = found.maximum_sharpe()
    assert mu @ best / np.sqrt(best @ sigma @ best) == pytest.approx(4.4535, abs=5e-5)


def is_optimal(
    weights: np.ndarray, price: float, sigma: np.ndarray, mu: np.ndarray, low: float, high: float
) -> bool:
    """Written from the conditions of Karush, Kuhn and Tucker alone."""
    slope = sigma @ weights - price * mu
    inside = (weights > low + 1e-9) & (weights < high - 1e-9)
    size = np.abs(sigma @ weights).max() + abs(price) * np.abs(mu).max()
    floor = slope[weights < high - 1e-9]
    ceiling = slope[weights > low + 1e-9]
    level = slope[inside].mean() if inside.any() else 0.5 * (floor.min() + ceiling.max())
    return bool(floor.min() >= level - 1e-7 * size and ceiling.max() <= level + 1e-7 * size)


@given(
    st.integers(2, 30), st.integers(0, 400), st.sampled_from([(0.0, 1.0), (0.01, 0.2), (-0.1, 0.4)])
)
def test_every_point_of_the_frontier_is_optimal(
    count: int, seed: int, bounds: tuple[float, float]
) -> None:
    low, high = bounds
    sigma = np.cov(returns(count, 90, seed).T).reshape(count, count)
    mu = np.random.default_rng(seed).normal(0.0003, 0.0008, count)
    found = efficient_frontier(inputs_from_moments(names(count), sigma, mu), low, high)
    if count * high < 1.0 or count * low > 1.0:
        assert isinstance(found, FailedPortfolio)
        return
    assert isinstance(found, Frontier)
    assert (np.diff(found.prices) < 0).all()
    assert (np.diff(found.expected) <= 1e-12).all()
    prices = [*found.prices, *(0.5 * (found.prices[1:] + found.prices[:-1]))]
    for price in prices:
        weights = found.at_price(float(price))
        assert weights.sum() == pytest.approx(1.0, abs=1e-8)
        assert weights.min() >= low - 1e-9
        assert weights.max() <= high + 1e-9
        assert is_optimal(weights, float(price), sigma, mu, low, high)


def test_the_end_of_the_frontier_is_the_least_variance() -> None:
    sigma = np.cov(returns(40, 200, 5).T)
    inputs = inputs_from_moments(names(40), sigma, np.linspace(-1, 1, 40) * 1e-3)
    found, least = efficient_frontier(inputs), MinimumVariance().fit(inputs)
    assert isinstance(found, Frontier)
    assert isinstance(least, Portfolio)
    assert found.weights[-1] == pytest.approx(least.weights, abs=1e-8)
    assert found.prices[-1] == 0.0


def test_weights_at_a_return_have_it() -> None:
    mu, sigma = markowitz_todd()
    found = efficient_frontier(inputs_from_moments(names(10), sigma, mu))
    assert isinstance(found, Frontier)
    for wanted in (0.9, 1.0, 1.15):
        assert mu @ found.at_return(wanted) == pytest.approx(wanted)
    with pytest.raises(UserInputError, match=r"0\.803"):
        found.at_return(0.5)
    assert found.curve()["is_turning_point"].sum() == len(found.prices)


def test_bounds_that_cannot_hold_are_said() -> None:
    inputs = inputs_from_moments(names(3), np.eye(3), [0.1, 0.2, 0.3])
    failed = efficient_frontier(inputs, 0.0, 0.2)
    assert isinstance(failed, FailedPortfolio)
    assert "0.6" in failed.failure.message
    with pytest.raises(UserInputError):
        efficient_frontier(inputs, 0.5, 0.2)
