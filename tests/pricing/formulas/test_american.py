"""The Leisen-Reimer lattice against QuantLib's high-precision engine."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.errors import UserInputError
from riskplatform.pricing.formulas.american import leisen_reimer
from riskplatform.pricing.formulas.black import black_scholes_merton

COUNT = 150
TODAY = ql.Date(3, 6, 2024)


def _sample() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(5)
    strike, days = rng.uniform(60, 150, COUNT), rng.integers(5, 700, COUNT)
    vol, rate, carry = (rng.uniform(*low_high, COUNT) for low_high in
                        ((0.1, 0.7), (-0.01, 0.06), (0.0, 0.06)))  # fmt: skip
    return strike, days, vol, rate, carry, rng.random(COUNT) < 0.5


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    ql.Settings.instance().evaluationDate = TODAY
    counting = ql.Actual365Fixed()

    def flat(rate: float) -> ql.YieldTermStructureHandle:
        return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, float(rate), counting))

    prices = []
    for strike, days, vol, rate, carry, is_call in zip(*_sample(), strict=True):
        surface = ql.BlackConstantVol(TODAY, ql.NullCalendar(), float(vol), counting)
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(100.0)),
            flat(carry),
            flat(rate),
            ql.BlackVolTermStructureHandle(surface),
        )
        kind = ql.Option.Call if is_call else ql.Option.Put
        option = ql.VanillaOption(
            ql.PlainVanillaPayoff(kind, float(strike)),
            ql.AmericanExercise(TODAY, TODAY + int(days)),
        )
        option.setPricingEngine(
            ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme())
        )
        prices.append(option.NPV())
    return np.array(prices)


# Measured on this sample: 51 steps 3e-4 of spot, 101 steps 2e-4, 501 steps 4e-5.
@pytest.mark.parametrize(("steps", "of_spot"), [(51, 4e-4), (101, 2.5e-4), (501, 6e-5)])
def test_error_against_quantlib(reference: np.ndarray, steps: int, of_spot: float) -> None:
    strike, days, vol, rate, carry, is_call = _sample()
    ours = leisen_reimer(100.0, strike, days / 365, vol, rate, carry, is_call, steps=steps)
    assert np.abs(ours - reference).max() < 100.0 * of_spot


def test_is_worth_no_less_than_exercise_and_than_the_european() -> None:
    strike, days, vol, rate, carry, is_call = _sample()
    american = leisen_reimer(100.0, strike, days / 365, vol, rate, carry, is_call)
    european = black_scholes_merton(100.0, strike, days / 365, vol, rate, carry, is_call)
    intrinsic = np.where(is_call, 100.0 - strike, strike - 100.0)
    assert (american >= intrinsic - 1e-12).all()
    assert (american >= european - 0.025).all()


def test_a_call_that_yields_nothing_is_never_exercised_early() -> None:
    american = leisen_reimer(100, [80.0, 100.0, 120.0], 1.0, 0.3, 0.05, 0.0, True, steps=501)
    european = black_scholes_merton(100, [80.0, 100.0, 120.0], 1.0, 0.3, 0.05, 0.0, True)
    np.testing.assert_allclose(american, european, atol=1e-4)


def test_expired_and_without_volatility() -> None:
    assert float(leisen_reimer(90, 100, 0.0, 0.3, 0.05, 0.0, False)) == 10.0
    assert float(leisen_reimer(90, 100, 1.0, 0.0, 0.05, 0.0, False)) == 10.0
    forward_gain = 110 - 100 * np.exp(-0.05)
    assert float(leisen_reimer(110, 100, 1.0, 0.0, 0.05, 0.0, True)) == pytest.approx(forward_gain)


def test_shape_is_that_of_the_arguments_whatever_the_block() -> None:
    spots = np.linspace(80, 120, 600).reshape(2, 300)
    together = leisen_reimer(spots, 100, 0.5, 0.2, 0.03, 0.01, True, steps=25)
    alone = leisen_reimer(spots[1, 7], 100, 0.5, 0.2, 0.03, 0.01, True, steps=25)
    assert together.shape == spots.shape
    assert together[1, 7] == pytest.approx(float(alone), rel=1e-13)


def test_an_even_number_of_steps_is_refused() -> None:
    with pytest.raises(UserInputError, match="100 steps"):
        leisen_reimer(100, 100, 1, 0.2, 0, 0, True, steps=100)
