"""The engine: compiled against plain, broken rows alone, failures by name, currency round trip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.instruments import (
    Equity,
    FixedBond,
    FxForward,
    Instrument,
    InterestRateSwap,
    OvernightSwap,
    Swaption,
    VolQuote,
)
from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.fixings import FixingSeries
from riskplatform.market.interpolation import Interpolation
from riskplatform.pricing.conventions import CdsModel
from riskplatform.pricing.units import kernels
from riskplatform.pricing.units.book import unit_book, value_now
from riskplatform.pricing.units.engine import Status, value_states
from riskplatform.pricing.units.flows import NodeKind
from tests.pricing.rates.golden_market import flat, market
from tests.pricing.rates.random_books import AS_OF, CONVENTIONS, Draw, sample_market


def everything(each: int = 3, seed: int = 5) -> list[Instrument]:
    """Some of every kind."""
    draw = Draw(seed)
    plain = (draw.fixed_bond, draw.zero_bond, draw.floating_bond, draw.swap, draw.ois, draw.cds)
    made = [make() for make in (*plain, draw.fx_forward) for _ in range(each)]
    for quote in VolQuote:
        made += [make(quote) for make in (draw.cap_floor, draw.swaption) for _ in range(each)]
    return made


@pytest.mark.slow
@pytest.mark.parametrize("rule", Interpolation)
@pytest.mark.parametrize("model", CdsModel)
def test_kernels_agree_with_their_twins(rule: Interpolation, model: CdsModel) -> None:
    conventions = replace(CONVENTIONS, cds_model=model)
    book = unit_book(everything(), sample_market(rule), conventions)
    assert book.coverage.is_complete
    states = book.layout.states(37)
    shocks = np.random.default_rng(1).normal(0, 0.004, states.shape)
    hazards = [column for _, _, column in book.layout.columns(NodeKind.HAZARD)]
    shocks[:, hazards] = np.abs(shocks[:, hazards])
    for horizon in (0, 45):
        plan = book.plan(horizon)
        compiled = value_states(plan, states + shocks)
        plain = value_states(plan, states + shocks, compiled=False)
        assert compiled.values == pytest.approx(plain.values, rel=1e-11, abs=1e-14)
        assert (compiled.status == plain.status).all()


def test_exponentials_to_the_last_digits() -> None:
    from scipy import sparse

    logs = np.linspace(-700, 700, 20_001)
    one = sparse.csr_matrix(np.ones((1, 1)))
    found = kernels.linear_values(logs[:, None], one, one)[0]
    assert found == pytest.approx(np.exp(logs), rel=5e-16)
    found = kernels.linear_values(np.array([[np.nan], [1e4], [0.0]]), one, one)[0]
    assert np.isnan(found[:2]).all()
    assert found[2] == 1.0


def test_a_broken_state_spoils_only_what_reads_it() -> None:
    book = unit_book(everything(), sample_market(Interpolation.LINEAR_ZERO), CONVENTIONS)
    plan = book.plan()
    states = book.layout.states(3)
    states[1, book.layout.place(NodeKind.HAZARD, "X")] = np.nan
    states[2, book.layout.place(NodeKind.ZERO, "P")] = np.inf
    found = value_states(plan, states)
    whole = value_states(plan, book.layout.states(3))
    assert np.isfinite(found.values).all()
    assert (found.values[found.status == 0] == whole.values[found.status == 0]).all()
    reads_credit = [bool(unit.default_legs or unit.recovered) for unit in book.units]
    assert ((found.status[:, 1] != 0) == reads_credit).all()
    assert (found.status[:, 0] == 0).all()
    assert 0 < (found.status[:, 2] != 0).sum() < len(plan)
    assert (found.total()[found.status != 0] == 0).all()
    failed = {failure.subject for failure in found.failures}
    assert failed == {
        name
        for name, bad in zip(found.instrument_ids, found.status.any(axis=1), strict=True)
        if bad
    }
    assert "first is number" in found.failures[0].message


def test_terms_that_are_not_numbers_fail_alone() -> None:
    draw = Draw(3)
    good, bad = draw.fixed_bond(), draw.fixed_bond()
    assert isinstance(bad, FixedBond)
    bad = replace(bad, coupon_rate=float("nan"))
    at = sample_market(Interpolation.LINEAR_ZERO)
    found = value_now(unit_book([bad, good], at, CONVENTIONS))
    assert found.status[:, 0].tolist() == [Status.NOT_FINITE, Status.PRICED]
    assert found.values[0, 0] == 0.0
    assert found.values[1, 0] == value_now(unit_book([good], at, CONVENTIONS)).values[0, 0]


def test_a_fixing_of_today_is_used_when_it_is_known() -> None:
    swap = Draw(1).swap()
    assert isinstance(swap, InterestRateSwap)
    swap = replace(swap, effective=AS_OF)
    at = sample_market(Interpolation.LINEAR_ZERO)
    series = at.fixings["INDEX"]
    with_today = FixingSeries(
        "INDEX", np.append(series.dates, np.datetime64(AS_OF)), np.append(series.values, 0.5)
    )
    projected = unit_book([swap], at)
    known = unit_book([swap], at.with_(fixings={"INDEX": with_today}))
    assert len(known.units[0].floating) == len(projected.units[0].floating) - 1


def test_a_forward_below_zero_needs_a_model_that_allows_it() -> None:
    draw = Draw(3)
    options = [draw.swaption(quote) for quote in (VolQuote.LOGNORMAL, VolQuote.NORMAL)]
    at = market(AS_OF, flat(AS_OF, -0.01), flat(AS_OF, -0.01, curve_id="P"), vol=0.01)
    found = value_now(unit_book(options, at, CONVENTIONS))
    assert found.status[:, 0].tolist() == [Status.FORWARD_NOT_ALLOWED, Status.PRICED]
    assert "at or below zero" in found.failures[0].message


@pytest.mark.parametrize("quote", VolQuote)
def test_without_volatility_or_time_an_option_is_worth_its_gain(quote: VolQuote) -> None:
    """Intrinsic value is annuity × gain, found from the swaps to pay and to receive."""
    draw = Draw(8)
    option = draw.swaption(quote)
    assert isinstance(option, Swaption)
    book = unit_book([option], sample_market(Interpolation.LINEAR_ZERO), CONVENTIONS)
    plan = book.plan()
    state = book.layout.states(1)
    state[0, book.layout.place(NodeKind.VOL, "V")] = -1.0
    calm = value_states(plan, state).values[0, 0]
    unit = book.units[0].options[0]
    curves = {name: book.market.curve(name) for name in ("C", "P")}
    gain = -sum(
        option.strike * accrual * float(curves["C"].discount(day / 365))
        for day, accrual in unit.annuity
    )
    for flow in unit.floating:
        growth = curves["P"].discount(flow.start / 365) / curves["P"].discount(flow.end / 365)
        gain += float((growth - 1) * curves["C"].discount(flow.day / 365))
    sign = 1.0 if unit.is_call else -1.0
    assert calm == pytest.approx(max(sign * gain, 0.0), abs=1e-15)


def test_what_cannot_be_described_is_named_and_spoils_nothing() -> None:
    draw = Draw(2)
    good, lost, unfixed = draw.swap(), draw.swap(), draw.swap()
    assert isinstance(lost, InterestRateSwap)
    assert isinstance(unfixed, InterestRateSwap)
    lost = replace(lost, discount_curve_id="CC")
    unfixed = replace(unfixed, effective=AS_OF - timedelta(40), index_id="UNKNOWN")
    ended = replace(
        good, instrument_id="E", maturity=AS_OF - timedelta(1), effective=date(2020, 1, 2)
    )
    share = Equity(instrument_id="SHARE", name="share", currency="EUR")
    book = unit_book(
        [lost, unfixed, ended, share, good], sample_market(Interpolation.LINEAR_ZERO), CONVENTIONS
    )
    assert [unit.instrument_id for unit in book.units] == [good.instrument_id]
    assert [(failure.subject, failure.reason) for failure in book.failures] == [
        (lost.instrument_id, FailureReason.MISSING_DATA),
        (unfixed.instrument_id, FailureReason.MISSING_DATA),
        ("E", FailureReason.INVALID_TERMS),
        ("SHARE", FailureReason.MISSING_DATA),
    ]
    assert lost.instrument_id in book.failures[0].message.lower()
    assert "CC" in book.failures[0].message
    assert str(book.coverage) == "1 of 5 (3 missing data, 1 invalid terms)"


def test_a_hole_in_overnight_fixings_is_a_failure() -> None:
    swap = Draw(1).ois()
    assert isinstance(swap, OvernightSwap)
    swap = replace(swap, effective=AS_OF - timedelta(60))
    at = sample_market(Interpolation.LINEAR_ZERO)
    series = at.fixings["INDEX"]
    old = series.dates < np.datetime64(AS_OF - timedelta(30))
    short = FixingSeries("INDEX", series.dates[old], series.values[old])
    for fixings in (short, FixingSeries.from_mapping("INDEX", {})):
        book = unit_book([swap], at.with_(fixings={"INDEX": fixings}), CONVENTIONS)
        assert book.failures[0].reason is FailureReason.MISSING_DATA
        assert swap.instrument_id in book.failures[0].message


def test_an_empty_book_and_a_wrong_state() -> None:
    at = sample_market(Interpolation.LINEAR_ZERO)
    assert value_now(unit_book([], at)).values.shape == (0, 1)
    book = unit_book([Draw(1).swap()], at, CONVENTIONS)
    with pytest.raises(UserInputError, match="columns those of the plan's layout"):
        value_states(book.plan(), np.zeros((2, 3)))
    with pytest.raises(UserInputError, match="horizon of -1 days"):
        book.plan(-1)
    with pytest.raises(UnknownNameError, match="no zero rate named 'Q'"):
        book.layout.place(NodeKind.ZERO, "Q")


@given(rate=st.floats(0.2, 5.0), spot=st.floats(0.2, 5.0), days=st.integers(1, 4000))
def test_currency_round_trip(rate: float, spot: float, days: int) -> None:
    """Buying pounds for euros is selling euros for pounds, seen in the other currency."""
    at = sample_market(Interpolation.LINEAR_ZERO)
    at = at.with_(fx=replace(at.fx, usd_per_unit={"EUR": 1.3, "GBP": 1.3 * spot}))
    there = FxForward(
        instrument_id="there",
        name="there",
        currency="EUR",
        bought_currency="GBP",
        sold_currency="EUR",
        rate=rate,
        maturity=AS_OF + timedelta(days),
    )
    back = replace(
        there,
        instrument_id="back",
        currency="GBP",
        bought_currency="EUR",
        sold_currency="GBP",
        rate=1 / rate,
    )
    euros, pounds = value_now(unit_book([there, back], at, CONVENTIONS)).values[:, 0]
    assert euros == pytest.approx(-rate * spot * pounds, rel=1e-12, abs=1e-12)
