"""Black's formula against QuantLib, its limits and its laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.pricing.formulas.black import (
    black,
    black_76,
    black_scholes_merton,
    garman_kohlhagen,
)

LEVEL = st.floats(0.01, 1e5)


def test_agrees_with_quantlib_on_random_options() -> None:
    rng = np.random.default_rng(11)
    forward, strike = rng.uniform(20, 300, (2, 500))
    deviation, discount = rng.uniform(0.001, 1.5, 500), rng.uniform(0.5, 1.05, 500)
    is_call = rng.random(500) < 0.5
    ours = black(forward, strike, deviation, discount, is_call)
    theirs = [
        ql.blackFormula(ql.Option.Call if c else ql.Option.Put, k, f, s, d)
        for f, k, s, d, c in zip(
            forward.tolist(), strike.tolist(), deviation.tolist(), discount.tolist(),
            is_call.tolist(), strict=True,
        )
    ]  # fmt: skip
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_hull_example_of_a_share() -> None:
    # Hull, "Options, Futures, and Other Derivatives", example 15.6: S=42, K=40, r=10 %, σ=20 %,
    # T=0.5; call 4.76, put 0.81.
    call = black_scholes_merton(42, 40, 0.5, 0.2, 0.1, 0.0, True)
    put = black_scholes_merton(42, 40, 0.5, 0.2, 0.1, 0.0, False)
    assert float(call) == pytest.approx(4.76, abs=0.005)
    assert float(put) == pytest.approx(0.81, abs=0.005)


def test_a_currency_option_is_a_share_option_that_yields_the_foreign_rate() -> None:
    ours = garman_kohlhagen(1.6, 1.6, 4 / 12, 0.2, 0.08, 0.11, True)
    theirs = ql.blackFormula(
        ql.Option.Call, 1.6, 1.6 * math.exp(-0.03 / 3), 0.2 * math.sqrt(1 / 3), math.exp(-0.08 / 3)
    )
    assert float(ours) == pytest.approx(theirs, rel=1e-12)


def test_an_option_on_a_future_needs_no_forward() -> None:
    # Hull, example 18.7: F=20, K=20, r=9 %, σ=25 %, T=4/12: put 1.12.
    assert float(black_76(20, 20, 4 / 12, 0.25, 0.09, False)) == pytest.approx(1.12, abs=0.005)


@pytest.mark.parametrize("time", [0.0, -0.1])
def test_an_expired_option_is_worth_its_intrinsic_value(time: float) -> None:
    value = black_scholes_merton([90.0, 110.0], 100.0, time, 0.3, 0.05, 0.01, [False, True])
    assert value.tolist() == [10.0, 10.0]


def test_without_volatility_the_forward_decides() -> None:
    value = float(black_scholes_merton(100, 100, 1.0, 0.0, 0.05, 0.0, True))
    assert value == pytest.approx(100 - 100 * math.exp(-0.05), rel=1e-14)


@given(forward=LEVEL, strike=LEVEL, deviation=st.floats(0, 3), discount=st.floats(0.3, 1.2))
def test_put_call_parity_and_bounds(
    forward: float, strike: float, deviation: float, discount: float
) -> None:
    call, put = black(forward, strike, deviation, discount, [True, False]).tolist()
    scale = max(forward, strike)
    assert call - put == pytest.approx(discount * (forward - strike), abs=1e-11 * scale)
    assert 0 <= call <= discount * forward * (1 + 1e-12)
    assert 0 <= put <= discount * strike * (1 + 1e-12)
