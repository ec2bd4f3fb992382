"""Black-Scholes-Merton: printed cases, QuantLib, the twin, laws, and edges."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.pricing.formulas.black import black_scholes_merton
from riskplatform.pricing.options import twins
from riskplatform.pricing.options.status import Status
from riskplatform.pricing.options.vanilla import (
    SpotGreeks,
    future_greeks,
    vanilla_greeks,
    vanilla_price,
)
from tests.pricing.options.quantlib_book import european, price, random_book

PRICE_FLOOR = 1e-12  # of a spot of 100: what is smaller than 1e-10 needs to agree to 1e-12 only


def test_prices_printed_by_haug() -> None:
    """R54: Haug, The Complete Guide to Option Pricing Formulas (2007), ch. 1, via QuantLib."""
    cases = np.array(
        [
            # spot, strike, time, vol, rate, yield, is_call, price
            (60, 65, 0.25, 0.30, 0.08, 0.0, 1, 2.133368),
            (100, 95, 0.5, 0.20, 0.10, 0.05, 0, 2.464788),
            (19, 19, 0.75, 0.28, 0.10, 0.10, 0, 1.701051),
            (1.56, 1.60, 0.5, 0.12, 0.06, 0.08, 1, 0.029099),
            (75, 70, 0.5, 0.35, 0.10, 0.05, 0, 4.086954),
            (42, 40, 0.75, 0.35, 0.04, 0.08, 1, 5.097548),
        ]
    )
    found = vanilla_price(*cases.T[:7])
    assert found.value == pytest.approx(cases[:, 7], abs=5e-7)
    assert not found.status.any()


def test_greeks_printed_by_haug() -> None:
    """R55: Haug (2007), p. 11-16 and chapter 2."""
    both = vanilla_greeks(105, 100, 0.5, 0.36, 0.10, 0.10, [True, False])
    assert both.delta == pytest.approx([0.594629, -0.356601], abs=5e-7)
    assert both.delta[1] * 105 / both.price[1] == pytest.approx(-4.877499, abs=5e-6)
    bent = vanilla_greeks(55, 60, 0.75, 0.30, 0.10, 0.0, True)
    assert bent.gamma == pytest.approx(0.0278212, abs=5e-8)
    assert bent.vega == pytest.approx(18.935777, abs=5e-7)
    aged = vanilla_greeks(430, 405, 1 / 12, 0.20, 0.07, 0.05, False)
    assert aged.theta == pytest.approx(-31.192350, abs=5e-6)
    assert aged.theta / 365 == pytest.approx(-0.0854585, abs=5e-8)
    lent = vanilla_greeks(72, 75, 1, 0.19, 0.09, 0.0, True)
    assert lent.rho == pytest.approx(38.732505, abs=5e-6)
    paying = vanilla_greeks(500, 490, 0.25, 0.15, 0.08, 0.05, False)
    assert paying.dividend_rho == pytest.approx(42.225363, abs=5e-6)


def test_2000_contracts_against_quantlib() -> None:
    book = random_book(2000, seed=1)
    oracle = price(book, european, ql.AnalyticEuropeanEngine)
    found = vanilla_price(*book.plain, book.is_call)
    assert not found.status.any()
    np.testing.assert_allclose(found.value, oracle, rtol=1e-9, atol=PRICE_FLOOR * 100)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("delta", "delta"),
        ("gamma", "gamma"),
        ("vega", "vega"),
        ("theta", "theta"),
        ("rho", "rho"),
        ("dividend_rho", "dividendRho"),
    ],
)
def test_greeks_against_quantlib(name: str, theirs: str) -> None:
    book = random_book(300, seed=2)
    oracle = price(
        book, european, ql.AnalyticEuropeanEngine, lambda option: getattr(option, theirs)()
    )
    found = vanilla_greeks(*book.plain, book.is_call)
    np.testing.assert_allclose(getattr(found, name), oracle, rtol=1e-9, atol=1e-10)


def test_kernels_equal_their_twins() -> None:
    book = random_book(2000, seed=3)
    found = vanilla_greeks(*book.plain, book.is_call)
    for name, expected in twins.vanilla_greeks(*book.plain, book.is_call).items():
        np.testing.assert_allclose(
            getattr(found, name), expected, rtol=1e-9, atol=1e-10, err_msg=name
        )
    price_only = vanilla_price(*book.plain, book.is_call).value
    np.testing.assert_array_equal(price_only, found.price)
    expected = black_scholes_merton(*book.plain, book.is_call)
    np.testing.assert_allclose(price_only, expected, rtol=1e-10, atol=1e-11)


def test_greeks_against_central_differences() -> None:
    inputs = [np.array([90.0, 100.0, 115.0])[:, None], 100.0, 0.7, 0.25, 0.04, -0.01]
    is_call = np.array([True, False])
    analytic = vanilla_greeks(*inputs, is_call)

    def moved(which: int, by: float) -> SpotGreeks:
        changed = list(inputs)
        changed[which] = changed[which] + by
        return vanilla_greeks(*changed, is_call)

    def difference(which: int, by: float, name: str) -> np.ndarray:
        up, down = (getattr(moved(which, sign * by), name) for sign in (1, -1))
        return np.asarray((up - down) / (2 * by))

    for name, found in [
        ("delta", difference(0, 1e-3, "price")),
        ("gamma", difference(0, 1e-3, "delta")),
        ("vega", difference(3, 1e-5, "price")),
        ("theta", -difference(2, 1e-5, "price")),
        ("rho", difference(4, 1e-5, "price")),
        ("dividend_rho", difference(5, 1e-5, "price")),
        ("vanna", difference(3, 1e-5, "delta")),
        ("volga", difference(3, 1e-5, "vega")),
    ]:
        np.testing.assert_allclose(getattr(analytic, name), found, rtol=1e-6, atol=1e-6)


def test_a_future_stays_where_it_is_when_the_rate_moves() -> None:
    found = future_greeks(100.0, 95.0, 0.5, 0.3, 0.04, True)
    up, down = (future_greeks(100.0, 95.0, 0.5, 0.3, 0.04 + e, True).price for e in (1e-5, -1e-5))
    assert found.rho == pytest.approx((up - down) / 2e-5, rel=1e-8)
    assert found.dividend_rho == 0.0


MARKET = {
    "spot": st.floats(1.0, 500.0),
    "strike": st.floats(1.0, 500.0),
    "time": st.floats(0.0, 30.0),
    "vol": st.floats(0.0, 2.0),
    "rate": st.floats(-0.05, 0.2),
    "carry_yield": st.floats(-0.05, 0.2),
}


@given(**MARKET)
def test_put_call_parity(**market: float) -> None:
    call = vanilla_price(**market, is_call=True).value
    put = vanilla_price(**market, is_call=False).value
    t = market["time"]
    held = market["spot"] * np.exp(-market["carry_yield"] * t)
    owed = market["strike"] * np.exp(-market["rate"] * t)
    assert call - put == pytest.approx(held - owed, abs=1e-12 * (held + owed))


@given(**{name: law for name, law in MARKET.items() if name != "strike"})
def test_monotone_and_convex_in_strike_with_gamma_not_negative(**market: float) -> None:
    strikes = np.linspace(0.0, 3.0 * market["spot"], 61)
    call = vanilla_price(**market, strike=strikes, is_call=True).value
    put = vanilla_price(**market, strike=strikes, is_call=False).value
    rounding = 1e-12 * (call[0] + put[-1])
    assert (np.diff(call) <= rounding).all()
    assert (np.diff(put) >= -rounding).all()
    assert (np.diff(call, 2) >= -2 * rounding).all()
    assert (vanilla_greeks(**market, strike=strikes, is_call=True).gamma >= 0.0).all()


def test_edges_have_the_right_number() -> None:
    # Expired, long expired, no volatility (in and out of the money), no strike, worthless spot.
    found = vanilla_price(
        [105, 105, 105, 95, 100, 0, 0],
        [100, 100, 100, 100, 0, 100, 100],
        [0, -1, 1, 1, 1, 1, 1],
        [0.2, 0.2, 0, 0, 0.2, 0.2, 0.2],
        0.05,
        0.0,
        [True, True, True, True, True, True, False],
    )
    paid = 100 * np.exp(-0.05)
    assert found.value == pytest.approx([5, 5, 105 - paid, max(95 - paid, 0), 100, 0, paid])
    assert not found.status.any()
    wings = vanilla_price(100.0, [1e-3, 1e6], 1 / 365, 0.2, 0.0, 0.0, True)
    assert wings.value == pytest.approx([100.0 - 1e-3, 0.0])


def test_a_broken_row_spoils_no_other() -> None:
    spot = np.array([100.0, np.nan, -1.0, 100.0, 100.0, 100.0, np.inf, 100.0])
    strike = np.array([100.0, 100.0, 100.0, -5.0, 100.0, 100.0, 100.0, 100.0])
    vol = np.array([0.2, 0.2, 0.2, 0.2, -0.1, 0.2, 0.2, 0.2])
    rate = np.array([0.01, 0.01, 0.01, 0.01, 0.01, -1e6, 0.01, 0.01])
    found = vanilla_price(spot, strike, 1.0, vol, rate, 0.0, True)
    wrong = [
        Status.OK,
        Status.NOT_FINITE,
        Status.BAD_SPOT,
        Status.BAD_STRIKE,
        Status.BAD_VOL,
        Status.OVERFLOW,
        Status.NOT_FINITE,
        Status.OK,
    ]
    assert found.status.tolist() == wrong
    assert np.isfinite(found.value).all()
    assert found.value[0] == found.value[-1] > 0.0
    greeks = vanilla_greeks(spot, strike, 1.0, vol, rate, 0.0, True)
    assert greeks.status.tolist() == wrong
    assert all(np.isfinite(column).all() for column in greeks)


def test_at_the_kink_the_price_stands_and_the_greeks_say_why_not() -> None:
    found = vanilla_greeks(100.0, 100.0, 0.0, 0.2, 0.0, 0.0, True)
    assert (found.price, found.status) == (0.0, Status.AT_KINK)
    assert vanilla_greeks(101.0, 100.0, 0.0, 0.2, 0.0, 0.0, True).delta == 1.0
