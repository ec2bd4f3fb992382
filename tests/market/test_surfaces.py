"""Volatility surfaces: quoted points, stated interpolation, smile dynamics, shocks."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError
from riskplatform.market.delta import DeltaConvention, delta_of_strike, strike_from_delta
from riskplatform.market.smile import SmileInterpolation
from riskplatform.market.surfaces import (
    LOWEST_VOL,
    SmileRule,
    SurfaceAxis,
    VolSurface,
)

DAY = date(2024, 6, 3)
EXPIRIES = np.array([0.25, 1.0])
VOLS = np.array([[0.26, 0.22, 0.20, 0.19, 0.195], [0.25, 0.22, 0.205, 0.195, 0.197]])
BY_DELTA = VolSurface(
    "VOL.SPX", DAY, SurfaceAxis.DELTA, EXPIRIES, [0.1, 0.25, 0.5, 0.75, 0.9], VOLS[:, ::-1]
)
BY_MONEYNESS = VolSurface(
    "VOL.SPX", DAY, SurfaceAxis.MONEYNESS, EXPIRIES, [0.8, 0.9, 1.0, 1.1, 1.2], VOLS
)
BY_STRIKE = VolSurface(
    "VOL.SPX", DAY, SurfaceAxis.STRIKE, EXPIRIES, [80.0, 90.0, 100.0, 110.0, 120.0], VOLS
)
ALL = [BY_DELTA, BY_MONEYNESS, BY_STRIKE]


@pytest.mark.parametrize("method", SmileInterpolation)
@pytest.mark.parametrize("surface", [BY_MONEYNESS, BY_STRIKE])
def test_quoted_points_are_exact(surface: VolSurface, method: SmileInterpolation) -> None:
    forward = 50.0 if surface.axis is SurfaceAxis.MONEYNESS else 123.0
    strikes = surface.points * (50.0 if surface.axis is SurfaceAxis.MONEYNESS else 1.0)
    found = replace(surface, interpolation=method).vol(strikes, EXPIRIES[:, None], forward)
    np.testing.assert_allclose(found, VOLS, rtol=1e-14)


def test_quoted_deltas_are_exact() -> None:
    strikes = strike_from_delta(BY_DELTA.points, 100.0, BY_DELTA.vols * np.sqrt(EXPIRIES)[:, None])
    found = BY_DELTA.vol(strikes, EXPIRIES[:, None], 100.0)
    np.testing.assert_allclose(found, BY_DELTA.vols, rtol=1e-12)


@pytest.mark.parametrize(("surface", "at"), [(BY_MONEYNESS, 0.9), (BY_STRIKE, 90.0)])
def test_total_variance_is_linear_in_time_on_the_axis(surface: VolSurface, at: float) -> None:
    found = surface.vol(at, 0.5, 1.0)
    total = np.interp(0.5, EXPIRIES, VOLS[:, 1] ** 2 * EXPIRIES)
    assert float(found) == pytest.approx(np.sqrt(total / 0.5), rel=1e-14)


def test_total_variance_is_linear_in_time_at_constant_delta() -> None:
    vol = np.sqrt(np.interp(0.5, EXPIRIES, BY_DELTA.vols[:, 1] ** 2 * EXPIRIES) / 0.5)
    strike = strike_from_delta(0.25, 100.0, vol * np.sqrt(0.5))
    assert float(BY_DELTA.vol(strike, 0.5, 100.0)) == pytest.approx(vol, rel=1e-13)


@pytest.mark.parametrize("surface", ALL)
def test_beyond_the_grid_the_vol_is_flat(surface: VolSurface) -> None:
    forward = 100.0
    far = surface.vol([1.0, 1e4], EXPIRIES[:, None], forward)
    ends = VOLS[:, [0, -1]]
    np.testing.assert_allclose(far, ends, rtol=1e-12)
    middle = forward if surface.axis is not SurfaceAxis.DELTA else None
    if middle is not None:
        in_time = surface.vol(middle, [0.0, 0.1, 5.0], forward)
        np.testing.assert_allclose(in_time, [0.20, 0.20, 0.205], rtol=1e-13)
    assert np.isfinite(surface.vol(100.0, 0.0, 100.0))


@pytest.mark.parametrize("surface", ALL)
def test_arguments_broadcast_and_agree_with_one_at_a_time(surface: VolSurface) -> None:
    strikes = np.array([85.0, 100.0, 117.0])
    expiries = np.array([0.1, 0.6, 2.0])
    forwards = np.array([[95.0], [104.0]])
    found = surface.vol(strikes, expiries, forwards)
    assert found.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            alone = surface.vol(strikes[j], expiries[j], forwards[i, 0])
            assert found[i, j] == pytest.approx(float(alone), rel=1e-14)


@pytest.mark.parametrize("surface", ALL)
@pytest.mark.parametrize("convention", DeltaConvention)
@pytest.mark.parametrize("delta", [0.25, -0.15])
def test_a_strike_at_delta_has_that_delta_at_its_own_vol(
    surface: VolSurface, convention: DeltaConvention, delta: float
) -> None:
    options = {"convention": convention, "foreign_discount": 0.97}
    strike = surface.strike_at_delta(delta, 0.5, 100.0, **options)
    deviation = surface.vol(strike, 0.5, 100.0) * np.sqrt(0.5)
    back = delta_of_strike(strike, 100.0, deviation, is_call=delta > 0, **options)
    assert float(back) == pytest.approx(delta, abs=1e-11)


@pytest.mark.parametrize("surface", ALL)
def test_sticky_delta_keeps_the_vol_of_a_moneyness(surface: VolSurface) -> None:
    moved = surface.restated(0.9, SmileRule.STICKY_DELTA)
    strikes = np.array([85.0, 95.0, 100.0, 108.0])
    np.testing.assert_allclose(
        moved.vol(strikes * 0.9, 0.5, 90.0), surface.vol(strikes, 0.5, 100.0), rtol=1e-12
    )


@pytest.mark.parametrize("surface", ALL)
def test_sticky_strike_keeps_the_vol_of_a_strike(surface: VolSurface) -> None:
    moved = surface.restated(0.95, SmileRule.STICKY_STRIKE).restated(1.02, SmileRule.STICKY_STRIKE)
    strikes = np.array([70.0, 92.0, 95.0, 100.0, 130.0])
    np.testing.assert_allclose(
        moved.vol(strikes, 0.4, 95.0 * 1.02), surface.vol(strikes, 0.4, 100.0), rtol=1e-13
    )


@pytest.mark.parametrize("surface", ALL)
def test_quoted_strikes_carry_the_quoted_vols(surface: VolSurface) -> None:
    strikes = surface.quoted_strikes(0.25, 100.0)
    np.testing.assert_allclose(surface.vol(strikes, 0.25, 100.0), VOLS[0], rtol=1e-12)


def test_shocks_give_new_surfaces() -> None:
    before = BY_DELTA.content_hash()
    np.testing.assert_allclose(BY_DELTA.parallel(0.02).vols, BY_DELTA.vols + 0.02)
    np.testing.assert_allclose(BY_DELTA.scaled(1.5).vols, BY_DELTA.vols * 1.5)
    tilt = BY_DELTA.skewed(0.01).vols - BY_DELTA.vols
    np.testing.assert_allclose(tilt[0], [0.016, 0.01, 0.0, -0.01, -0.016], atol=1e-15)
    term = BY_DELTA.term_shifted(0.02).vols - BY_DELTA.vols
    np.testing.assert_allclose(term[:, 0], [0.02, 0.01], atol=1e-15)
    assert BY_DELTA.content_hash() == before


def test_skew_of_strikes_is_measured_from_a_reference() -> None:
    tilt = BY_STRIKE.skewed(0.01, reference=110.0).vols - BY_STRIKE.vols
    np.testing.assert_allclose(tilt[0], 0.1 * np.log(BY_STRIKE.points / 110.0), atol=1e-15)
    assert BY_MONEYNESS.skewed(0.01).vols[0, 2] == 0.20


def test_vols_are_floored_not_negative() -> None:
    assert (BY_DELTA.parallel(-1.0).vols == LOWEST_VOL).all()


@given(shift=st.floats(min_value=-0.1, max_value=1.0))
def test_parallel_shocks_add_up_at_the_points(shift: float) -> None:
    there_and_back = BY_MONEYNESS.parallel(shift).parallel(-shift)
    np.testing.assert_allclose(there_and_back.vols, VOLS, atol=1e-15)


@given(
    vols=st.lists(st.floats(min_value=0.01, max_value=3.0), min_size=10, max_size=10),
    method=st.sampled_from(SmileInterpolation),
    strike=st.floats(min_value=1e-3, max_value=1e5),
    expiry=st.floats(min_value=0.0, max_value=50.0),
)
def test_no_vol_is_ever_nan_or_negative(
    vols: list[float], method: SmileInterpolation, strike: float, expiry: float
) -> None:
    surface = replace(BY_MONEYNESS, vols=np.array(vols), interpolation=method)
    found = float(surface.vol(strike, expiry, 100.0))
    assert found >= LOWEST_VOL * 0.999
    if method is not SmileInterpolation.NATURAL_CUBIC:
        assert found <= max(vols) * 1.0001 + np.sqrt(max(np.array(vols) ** 2))


def test_a_lake_row_is_a_surface() -> None:
    row = VolSurface("V", DAY, "moneyness", [0.25, 1.0], [0.9, 1.1], [0.2, 0.3, 0.4, 0.5])
    assert row.axis is SurfaceAxis.MONEYNESS
    assert row.vols.tolist() == [[0.2, 0.3], [0.4, 0.5]]
    assert not row.vols.flags.writeable
    assert pickle.loads(pickle.dumps(row)) == row
    assert row != row.parallel(0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axis": "log"}, "Accepted: delta, moneyness, strike"),
        ({"expiries": [1.0, 0.25]}, "strictly increasing"),
        ({"expiries": [0.0, 0.25]}, "positive"),
        ({"vols": VOLS[:, :4]}, r"shape \(2, 4\); expected \(2, 5\)"),
        ({"vols": VOLS * 0}, "positive"),
        ({"vols": VOLS * np.nan}, "not finite"),
        ({"axis": "delta"}, "call deltas lie below 1"),
    ],
)
def test_bad_grids_are_refused_by_name(change: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        replace(BY_MONEYNESS, **change)
    assert "VOL.SPX" in str(caught.value)


def test_a_smile_whose_strikes_fold_back_is_refused() -> None:
    with pytest.raises(DataError, match="too steep at"):
        VolSurface("V", DAY, "delta", [1.0], [0.1, 0.25, 0.5], [0.05, 0.9, 0.1])
