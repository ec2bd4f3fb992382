"""Filtered historical simulation and GARCH paths against the analytic term structure."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import DataError, UserInputError
from riskplatform.simulation import (
    FilteredHistorical,
    GarchParameters,
    GarchPaths,
    filtered_historical_plan,
    garch_filter,
    garch_paths_plan,
)
from riskplatform.simulation.filtered import bootstrap_forecast, recentred
from riskplatform.simulation.garch import next_variance, variance_forecast
from riskplatform.simulation.mixing import unit_scales
from tests.simulation.worlds import axis_of, equicorrelation, garch_moves, history_of

R19 = (1.3465e-6, 0.083394, 0.0, 0.910116, np.inf)
ROW = (2e-6, 0.04, 0.10, 0.88, np.inf)


def standard_error(moves: np.ndarray) -> np.ndarray:
    """Of the mean square of each column."""
    return np.asarray(np.square(moves).std(axis=0) / np.sqrt(len(moves)))


@pytest.mark.parametrize("row", [R19, ROW])
def test_terminal_variance_is_the_term_structure(row: tuple[float, ...]) -> None:
    """Recentred residuals: the variance of h days is the sum of its daily expectations."""
    days, count = 10, 100_000
    moves = garch_moves(1_500, row, seed=3, width=2)
    parameters = GarchParameters.of([row, row])
    recipe = FilteredHistorical(scenarios=count, horizon_days=days)
    made = filtered_historical_plan(history_of(moves), parameters, recipe, seed=4).materialise()
    residuals, variance = garch_filter(moves, parameters)
    z = recentred(residuals)
    expected = bootstrap_forecast(z, parameters, variance[-1], days).sum(axis=0)
    found = np.square(made.moves).mean(axis=0)
    assert np.abs(found - expected).max() < 3.0 * standard_error(made.moves).max()
    assert made.reference is not None
    assert made.reference.deviation == pytest.approx(np.sqrt(expected))
    if row is R19:  # without leverage that is the textbook's formula
        closed = variance_forecast(parameters, variance[-1], days - 1).sum(axis=0)
        assert expected == pytest.approx(closed, rel=1e-12)


def test_r19_by_paths() -> None:
    """R19 by simulation: E[V10] and E[V100] of Hull, and the move over all those days."""
    parameters, count = GarchParameters.of([R19]), 40_000
    rng = np.random.default_rng(2)
    variance = np.full((count, 1), 3e-4)
    found = {}
    for day in range(1, 101):
        shocks = np.sqrt(variance) * rng.standard_normal((count, 1))
        variance = next_variance(parameters, shocks, variance)
        found[day] = variance.mean(), variance.std() / np.sqrt(count)
    for day, expected in ((10, 2.941674e-4), (100, 2.557226e-4)):
        assert found[day][0] == pytest.approx(expected, abs=3.0 * found[day][1])
        recipe = GarchPaths(scenarios=count, horizon_days=day, block_size=10_000)
        made = garch_paths_plan(axis_of(1), parameters, [[1.0]], [3e-4], recipe, seed=2)
        moves = made.materialise().moves
        total = variance_forecast(parameters, [3e-4], day - 1).sum()
        assert np.square(moves).mean() == pytest.approx(total, abs=3.0 * standard_error(moves)[0])


def test_a_calm_history_in_a_stormy_present() -> None:
    """Same residuals, but yesterday was a crash: one-day moves are as wide as today."""
    moves = garch_moves(1_000, ROW, seed=5)
    moves[-1] = 0.06
    made = filtered_historical_plan(
        history_of(moves),
        GarchParameters.of([ROW]),
        FilteredHistorical(horizon_days=1, scenarios=20_000),
        seed=1,
    ).materialise()
    today = garch_filter(moves, GarchParameters.of([ROW])).variance[-1, 0]
    assert made.moves.std() == pytest.approx(np.sqrt(today), rel=0.02)
    assert made.moves.std() > 1.5 * moves.std()


def test_what_happened_together_stays_together() -> None:
    """One-day scenarios are whole days of residuals, each times today's volatility."""
    moves = garch_moves(400, ROW, seed=6, width=3)
    moves[:, 1] = 2.0 * moves[:, 0]
    parameters = GarchParameters.of([ROW, (8e-6, *ROW[1:]), ROW])
    made = filtered_historical_plan(
        history_of(moves), parameters, FilteredHistorical(horizon_days=1), seed=1
    ).materialise()
    assert made.moves[:, 1] == pytest.approx(2.0 * made.moves[:, 0])
    residuals, variance = garch_filter(moves, parameters)
    days = recentred(residuals) * np.sqrt(variance[-1])
    distances = np.abs(made.moves[:50, None, :] - days[None, :, :]).max(axis=2).min(axis=1)
    assert distances.max() < 1e-12


def test_days_drawn_together_keep_their_order() -> None:
    """Five days in a row from a world without volatility dynamics are sums of five days."""
    moves = np.random.default_rng(1).normal(0.0, 0.01, (200, 1))
    flat = GarchParameters.of([(1e-4, 0.0, 0.0, 0.0, np.inf)])
    recipe = FilteredHistorical(horizon_days=5, days_together=5, scenarios=300, recentred=False)
    start = moves - 0.0
    made = filtered_historical_plan(history_of(start), flat, recipe, seed=1).materialise()
    units = garch_filter(moves, flat).residuals[:, 0]
    ring = np.concatenate([units, units[:4]])
    sums = np.array([ring[day : day + 5].sum() for day in range(200)]) * 0.01
    assert np.abs(made.moves[:, :1] - sums[None, :]).min(axis=1).max() < 1e-12


def test_the_mean_is_added_each_day() -> None:
    moves = garch_moves(500, ROW, seed=7)
    parameters = GarchParameters.of([ROW], mean=[0.002])
    made = filtered_historical_plan(
        history_of(moves), parameters, FilteredHistorical(scenarios=40_000), seed=1
    ).materialise()
    error = made.moves.std() / np.sqrt(len(made))
    assert made.moves.mean() == pytest.approx(0.02, abs=4.0 * error)


def test_too_little_history_or_other_factors() -> None:
    short = history_of(garch_moves(50, ROW, seed=1))
    with pytest.raises(DataError, match="100 moves over 1 days are needed"):
        filtered_historical_plan(short, GarchParameters.of([ROW]), seed=1)
    with pytest.raises(UserInputError, match="for 2 factors; the axis has 1"):
        filtered_historical_plan(short, GarchParameters.of([ROW, ROW]), seed=1)


@pytest.mark.parametrize("scheme", ["pseudo", "antithetic", "moment_matched", "sobol"])
def test_garch_paths_keep_variance_and_correlation(scheme: str) -> None:
    row = (2e-6, 0.04, 0.06, 0.9, np.inf)
    parameters = GarchParameters.of([row] * 3)
    recipe = GarchPaths(scenarios=40_000, horizon_days=5, scheme=scheme, block_size=4_000)
    start = np.array([1e-4, 2e-4, 0.5e-4])
    made = garch_paths_plan(
        axis_of(3), parameters, equicorrelation(3, 0.5), start, recipe, seed=3
    ).materialise()
    expected = variance_forecast(parameters, start, 4).sum(axis=0)
    error = standard_error(made.moves)
    assert (np.abs(made.moves.var(axis=0) - expected) < 4.0 * error).all()
    # Volatilities that move apart lower the correlation of sums a little below 0.5.
    found = np.corrcoef(made.moves.T)[np.triu_indices(3, 1)]
    assert found == pytest.approx(np.full(3, 0.5), abs=0.03)


def test_heavy_shocks_have_unit_variance_and_their_own_nu() -> None:
    nu = np.array([4.5, 8.0, np.inf])
    rng = np.random.default_rng(1)
    uniforms = rng.random(200_000)
    units = rng.standard_normal((200_000, 3)) * unit_scales(uniforms, nu)
    assert stats.kstest(units[:, 0] / np.sqrt(2.5 / 4.5), "t", args=(4.5,)).pvalue > 1e-3
    assert stats.kstest(units[:, 1] / np.sqrt(6.0 / 8.0), "t", args=(8.0,)).pvalue > 1e-3
    assert stats.kstest(units[:, 2], "norm").pvalue > 1e-3
    one_day = GarchPaths(scenarios=100_000, horizon_days=1)
    row = (1e-4, 0.0, 0.0, 0.0, 4.5)
    made = garch_paths_plan(
        axis_of(1), GarchParameters.of([row]), [[1.0]], [1e-4], one_day, seed=1
    ).materialise()
    unit = made.moves[:, 0] / 0.01 / np.sqrt(2.5 / 4.5)
    assert stats.kstest(unit, "t", args=(4.5,)).pvalue > 1e-3


def test_what_is_no_correlation_is_refused() -> None:
    parameters = GarchParameters.of([ROW, ROW])
    with pytest.raises(DataError, match="diagonal"):
        garch_paths_plan(axis_of(2), parameters, 2.0 * np.eye(2), [1e-4, 1e-4], seed=1)
    with pytest.raises(DataError, match=r"F\.1 is below zero"):
        garch_paths_plan(axis_of(2), parameters, np.eye(2), [1e-4, -1e-4], seed=1)
