"""Options in a book against QuantLib, by inputs read off the market a second way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.domain.instruments import Barrier, BarrierOption, Exercise, Option, Right
from riskplatform.domain.outcome import FailureReason
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import SmileRule
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.units.book import unit_book, value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind
from tests.pricing.options.quantlib_book import TODAY, Market, side
from tests.pricing.units.listed_market import (
    AS_OF,
    FUTURE_EXPIRY,
    PRICES,
    OptionDraw,
    basics,
    listed_market,
)

_BARRIERS = {
    Barrier.DOWN_IN: ql.Barrier.DownIn,
    Barrier.DOWN_OUT: ql.Barrier.DownOut,
    Barrier.UP_IN: ql.Barrier.UpIn,
    Barrier.UP_OUT: ql.Barrier.UpOut,
}


def inputs(option: Option, market: MarketSnapshot) -> tuple[float, float, float, float]:
    """Spot, volatility, rate and yield by the public methods of the market's parts."""
    time = (option.expiry - market.as_of).days / 365
    curve = market.curve(option.discount_curve_id)
    rate, name = float(curve.zero(time)), option.underlying_id
    spot = market.price(name)
    if name == "EURUSD":
        spot = market.fx.rate("EUR", "USD")
        carried = float(market.curve("EUR.OIS").zero(time))
    elif name == "GOLD.G":
        carried = rate
    elif name == "BTC":
        carried = 0.0
    else:
        carry = market.carry(f"DIV.{name}")
        forward = float(carry.forward(spot, curve, time))
        carried = float(carry.yield_(time))
        # Cash dividends until expiry come off the spot.
        spot = forward * float(np.exp((carried - rate) * time))
    forward = spot * float(np.exp((rate - carried) * time))
    vol = float(market.surface(option.surface_id).vol(option.strike, time, forward))
    return spot, vol, rate, carried


def by_quantlib(option: Option, market: MarketSnapshot, oracle: Market) -> float:
    """One premium times the multiplier."""
    oracle.put(*inputs(option, market))
    expiry = TODAY + (option.expiry - market.as_of).days
    payoff = ql.PlainVanillaPayoff(side(option.right is Right.CALL), option.strike)
    exercise = ql.EuropeanExercise(expiry)
    engine = ql.AnalyticEuropeanEngine(oracle.process)
    if isinstance(option, BarrierOption):
        kind = _BARRIERS[option.barrier_type]
        made = ql.BarrierOption(kind, option.barrier, option.rebate, payoff, exercise)
        engine = ql.AnalyticBarrierEngine(oracle.process)
    else:
        if option.exercise is Exercise.AMERICAN:
            exercise = ql.AmericanExercise(TODAY, expiry)
            scheme = ql.QdFpAmericanEngine.highPrecisionScheme()
            engine = ql.QdFpAmericanEngine(oracle.process, scheme)
        made = ql.VanillaOption(payoff, exercise)
    made.setPricingEngine(engine)
    return float(made.NPV()) * float(option.multiplier)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "tolerance"), [("european", 1e-9), ("barrier", 1e-9), ("american", 1e-4)]
)
def test_two_thousand_random_options_agree_with_quantlib(kind: str, tolerance: float) -> None:
    """Relative to the premium where it is worth more than its underlying's millionth."""
    draw, market, oracle = OptionDraw(11), listed_market(), Market()
    make: Callable[[], Option] = getattr(draw, kind)
    options = [make() for _ in range(2000)]
    found = value_now(unit_book(options, market, terms=known()))
    assert not found.failures
    for option, value in zip(options, found.values[:, 0].tolist(), strict=True):
        expected = by_quantlib(option, market, oracle)
        spot = PRICES[option.underlying_id] * float(option.multiplier)
        if kind == "american":
            assert value == pytest.approx(expected, abs=tolerance * spot), option
        else:
            assert value == pytest.approx(expected, rel=tolerance, abs=1e-9 * spot), option


def known() -> dict[str, object]:
    return {each.instrument_id: each for each in basics()}  # type: ignore[return-value]


def test_an_option_on_a_future_is_on_the_quoted_price() -> None:
    """The future's model and basis together are its quote, today and for every expiry."""
    options = [OptionDraw(k).european("GOLD.G") for k in range(30)]
    market = listed_market()
    values = value_now(unit_book(options, market, terms=known())).values[:, 0]
    without_terms = value_now(unit_book(options, market)).values[:, 0]
    assert values == pytest.approx(without_terms, rel=1e-12)


def test_sticky_delta_slides_along_the_smile() -> None:
    """A spot moved by 5 % reads the smile at the old strike over the new forward, and no other."""
    option = OptionDraw(3).european("SHARE")
    option = replace(option, strike=104.0, expiry=AS_OF + timedelta(200))
    market = listed_market()
    later = market.with_(prices={"SHARE": 105.0})
    for rule, reference in ((SmileRule.STICKY_STRIKE, market), (SmileRule.STICKY_DELTA, later)):
        book = unit_book([option], market, PricingConventions(smile_rule=rule))
        states = book.layout.states(1)
        states[0, book.layout.place(NodeKind.SPOT, "SHARE")] += np.log(1.05)
        value = value_states(book.plan(), states).values[0, 0]
        spot, _, rate, carried = inputs(option, later)
        vol = inputs(option, reference)[1]
        oracle = Market()
        oracle.put(spot, vol, rate, carried)
        payoff = ql.PlainVanillaPayoff(side(option.right is Right.CALL), option.strike)
        made = ql.VanillaOption(payoff, ql.EuropeanExercise(TODAY + 200))
        made.setPricingEngine(ql.AnalyticEuropeanEngine(oracle.process))
        assert value == pytest.approx(made.NPV() * float(option.multiplier), rel=1e-10)


@pytest.mark.parametrize("underlying_id", ["SHARE", "EURUSD", "BTC", "GOLD.G"])
@pytest.mark.parametrize("kind", ["european", "american", "barrier"])
def test_one_that_expires_before_the_horizon_is_exercised(kind: str, underlying_id: str) -> None:
    draw = OptionDraw(5)
    option = replace(getattr(draw, kind)(underlying_id), expiry=AS_OF + timedelta(10))
    book = unit_book([option], listed_market(), terms=known())
    found = value_states(book.plan(30), book.layout.states(1))
    spot, sign = PRICES[underlying_id], 1 if option.right is Right.CALL else -1
    if underlying_id == "GOLD.G":
        time = ((FUTURE_EXPIRY - AS_OF).days - 30) / 365
        spot = future_ahead(time)
    gain = max(sign * (spot - option.strike), 0.0)
    if isinstance(option, BarrierOption):
        is_out = option.barrier_type in (Barrier.DOWN_OUT, Barrier.UP_OUT)
        gain = gain if is_out else option.rebate
    assert found.values[0, 0] == pytest.approx(gain * float(option.multiplier), rel=1e-12)


def future_ahead(time: float) -> float:
    """The gold future later, rates by time to maturity and the basis as they are."""
    market = listed_market()
    whole = (FUTURE_EXPIRY - AS_OF).days / 365

    def factor(t: float) -> float:
        discount = float(market.curve("USD.OIS").discount(t))
        return float(market.carry("DIV.GOLD").growth(t)) / discount

    return PRICES["GOLD.G"] * factor(time) / factor(whole)


def test_what_is_missing_is_named_and_spoils_nothing() -> None:
    draw, market = OptionDraw(8), listed_market()
    good = draw.european("SHARE")
    odd_pair = replace(draw.european("EURUSD"), underlying_id="USDEUR")
    no_surface = replace(draw.european("INDEX"), surface_id="VOL.INDEXX")
    no_carry = replace(draw.european("SHARE"), underlying_id="BTC", surface_id="VOL.BTC")
    no_price = replace(draw.american("SHARE"), underlying_id="SHAREX")
    book = unit_book([odd_pair, no_surface, good, no_carry, no_price], market)
    assert [unit.instrument_id for unit in book.units] == [good.instrument_id]
    reasons = [failure.reason for failure in book.failures]
    assert reasons == [FailureReason.INVALID_DATA] + [FailureReason.MISSING_DATA] * 3
    for failure, words in zip(
        book.failures, ("USDEUR", "VOL.INDEX", "DIV.BTC", "SHARE"), strict=True
    ):
        assert words in failure.message
    alone = value_now(unit_book([good], market)).values
    assert value_now(book).values == pytest.approx(alone, rel=0)


def test_a_broken_number_of_one_underlying_spoils_only_its_options() -> None:
    draw = OptionDraw(9)
    options = [partial(getattr(draw, kind), name)() for kind in ("european", "american", "barrier")
               for name in ("SHARE", "BTC")]  # fmt: skip
    book = unit_book(options, listed_market())
    states = book.layout.states(3)
    states[1, book.layout.place(NodeKind.SPOT, "BTC")] = np.nan
    found = value_states(book.plan(), states)
    broken = np.array([option.underlying_id == "BTC" for option in options])
    assert (found.status[:, [0, 2]] == 0).all()
    assert ((found.status[:, 1] != 0) == broken).all()
    assert np.isfinite(found.values).all()
    assert "BTC" not in found.failures[0].message or "missing" in found.failures[0].message


def test_an_option_on_a_negative_price_is_refused_with_a_reason() -> None:
    terms = OptionDraw(1).terms("GOLD.G") | {"underlying_id": "MINUS.F"}
    option = Option(**terms)  # type: ignore[arg-type]  # terms by name
    found = value_now(unit_book([option], listed_market(), terms=known()))
    assert "below what the model allows" in found.failures[0].message
