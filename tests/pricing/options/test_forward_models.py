"""Black and Bachelier on the forward: QuantLib, the twins, greeks, parity, and edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.pricing.formulas.black import black
from riskplatform.pricing.options import twins
from riskplatform.pricing.options.bachelier import bachelier_greeks, bachelier_price
from riskplatform.pricing.options.black import black_greeks, black_price
from riskplatform.pricing.options.status import Status
from tests.pricing.options.quantlib_book import side


def forward_book(count: int, seed: int) -> tuple[np.ndarray, ...]:
    """Forward, strike, time, normal vol, annuity and side of caplets and swaptions."""
    rng = np.random.default_rng(seed)
    return (
        rng.uniform(-0.02, 0.08, count),
        rng.uniform(-0.02, 0.08, count),
        rng.uniform(1 / 365, 20.0, count),
        rng.uniform(0.001, 0.02, count),
        rng.uniform(0.1, 9.0, count),
        rng.random(count) < 0.5,
    )


def test_2000_normal_options_against_quantlib_and_the_twin() -> None:
    forward, strike, time, vol, annuity, is_call = forward_book(2000, 31)
    found = bachelier_price(forward, strike, time, vol, annuity, is_call)
    oracle = [
        ql.bachelierBlackFormula(side(c), k, f, s, a)
        for c, k, f, s, a in zip(
            is_call.tolist(), strike, forward, vol * np.sqrt(time), annuity, strict=True
        )
    ]
    np.testing.assert_allclose(found.value, oracle, rtol=1e-9, atol=1e-15)
    expected = twins.bachelier_price(forward, strike, time, vol, annuity, is_call)
    np.testing.assert_allclose(found.value, expected, rtol=1e-9, atol=1e-15)
    assert not found.status.any()


def test_2000_shifted_options_against_quantlib_and_the_twin() -> None:
    forward, strike, time, _, annuity, is_call = forward_book(2000, 32)
    vol = np.random.default_rng(33).uniform(0.05, 1.0, 2000)
    found = black_price(forward, strike, time, vol, annuity, is_call, shift=0.03)
    oracle = [
        ql.blackFormula(side(c), k, f, s, a, 0.03)
        for c, k, f, s, a in zip(
            is_call.tolist(), strike, forward, vol * np.sqrt(time), annuity, strict=True
        )
    ]
    np.testing.assert_allclose(found.value, oracle, rtol=1e-9, atol=1e-14)
    expected = black(forward + 0.03, strike + 0.03, vol * np.sqrt(time), annuity, is_call)
    np.testing.assert_allclose(found.value, expected, rtol=1e-9, atol=1e-14)
    assert not found.status.any()


@pytest.mark.parametrize(
    ("greeks", "inputs"),
    [
        (black_greeks, [1.1, np.array([0.9, 1.1, 1.4])[:, None], 0.7, 0.3, 0.95]),
        (bachelier_greeks, [0.01, np.array([-0.01, 0.01, 0.02])[:, None], 2.0, 0.8, 4.5]),
    ],
)
def test_greeks_against_central_differences(greeks: Callable[..., Any], inputs: list[Any]) -> None:
    is_call = np.array([True, False])
    analytic = greeks(*inputs, is_call)

    def difference(which: int, name: str) -> np.ndarray:
        moved = []
        for by in (1e-5, -1e-5):
            changed = list(inputs)
            changed[which] = changed[which] + by
            moved.append(getattr(greeks(*changed, is_call), name))
        return np.asarray((moved[0] - moved[1]) / 2e-5)

    for name, found in [
        ("delta", difference(0, "price")),
        ("gamma", difference(0, "delta")),
        ("vega", difference(3, "price")),
        ("theta", -difference(2, "price")),
        ("vanna", difference(3, "delta")),
        ("volga", difference(3, "vega")),
    ]:
        np.testing.assert_allclose(getattr(analytic, name), found, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(analytic.price / inputs[4], difference(4, "price"), rtol=1e-6)


@given(
    forward=st.floats(-10.0, 10.0),
    strike=st.floats(-10.0, 10.0),
    time=st.floats(0.0, 30.0),
    vol=st.floats(0.0, 5.0),
)
def test_normal_parity_and_convexity(
    forward: float, strike: float, time: float, vol: float
) -> None:
    strikes = strike + np.linspace(-5.0, 5.0, 41)
    call = bachelier_price(forward, strikes, time, vol, 0.9, True).value
    put = bachelier_price(forward, strikes, time, vol, 0.9, False).value
    assert call - put == pytest.approx(0.9 * (forward - strikes), abs=1e-12)
    assert (np.diff(call) <= 1e-12).all()
    assert (np.diff(call, 2) >= -1e-12).all()
    assert (bachelier_greeks(forward, strikes, time, vol, 0.9, True).gamma >= 0.0).all()


def test_edges_and_broken_rows() -> None:
    # A zero forward, a strike below zero: sure to end in or out of the money.
    sure = black_price([0.0, 0.0, 1.0, 1.0], [1, 1, -1, -1], 1, 0.2, 0.9, [True, False] * 2)
    assert sure.value == pytest.approx([0.0, 0.9, 1.8, 0.0])
    broken = black_price([1, -1, 1, 1, np.nan], 1, 1, [0.2, 0.2, -1, 0.2, 0.2], [1, 1, 1, 0, 1], 1)
    codes = [0, Status.BAD_SPOT, Status.BAD_VOL, Status.BAD_DISCOUNT, Status.NOT_FINITE]
    assert broken.status.tolist() == codes
    assert bachelier_price(-1.0, -2.0, 0.0, 0.01, 1.0, True).value == 1.0
    kink = bachelier_greeks(-1.0, -1.0, 0.0, 0.01, 1.0, True)
    assert (kink.price, kink.status) == (0.0, Status.AT_KINK)
