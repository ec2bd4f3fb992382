"""What a desk quotes: yields, spreads and par rates, each put back into a price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.instruments import (
    Bond,
    CreditDefaultSwap,
    FixedBond,
    InterestRateSwap,
    OvernightSwap,
    Side,
    ZeroBond,
)
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError
from riskplatform.market.calendars import business_calendar
from riskplatform.market.cds import cds_maturity, cds_par_spread
from riskplatform.market.interpolation import Interpolation
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.rates.measures import (
    BondPrice,
    bond_price,
    clean_cds_value,
    par_cds_spread,
    par_rate,
    value_of,
    z_spread,
)
from riskplatform.pricing.rates.yields import yield_terms
from tests.pricing.rates.random_books import AS_OF, CONVENTIONS, Draw, sample_market

AT = sample_market(Interpolation.LOG_LINEAR_DISCOUNT)


def number(outcome: float | Failure) -> float:
    assert not isinstance(outcome, Failure), outcome
    return outcome


def bond(
    coupon: float, days: int, frequency: int = 2, day_count: str = "Act/Act ICMA"
) -> FixedBond:
    return FixedBond(
        instrument_id="B",
        name="B",
        currency="EUR",
        issue_date=AS_OF - timedelta(400),
        maturity=AS_OF + timedelta(days),
        coupon_rate=coupon,
        frequency=frequency,
        day_count=day_count,
        discount_curve_id="C",
    )


terms = st.builds(
    bond,
    st.floats(0.0, 0.15),
    st.integers(20, 10_000),
    st.sampled_from([1, 2, 4]),
    st.sampled_from(["Act/Act ICMA", "30E/360", "Act/360"]),
)


@given(terms, st.floats(-0.05, 0.5), st.floats(1e-4, 0.05))
def test_price_falls_in_yield_and_a_yield_gives_its_price_back(
    held: FixedBond, rate: float, more: float
) -> None:
    of = yield_terms(held, AS_OF)
    assert of.clean(rate + more) < of.clean(rate)
    assert number(of.yield_from_clean(of.clean(rate))) == pytest.approx(rate, abs=1e-9)


@given(terms, st.floats(0.0, 0.2))
def test_duration_and_convexity_are_derivatives(held: FixedBond, rate: float) -> None:
    of, step = yield_terms(held, AS_OF), 1e-4
    up, middle, down = (of.dirty(rate + move) for move in (step, 0.0, -step))
    slope, bend = (up - down) / (2 * step), (up + down - 2 * middle) / step**2
    assert of.modified_duration(rate) == pytest.approx(-slope / middle, rel=1e-4)
    assert of.convexity(rate) == pytest.approx(bend / middle, rel=1e-3, abs=1e-3)


def test_accrued_interest_is_that_of_the_marks() -> None:
    from riskplatform.pricing.accrued import accrued_interest

    held = bond(0.05, 1234)
    assert yield_terms(held, AS_OF).accrued == pytest.approx(
        accrued_interest(held, AS_OF, AT.fixing), rel=1e-14
    )


def test_zero_bonds_and_bonds_before_issue() -> None:
    zero = ZeroBond(
        instrument_id="Z",
        name="Z",
        currency="EUR",
        issue_date=AS_OF,
        maturity=AS_OF + timedelta(730),
        discount_curve_id="C",
    )
    assert yield_terms(zero, AS_OF).clean(0.05) == pytest.approx(100 / 1.05**2)
    new = replace(bond(0.05, 365 * 5), issue_date=AS_OF + timedelta(30), maturity=date(2031, 7, 30))
    assert yield_terms(new, AS_OF).accrued == 0.0
    assert yield_terms(new, AS_OF).times[0] == pytest.approx(0.5 + 30 / 365, abs=2e-3)
    with pytest.raises(DataError, match="matures on"):
        yield_terms(zero, zero.maturity)


@pytest.mark.parametrize("price", [np.nan, -500.0, 1e30])
def test_a_price_without_a_yield(price: float) -> None:
    outcome = yield_terms(bond(0.05, 1000), AS_OF).yield_from_clean(price)
    assert isinstance(outcome, Failure)
    assert outcome.subject == "B"
    outcome = z_spread(bond(0.05, 1000), price, AT)
    assert isinstance(outcome, Failure)


def test_z_spread_is_a_shift_of_the_curve() -> None:
    """On the curve moved in parallel the bond costs what the spread says."""
    for held in (bond(0.04, 3000), Draw(2).floating_bond()):
        moved = AT.with_(curves={"C": AT.curve("C").shifted(130.0)})
        assert isinstance(held, Bond)
        safe = replace(held, credit_curve_id=None)
        price = number(value_of(safe, moved, CONVENTIONS)) * 100
        assert number(z_spread(safe, price, AT)) == pytest.approx(0.013, abs=1e-12)


def test_price_for_later_settlement() -> None:
    held = bond(0.04, 3000)
    now, later = (bond_price(held, AT, AS_OF + timedelta(days)) for days in (0, 2))
    assert isinstance(now, BondPrice)
    assert isinstance(later, BondPrice)
    assert now.dirty == pytest.approx(100 * number(value_of(held, AT, CONVENTIONS)))
    assert later.dirty == pytest.approx(now.dirty / float(AT.curve("C").discount(2 / 365)))
    assert later.accrued > now.accrued


def test_par_swaps_are_worth_nothing() -> None:
    draw = Draw(14)
    for swap in (draw.swap(), draw.ois()):
        assert isinstance(swap, InterestRateSwap | OvernightSwap)
        rate = number(par_rate(swap, AT))
        assert number(value_of(replace(swap, fixed_rate=rate), AT, CONVENTIONS)) == pytest.approx(
            0, abs=1e-14
        )


@pytest.mark.parametrize("tenor", ["1Y", "5Y", "10Y"])
def test_par_cds_spread_is_that_of_the_standard_contract(tenor: str) -> None:
    contract = CreditDefaultSwap(
        instrument_id="CDS",
        name="CDS",
        currency="EUR",
        effective=AS_OF,
        maturity=cds_maturity(AS_OF, tenor),
        credit_curve_id="X",
        discount_curve_id="C",
        running_spread=0.01,
        side=Side.RECEIVER,
        recovery=0.4,
    )
    spread = number(par_cds_spread(contract, AT))
    weekdays = business_calendar("WEEKENDS")
    expected = cds_par_spread(AT.credit("X"), AT.curve("C"), tenor, weekdays)
    assert spread == pytest.approx(expected, rel=1e-12)
    for side in Side:
        fair = replace(contract, running_spread=spread, side=side)
        assert number(clean_cds_value(fair, AT)) == pytest.approx(0, abs=1e-14)


def test_what_is_absent_is_a_failure() -> None:
    draw = Draw(5)
    lost = {"discount_curve_id": "NONE"}
    swap, cds = draw.swap(), draw.cds()
    outcomes = [
        par_rate(replace(swap, **lost), AT),  # type: ignore[arg-type]  # a swap
        par_cds_spread(replace(cds, **lost), AT),  # type: ignore[arg-type]  # a CDS
        clean_cds_value(replace(cds, **lost), AT),  # type: ignore[arg-type]  # a CDS
        z_spread(replace(bond(0.1, 99), **lost), 100.0, AT),  # type: ignore[arg-type]  # terms
        bond_price(replace(bond(0.1, 99), **lost), AT, AS_OF),  # type: ignore[arg-type]  # terms
    ]
    for outcome in outcomes:
        assert isinstance(outcome, Failure)
        assert outcome.reason is FailureReason.MISSING_DATA
    odd = par_cds_spread(replace(cds, day_count="30E/360"), AT)  # type: ignore[arg-type,call-arg]  # a CDS
    assert isinstance(odd, Failure)
    assert odd.reason is FailureReason.INVALID_TERMS
    assert PricingConventions().discount_curve("USD") == "USD.OIS"
