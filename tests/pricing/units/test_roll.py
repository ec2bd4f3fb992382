"""Passing time: what is paid on the way is cash, and without interest nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from riskplatform.domain.instruments import (
    CreditDefaultSwap,
    FixedBond,
    Instrument,
    OvernightSwap,
    Swaption,
    VolQuote,
)
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import CdsModel
from riskplatform.pricing.units.book import carry, unit_book, value_now
from riskplatform.pricing.units.engine import value_states
from tests.pricing.rates.golden_market import flat, market
from tests.pricing.rates.random_books import AS_OF, CONVENTIONS, Draw, sample_market


def without_interest() -> MarketSnapshot:
    """Nothing is discounted, forwards are 4% for ever, options have no time value."""
    fixings = sample_market(Interpolation.LINEAR_ZERO).fixings
    curves = flat(AS_OF, 0.0), flat(AS_OF, 0.04, curve_id="P")
    return market(AS_OF, *curves, vol=1e-9, fixings=fixings)


def sample() -> list[Instrument]:
    draw = Draw(11)
    makes = (draw.fixed_bond, draw.zero_bond, draw.floating_bond, draw.swap)
    made = [make() for make in makes for _ in range(12)]
    made += [make(VolQuote.NORMAL) for make in (draw.cap_floor, draw.swaption) for _ in range(12)]
    return [
        replace(each, credit_curve_id=None) if hasattr(each, "is_government") else each
        for each in made
    ]


@pytest.mark.slow
@pytest.mark.parametrize("days", [1, 30, 200, 800])
def test_value_moves_into_cash(days: int) -> None:
    book = unit_book(sample(), without_interest(), CONVENTIONS)
    assert book.coverage.is_complete
    now = value_now(book).values[:, 0]
    later = value_states(book.plan(days), book.layout.states(1))
    assert later.total()[:, 0] == pytest.approx(now, abs=1e-12)
    passed = carry(book, days)
    assert passed.total == pytest.approx(np.zeros(len(now)), abs=1e-12)
    assert (passed.cash != 0).any() == (days > 1 or bool(passed.cash.any()))


@pytest.mark.parametrize("days", [10, 100, 250])
def test_on_a_flat_curve_value_grows_at_its_rate(days: int) -> None:
    """Forwards come true: value now is cash and value later, discounted; one coupon is paid."""
    swap = Draw(4).ois()
    assert isinstance(swap, OvernightSwap)
    swap = replace(swap, effective=AS_OF - timedelta(200), maturity=date(2031, 3, 3))
    fixings = sample_market(Interpolation.LINEAR_ZERO).fixings
    book = unit_book([swap], market(AS_OF, flat(AS_OF, 0.03), fixings=fixings), CONVENTIONS)
    later = value_states(book.plan(days), book.layout.states(1))
    paid = [flow.day for flow in (*book.units[0].paid, *book.units[0].floating)]
    inside = {day for day in paid if day <= days}
    assert len(inside) <= 1
    cash = later.cash[0] * np.exp(-0.03 * sum(inside) / 365)
    expected = cash + later.values[0, 0] * np.exp(-0.03 * days / 365)
    assert value_now(book).values[0, 0] == pytest.approx(expected, rel=1e-12)


def test_a_bond_pulled_to_par() -> None:
    bond = FixedBond(
        instrument_id="B",
        name="B",
        currency="EUR",
        issue_date=AS_OF,
        maturity=AS_OF + timedelta(365),
        coupon_rate=0.04,
        frequency=1,
        day_count="Act/365F",
        discount_curve_id="C",
    )
    book = unit_book([bond], market(AS_OF, flat(AS_OF, 0.0)))
    passed = carry(book, 365)
    assert passed.cash == pytest.approx([1.04])
    assert passed.pull == pytest.approx([-1.04])
    assert (carry(book, 0).total == 0).all()


@pytest.mark.parametrize("model", CdsModel)
def test_protection_already_gone_is_not_paid_for(model: CdsModel) -> None:
    """On flat curves, a later contract is the rest of the earlier one: its terms seen from then."""
    days = 120
    cds = Draw(6).cds()
    assert isinstance(cds, CreditDefaultSwap)
    at = sample_market(Interpolation.LOG_LINEAR_DISCOUNT)
    later_day = AS_OF + timedelta(days)
    conventions = replace(CONVENTIONS, cds_model=model)
    book = unit_book([cds], at, conventions)
    rolled = value_states(book.plan(days), book.layout.states(1)).values[0, 0]
    moved = MarketSnapshot(
        as_of=later_day,
        fx=at.fx,
        curves={"C": at.curve("C").rebased(later_day)},
        credit_curves={"X": replace(at.credit("X"), as_of=later_day)},
    )
    assert value_now(unit_book([cds], moved, conventions)).values[0, 0] == pytest.approx(
        rolled, rel=1e-12
    )


def test_a_swaption_that_expires_on_the_way() -> None:
    """Before its swap starts the state decides; afterwards the forwards of today have decided."""
    option = Draw(9).swaption(VolQuote.NORMAL)
    assert isinstance(option, Swaption)
    option = replace(option, expiry=date(2026, 9, 1), settlement_days=2, strike=0.001)
    book = unit_book([option], sample_market(Interpolation.LINEAR_ZERO), CONVENTIONS)
    just_expired, started = book.plan(64), book.plan(70)
    assert len(just_expired.options) == 1
    assert just_expired.options.root_time[0] == 0
    assert len(started.options) == 0
    states = book.layout.states(2)
    states[1] -= 0.2
    values = value_states(just_expired, states).values[0]
    assert (values >= 0).all()
    held = value_states(started, states).values[0]
    assert np.sign(held[0]) == (1 if book.units[0].options[0].is_call else 0)
