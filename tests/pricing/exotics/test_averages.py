"""Arithmetic averages: QuantLib, Monte Carlo, laws, and the geometric one beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.pricing.exotics.arithmetic_average import average_values
from riskplatform.pricing.exotics.contracts import AverageOption
from riskplatform.pricing.exotics.evaluation_date import evaluation_date
from riskplatform.pricing.exotics.flat_market import FlatMarket
from riskplatform.pricing.exotics.known import Market, known_values
from riskplatform.pricing.options.vanilla import vanilla_price
from tests.pricing.exotics.samples import MARKET, SHORT_AVERAGE, monthly

SPOTS = np.array([60.0, 85.0, 100.0, 120.0, 180.0])


@pytest.fixture
def ql() -> Iterator[Any]:
    with evaluation_date(date(2026, 1, 15)) as library:
        yield library


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize(
    ("days", "past"),
    [((365,), 0), ((91, 182, 274, 365), 0), ((30, 61, 200), 2), ((1, 100, 300), 0), ((9, 11), 7)],
)
def test_against_choi_in_quantlib(ql: Any, days: tuple[int, ...], past: int, is_call: bool) -> None:
    """Choi's sum of Black-Scholes models is as good as exact for a handful of fixings."""
    times = tuple(day / 365.0 for day in days)
    contract = AverageOption("A", 1.0, 100.0, is_call, True, times, past, 97.0)
    today = ql.Settings.instance().evaluationDate
    side = ql.Option.Call if is_call else ql.Option.Put
    option = ql.DiscreteAveragingAsianOption(
        ql.Average.Arithmetic, 97.0 * past, past, [today + day for day in days],
        ql.PlainVanillaPayoff(side, 100.0), ql.EuropeanExercise(today + 365),
    )  # fmt: skip
    expected = []
    for spot in SPOTS[1:4].tolist():
        option.setPricingEngine(ql.ChoiAsianEngine(MARKET.process(ql, spot), 25))
        expected.append(option.NPV())
    found = average_values(contract, MARKET, SPOTS[1:4])
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


def simulated(contract: AverageOption, market: FlatMarket, spot: float) -> tuple[float, float]:
    """Mean and standard error: antithetic, with the geometric average as control."""
    times = np.array(contract.fixing_times)
    steps = np.diff(np.concatenate([[0.0], times]))
    half = np.random.default_rng(7).standard_normal((40_000, times.size))
    drift = (market.rate - market.carry_yield - 0.5 * market.vol**2) * steps
    moves = [drift + sign * market.vol * np.sqrt(steps) * half for sign in (1.0, -1.0)]
    paths = spot * np.exp(np.cumsum(np.concatenate(moves), axis=1))
    sign = 1.0 if contract.is_call else -1.0
    discount = np.exp(-market.rate * contract.time)
    paid = discount * np.maximum(sign * (paths.mean(axis=1) - contract.strike), 0.0)
    averages = np.exp(np.log(paths).mean(axis=1))
    control = discount * np.maximum(sign * (averages - contract.strike), 0.0)
    told = Market(*(np.array([x]) for x in (spot, market.vol, market.rate, market.carry_yield)))
    exact = known_values(replace(contract, is_arithmetic=False), told).value[0]
    slope = np.cov(paid, control)[0, 1] / control.var()
    pairs = (paid - slope * (control - exact)).reshape(2, -1).mean(axis=0)
    return float(pairs.mean()), float(pairs.std() / np.sqrt(pairs.size))


@pytest.mark.slow
@pytest.mark.parametrize("count", [12, 52, 250])
@pytest.mark.parametrize("vol", [0.1, 0.25, 0.6])
def test_against_monte_carlo(count: int, vol: float) -> None:
    """Standard errors between 1e-5 and 1e-4 of spot."""
    contract, market = monthly(count), replace(MARKET, vol=vol)
    mean, error = simulated(contract, market, 100.0)
    found = average_values(contract, market, np.array([100.0]))[0]
    assert error < 1e-2
    assert found == pytest.approx(mean, abs=4.0 * error)


@pytest.mark.slow
@pytest.mark.parametrize("vol", [0.02, 0.1, 0.6])
@pytest.mark.parametrize("count", [12, 120])
def test_the_mesh_is_fine_enough(monkeypatch: pytest.MonkeyPatch, count: int, vol: float) -> None:
    market = replace(MARKET, vol=vol)
    found = average_values(monthly(count), market, SPOTS)
    module = "riskplatform.pricing.exotics.arithmetic_average"
    for name, value in (("_PER_DEVIATION", 9.0), ("_FEWEST", 8192), ("_MOST", 65536)):
        monkeypatch.setattr(f"{module}.{name}", value)
    fine = average_values(monthly(count), market, SPOTS)
    np.testing.assert_allclose(found, fine, rtol=0, atol=1e-5)


def test_one_fixing_is_a_plain_option_paid_later() -> None:
    contract = AverageOption("A", 1.5, 100.0, True, True, (1.0,))
    plain = vanilla_price(SPOTS, 100.0, 1.0, MARKET.vol, MARKET.rate, MARKET.carry_yield, True)
    expected = plain.value * np.exp(-0.5 * MARKET.rate)
    np.testing.assert_allclose(average_values(contract, MARKET, SPOTS), expected, atol=1e-7)


CONTRACTS = st.builds(
    AverageOption,
    contract_id=st.just("A"),
    time=st.floats(0.05, 3.0),
    strike=st.floats(70.0, 140.0),
    is_call=st.just(True),
    is_arithmetic=st.just(True),
    fixing_times=st.just(()),
    past_count=st.integers(0, 5),
    past_average=st.floats(80.0, 125.0),
)
MARKETS = st.builds(FlatMarket, st.floats(0.03, 0.8), st.floats(-0.02, 0.1), st.floats(-0.02, 0.1))


@settings(max_examples=25, deadline=None)
@given(contract=CONTRACTS, market=MARKETS, count=st.integers(1, 20))
def test_laws(contract: AverageOption, market: FlatMarket, count: int) -> None:
    """Call less put is the forward; no average is below its geometric one; never below zero."""
    times = tuple(contract.time * (i + 1) / count for i in range(count))
    call = replace(contract, fixing_times=times)
    paid = average_values(call, market, SPOTS)
    sold = average_values(replace(call, is_call=False), market, SPOTS)
    forwards = SPOTS[:, None] * np.exp((market.rate - market.carry_yield) * np.array(times))
    average = (forwards.sum(axis=1) + call.past_count * call.past_average) / call.count
    expected = np.exp(-market.rate * call.time) * (average - call.strike)
    np.testing.assert_allclose(paid - sold, expected, atol=2e-5 * SPOTS.max())
    told = (np.full(5, x) for x in (market.vol, market.rate, market.carry_yield))
    geometric = known_values(replace(call, is_arithmetic=False), Market(SPOTS, *told))
    assert not geometric.status.any()
    assert (paid >= geometric.value - 1e-5 * SPOTS).all()
    assert (sold >= 0.0).all()


def test_a_call_certain_to_be_exercised_is_linear() -> None:
    """What is fixed already exceeds the strike."""
    contract = replace(SHORT_AVERAGE, past_average=300.0)
    found = average_values(contract, MARKET, SPOTS)
    forwards = np.exp((MARKET.rate - MARKET.carry_yield) * np.array(contract.fixing_times)).sum()
    expected = (SPOTS * forwards + 900.0) / 5.0 - 100.0
    np.testing.assert_allclose(found, np.exp(-MARKET.rate * 0.1) * expected, rtol=1e-12)
    put = average_values(replace(contract, is_call=False), MARKET, SPOTS)
    np.testing.assert_allclose(put, 0.0, atol=1e-12)
