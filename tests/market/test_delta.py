"""Deltas and strikes against QuantLib's BlackDeltaCalculator, and round trips."""

from __future__ import annotations

import math

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.market.delta import (
    AtmConvention,
    DeltaConvention,
    atm_strike,
    delta_of_strike,
    strike_from_delta,
)

ORACLE = {
    DeltaConvention.FORWARD: ql.DeltaVolQuote.Fwd,
    DeltaConvention.SPOT: ql.DeltaVolQuote.Spot,
    DeltaConvention.FORWARD_PREMIUM_ADJUSTED: ql.DeltaVolQuote.PaFwd,
    DeltaConvention.SPOT_PREMIUM_ADJUSTED: ql.DeltaVolQuote.PaSpot,
}
SPOT, FORWARD, FOREIGN = 1.10, 1.12, 0.98
DOMESTIC = FOREIGN * SPOT / FORWARD


def _oracle(convention: DeltaConvention, delta: float, deviation: float) -> object:
    kind = ql.Option.Call if delta > 0 else ql.Option.Put
    return ql.BlackDeltaCalculator(kind, ORACLE[convention], SPOT, DOMESTIC, FOREIGN, deviation)


@pytest.mark.parametrize("convention", DeltaConvention)
@pytest.mark.parametrize("delta", [0.05, 0.10, 0.25, 0.45, -0.05, -0.10, -0.25, -0.50])
@pytest.mark.parametrize("deviation", [0.01, 0.08, 0.25])
def test_strikes_are_quantlibs(convention: DeltaConvention, delta: float, deviation: float) -> None:
    found = strike_from_delta(
        delta, FORWARD, deviation, convention=convention, foreign_discount=FOREIGN
    )
    # QuantLib's normal quantile and root search are good to about 1e-9.
    expected = _oracle(convention, delta, deviation).strikeFromDelta(delta)
    assert float(found) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("convention", DeltaConvention)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_deltas_are_quantlibs(convention: DeltaConvention, sign: float) -> None:
    calculator = _oracle(convention, sign, 0.15)
    strikes = np.array([0.9, 1.05, 1.12, 1.2, 1.4])
    found = delta_of_strike(
        strikes,
        FORWARD,
        0.15,
        convention=convention,
        foreign_discount=FOREIGN,
        is_call=sign > 0,
    )
    expected = [calculator.deltaFromStrike(strike) for strike in strikes]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("convention", DeltaConvention)
@given(
    size=st.floats(min_value=0.01, max_value=0.45),
    is_call=st.booleans(),
    deviation=st.floats(min_value=1e-3, max_value=0.6),
)
def test_round_trips(
    convention: DeltaConvention, size: float, is_call: bool, deviation: float
) -> None:
    delta = size if is_call else -size
    options = {"convention": convention, "foreign_discount": FOREIGN}
    if is_call and convention.is_premium_adjusted:
        # Only deltas below the peak of the premium-adjusted call delta exist.
        ladder = np.exp(np.linspace(-6, 6, 2001) * deviation)
        peak = delta_of_strike(ladder, 1.0, deviation, is_call=True, **options).max()
        if size > 0.999 * peak:
            return
    strike = strike_from_delta(delta, 1.3, deviation, **options)
    back = delta_of_strike(strike, 1.3, deviation, is_call=is_call, **options)
    assert float(back) == pytest.approx(delta, abs=1e-12)


@pytest.mark.parametrize("convention", DeltaConvention)
def test_the_delta_neutral_straddle_has_no_delta(convention: DeltaConvention) -> None:
    adjusted = convention.is_premium_adjusted
    strike = atm_strike(FORWARD, 0.2, is_premium_adjusted=adjusted)
    call, put = (
        delta_of_strike(strike, FORWARD, 0.2, convention=convention, is_call=is_call)
        for is_call in (True, False)
    )
    assert float(call + put) == pytest.approx(0.0, abs=1e-15)
    forward = atm_strike(FORWARD, [0.1, 0.2], atm=AtmConvention.FORWARD)
    np.testing.assert_array_equal(forward, FORWARD)


def test_the_branch_is_that_of_the_higher_strike() -> None:
    options = {"convention": DeltaConvention.FORWARD_PREMIUM_ADJUSTED}
    strike = float(strike_from_delta(0.25, 1.0, 0.5, **options))
    lower = 0.25  # deep in the money the adjusted delta tends to K/F
    assert float(delta_of_strike(lower, 1.0, 0.5, **options)) == pytest.approx(0.25, abs=0.01)
    assert strike > 1.0


@pytest.mark.parametrize("delta", [0.0, 1.0, -1.0, 25.0])
def test_impossible_deltas_are_refused(delta: float) -> None:
    with pytest.raises(UserInputError, match=r"25 delta is written 0\.25"):
        strike_from_delta(delta, 1.0, 0.1)


def test_a_premium_adjusted_delta_beyond_the_peak_names_the_peak() -> None:
    with pytest.raises(UserInputError, match="largest possible here is") as caught:
        strike_from_delta(0.9, 1.0, 0.5, convention=DeltaConvention.FORWARD_PREMIUM_ADJUSTED)
    moneyness = np.linspace(0.2, 1.0, 100_001)
    d2 = -np.log(moneyness) / 0.5 - 0.25
    normal = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in d2])
    assert f"{(moneyness * normal).max():.4f}" in str(caught.value)
