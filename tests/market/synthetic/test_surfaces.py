"""Surfaces hold no arbitrage, move against spot, and turn over in a crisis."""

from __future__ import annotations

from datetime import date
from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from riskplatform.market.arbitrage import arbitrage_violations
from riskplatform.market.surfaces import SurfaceAxis, VolSurface
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.ssvi import (
    forward_variance,
    largest_eta,
    log_moneyness_of_delta,
    total_variance,
)
from riskplatform.market.synthetic.streams import FloatArray
from riskplatform.market.synthetic.surfaces import SurfaceStates


def both(history: SyntheticHistory) -> tuple[SurfaceStates, SurfaceStates]:
    return history.surfaces_by_moneyness, history.surfaces_by_delta


def test_counts(history: SyntheticHistory) -> None:
    by_moneyness, by_delta = both(history)
    assert len(by_moneyness.ids) == 6 + 36 + 2 + 2
    assert len(by_delta.ids) == 8
    assert by_moneyness.vols(slice(0, 3)).shape == (3, 46, 8, 11)
    assert by_delta.vols(-1).shape == (8, 8, 5)


@pytest.mark.slow
def test_no_calendar_arbitrage(history: SyntheticHistory) -> None:
    by_moneyness, by_delta = both(history)
    grid = by_moneyness.vols() ** 2 * by_moneyness.expiries[:, np.newaxis]
    assert (np.diff(grid, axis=-2) > 0.0).all()
    wide = np.linspace(-1.0, 1.0, 41)
    days = slice(None, None, 25)
    theta = forward_variance(
        by_delta.short_variance[days], by_delta.long_variance[days], by_delta.expiries
    )[..., np.newaxis]
    rho = by_delta.rho[days][..., np.newaxis, np.newaxis]
    eta = by_delta.eta[days][..., np.newaxis, np.newaxis]
    assert (np.diff(total_variance(wide, theta, rho, eta), axis=-2) > 0.0).all()


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_no_butterfly_arbitrage(history: SyntheticHistory, which: int) -> None:
    """Undiscounted Black call prices fall and bend upwards in the strike."""
    states = both(history)[which]
    days = np.r_[0 : history.dates.size : 40, 1070:1120:5]  # the second run is spring 2020
    log_strikes = np.linspace(-1.2, 0.9, 300)
    theta = forward_variance(
        states.short_variance[days], states.long_variance[days], states.expiries
    )[..., np.newaxis]
    rho = states.rho[days][..., np.newaxis, np.newaxis]
    eta = states.eta[days][..., np.newaxis, np.newaxis]
    deviation = np.sqrt(total_variance(log_strikes, theta, rho, eta))
    strikes = np.exp(log_strikes)
    upper = -log_strikes / deviation + 0.5 * deviation
    calls = stats.norm.cdf(upper) - strikes * stats.norm.cdf(upper - deviation)
    slopes = np.diff(calls, axis=-1) / np.diff(strikes)
    assert slopes.max() < 1e-9
    assert slopes.min() > -1.0 - 1e-9
    assert np.diff(slopes, axis=-1).min() > -1e-9
    assert (states.eta < largest_eta(states.rho)).all()


def test_the_quoted_grids_pass_the_platform_s_own_arbitrage_check(
    history: SyntheticHistory,
) -> None:
    """The grid interpolated as a pricer does, on the last day and near the worst of the crash."""
    worst = int(np.searchsorted(history.dates, np.datetime64("2020-03-20")))
    for states in both(history):
        for day in (-1, worst):
            for surface_id, vols in zip(states.ids, states.vols(day), strict=True):
                surface = VolSurface(
                    surface_id, date(2025, 6, 30), SurfaceAxis(states.axis), states.expiries,
                    states.points, vols,
                )  # fmt: skip
                assert arbitrage_violations(surface) == (), surface_id


def test_delta_points_have_their_delta(history: SyntheticHistory) -> None:
    states = history.surfaces_by_delta
    theta = forward_variance(states.short_variance, states.long_variance, states.expiries)
    theta = theta[::50, ..., np.newaxis]
    rho = states.rho[::50][..., np.newaxis, np.newaxis]
    eta = states.eta[::50][..., np.newaxis, np.newaxis]
    quantiles = np.array([NormalDist().inv_cdf(delta) for delta in states.points])
    strikes = log_moneyness_of_delta(quantiles, theta, rho, eta)
    deviation = np.sqrt(total_variance(strikes, theta, rho, eta))
    deltas = stats.norm.cdf(-strikes / deviation + 0.5 * deviation)
    assert np.abs(deltas - states.points).max() < 1e-6


def test_volatility_falls_when_spot_rises(
    history: SyntheticHistory, index_returns: FloatArray
) -> None:
    implied = history.surfaces_by_moneyness.at_the_money("VOL.IDX.US500", 1 / 12)
    assert -0.9 < np.corrcoef(index_returns, np.diff(np.log(implied)))[0, 1] < -0.5
    shares = []
    for surface_id in history.surfaces_by_moneyness.ids:
        instrument_id = surface_id.removeprefix("VOL.")
        if instrument_id in history.equities.ids:
            column = history.equities.ids.index(instrument_id)
            spot = np.diff(np.log(history.equities.total_return[:, column]))
            moves = np.diff(np.log(history.surfaces_by_moneyness.at_the_money(surface_id, 1 / 12)))
            shares.append(np.corrcoef(spot, moves)[0, 1])
    assert len(shares) == 36
    assert np.mean(shares) < -0.3


def test_index_skew_is_steep_and_flattens_with_expiry(history: SyntheticHistory) -> None:
    states = history.surfaces_by_moneyness
    vols = states.vols(slice(None, None, 20))[:, states.ids.index("VOL.IDX.US500")]
    low, high = (int(np.flatnonzero(states.points == point)[0]) for point in (0.9, 1.1))
    skew = vols[..., low] - vols[..., high]
    assert (skew > 0.0).all()
    assert (skew[:, 0] > skew[:, -1]).all()


def test_term_structure_turns_over_in_the_crash(history: SyntheticHistory) -> None:
    states = history.surfaces_by_moneyness
    slope = states.at_the_money("VOL.IDX.US500", 1.0) - states.at_the_money("VOL.IDX.US500", 1 / 12)
    crash = (history.dates >= np.datetime64("2020-03-02")) & (
        history.dates <= np.datetime64("2020-04-03")
    )
    assert (slope[crash] < 0.0).all()
    assert np.median(slope) > 0.0


def test_implied_pays_a_premium_over_realised(
    history: SyntheticHistory, index_returns: FloatArray
) -> None:
    implied = history.surfaces_by_moneyness.at_the_money("VOL.IDX.US500", 1 / 12)
    assert 0.85 < implied.mean() / (index_returns.std() * np.sqrt(252)) < 1.4
    assert implied.min() > 0.06
    assert 0.45 < implied.max() < 1.0
