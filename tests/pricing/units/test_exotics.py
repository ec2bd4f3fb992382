"""Digitals, averages and American barriers in a book: the right terms reach the right engine."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from riskplatform.domain.instruments import (
    AsianOption,
    Average,
    Barrier,
    BarrierOption,
    DigitalOption,
    DigitalPayoff,
    Exercise,
    Option,
    Right,
)
from riskplatform.domain.outcome import FailureReason
from riskplatform.market.fixings import FixingSeries
from riskplatform.pricing.exotics.contracts import AverageOption
from riskplatform.pricing.exotics.values import exotic_values
from riskplatform.pricing.options.digital import asset_or_nothing, cash_or_nothing, one_touch
from riskplatform.pricing.units.book import unit_book, value_now
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.sensitivities import gradient
from tests.pricing.units.listed_market import AS_OF, OptionDraw, listed_market
from tests.pricing.units.test_price_options import inputs

DAYS = 300


def terms(**others: object) -> dict[str, object]:
    found = OptionDraw(3).terms("SHARE")
    chosen = {"strike": 96.0, "expiry": AS_OF + timedelta(DAYS), "right": Right.CALL}
    return found | chosen | others


def asian(**others: object) -> AsianOption:
    chosen = {"average": Average.ARITHMETIC} | others
    return AsianOption(**terms(**chosen))  # type: ignore[arg-type]  # terms by name


def american_barrier(**others: object) -> BarrierOption:
    chosen = {
        "exercise": Exercise.AMERICAN, "right": Right.PUT, "barrier_type": Barrier.DOWN_OUT,
        "barrier": 80.0,
    } | others  # fmt: skip
    return BarrierOption(**terms(**chosen))  # type: ignore[arg-type]  # terms by name


def premium(option: Option) -> float:
    found = value_now(unit_book([option], listed_market()))
    assert not found.failures
    return float(found.values[0, 0]) / float(option.multiplier)


@pytest.mark.parametrize("payoff", DigitalPayoff)
def test_a_digital_is_the_closed_form_of_its_payoff(payoff: DigitalPayoff) -> None:
    cash = 1.0 if payoff is DigitalPayoff.ASSET else 7.0
    option = DigitalOption(**terms(payoff=payoff, cash=cash, strike=104.0))  # type: ignore[arg-type]
    spot, vol, rate, carried = inputs(option, listed_market())
    plain = (spot, 104.0, DAYS / 365, vol, rate, carried)
    expected = {
        DigitalPayoff.CASH: cash_or_nothing(*plain, True, cash=7.0),
        DigitalPayoff.ASSET: asset_or_nothing(*plain, True),
        DigitalPayoff.TOUCH: one_touch(*plain, is_up=True, cash=7.0),
    }[payoff]
    assert premium(option) == pytest.approx(float(expected.value), rel=1e-12)


@pytest.mark.slow
def test_an_average_with_one_fixing_at_expiry_is_a_plain_option() -> None:
    day = AS_OF + timedelta(DAYS)
    plain = Option(**terms())  # type: ignore[arg-type]  # terms by name
    for average in Average:
        option = asian(average=average, averaging_dates=(day,))
        assert premium(option) == pytest.approx(premium(plain), rel=1e-6)


@pytest.mark.slow
def test_fixings_up_to_today_are_read_and_those_to_come_priced() -> None:
    days = tuple(AS_OF + timedelta(shift) for shift in (-20, -10, 0, 60, 120))
    option = asian(averaging_dates=days)
    series = FixingSeries.from_mapping(
        "SHARE", dict(zip(days[:3], (90.0, 95.0, 100.0), strict=True))
    )
    market = listed_market().with_(fixings={"SHARE": series})
    found = value_now(unit_book([option], market)).values[0, 0] / float(option.multiplier)
    spot, vol, rate, carried = inputs(option, market)
    contract = AverageOption("X", DAYS / 365, 96.0, True, True, (60 / 365, 120 / 365), 3, 95.0)
    expected = exotic_values([contract], spot, 0.0, vol, rate, carried).value[0, 0]
    assert found == pytest.approx(float(expected), rel=1e-9)
    missing = unit_book([option], listed_market())
    assert missing.failures[0].reason is FailureReason.MISSING_DATA
    assert "SHARE" in missing.failures[0].message


@pytest.mark.slow
def test_an_american_barrier_lies_between_its_european_and_the_plain_american() -> None:
    option = american_barrier()
    european = american_barrier(exercise=Exercise.EUROPEAN)
    plain = Option(**terms(exercise=Exercise.AMERICAN, right=Right.PUT))  # type: ignore[arg-type]
    low, value, high = (premium(each) for each in (european, option, plain))
    assert low < value < high


@pytest.mark.slow
def test_many_states_come_off_a_grid_and_touched_ones_are_the_rebate() -> None:
    option = american_barrier(rebate=2.0)
    book = unit_book([option], listed_market())
    states = book.layout.states(400)
    moves = np.linspace(-0.4, 0.4, 400)
    states[:, book.layout.place(NodeKind.SPOT, "SHARE")] += moves[:, None]
    # A different volatility in every state, so that solving one by one would be too much.
    vols = book.layout.place(NodeKind.VOL, "VOL.SHARE")
    states[:, vols] += np.linspace(-0.03, 0.03, 400)[:, None]
    found = value_states(book.plan(), states)
    assert (found.status == 0).all()
    values = found.values[0] / float(option.multiplier)
    touched = 100.0 * np.exp(moves) <= 80.0
    assert values[touched] == pytest.approx(np.full(touched.sum(), 2.0))
    for place in (150, 250, 390):
        exact = value_states(book.plan(), states[place : place + 1]).values[0, 0]
        assert values[place] == pytest.approx(exact / float(option.multiplier), abs=2e-2)


@pytest.mark.slow
def test_sensitivities_of_an_exotic_are_near_those_of_what_it_resembles() -> None:
    """A barrier far away: the plain American's delta and vega."""
    far = american_barrier(barrier=20.0)
    plain = Option(**terms(exercise=Exercise.AMERICAN, right=Right.PUT))  # type: ignore[arg-type]
    rows = []
    for option in (far, plain):
        book = unit_book([option], listed_market())
        found = gradient(book.plan(), book.layout.base)
        rows.append((found.of(NodeKind.SPOT, "SHARE").sum(), found.parallel(NodeKind.VOL)[0]))
    assert rows[0] == pytest.approx(rows[1], rel=5e-3)


def test_an_average_after_its_horizon_is_paid() -> None:
    """Every fixing on the way lies on the straight line to the state, which here stands still."""
    days = (date(2026, 7, 6), date(2026, 7, 13))
    option = asian(averaging_dates=days, expiry=date(2026, 7, 14), average=Average.GEOMETRIC)
    book = unit_book([option], listed_market())
    found = value_states(book.plan(30), book.layout.states(1))
    assert found.values[0, 0] == pytest.approx(4.0 * float(option.multiplier), rel=1e-9)
