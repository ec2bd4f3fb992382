"""Sample and exponentially weighted covariance: closed forms, recursions and NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.sample import (
    Ewma,
    Sample,
    ewma_step,
    memory_days,
)


@pytest.fixture
def returns() -> np.ndarray:
    return np.random.default_rng(4).normal(0.001, 0.01, (80, 3)) @ np.array(
        [[1.0, 0.3, 0.0], [0.0, 2.0, 0.5], [0.2, 0.0, 1.0]]
    )


def test_sample_is_that_of_numpy(returns: np.ndarray) -> None:
    result = Sample().fit(returns, "ABC")
    assert result.covariance == pytest.approx(np.cov(returns.T), rel=1e-12)
    assert result.correlation == pytest.approx(np.corrcoef(returns.T), rel=1e-12)
    mean_zero = Sample(centred=False).fit(returns, "ABC")
    assert mean_zero.covariance == pytest.approx(returns.T @ returns / 80, rel=1e-12)


def test_weights_are_those_of_numpy(returns: np.ndarray) -> None:
    weights = np.linspace(0.0, 2.0, 80)
    result = Sample().fit(returns, "ABC", weights=weights)
    assert result.covariance == pytest.approx(np.cov(returns.T, aweights=weights), rel=1e-12)
    assert result.effective_observations == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_ewma_is_its_recursion(returns: np.ndarray) -> None:
    """Started at the weighted mean of the first days, the recursion is the weighted sum."""
    decay = 0.9
    many = np.tile(returns, (10, 1))
    state = np.outer(many[0], many[0])
    for day in many[1:]:
        state = decay * state + (1.0 - decay) * np.outer(day, day)
    assert Ewma(decay).fit(many, "ABC").covariance == pytest.approx(state, rel=1e-10)


def test_r18_ewma_step() -> None:
    # Hull, ch. 23: lambda 0.9, volatility 1%, a move of 2%.
    assert np.sqrt(ewma_step(0.01**2, 0.02, 0.9)) == pytest.approx(0.0114018, abs=5e-8)


@pytest.mark.parametrize(
    ("decay", "tolerance", "days"),
    [(0.94, 0.01, 74.43), (0.97, 0.01, 151.19), (0.94, 0.001, 111.64)],
)
def test_r20_memory(decay: float, tolerance: float, days: float) -> None:
    # RiskMetrics technical document, table 5.7.
    assert memory_days(decay, tolerance) == pytest.approx(days, abs=0.005)
    ages = decay ** np.arange(20_000)
    older = 1.0 - np.cumsum(ages) / ages.sum()
    assert older[int(days) - 1] > tolerance > older[int(days)]


def test_half_life() -> None:
    ewma = Ewma.of_half_life(30)
    assert ewma.decay**30 == pytest.approx(0.5)
    assert ewma.half_life_days == pytest.approx(30)
    # The Kish number of exponential weights is (1 + decay) / (1 - decay).
    seen = ewma.fit(np.random.default_rng(1).normal(size=(2000, 1)), "A")
    assert seen.effective_observations == pytest.approx((1 + ewma.decay) / (1 - ewma.decay))


def test_impossible_decays() -> None:
    for decay in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(UserInputError, match="between 0 and 1"):
            Ewma(decay)
    with pytest.raises(UserInputError, match="half-life"):
        Ewma.of_half_life(0)
    with pytest.raises(UserInputError, match="tolerance"):
        memory_days(0.9, 1.0)
