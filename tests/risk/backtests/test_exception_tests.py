"""Statistics and p-values of the tests on exceptions, each computed a second way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import optimize, stats

from riskplatform.risk.backtests.arrangements import draw_days
from riskplatform.risk.backtests.christoffersen import (
    conditional_coverage,
    independence,
    independence_of_counts,
    transitions,
)
from riskplatform.risk.backtests.duration import durations
from riskplatform.risk.backtests.dynamic_quantile import dynamic_quantile
from riskplatform.risk.backtests.kupiec import non_rejection_counts, pof_of_count
from riskplatform.risk.backtests.tuff import tuff, tuff_of_day
from riskplatform.risk.backtests.verdict import PValueKind
from tests.risk.backtests.worlds import clustered_days, independent_days


@pytest.mark.parametrize(("days", "confidence"), [(20, 0.9), (250, 0.99), (1000, 0.975)])
def test_the_exact_p_value_of_pof_is_the_sum_of_the_binomial(days: int, confidence: float) -> None:
    p = 1 - confidence
    counts = np.arange(days + 1)
    ratios = np.array([pof_of_count(k, days, confidence).statistic for k in counts])
    for count in (0, 1, days // 50, days // 10, days):
        expected = stats.binom.pmf(counts, days, p)[ratios >= ratios[count] - 1e-9].sum()
        assert pof_of_count(count, days, confidence).p_value == pytest.approx(expected, rel=1e-8)


def test_the_exact_region_keeps_to_its_level_where_kupiecs_does_not() -> None:
    sizes = {}
    for exact in (False, True):
        low, high = non_rejection_counts(250, 0.99, exact=exact)
        kept = stats.binom.cdf(high, 250, 0.01) - stats.binom.cdf(low - 1, 250, 0.01)
        sizes[exact] = 1 - kept
    # The asymptotic test at "5%" rejects a correct VaR in 9.5% of years.
    assert sizes[False] == pytest.approx(0.0948, abs=1e-4)
    assert sizes[True] <= 0.05


def test_the_exact_p_value_of_tuff() -> None:
    days = np.arange(1, 5000)
    chances = stats.geom.pmf(days, 0.01)
    ratios = np.array([tuff_of_day(int(day), 0.99).statistic for day in days])
    for day in (1, 5, 80, 400):
        expected = chances[ratios >= ratios[day - 1] - 1e-9].sum()
        assert tuff_of_day(day, 0.99).p_value == pytest.approx(expected, rel=1e-6)
    late = tuff(np.zeros(600), 0.99)
    assert late.is_rejected
    assert late.p_value == pytest.approx(tuff_of_day(601, 0.99).p_value)


def all_arrangements(days: int, count: int) -> list[np.ndarray]:
    rows = []
    for places in itertools.combinations(range(days), count):
        row = np.zeros(days, dtype=bool)
        row[list(places)] = True
        rows.append(row)
    return rows


@pytest.mark.parametrize("test", [independence, durations])
def test_simulated_p_values_are_those_of_all_arrangements(test) -> None:
    every = all_arrangements(14, 4)
    values = np.array([test(row, simulations=0).statistic for row in every])
    rng = np.random.default_rng(2)
    for place in rng.choice(len(every), 25, replace=False):
        expected = np.mean(values >= values[place] - 1e-9)
        found = test(every[place], simulations=20_000).p_value
        assert found == pytest.approx(expected, abs=0.015)


def test_simulated_coverage_is_that_of_all_samples() -> None:
    # All 2^12 samples of 12 days at 90%, each with its chance.
    every = [np.array(row, dtype=bool) for row in itertools.product((0, 1), repeat=12)]
    values = np.array([conditional_coverage(row, 0.9, simulations=0).statistic for row in every])
    counts = np.array([row.sum() for row in every])
    chances = 0.1**counts * 0.9 ** (12 - counts)
    for place in (0, 1, 3, 9, 511, 4095):
        expected = chances[values >= values[place] - 1e-9].sum()
        found = conditional_coverage(every[place], 0.9, simulations=20_000).p_value
        assert found == pytest.approx(expected, abs=0.015)


def test_arrangements_are_all_equally_likely() -> None:
    rng, seen = np.random.default_rng(1), {}
    places = np.empty(2, dtype=np.int64)
    for _ in range(20_000):
        draw_days(5, 2, rng.random(2), places)
        seen[tuple(places)] = seen.get(tuple(places), 0) + 1
    assert set(seen) == set(itertools.combinations(range(5), 2))
    assert stats.chisquare(list(seen.values())).pvalue > 1e-3


def test_transitions_are_counted() -> None:
    rng = np.random.default_rng(3)
    hits = rng.random(300) < 0.3
    pairs = list(itertools.pairwise(hits))
    expected = tuple(pairs.count((a, b)) for a in (False, True) for b in (False, True))
    assert tuple(transitions(hits)) == expected
    assert independence(hits).statistic == pytest.approx(
        independence_of_counts(transitions(hits)).statistic
    )


def weibull_log_likelihood(point, whole, cut) -> float:
    scale, shape = np.exp(point)
    law = stats.weibull_min(shape, scale=scale)
    return law.logpdf(whole).sum() + law.logsf(cut).sum()


@pytest.mark.parametrize("seed", range(6))
def test_the_weibull_ratio_by_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hits = clustered_days(rng, 600, 0.04, 0.2 if seed % 2 else 0.04)
    places = np.flatnonzero(hits)
    whole = np.diff(places).astype(float)
    cut = [places[0] + 1.0] if places[0] > 0 else []
    cut = np.array(cut + ([599.0 - places[-1]] if places[-1] < 599 else []))

    def cost(point):
        return -weibull_log_likelihood(point, whole, cut)

    free = optimize.minimize(cost, [3.0, 0.0], method="Nelder-Mead", options={"fatol": 1e-10})
    fixed = optimize.minimize_scalar(lambda scale: cost((scale, 0.0)), bounds=(0, 8))
    found = durations(hits, simulations=0)
    assert found.statistic == pytest.approx(2 * (fixed.fun - free.fun), abs=1e-5)
    assert found.detail("Weibull shape") == pytest.approx(np.exp(free.x[1]), rel=1e-3)


@pytest.mark.parametrize("with_var", [False, True])
def test_the_dynamic_quantile_by_least_squares(with_var: bool) -> None:
    rng = np.random.default_rng(4)
    hits, known = independent_days(rng, 500, 0.05), 1.0 + rng.random(500)
    less = hits - 0.05
    columns = [np.ones(496)] + [less[4 - lag : 500 - lag] for lag in range(1, 5)]
    x = np.column_stack(columns + ([known[4:]] if with_var else []))
    fitted = x @ np.linalg.lstsq(x, less[4:], rcond=None)[0]
    expected = fitted @ fitted / (0.05 * 0.95)
    found = dynamic_quantile(hits, 0.95, known if with_var else None, simulations=0)
    assert found.statistic == pytest.approx(expected, rel=1e-9)
    assert found.p_value == pytest.approx(stats.chi2.sf(expected, x.shape[1]), rel=1e-9)


def test_columns_that_others_make_up_add_nothing() -> None:
    # Without an exception every lag is the same number as the constant.
    found = dynamic_quantile(np.zeros(250), 0.99, simulations=0)
    assert found.detail("instruments") == 1
    assert found.statistic == pytest.approx(246 * 0.01**2 / (0.01 * 0.99))
    steady = dynamic_quantile(np.zeros(250), 0.99, np.full(250, 3.0), simulations=0)
    assert steady.statistic == pytest.approx(found.statistic)


def test_clusters_are_seen_and_named() -> None:
    hits = np.zeros(1000, dtype=bool)
    hits[np.r_[100:108, 500:508]] = True
    for test in (independence, durations):
        assert test(hits).is_rejected
    assert durations(hits).detail("Weibull shape") < 1
    assert not pof_of_count(16, 1000, 0.985).is_rejected
    assert conditional_coverage(hits, 0.985).is_rejected
    assert dynamic_quantile(hits, 0.985).is_rejected


def test_the_same_seed_gives_the_same_number() -> None:
    hits = np.random.default_rng(5).random(400) < 0.02
    for test in (independence, durations):
        assert test(hits, seed=1).p_value == test(hits, seed=1).p_value
        assert test(hits, seed=1).p_values[0].kind is PValueKind.SIMULATED
        assert "seed 1" in test(hits, seed=1).method
