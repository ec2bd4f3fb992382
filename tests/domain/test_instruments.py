"""Every kind of instrument knows itself, and refuses terms that contradict themselves."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from riskplatform.domain.instruments import (
    KINDS,
    AsianOption,
    AssetClass,
    BarrierOption,
    Cash,
    DigitalPayoff,
    Exercise,
    Quote,
    Underlying,
    cash_currency,
    cash_id,
)
from riskplatform.errors import TermsError, UserInputError
from tests.domain.instrument_samples import CLASSES, END, EXPIRY, START, TERMS, sample


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(TERMS) == set(CLASSES) == set(KINDS)
    assert all(cls.kind == kind for kind, cls in KINDS.items())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_has_its_class_and_cannot_change(kind: str) -> None:
    instrument = sample(kind)
    assert instrument.asset_class is CLASSES[kind]
    with pytest.raises(FrozenInstanceError):
        instrument.name = "other"  # type: ignore[misc]  # the point of the test


def test_what_expires_says_when() -> None:
    dated = {kind: sample(kind).expires_on for kind in KINDS}
    at_expiry = {"future", "fx_forward", "option", "barrier_option", "swaption"}
    at_expiry |= {"digital_option", "asian_option"}
    at_maturity = {"fixed_bond", "zero_bond", "floating_bond", "swap", "ois", "cds", "cap_floor"}
    assert {kind for kind, when in dated.items() if when == EXPIRY} == at_expiry
    assert {kind for kind, when in dated.items() if when == END} == at_maturity


def test_marks_mean_what_the_kind_says() -> None:
    by_quote = {quote: {k for k in KINDS if KINDS[k].quote is quote} for quote in Quote}
    assert by_quote[Quote.SETTLED] == {"future", "perpetual"}
    assert by_quote[Quote.CLEAN] == {"fixed_bond", "zero_bond", "floating_bond"}
    # A clean price is per 100 of face.
    assert sample("fixed_bond").multiplier == Decimal("0.01")


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("equity", {"instrument_id": " A"}, "surrounding spaces"),
        ("equity", {"multiplier": Decimal(0)}, "multiplier 0 is not positive"),
        ("equity", {"lot_size": Decimal(-1)}, "lot size -1 is not positive"),
        ("equity", {"settlement_days": -1}, "lies in the past"),
        ("fixed_bond", {"maturity": START}, "matures on 2026-01-15, not after"),
        ("fixed_bond", {"redemption": -1.0}, "redemption -1.0 is negative"),
        ("fixed_bond", {"frequency": 5}, "5 payments a year is none of"),
        ("fixed_bond", {"steps": ((END, 0.1), (START, 0.2))}, "not in date order"),
        ("floating_bond", {"day_count": "Act/366"}, "day count 'Act/366' is none of"),
        ("swap", {"maturity": START}, "ends on 2026-01-15, not after its start"),
        ("swap", {"float_frequency": 3}, "3 payments a year"),
        ("cds", {"recovery": 1.0}, "recovery of 1.0 is not between 0 and 1"),
        ("fx_spot", {"bought_currency": "USD"}, "same currency USD"),
        ("fx_forward", {"currency": "EUR"}, "valued in EUR, not in the sold currency USD"),
        ("fx_forward", {"rate": 0.0}, "rate 0.0 is not positive"),
        ("option", {"strike": 0.0}, "strike 0.0 is not positive"),
        ("option", {"underlying_type": Underlying.FUTURE}, "must say its underlying_class"),
        ("barrier_option", {"barrier": float("nan")}, "barrier nan is not positive"),
        ("barrier_option", {"rebate": -1.0}, "rebate -1.0 is negative"),
        ("digital_option", {"cash": 0.0}, "cash amount 0.0 is not positive"),
        ("digital_option", {"payoff": DigitalPayoff.ASSET}, "one unit of the underlying"),
        ("digital_option", {"exercise": Exercise.AMERICAN}, "is the payoff 'one touch'"),
        ("asian_option", {"exercise": Exercise.AMERICAN}, "only European options on an average"),
        ("asian_option", {"averaging_dates": ()}, "needs averaging_dates, or averaging_first"),
        ("asian_option", {"averaging_count": 3}, "one by one and also by first, last, count"),
        ("asian_option", {"averaging_dates": (EXPIRY, START)}, "not in strict order of date"),
        ("asian_option", {"averaging_dates": (END,)}, "2031-01-15, after its expiry"),
        ("swaption", {"swap_maturity": EXPIRY}, "not after its start"),
        ("perpetual", {"funding_hours": 0}, "funding every 0 hours"),
        ("cash", {"instrument_id": "USD"}, "must be called CASH.USD"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(
    kind: str, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(TermsError, match=reason):
        sample(kind, **changes)


SPREAD: dict[str, Any] = {
    "averaging_dates": (),
    "averaging_first": date(2026, 10, 16),
    "averaging_last": date(2026, 10, 23),
    "averaging_count": 3,
}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"averaging_count": 7}, "7 averaging days do not fit .* which hold 6"),
        ({"averaging_count": 0}, "0 averaging days do not fit"),
        ({"averaging_count": 1}, "one averaging day cannot be both"),
        ({"averaging_last": date(2026, 10, 15)}, "before it begins"),
        ({"averaging_first": date(2026, 10, 17)}, "averaging day 2026-10-17 is on a weekend"),
        ({"averaging_last": date(2027, 10, 15)}, "averages until 2027-10-15, after its expiry"),
    ],
)
def test_averaging_days_that_cannot_be(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(TermsError, match=reason):
        sample("asian_option", **{**SPREAD, **changes})


def test_averaging_days_are_spread_over_weekdays() -> None:
    option = sample("asian_option", **SPREAD)
    assert isinstance(option, AsianOption)
    # Friday to the next Friday holds five steps between weekdays; 2.5 rounds up.
    assert [d.isoformat()[-2:] for d in option.averaging_days] == ["16", "21", "23"]
    always = replace(option, calendar="24/7", averaging_last=date(2026, 10, 24))
    assert [d.isoformat()[-2:] for d in always.averaging_days] == ["16", "20", "24"]
    assert replace(option, averaging_count=6).averaging_days == tuple(
        date(2026, 10, day) for day in (16, 19, 20, 21, 22, 23)
    )


def test_an_average_is_of_the_underlying_unless_it_names_an_index() -> None:
    option = sample("asian_option")
    assert isinstance(option, AsianOption)
    assert option.fixing_id == "ACME.CLOSE"
    assert option.averaging_days == option.averaging_dates
    assert replace(option, index_id=None).fixing_id == "ACME"


def test_a_barrier_may_be_american() -> None:
    option = sample("barrier_option", exercise=Exercise.AMERICAN)
    assert isinstance(option, BarrierOption)
    assert option.exercise is Exercise.AMERICAN


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(TermsError, match=r"multiplier -1 .*; the lot size 0 "):
        sample("equity", multiplier=Decimal(-1), lot_size=Decimal(0))


def test_a_currency_is_checked() -> None:
    with pytest.raises(UserInputError, match="'usd' is not a currency code"):
        sample("equity", currency="usd")


def test_an_option_on_a_future_has_the_class_of_what_underlies() -> None:
    option = sample(
        "option",
        underlying_type=Underlying.FUTURE,
        underlying_class=AssetClass.COMMODITY,
        strike=-5.0,
    )
    assert option.asset_class is AssetClass.COMMODITY


def test_cash_is_named_by_its_currency() -> None:
    assert Cash.of("JPY").lot_size == 1
    assert cash_currency(cash_id("EUR")) == "EUR"
    assert cash_currency("ACME") is None


def test_a_bond_may_be_perpetually_dated() -> None:
    assert sample("fixed_bond", maturity=date.max).expires_on == date.max
