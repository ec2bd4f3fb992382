"""PIT tests, Berkowitz, Acerbi-Szekely and FRTB attribution, each a second way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskplatform.risk.backtests.acerbi_szekely import z1, z2
from riskplatform.risk.backtests.attribution import pnl_attribution
from riskplatform.risk.backtests.berkowitz import berkowitz
from riskplatform.risk.backtests.pit import (
    anderson_darling,
    anderson_darling_limit,
    cramer_von_mises,
    kolmogorov_smirnov,
)
from riskplatform.risk.backtests.shapes import Normal, StudentT
from riskplatform.risk.backtests.tail_nulls import ParetoTail, pareto_null, shape_null
from riskplatform.risk.backtests.tail_ranks import mean_of_lowest, z3
from riskplatform.risk.backtests.verdict import Zone


def test_kolmogorov_smirnov_by_scipy() -> None:
    pits = np.random.default_rng(1).random(180) ** 1.1
    expected = stats.kstest(pits, "uniform", method="exact")
    found = kolmogorov_smirnov(pits)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_anderson_darling_by_its_integral() -> None:
    pits = np.sort(np.random.default_rng(2).random(60))
    # n ∫ (F − x)² / (x (1 − x)) dx, on a fine grid.
    grid = (np.arange(400_000) + 0.5) / 400_000
    share = np.searchsorted(pits, grid, side="right") / 60
    integral = 60 * np.mean((share - grid) ** 2 / (grid * (1 - grid)))
    assert anderson_darling(pits).statistic == pytest.approx(integral, rel=1e-3)
    # Percentage points of Stephens (1974).
    assert anderson_darling_limit(1.933) == pytest.approx(0.90, abs=5e-4)
    assert anderson_darling_limit(2.492) == pytest.approx(0.95, abs=5e-4)
    assert anderson_darling_limit(3.878) == pytest.approx(0.99, abs=5e-4)
    values = np.linspace(0.05, 60, 5000)
    assert (np.diff([anderson_darling_limit(value) for value in values]) >= -1e-6).all()


def test_cramer_von_mises_by_its_sum() -> None:
    pits = np.sort(np.random.default_rng(3).random(90))
    n = pits.size
    expected = 1 / (12 * n) + np.sum((pits - (2 * np.arange(1, n + 1) - 1) / (2 * n)) ** 2)
    assert cramer_von_mises(pits).statistic == pytest.approx(expected, rel=1e-12)


def test_berkowitz_by_regression() -> None:
    rng = np.random.default_rng(4)
    scores = np.empty(400)
    scores[0] = 0.3
    for day in range(1, 400):
        scores[day] = 0.2 + 0.3 * scores[day - 1] + 1.2 * rng.standard_normal()
    found = berkowitz(stats.norm.cdf(scores))
    line = stats.linregress(scores[:-1], scores[1:])
    left = scores[1:] - line.intercept - line.slope * scores[:-1]
    free = stats.norm.logpdf(left, 0, np.sqrt(np.mean(left**2))).sum()
    fixed = stats.norm.logpdf(scores[1:]).sum()
    assert found.statistic == pytest.approx(2 * (free - fixed), rel=1e-8)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 3), rel=1e-8)
    assert found.detail("memory") == pytest.approx(line.slope)
    assert found.is_rejected


@pytest.mark.slow
@pytest.mark.parametrize("shape", [Normal(), StudentT(4.0)])
def test_shapes_by_scipy(shape) -> None:
    law = stats.norm() if isinstance(shape, Normal) else stats.t(4)
    p = np.array([0.001, 0.01, 0.025, 0.3])
    assert shape.quantile(p) == pytest.approx(law.ppf(p))
    assert shape.cdf(law.ppf(p)) == pytest.approx(p)
    for one in p:
        nodes = (np.arange(400_000) + 0.5) / 400_000 * one
        assert float(shape.tail_mean(one)) == pytest.approx(law.ppf(nodes).mean(), rel=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [Normal(), StudentT(4.0)])
def test_the_null_of_z1_and_z2_by_drawing_every_day(shape) -> None:
    null = shape_null(250, 0.025, shape, 40_000, 1)
    rng = np.random.default_rng(2)
    pnl = shape.draw(rng, (20_000, 250))
    hits = pnl < float(shape.quantile(0.025))
    shares = np.where(hits, pnl, 0.0).sum(axis=1) / float(shape.tail_mean(0.025))
    some = hits.any(axis=1)
    second = 1 - shares / 6.25
    first = 1 - shares[some] / hits.sum(axis=1)[some]
    for found, expected in ((null.z2, second), (null.z1, first)):
        assert np.quantile(found, [0.05, 0.5, 0.9]) == pytest.approx(
            np.quantile(expected, [0.05, 0.5, 0.9]), abs=0.02
        )


@pytest.mark.parametrize("shape", [0.0, 0.2, 0.4])
def test_the_pareto_null_has_the_es_of_each_day(shape: float) -> None:
    limit = np.linspace(1.0, 2.0, 250)
    null = pareto_null(limit, 1.3 * limit + 0.2, 0.025, ParetoTail(shape), 40_000, 1)
    assert null.z2.mean() == pytest.approx(0.0, abs=0.01)
    assert null.z1.mean() == pytest.approx(0.0, abs=0.01)


def test_z1_and_z2_by_hand() -> None:
    pnl = np.array([-3.0, 1.0, -2.5, 0.5, -1.0] * 8)
    found = z1(pnl, 2.0, 2.5, 0.9, tail=Normal())
    assert found.statistic == pytest.approx(1 - (1.2 + 1.0) / 2)
    assert found.exceptions == 16
    found = z2(pnl, 2.0, 2.5, 0.9, tail=Normal())
    assert found.statistic == pytest.approx(1 - 8 * (1.2 + 1.0) / (40 * 0.1))
    assert found.is_rejected


def test_z2_sees_an_es_that_is_too_small() -> None:
    rng = np.random.default_rng(7)
    pnl = rng.standard_t(3, 2500)
    p = 0.025
    right = (-stats.t.ppf(p, 3), -float(StudentT(3).tail_mean(p)))
    assert not z2(pnl, *right, 0.975, tail=StudentT(3)).is_rejected
    # A normal with the right variance has about the right number of exceptions, but they are
    # larger than it says.
    scale = np.sqrt(3.0)
    light = (-scale * stats.norm.ppf(p), -scale * float(Normal().tail_mean(p)))
    assert z1(pnl, *light, 0.975, tail=Normal()).is_rejected


@pytest.mark.parametrize("shape", [Normal(), StudentT(4.0)])
def test_z3_is_zero_on_average(shape) -> None:
    rng = np.random.default_rng(1)
    pits = rng.random((3_000, 250))
    lowest = shape.quantile(np.sort(pits, axis=1)[:, :6]).mean(axis=1)
    expected = mean_of_lowest(250, 6, shape)
    error = lowest.std() / np.sqrt(3_000)
    assert lowest.mean() == pytest.approx(expected, abs=3.5 * error)
    found = [z3(row, 0.975, shape).statistic for row in pits[:50]]
    assert found == pytest.approx(1 - lowest[:50] / expected)


def test_z3_with_forecasts_that_move() -> None:
    rng = np.random.default_rng(2)
    pits, scale = rng.random(250), 1.0 + rng.random(250)
    # Without a location the scale cancels day by day.
    plain, scaled = z3(pits, 0.975, Normal()), z3(pits, 0.975, Normal(), 0.0, scale)
    assert scaled.statistic == pytest.approx(plain.statistic)
    expected = mean_of_lowest(250, 6, Normal())
    found = stats.norm.ppf(np.sort(pits)[:6]).mean()
    by_day = 1 - np.mean((0.1 + scale * found) / (0.1 + scale * expected))
    assert z3(pits, 0.975, Normal(), 0.1, scale).statistic == pytest.approx(by_day)
    assert z3(pits**1.5, 0.975, Normal()).is_rejected


def test_attribution_by_scipy() -> None:
    rng = np.random.default_rng(3)
    prices = rng.standard_t(4, 250)
    for noise, zone in ((0.1, Zone.GREEN), (0.85, Zone.AMBER), (3.0, Zone.RED)):
        model = prices + noise * rng.standard_normal(250)
        found = pnl_attribution(prices, model)
        assert found.spearman.statistic == pytest.approx(stats.spearmanr(prices, model)[0])
        assert found.distance.statistic == pytest.approx(stats.ks_2samp(prices, model)[0])
        assert found.zone is zone
        assert found.is_eligible is (zone is not Zone.RED)


def test_attribution_of_odd_rows() -> None:
    flat = pnl_attribution(np.zeros(250), np.ones(250))
    assert flat.zone is None
    assert "does not move" in flat.spearman.notes[-1]
    assert "meant for 250 days" in pnl_attribution(np.arange(9.0), np.arange(9.0)).spearman.notes[0]
    assert pnl_attribution([], []).zone is None
    assert flat.to_dict()["zone"] is None
