"""Sampling intervals: exact binomial cases by hand, and coverage of the truth by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.intervals import (
    INTERVALS,
    _binomial_quantile,
    order_statistic_bounds,
    sampling_intervals,
)


def test_order_statistics_by_hand() -> None:
    """500 losses at 99%: 2 to 9 of them beyond, each miss 2.5% or less."""
    losses = np.arange(1.0, 501.0)
    found = sampling_intervals(-losses, 0.99).var
    below = stats.binom(500, 0.99)
    low, high = int(found.low), int(found.high)
    assert below.cdf(low - 1) <= 0.025 < below.cdf(low)
    assert 1.0 - below.cdf(high - 1) <= 0.025 < 1.0 - below.cdf(high - 2)
    assert low <= 496 <= high


@given(st.integers(1, 20_000), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_binomial_quantiles_are_scipys(size: int, success: float, chance: float) -> None:
    found = _binomial_quantile(chance, size, success)
    exact = stats.binom(size, success)
    # Where a probability is met to the last digit either number is right.
    assert exact.cdf(found) >= chance * (1.0 - 1e-9)
    assert found == 0 or exact.cdf(found - 1) < chance * (1.0 + 1e-9)


def test_a_side_without_bound_is_said_to_have_none() -> None:
    pnl = np.random.default_rng(1).standard_normal(250)
    found = sampling_intervals(pnl, 0.99).var
    # 250 losses are all below the 99% quantile with probability 8%.
    assert found.high == math.inf
    assert math.isfinite(found.low)
    assert found.to_dict()["high"] is None
    assert sampling_intervals(pnl[:3], 0.01).var.low == -math.inf


def test_many_nodes_at_once() -> None:
    pnl = np.random.default_rng(2).standard_normal((4, 600))
    low, high = order_statistic_bounds(pnl, 0.975)
    for row in range(4):
        alone = sampling_intervals(pnl[row], 0.975).var
        assert (alone.low, alone.high) == (low[row], high[row])


def test_weights_count_through_the_effective_sample_size() -> None:
    rng = np.random.default_rng(3)
    pnl, raw = rng.standard_normal(2_000), rng.exponential(size=2_000)
    weights = raw / raw.sum()
    plain, by_weight = sampling_intervals(pnl, 0.95).var, sampling_intervals(pnl, 0.95, weights).var
    effective = int(1.0 / np.square(weights).sum())
    assert by_weight.method == f"order statistic, of {effective:,} effective scenarios"
    # Half as many effective scenarios: about 1.4 times as wide.
    assert 1.1 < (by_weight.high - by_weight.low) / (plain.high - plain.low) < 1.9
    equal = sampling_intervals(pnl, 0.95, np.full(2_000, 1 / 2_000)).var
    assert equal == plain


def test_bootstrap_needs_a_seed_and_repeats_itself() -> None:
    pnl = np.random.default_rng(4).standard_normal(500)
    with pytest.raises(UserInputError, match="needs a seed"):
        sampling_intervals(pnl, 0.95, method="bootstrap")
    one, other = (sampling_intervals(pnl, 0.95, method="bootstrap", seed=5) for _ in range(2))
    assert one == other
    assert one != sampling_intervals(pnl, 0.95, method="bootstrap", seed=6)
    weights = np.full(500, 1.0)
    weights[0] += 1e-7
    near = sampling_intervals(pnl, 0.95, weights / weights.sum(), method="bootstrap", seed=7)
    # Counting in the tail alone is the same bootstrap as drawing all scenarios.
    assert near.var.low == pytest.approx(one.var.low, abs=0.15)
    assert near.es.high == pytest.approx(one.es.high, abs=0.15)


def test_one_loss_in_the_tail_bounds_no_mean() -> None:
    pnl = np.random.default_rng(8).standard_normal(100)
    found = sampling_intervals(pnl, 0.99).es
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert "fewer than 2" in found.method


def test_intervals_move_with_money_and_units() -> None:
    pnl = np.random.default_rng(9).standard_t(4, 800)
    for method in INTERVALS:
        plain = sampling_intervals(pnl, 0.975, method=method, seed=1)
        moved = sampling_intervals(1e6 * pnl + 5e5, 0.975, method=method, seed=1)
        for one, other in zip(plain, moved, strict=True):
            assert other.low == pytest.approx(1e6 * one.low - 5e5, rel=1e-9)
            assert other.high == pytest.approx(1e6 * one.high - 5e5, rel=1e-9)


def test_bad_input() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean bootstrap"):
        sampling_intervals(np.ones(10), 0.9, method="boot strap")
    with pytest.raises(UserInputError, match="one P&L vector"):
        sampling_intervals(np.ones((2, 10)), 0.9)
    with pytest.raises(UserInputError, match=r"percentage: 0\.95"):
        sampling_intervals(np.ones(10), 0.9, level=95)


def truth(distribution: object, confidence: float) -> tuple[float, float]:
    var = distribution.ppf(confidence)  # type: ignore[attr-defined]
    pdf = distribution.pdf  # type: ignore[attr-defined]
    beyond = integrate.quad(lambda x: x * pdf(x), var, np.inf)[0]
    return var, beyond / (1.0 - confidence)


RUNS = 600


@pytest.mark.slow
@pytest.mark.parametrize("method", INTERVALS)
@pytest.mark.parametrize("degrees", [1e9, 5.0])
def test_nominal_coverage(method: str, degrees: float) -> None:
    """95% of 600 samples of 2,000 with 50 losses in the tail; the standard error is 0.9%."""
    law, rng = stats.t(degrees), np.random.default_rng(10)
    var, es = truth(law, 0.975)
    hits = np.zeros(2)
    for run, pnl in enumerate(rng.standard_t(degrees, (RUNS, 2_000))):
        found = sampling_intervals(pnl, 0.975, method=method, seed=run, repeats=300)
        hits += [found.var.low <= var <= found.var.high, found.es.low <= es <= found.es.high]
    of_var, of_es = hits / RUNS
    assert 0.93 <= of_var <= 0.975
    assert 0.93 <= of_es <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("method", INTERVALS)
@pytest.mark.parametrize("degrees", [1e9, 5.0])
def test_nominal_coverage_of_es_with_five_losses_in_the_tail(method: str, degrees: float) -> None:
    """95% of 1,000 samples of 500 at 99%; the standard error is 0.7%."""
    law, rng = stats.t(degrees), np.random.default_rng(12)
    _, es = truth(law, 0.99)
    hits = 0
    for run, pnl in enumerate(rng.standard_t(degrees, (1_000, 500))):
        found = sampling_intervals(pnl, 0.99, method=method, seed=run, repeats=300)
        hits += found.es.low <= es <= found.es.high
    assert 0.925 <= hits / 1_000 <= 0.975


@pytest.mark.slow
def test_nominal_coverage_with_weights() -> None:
    """Scenarios drawn from a wider law and weighted back to the normal."""
    rng, hits = np.random.default_rng(11), np.zeros((3, 2))
    var, es = truth(stats.norm, 0.975)
    for run in range(RUNS):
        pnl = 1.5 * rng.standard_normal(2_000)
        raw = stats.norm.pdf(pnl) / stats.norm.pdf(pnl, scale=1.5)
        for row, method in enumerate(INTERVALS):
            if method == "bootstrap" and run >= 150:
                continue
            found = sampling_intervals(
                pnl, 0.975, raw / raw.sum(), method=method, seed=run, repeats=200
            )
            hits[row] += [
                found.var.low <= var <= found.var.high,
                found.es.low <= es <= found.es.high,
            ]
    share = hits / np.array([[RUNS], [150], [RUNS]])
    # The effective sample size takes the tail for as poor as the rest: too wide, never too narrow.
    assert share[0, 0] >= 0.95
    assert share[1].min() >= 0.90
    assert 0.93 <= share[2, 0] <= 0.975
    assert 0.92 <= share[2, 1] <= 0.975
