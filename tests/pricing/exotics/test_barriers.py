"""American barriers: QuantLib where it has the answer in another way, bounds, and edges.

In + out does not make the plain option here, as it does for European ones: whoever holds both
may exercise the knock-out early and still keep the knock-in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from riskplatform.pricing.exotics.evaluation_date import evaluation_date
from riskplatform.pricing.exotics.flat_market import FlatMarket
from riskplatform.pricing.exotics.knock_in import knock_in_values
from riskplatform.pricing.exotics.knock_out import knock_out_values
from tests.pricing.exotics.samples import (
    DOWN_IN,
    MARKET,
    UP_OUT,
    quantlib_american,
    quantlib_barrier,
    random_barriers,
)


@pytest.fixture
def ql() -> Iterator[Any]:
    with evaluation_date(date(2026, 1, 15)) as library:
        yield library


def gap(found: Any, expected: Any, spots: Any) -> float:
    """The largest difference in units of spot."""
    return float((np.abs(found - expected) / spots).max())


@pytest.mark.slow
def test_a_capped_call_is_a_european_one_that_pays_its_cap_at_the_touch(ql: Any) -> None:
    """Without dividends nothing but the cap ends it early (Broadie and Detemple 1995)."""
    cases = random_barriers(25, 1, is_out=True, is_up=True, is_call=True, rebate=0.0)
    for case, market, spots in cases:
        flat = replace(market, rate=abs(market.rate) + 0.01, carry_yield=0.0)
        contract = replace(case, strike=min(case.strike, 0.95 * case.barrier))
        cap = contract.barrier - contract.strike
        expected = quantlib_barrier(contract, flat, spots, rebate=cap)
        assert gap(knock_out_values(ql, contract, flat, spots), expected, spots) < 3e-5


@pytest.mark.slow
def test_a_down_and_out_call_without_dividends_is_never_exercised(ql: Any) -> None:
    """The barrier below the discounted strike (Merton 1973)."""
    cases = random_barriers(25, 2, is_out=True, is_up=False, is_call=True, rebate=0.0)
    for case, market, spots in cases:
        flat = replace(market, rate=abs(market.rate), carry_yield=0.0)
        contract = replace(case, strike=1.3 * case.barrier)
        expected = quantlib_barrier(contract, flat, spots)
        assert gap(knock_out_values(ql, contract, flat, spots), expected, spots) < 3e-5


@pytest.mark.slow
def test_a_barrier_out_of_reach_leaves_the_plain_american_option(ql: Any) -> None:
    for case, market, _ in random_barriers(25, 3, is_out=True, rebate=0.0):
        flat = replace(market, rate=abs(market.rate))
        width = 8.0 * flat.vol * np.sqrt(case.time) + 0.3
        level = 100.0 * np.exp(width if case.is_up else -width)
        contract, spots = replace(case, barrier=float(level)), np.linspace(70.0, 140.0, 15)
        expected = quantlib_american(contract, flat, spots)
        assert gap(knock_out_values(ql, contract, flat, spots), expected, spots) < 5e-5


def test_a_knock_in_call_without_dividends_is_european(ql: Any) -> None:
    for case, market, spots in random_barriers(25, 4, is_out=False, is_call=True):
        flat = replace(market, rate=abs(market.rate), carry_yield=0.0)
        expected = quantlib_barrier(case, flat, spots)
        assert gap(knock_in_values(ql, case, flat, spots), expected, spots) < 5e-6


@pytest.mark.slow
@pytest.mark.parametrize("contract", [UP_OUT, replace(UP_OUT, rebate=40.0), DOWN_IN])
def test_a_lattice_comes_near(ql: Any, contract: Any) -> None:
    """QuantLib's own American barriers, 4,000 steps: they are not nearer than this."""
    kind = ql.Barrier.UpOut if contract.is_out else ql.Barrier.DownIn
    side = ql.Option.Call if contract.is_call else ql.Option.Put
    today = ql.Settings.instance().evaluationDate
    option = ql.BarrierOption(
        kind, contract.barrier, contract.rebate, ql.PlainVanillaPayoff(side, contract.strike),
        ql.AmericanExercise(today, today + 365),
    )  # fmt: skip
    process = MARKET.process(ql, 100.0, time_scale=contract.time)
    option.setPricingEngine(ql.BinomialCRRBarrierEngine(process, 4000))
    values = knock_out_values if contract.is_out else knock_in_values
    found = values(ql, contract, MARKET, np.array([100.0]))
    assert found == pytest.approx(option.NPV(), abs=0.15)


@pytest.mark.slow
def test_the_mesh_is_fine_enough(ql: Any) -> None:
    """Against a mesh three times as fine with eight times as many steps."""
    gaps = []
    for contract, market, spots in random_barriers(20, 5, is_out=True):
        fine = knock_out_values(ql, contract, market, spots, points=1601, steps=3840)
        gaps.append(gap(knock_out_values(ql, contract, market, spots), fine, spots))
    assert max(gaps) < 5e-5
    assert np.median(gaps) < 5e-6


@pytest.mark.slow
def test_between_the_european_one_and_the_plain_american_one(ql: Any) -> None:
    """Without rebate, where the European formula of QuantLib has numbers."""
    for contract, market, spots in random_barriers(40, 6, rebate=0.0):
        flat = replace(market, rate=abs(market.rate))
        values = knock_out_values if contract.is_out else knock_in_values
        found = values(ql, contract, flat, spots)
        slack = 5e-5 * spots
        assert (found >= quantlib_barrier(contract, flat, spots) - slack).all()
        assert (found <= quantlib_american(contract, flat, spots) + slack).all()


def test_in_and_out_are_more_than_the_plain_option(ql: Any) -> None:
    spots = np.array([100.0, 110.0])
    put = replace(DOWN_IN, rebate=0.0, time=1.0)
    parts = knock_in_values(ql, put, MARKET, spots)
    parts = parts + knock_out_values(ql, replace(put, is_out=True), MARKET, spots)
    assert (parts > quantlib_american(put, MARKET, spots) + 0.1).all()


def test_at_the_barrier(ql: Any) -> None:
    """A knock-out may still be exercised; a knock-in is the plain option."""
    at = np.array([UP_OUT.barrier])
    assert knock_out_values(ql, UP_OUT, MARKET, at) == pytest.approx([30.0])
    paid = replace(UP_OUT, rebate=40.0)
    assert knock_out_values(ql, paid, MARKET, at) == pytest.approx([40.0])
    at = np.array([DOWN_IN.barrier])
    plain = quantlib_american(DOWN_IN, MARKET, at)
    assert knock_in_values(ql, DOWN_IN, MARKET, at) == pytest.approx(plain, abs=1e-5)
    near = knock_in_values(ql, DOWN_IN, MARKET, at * (1.0 + 1e-7))
    assert near == pytest.approx(plain, abs=1e-4)


def test_negative_rates_with_two_exercise_boundaries(ql: Any) -> None:
    """QD+ refuses these; a mesh takes its place."""
    market, spots = FlatMarket(0.25, -0.02, -0.05), np.array([95.0, 105.0])
    with pytest.raises(RuntimeError):
        quantlib_american(replace(DOWN_IN, time=3.0), market, spots)
    found = knock_in_values(ql, replace(DOWN_IN, rebate=0.0), market, spots)
    european = quantlib_barrier(replace(DOWN_IN, rebate=0.0), market, spots)
    assert (found >= european - 1e-3).all()
    assert found == pytest.approx(european, abs=0.3)
