"""Implied volatility: the round trip from the wings to the money, the twin, and reasons."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.pricing.options import twins
from riskplatform.pricing.options.bachelier import bachelier_price
from riskplatform.pricing.options.black import black_price
from riskplatform.pricing.options.implied import implied_normal_vol, implied_vol
from riskplatform.pricing.options.status import Status
from tests.pricing.options.quantlib_book import side

STRIKES = 100.0 * np.exp(np.linspace(-2.0, 2.0, 41))
VOLS = np.array([0.01, 0.05, 0.2, 0.5, 1.0, 3.0])[:, None, None]
TIMES = np.array([1 / 365, 0.1, 1.0, 30.0])[None, :, None]
SMALLEST_PRICE = 1e-290  # below it numbers lose their digits


def test_lognormal_round_trip_out_of_the_money() -> None:
    is_call = STRIKES > 100.0
    price = black_price(100.0, STRIKES, TIMES, VOLS, 0.9, is_call).value
    found = implied_vol(price, 100.0, STRIKES, TIMES, 0.9, is_call)
    # Where the price is within 1e-9 of its bound it says little about volatility.
    known = (price > SMALLEST_PRICE) & (price < 0.9 * np.minimum(100, STRIKES) * (1 - 1e-9))
    assert known.sum() > 600
    assert not found.status[known].any()
    wanted = np.broadcast_to(VOLS, price.shape)[known]
    np.testing.assert_allclose(found.value[known], wanted, rtol=1e-10)


def test_normal_round_trip_out_of_the_money() -> None:
    strikes = STRIKES / 100.0 - 1.5
    is_call = strikes > -0.5
    price = bachelier_price(-0.5, strikes, TIMES, VOLS, 0.9, is_call).value
    found = implied_normal_vol(price, -0.5, strikes, TIMES, 0.9, is_call)
    known = price > SMALLEST_PRICE
    assert not found.status[known].any()
    wanted = np.broadcast_to(VOLS, price.shape)[known]
    np.testing.assert_allclose(found.value[known], wanted, rtol=1e-11)


def test_2000_prices_against_quantlib_and_the_twin() -> None:
    rng = np.random.default_rng(41)
    forward, vol, time = (rng.uniform(*bounds, 2000) for bounds in ((60, 160), (0.1, 1), (0.1, 5)))
    is_call = rng.random(2000) < 0.5
    price = black_price(forward, 100.0, time, vol, 0.9, is_call).value
    found = implied_vol(price, forward, 100.0, time, 0.9, is_call)
    assert not found.status.any()
    # Deep in the money the time value is what is left of a difference.
    telling = price > 0.9 * np.maximum(np.where(is_call, 1, -1) * (forward - 100), 0) + 1e-4
    np.testing.assert_allclose(found.value[telling], vol[telling], rtol=1e-9)
    for i in np.flatnonzero(telling)[:100]:
        deviation = ql.blackFormulaImpliedStdDevLiRS(
            side(bool(is_call[i])), 100.0, forward[i], price[i], 0.9, 0.0, 0.2, 1.0, 1e-14, 200
        )
        assert found.value[i] == pytest.approx(deviation / np.sqrt(time[i]), rel=1e-9)
        twin = twins.implied_vol(price[i], forward[i], 100.0, time[i], 0.9, bool(is_call[i]))
        assert found.value[i] == pytest.approx(twin, rel=1e-9)


def test_shifted() -> None:
    price = black_price(-0.005, 0.0, 2.0, 0.4, 4.5, True, shift=0.03).value
    found = implied_vol(price, -0.005, 0.0, 2.0, 4.5, True, shift=0.03)
    assert found.value == pytest.approx(0.4, rel=1e-12)


def test_prices_that_imply_nothing_say_why() -> None:
    found = implied_vol(
        [5.0, 10.0, 100.0, 8.0, np.nan, 8.0, 8.0],
        [110, 110, 100, 100, 100, -5, 100],
        100.0,
        [1, 1, 1, 0, 1, 1, 1],
        1.0,
        True,
    )
    assert found.status.tolist() == [
        Status.BELOW_INTRINSIC,
        Status.OK,
        Status.ABOVE_MAXIMUM,
        Status.NO_TIME_VALUE,
        Status.NOT_FINITE,
        Status.BAD_SPOT,
        Status.OK,
    ]
    assert found.value[1] == 0.0
    assert np.isfinite(found.value).all()
    at_the_money = implied_normal_vol(0.01, 0.03, 0.03, 1.0, 1.0, True)
    assert at_the_money.value == pytest.approx(0.01 * np.sqrt(2 * np.pi), rel=1e-14)
