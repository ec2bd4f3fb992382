"""Geometric Asian options and lookbacks: printed cases, QuantLib, the twins, and edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.pricing.options import twins
from riskplatform.pricing.options.asian import (
    fixing_moments,
    geometric_asian,
    geometric_average,
)
from riskplatform.pricing.options.lookback import fixed_lookback, floating_lookback
from riskplatform.pricing.options.status import Status
from riskplatform.pricing.options.vanilla import vanilla_price
from tests.pricing.options.quantlib_book import TODAY, price, random_book


def test_printed_prices() -> None:
    """R62: Haug (2007), ch. 4; the discrete one Clewlow and Strickland (1998), p. 118-123."""
    continuous = geometric_asian(80, 85, 90 / 360, 0.2, 0.05, -0.03, False)
    assert continuous.value == pytest.approx(4.692221, abs=5e-7)
    discrete = geometric_asian(100, 100, 1, 0.2, 0.06, 0.03, True, fixings=10)
    assert discrete.value == pytest.approx(5.342560663, abs=5e-10)
    floating = floating_lookback(120, 100, 0.5, 0.3, 0.10, 0.06, True)
    assert floating.value == pytest.approx(25.353355, abs=5e-7)
    fixed = fixed_lookback(100, 95, 100, 0.5, 0.1, 0.1, 0.0, True)
    assert fixed.value == pytest.approx(13.268722, abs=5e-7)


def test_2000_continuous_averages_against_quantlib() -> None:
    book = random_book(2000, seed=51)

    def make(_: int, side: Any, strike: float, expiry: Any) -> Any:
        return ql.ContinuousAveragingAsianOption(
            ql.Average.Geometric,
            ql.PlainVanillaPayoff(side, strike),
            ql.EuropeanExercise(expiry),
        )

    oracle = price(book, make, ql.AnalyticContinuousGeometricAveragePriceAsianEngine)
    found = geometric_asian(*book.plain, book.is_call)
    assert not found.status.any()
    np.testing.assert_allclose(found.value, oracle, rtol=1e-9, atol=1e-10)


def test_500_discrete_averages_against_quantlib_and_the_twin() -> None:
    """Fixings every ``step`` days from the first step to expiry."""
    book = random_book(500, seed=52)
    fixings = np.random.default_rng(53).integers(1, 13, 500)
    book.days[:] = np.maximum(book.days // fixings, 1) * fixings

    def make(i: int, side: Any, strike: float, expiry: Any) -> Any:
        step = int(book.days[i] // fixings[i])
        dates = [TODAY + step * (j + 1) for j in range(int(fixings[i]))]
        return ql.DiscreteAveragingAsianOption(
            ql.Average.Geometric, 1.0, 0, dates,
            ql.PlainVanillaPayoff(side, strike), ql.EuropeanExercise(expiry),
        )  # fmt: skip

    oracle = price(book, make, ql.AnalyticDiscreteGeometricAveragePriceAsianEngine)
    found = geometric_asian(*book.plain, book.is_call, fixings=fixings)
    np.testing.assert_allclose(found.value, oracle, rtol=1e-9, atol=1e-10)
    for i in range(50):
        row = [float(column[i]) for column in book.plain]
        times = row[2] * np.arange(1, fixings[i] + 1) / fixings[i]
        twin = twins.geometric_asian(*row, bool(book.is_call[i]), times)
        assert found.value[i] == pytest.approx(twin, rel=1e-9, abs=1e-10)


def test_an_average_half_known_is_a_smaller_bet_on_the_rest() -> None:
    """With half the average at 100: √(100 G) of the rest; at expiry only what is known counts."""
    found = geometric_asian(
        110, 95, 0.0, 0.2, 0.05, 0, True, past_share=[0.5, 1.0], past_average=100.0
    )
    assert found.value == pytest.approx([np.sqrt(11000.0) - 95, 5.0])


def test_500_half_known_averages_on_any_days_against_quantlib() -> None:
    """Up to eight fixings are known; the last may come before the expiry."""
    book = random_book(500, seed=56)
    rng = np.random.default_rng(57)
    book.days[:] = np.maximum(book.days, 30)
    past, known = rng.integers(0, 9, 500), rng.uniform(80.0, 120.0, 500)
    chosen = [
        np.sort(rng.choice(np.arange(1, days + 1), int(rng.integers(1, 13)), replace=False))
        for days in book.days
    ]

    def make(i: int, side: Any, strike: float, expiry: Any) -> Any:
        product = float(known[i]) ** int(past[i])
        return ql.DiscreteAveragingAsianOption(
            ql.Average.Geometric, product, int(past[i]), [TODAY + int(d) for d in chosen[i]],
            ql.PlainVanillaPayoff(side, strike), ql.EuropeanExercise(expiry),
        )  # fmt: skip

    oracle = price(book, make, ql.AnalyticDiscreteGeometricAveragePriceAsianEngine)
    centre, spread = np.array([fixing_moments(days / 365.0) for days in chosen]).T
    sizes = np.array([days.size for days in chosen])
    found = geometric_average(
        *book.plain, book.is_call, mean_time=centre, shared_time=spread,
        past_share=past / (past + sizes), past_average=known,
    )  # fmt: skip
    assert not found.status.any()
    np.testing.assert_allclose(found.value, oracle, rtol=1e-9, atol=1e-9)


def test_fixing_moments_by_hand() -> None:
    assert fixing_moments([]) == (0.0, 0.0)
    # Pairs (1, 1), (1, 3), (3, 1), (3, 3) share 1, 1, 1 and 3 years.
    assert fixing_moments([3.0, 1.0]) == (2.0, 1.5)


@pytest.mark.parametrize("is_floating", [True, False])
def test_2000_lookbacks_against_quantlib(is_floating: bool) -> None:
    """QuantLib divides by the carry: rows without carry have their own test."""
    book = random_book(2000, seed=54)
    seen_max = book.is_call != is_floating
    away = np.random.default_rng(55).uniform(1.0, 1.4, 2000)
    extreme = book.spot * np.where(seen_max, away, 1 / away)

    def make(i: int, side: Any, strike: float, expiry: Any) -> Any:
        end, seen = ql.EuropeanExercise(expiry), float(extreme[i])
        if is_floating:
            return ql.ContinuousFloatingLookbackOption(seen, ql.FloatingTypePayoff(side), end)
        return ql.ContinuousFixedLookbackOption(seen, ql.PlainVanillaPayoff(side, strike), end)

    engines = ql.AnalyticContinuousFixedLookbackEngine, ql.AnalyticContinuousFloatingLookbackEngine
    oracle = price(book, make, engines[is_floating])
    spot, strike, *others = book.plain
    if is_floating:
        found = floating_lookback(spot, extreme, *others, book.is_call)
    else:
        found = fixed_lookback(spot, strike, extreme, *others, book.is_call)
    assert not found.status.any()
    drift = 2 * np.abs(book.rate - book.carry_yield) / book.vol**2
    # QuantLib's powers overflow at strong drift, and cancel at weak drift.
    known = np.isfinite(oracle) & (drift > 0.02) & (drift < 50)
    assert known.mean() > 0.7
    np.testing.assert_allclose(found.value[known], oracle[known], rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("carry", [0.0, 1e-9, -1e-5, 3e-5, -4.1e-5, 0.03])
def test_lookbacks_near_no_carry_against_the_twin(carry: float) -> None:
    """The chance that the extreme lies beyond a level, integrated over levels."""
    for is_call, extreme in ((True, 105.0), (False, 96.0)):
        found = fixed_lookback(100, 100, extreme, 0.8, 0.2, 0.05, 0.05 - carry, is_call).value
        beyond = twins.expected_beyond(100.0, extreme, 0.8, 0.2, carry, above=is_call)
        expected = np.exp(-0.04) * (beyond + abs(extreme - 100.0))
        assert found == pytest.approx(expected, rel=1e-9)


def test_a_lookback_is_worth_more_than_the_plain_option() -> None:
    book = random_book(500, seed=56)
    spot, strike, *others = book.plain
    found = fixed_lookback(spot, strike, spot, *others, book.is_call)
    plain = vanilla_price(*book.plain, book.is_call).value
    assert (found.value >= plain - 1e-9).all()
    assert not found.status.any()


def test_edges_and_broken_rows() -> None:
    assert floating_lookback(120, 100, 0, 0.2, 0.05, 0, True).value == 20.0
    assert fixed_lookback(100, 95, 110, 0, 0.2, 0.05, 0, True).value == 15.0
    sure = floating_lookback(100, 90, 1, 0.0, 0.05, 0, True).value
    assert sure == pytest.approx(100 - 90 * np.exp(-0.05))
    # A minimum above the spot cannot have been seen.
    broken = floating_lookback([100, 100, np.nan], [90, 110, 90], 1, 0.2, 0.0, 0, True)
    assert broken.status.tolist() == [0, Status.BAD_PARAMETER, Status.NOT_FINITE]
    broken = geometric_asian(100, 100, 1, 0.2, 0, 0, True, past_share=[0.0, 1.5])
    assert broken.status.tolist() == [0, Status.BAD_PARAMETER]
    broken = geometric_asian(100, 100, 1, 0.2, 0, 0, True, fixings=[4, -1])
    assert broken.status.tolist() == [0, Status.BAD_PARAMETER]
