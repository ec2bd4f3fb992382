"""Barrier options against QuantLib's analytic engine, and what in and out make together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.pricing.formulas.barrier import single_barrier
from riskplatform.pricing.formulas.black import black_scholes_merton

TODAY = ql.Date(3, 6, 2024)
KINDS = {
    (False, False): ql.Barrier.DownIn,
    (False, True): ql.Barrier.DownOut,
    (True, False): ql.Barrier.UpIn,
    (True, True): ql.Barrier.UpOut,
}


@pytest.mark.parametrize(("is_up", "is_out"), list(itertools.product((False, True), repeat=2)))
def test_agrees_with_quantlib(is_up: bool, is_out: bool) -> None:
    ql.Settings.instance().evaluationDate = TODAY
    rng = np.random.default_rng(17)
    counting = ql.Actual365Fixed()

    def flat(rate: float) -> ql.YieldTermStructureHandle:
        return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, counting))

    for _ in range(120):
        strike, vol = float(rng.uniform(60, 150)), float(rng.uniform(0.1, 0.6))
        rate, carry = float(rng.uniform(-0.01, 0.06)), float(rng.uniform(0, 0.06))
        barrier = float(rng.uniform(101, 170) if is_up else rng.uniform(40, 99))
        days, rebate = int(rng.integers(5, 700)), float(rng.choice([0.0, 2.0]))
        is_call = bool(rng.random() < 0.5)
        surface = ql.BlackConstantVol(TODAY, ql.NullCalendar(), vol, counting)
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(100.0)),
            flat(carry),
            flat(rate),
            ql.BlackVolTermStructureHandle(surface),
        )
        payoff = ql.PlainVanillaPayoff(ql.Option.Call if is_call else ql.Option.Put, strike)
        exercise = ql.EuropeanExercise(TODAY + days)
        option = ql.BarrierOption(KINDS[is_up, is_out], barrier, rebate, payoff, exercise)
        option.setPricingEngine(ql.AnalyticBarrierEngine(process))
        ours = single_barrier(
            100.0, strike, barrier, days / 365, vol, rate, carry,
            is_call=is_call, is_up=is_up, is_out=is_out, rebate=rebate,
        )  # fmt: skip
        assert float(ours) == pytest.approx(option.NPV(), abs=1e-9)


def test_in_and_out_make_the_plain_option() -> None:
    rng = np.random.default_rng(3)
    strike, barrier = rng.uniform(70, 140, (2, 400))
    is_call, is_up = rng.random((2, 400)) < 0.5
    terms = (100.0, strike, barrier, 0.7, 0.25, 0.03, 0.01)
    both = sum(
        single_barrier(*terms, is_call=is_call, is_up=is_up, is_out=is_out)
        for is_out in (False, True)
    )
    plain = black_scholes_merton(100.0, strike, 0.7, 0.25, 0.03, 0.01, is_call)
    np.testing.assert_allclose(both, plain, atol=1e-9)


def test_beyond_the_barrier_and_at_expiry() -> None:
    touched = single_barrier(
        120, 100, 115, [0.5, 0.0], 0.2, 0.0, 0.0, is_call=True, is_up=True, is_out=True, rebate=3.0
    )
    assert touched.tolist() == [3.0, 3.0]
    at_expiry = single_barrier(
        110, 100, 115, 0.0, 0.2, 0.0, 0.0, is_call=True, is_up=True, is_out=[True, False]
    )
    assert at_expiry.tolist() == [10.0, 0.0]
