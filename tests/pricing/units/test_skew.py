"""A move of the skew: options priced a second way, by Black's formula at the moved volatility."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.special import ndtr

from riskplatform.domain.instruments import (
    AsianOption,
    Average,
    BarrierOption,
    Exercise,
    Option,
    Right,
    Swaption,
    VolQuote,
)
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import SmileRule
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.units.book import UnitBook, unit_book, value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind, RateOption
from riskplatform.pricing.units.sensitivities import gradient
from riskplatform.pricing.units.skew import price_loading, rate_loading
from tests.pricing.rates.random_books import CONVENTIONS, Draw, sample_market
from tests.pricing.units.listed_market import AS_OF, OptionDraw, basics, listed_market
from tests.pricing.units.test_price_options import inputs

SKEW = 0.02
STEP = -math.log(0.9)
DAYS = 200
YEARS = DAYS / 365
KNOWN = {each.instrument_id: each for each in basics()}


def plain(strike: float, underlying: str = "SHARE", **others: object) -> Option:
    option = OptionDraw(3).european(underlying)
    chosen = {"strike": strike, "expiry": AS_OF + timedelta(DAYS), **others}
    return replace(option, **chosen)  # type: ignore[arg-type]


def forward_of(market: MarketSnapshot, underlying: str = "SHARE", years: float = YEARS) -> float:
    expiry = AS_OF + timedelta(round(365 * years))
    spot, _, rate, carried = inputs(plain(1.0, underlying, expiry=expiry), market)
    return spot * math.exp((rate - carried) * years)


def black(option: Option, market: MarketSnapshot, vol: float) -> float:
    spot, _, rate, carried = inputs(option, market)
    years = (option.expiry - AS_OF).days / 365
    forward, deviation = spot * math.exp((rate - carried) * years), vol * math.sqrt(years)
    sign = 1.0 if option.right is Right.CALL else -1.0
    high = math.log(forward / option.strike) / deviation + deviation / 2
    worth = forward * ndtr(sign * high) - option.strike * ndtr(sign * (high - deviation))
    return float(sign * worth * math.exp(-rate * years)) * float(option.multiplier)


def book_of(
    options: Sequence[Option],
    market: MarketSnapshot | None = None,
    rule: SmileRule = SmileRule.STICKY_STRIKE,
) -> UnitBook:
    conventions = PricingConventions(smile_rule=rule)
    book = unit_book(options, market or listed_market(), conventions, terms=KNOWN)
    assert not book.failures
    return book


def moved(book: UnitBook, kind: NodeKind, size: float, **logs: float) -> list[float]:
    """Values with every node of a kind moved, and prices by their logarithms."""
    state = book.layout.states(1)
    state[0, [column for _, _, column in book.layout.columns(kind)]] += size
    for name, log in logs.items():
        state[0, book.layout.place(NodeKind.SPOT, name)] += log
    found = value_states(book.plan(), state)
    assert not found.failures
    return [float(value) for value in found.values[:, 0]]


@pytest.mark.parametrize(
    ("share", "rise"), [(0.9, SKEW), (1.0, 0.0), (1.1, SKEW * math.log(1.1) / math.log(0.9))]
)
@pytest.mark.parametrize("right", [Right.CALL, Right.PUT])
@pytest.mark.parametrize("underlying", ["SHARE", "EURUSD", "INDEX"])
def test_the_90_per_cent_strike_rises_against_at_the_money(
    share: float, rise: float, right: Right, underlying: str
) -> None:
    """By moneyness, by delta and by strike: the move is the same whatever a surface's points."""
    market = listed_market()
    option = plain(share * forward_of(market, underlying), underlying, right=right)
    expected = black(option, market, inputs(option, market)[1] + rise)
    (found,) = moved(book_of([option]), NodeKind.SKEW, SKEW)
    assert found == pytest.approx(expected, rel=1e-10)
    assert rise == 0.0 or found != pytest.approx(black(option, market, inputs(option, market)[1]))


def test_far_strikes_move_by_three_steps() -> None:
    market = listed_market()
    options = [plain(share * forward_of(market)) for share in (0.9**4, 1.6)]
    for option, found, steps in zip(
        options, moved(book_of(options), NodeKind.SKEW, SKEW), (3, -3), strict=True
    ):
        vol = inputs(option, market)[1] + SKEW * steps
        assert found == pytest.approx(black(option, market, vol), rel=1e-10)


@pytest.mark.parametrize("point", [0.85, 1.15])
@pytest.mark.parametrize("rule", SmileRule)
def test_a_skew_is_the_tilt_of_the_whole_surface(point: float, rule: SmileRule) -> None:
    """At a point of the grid, after a fall of the price: the market's own tilted surface says the
    same, and what its smile rule makes of the fall."""
    market = listed_market()
    surface = market.surface("VOL.SHARE")
    # Tilted by so much per 10 % of log-moneyness above the middle.
    tilted = surface.skewed(-SKEW * 0.1 / STEP)
    fall = math.log(0.9)
    forward = forward_of(market, years=1.0) * (0.9 if rule is SmileRule.STICKY_DELTA else 1.0)
    option = plain(point * forward, expiry=AS_OF + timedelta(365))
    (found,) = moved(book_of([option], market, rule), NodeKind.SKEW, SKEW, SHARE=fall)
    whole = book_of([option], market.with_(surfaces={"VOL.SHARE": tilted}), rule)
    assert found == pytest.approx(moved(whole, NodeKind.SKEW, 0.0, SHARE=fall)[0], rel=1e-10)


@pytest.mark.parametrize("rule", SmileRule)
def test_a_skew_slides_with_the_smile(rule: SmileRule) -> None:
    """Sticky strike: the skew of the strike before the fall. Sticky delta: after it."""
    before, after = listed_market(), listed_market().with_(prices={"SHARE": 80.0})
    option = plain(90.0)
    at = after if rule is SmileRule.STICKY_DELTA else before
    rise = SKEW * math.log(forward_of(at) / option.strike) / STEP
    expected = black(option, after, inputs(option, at)[1] + rise)
    (found,) = moved(book_of([option], before, rule), NodeKind.SKEW, SKEW, SHARE=math.log(0.8))
    assert found == pytest.approx(expected, rel=1e-10)


def test_between_expiries_a_skew_is_read_on_a_straight_line() -> None:
    market = listed_market()
    option = plain(0.9 * forward_of(market))
    book = book_of([option])
    state = book.layout.states(1)
    # Expiries of half a year and a year stand at the third and fourth place.
    state[0, book.layout.place(NodeKind.SKEW, "VOL.SHARE")] = [9.0, 9.0, 0.01, 0.03, 9.0]
    rise = 0.01 + 0.02 * (YEARS - 0.5) / 0.5
    expected = black(option, market, inputs(option, market)[1] + rise)
    assert value_states(book.plan(), state).values[0, 0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.slow
def test_other_styles_read_the_same_volatility() -> None:
    """Americans, barriers and averages: as if their surface had moved at their own strike."""
    draw = OptionDraw(5)
    american = replace(draw.american("SHARE"), strike=90.0, exercise=Exercise.AMERICAN)
    barrier = replace(draw.barrier("SHARE"), strike=90.0)
    assert isinstance(barrier, BarrierOption)
    expiry = AS_OF + timedelta(DAYS)
    chosen = {"average": Average.ARITHMETIC, "averaging_dates": (expiry,), "expiry": expiry}
    average = AsianOption(**draw.terms("SHARE") | {"strike": 90.0} | chosen)  # type: ignore[arg-type]
    steps = math.log(forward_of(listed_market()) / 90.0) / STEP
    for each in (american, barrier, average):
        option = replace(each, expiry=expiry)
        skewed = moved(book_of([option]), NodeKind.SKEW, SKEW)
        lifted = moved(book_of([option]), NodeKind.VOL, SKEW * steps)
        assert skewed == pytest.approx(lifted, rel=1e-9)
        assert skewed != pytest.approx(moved(book_of([option]), NodeKind.VOL, 0.0), rel=1e-3)


def forward_rate(unit: RateOption, market: MarketSnapshot) -> tuple[float, float]:
    """Annuity and forward rate off the curves."""
    discount = market.curve(unit.discount)
    annuity = sum(accrual * float(discount.discount(day / 365)) for day, accrual in unit.annuity)
    floating = 0.0
    for flow in unit.floating:
        curve = market.curve(flow.projection)
        growth = curve.discount(flow.start / 365) / curve.discount(flow.end / 365)
        rate = float(growth) * flow.growth - 1.0
        floating += flow.weight * rate * float(discount.discount(flow.day / 365))
    return annuity, floating / annuity


def by_formula(unit: RateOption, annuity: float, forward: float, vol: float) -> float:
    """Black 1976 of the shifted rate, or Bachelier."""
    sign, deviation = 1.0 if unit.is_call else -1.0, vol * math.sqrt(unit.expiry / 365)
    if unit.model is VolQuote.NORMAL:
        steps = sign * (forward - unit.strike) / deviation
        density = math.exp(-(steps**2) / 2) / math.sqrt(2 * math.pi)
        price = deviation * (steps * float(ndtr(steps)) + density)
    else:
        rate, strike = forward + unit.shift, unit.strike + unit.shift
        high = math.log(rate / strike) / deviation + deviation / 2
        price = sign * float(rate * ndtr(sign * high) - strike * ndtr(sign * (high - deviation)))
    return unit.quantity * annuity * price


@pytest.mark.parametrize("quote", VolQuote)
@pytest.mark.parametrize(
    ("below", "steps"), [(0.01, 1.0), (0.0, 0.0), (-0.01, -1.0), (-0.05, -3.0)]
)
def test_options_on_rates_move_by_100_basis_points(
    quote: VolQuote, below: float, steps: float
) -> None:
    """The strike 100 bp below the forward rises by the skew; 500 bp above falls by three times."""
    market = sample_market(Interpolation.LINEAR_ZERO)
    option = Draw(8).swaption(quote)
    assert isinstance(option, Swaption)
    first = unit_book([option], market, CONVENTIONS).units[0].options[0]
    forward = forward_rate(first, market)[1]
    option = replace(option, strike=forward - below)
    book = unit_book([option], market, CONVENTIONS)
    unit = book.units[0].options[0]
    size = 0.001 if quote is VolQuote.NORMAL else SKEW
    annuity, forward = forward_rate(unit, market)
    expected = by_formula(unit, annuity, forward, unit.volatility + size * steps)
    assert moved(book, NodeKind.SKEW, size)[0] == pytest.approx(expected, rel=1e-9)
    assert by_formula(unit, annuity, forward, unit.volatility) == pytest.approx(
        float(value_now(book).values[0, 0]), rel=1e-9
    )


@pytest.mark.parametrize("rule", SmileRule)
def test_the_slope_is_that_of_a_bump_and_vega_is_of_the_level_alone(rule: SmileRule) -> None:
    draw = OptionDraw(8)
    options = [make() for make in (draw.european, draw.american, draw.barrier) for _ in range(8)]
    book = book_of(options, rule=rule)
    plan = book.plan()
    found = gradient(plan, book.layout.base)
    step = 1e-4
    up, down = (np.array(moved(book, NodeKind.SKEW, sign * step)) for sign in (1, -1))
    bump = (up - down) / (2 * step)
    assert found.parallel(NodeKind.SKEW) == pytest.approx(bump, rel=2e-3, abs=1e-3)
    # Vega times the steps of each option's strike, which it does not have itself.
    table = plan.price_options
    forward = table.forward
    steps = np.clip(np.log(forward / table.strike) / STEP, -3, 3)
    vega = found.parallel(NodeKind.VOL)
    assert found.parallel(NodeKind.SKEW) == pytest.approx(vega * steps, rel=1e-12, abs=1e-12)
    bumped = np.array(moved(book, NodeKind.VOL, step)) - np.array(moved(book, NodeKind.VOL, -step))
    assert vega == pytest.approx(bumped / (2 * step), rel=2e-3, abs=1e-3)


def test_without_a_forward_or_a_strike_nothing_moves() -> None:
    nothing = np.array([np.nan, 0.0, -1.0, 100.0, 100.0])
    strikes = np.array([100.0, 100.0, 100.0, 0.0, -5.0])
    assert price_loading(nothing, strikes).tolist() == [0.0] * 5
    assert rate_loading(np.array([np.nan, np.inf]), np.zeros(2)).tolist() == [0.0, 0.0]
