"""Reference cases R66, R68, R69, R70 and R75, to the printed digits.

Sources: the cached values of QuantLib's own tests (bonds, swap, cap and floor, swaption, CDS) and
Hull, Options, Futures and Other Derivatives, chapter 25.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from riskplatform.domain.instruments import (
    CapFloor,
    CapOrFloor,
    CreditDefaultSwap,
    FixedBond,
    InterestRateSwap,
    Side,
    Swaption,
    VolQuote,
    ZeroBond,
)
from riskplatform.domain.outcome import Failure
from riskplatform.market.calendars import Adjustment
from riskplatform.market.credit import CreditCurve
from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import CdsModel, PricingConventions, Projection
from riskplatform.pricing.rates.credit_swaps import midpoint_flows
from riskplatform.pricing.rates.measures import BondPrice, bond_price, par_cds_spread, value_of
from riskplatform.pricing.rates.yields import yield_terms
from riskplatform.pricing.units.book import unit_book
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.layout import layout_of
from riskplatform.pricing.units.plan import make_plan
from riskplatform.pricing.units.sensitivities import gradient, key_rate_dv01, parallel_dv01
from tests.pricing.rates.golden_market import flat, market

EVALUATED, SETTLED = date(2004, 11, 22), date(2004, 11, 23)
UNMOVED = PricingConventions(bond_payment=Adjustment.NONE)
STREET = FixedBond(
    instrument_id="T 3.5 2009",
    name="3.5% 15 Nov 2009",
    currency="USD",
    issue_date=date(2004, 11, 15),
    maturity=date(2009, 11, 15),
    coupon_rate=0.035,
    discount_curve_id="C",
)


def clean(bond: FixedBond | ZeroBond, conventions: PricingConventions) -> float:
    """On a flat 3% Act/360 curve from the evaluation day."""
    curve = flat(EVALUATED, 0.03 * 365 / 360)
    price = bond_price(bond, market(EVALUATED, curve), SETTLED, conventions)
    assert isinstance(price, BondPrice)
    return price.clean


class TestBonds:
    """R66, from QuantLib's bond tests."""

    def test_price_yield_duration_and_convexity(self) -> None:
        terms = yield_terms(STREET, SETTLED)
        assert terms.clean(0.03569) == pytest.approx(99.687192, abs=5e-7)
        found = terms.yield_from_clean(99.6875)
        assert not isinstance(found, Failure)
        assert found == pytest.approx(0.03568932, abs=5e-9)
        assert terms.modified_duration(0.03569) == pytest.approx(4.526657, abs=5e-7)
        assert terms.convexity(0.03569) == pytest.approx(23.729448, abs=5e-7)

    def test_on_a_curve(self) -> None:
        assert clean(STREET, UNMOVED) == pytest.approx(101.986794, abs=5e-7)

    def test_zero_fixed_and_stepped(self) -> None:
        following = PricingConventions(
            bond_payment=Adjustment.MODIFIED_FOLLOWING, bond_end_of_month=False
        )
        issued, due = date(2004, 11, 30), date(2008, 11, 30)
        zero = ZeroBond(
            instrument_id="Z",
            name="zero",
            currency="USD",
            issue_date=issued,
            maturity=due,
            discount_curve_id="C",
            calendar="USGS",
        )
        fixed = replace(
            STREET, issue_date=issued, maturity=due, coupon_rate=0.02875, calendar="USGS"
        )
        # QuantLib counts rates by coupon: one each for the first three, the last for the rest.
        days = [date(2005, 5, 30), date(2005, 11, 30), date(2006, 5, 30)]
        stepped = replace(fixed, steps=tuple(zip(days, (0.03, 0.03125, 0.0325), strict=True)))
        assert clean(zero, following) == pytest.approx(88.551726, abs=5e-7)
        assert clean(fixed, following) == pytest.approx(99.298100, abs=5e-7)
        assert clean(stepped, following) == pytest.approx(100.334149, abs=5e-7)


def test_key_rate_dv01s() -> None:
    """R68: derivatives per basis point; QuantLib and the closed form agree to 1e-9."""
    nodes = np.array([1.0, 2.0, 3.0, 5.0, 10.0])
    curve = Curve("C", EVALUATED, nodes, np.full(5, 0.03), Interpolation.LINEAR_ZERO)
    book = unit_book([STREET], market(EVALUATED, curve), UNMOVED)
    plan = book.plan()
    base = value_states(plan, book.layout.states(1)).values[0, 0] * 100
    assert base == pytest.approx(102.2521922, abs=5e-8)
    found = gradient(plan, book.layout.base)
    ladder = key_rate_dv01(found)
    # The 10-year node is beyond the last flow: zero, hence not in the ladder.
    expected = [-0.00038454, -0.00065795, -0.00192840, -0.04424986]
    assert ladder["value"].to_numpy() * 100 == pytest.approx(expected, abs=5e-9)
    assert parallel_dv01(found)[0] * 100 == pytest.approx(-0.04722075, abs=5e-9)
    assert ladder["value"].sum() == pytest.approx(parallel_dv01(found)[0], rel=1e-13)
    # The derivative is the middle of the moves up and down.
    bumped = book.layout.states(2)
    bumped[:, :] += [[1e-4], [-1e-4]]
    both = value_states(plan, bumped).values[0]
    assert parallel_dv01(found)[0] == pytest.approx((both[0] - both[1]) / 2, rel=1e-6)


def rates_market(today: date, settled: date, rate: float, vol: float | None) -> MarketSnapshot:
    return market(today, flat(today, rate, settled=settled), vol=vol)


@pytest.mark.parametrize(
    ("projection", "expected"),
    [(Projection.AT_PAR, -5.872863313209), (Projection.INDEXED, -5.872342992)],
)
def test_swap(projection: Projection, expected: float) -> None:
    """R69: 10-year payer of 6% against six-month Euribor and 10 bp, nominal 100."""
    settled = date(2002, 6, 19)
    swap = InterestRateSwap(
        instrument_id="S",
        name="swap",
        currency="EUR",
        calendar="TARGET",
        effective=settled,
        maturity=date(2012, 6, 19),
        fixed_rate=0.06,
        side=Side.PAYER,
        index_id="EURIBOR 6M",
        discount_curve_id="C",
        projection_curve_id="C",
        spread=0.001,
    )
    conventions = PricingConventions(
        projection=projection, adjust_fixed_accrual=False, fixing_lag_days=2
    )
    at = rates_market(date(2002, 6, 17), settled, 0.05, None)
    value = value_of(swap, at, conventions)
    assert not isinstance(value, Failure)
    places = 5e-13 if projection is Projection.AT_PAR else 5e-10
    assert 100 * value == pytest.approx(expected, abs=places)


@pytest.mark.parametrize(
    ("projection", "kind", "strike", "expected"),
    [
        (Projection.AT_PAR, CapOrFloor.CAP, 0.07, 6.87570026732),
        (Projection.AT_PAR, CapOrFloor.FLOOR, 0.03, 2.65812927959),
        (Projection.INDEXED, CapOrFloor.CAP, 0.07, 6.876303077),
        (Projection.INDEXED, CapOrFloor.FLOOR, 0.03, 2.657967647),
    ],
)
def test_cap_and_floor(
    projection: Projection, kind: CapOrFloor, strike: float, expected: float
) -> None:
    """R69: 20 years, semi-annual, Black volatility 20%, nominal 100, 5% Act/360."""
    settled = date(2002, 3, 18)
    option = CapFloor(
        instrument_id="O",
        name="option",
        currency="EUR",
        calendar="TARGET",
        cap_or_floor=kind,
        effective=settled,
        maturity=date(2022, 3, 18),
        strike=strike,
        index_id="EURIBOR 6M",
        discount_curve_id="C",
        projection_curve_id="C",
        surface_id="V",
        vol_quote=VolQuote.LOGNORMAL,
        frequency=2,
    )
    conventions = PricingConventions(projection=projection, fixing_lag_days=2)
    at = rates_market(date(2002, 3, 14), settled, 0.05 * 365 / 360, 0.20)
    value = value_of(option, at, conventions)
    assert not isinstance(value, Failure)
    places = 5e-12 if projection is Projection.AT_PAR else 5e-10
    assert 100 * value == pytest.approx(expected, abs=places)


@pytest.mark.parametrize(
    ("projection", "expected"),
    [(Projection.AT_PAR, 0.036418158579), (Projection.INDEXED, 0.036421430)],
)
def test_swaption(projection: Projection, expected: float) -> None:
    """R69: 5 years into a 10-year payer of 6%, Black volatility 20%, nominal 1."""
    option = Swaption(
        instrument_id="O",
        name="swaption",
        currency="EUR",
        calendar="TARGET",
        expiry=date(2007, 3, 15),
        swap_maturity=date(2017, 3, 19),
        strike=0.06,
        side=Side.PAYER,
        index_id="EURIBOR 6M",
        discount_curve_id="C",
        projection_curve_id="C",
        surface_id="V",
        vol_quote=VolQuote.LOGNORMAL,
    )
    conventions = PricingConventions(projection=projection, fixing_lag_days=2)
    at = rates_market(date(2002, 3, 13), date(2002, 3, 15), 0.05, 0.20)
    value = value_of(option, at, conventions)
    assert not isinstance(value, Failure)
    assert value == pytest.approx(expected, abs=5e-13 if projection is Projection.AT_PAR else 5e-10)


def seller(**terms: object) -> CreditDefaultSwap:
    usual: dict[str, object] = {
        "instrument_id": "CDS",
        "name": "cds",
        "currency": "EUR",
        "calendar": "TARGET",
        "effective": date(2005, 6, 9),
        "maturity": date(2015, 6, 9),
        "credit_curve_id": "X",
        "discount_curve_id": "C",
        "running_spread": 0.0120,
        "side": Side.RECEIVER,
        "frequency": 2,
    }
    return CreditDefaultSwap(**(usual | terms))  # type: ignore[arg-type]  # terms by name


def test_cds_by_mid_points() -> None:
    """R70: QuantLib's cached value of 10,000 sold at 120 bp."""
    today = date(2006, 6, 9)
    hazard = CreditCurve("X", today, np.array([40.0]), np.array([0.01234 * 365 / 360]), 0.4)
    at = market(today, flat(today, 0.06 * 365 / 360), credit=hazard)
    conventions = PricingConventions(cds_model=CdsModel.MIDPOINT)
    value = value_of(seller(), at, conventions)
    assert not isinstance(value, Failure)
    assert 10_000 * value == pytest.approx(295.0153398, abs=5e-8)
    fair = par_cds_spread(seller(), at, conventions)
    assert not isinstance(fair, Failure)
    assert fair == pytest.approx(0.0075175, abs=5e-8)


@pytest.mark.parametrize(
    ("yearly", "annuity", "accrual", "payoff", "spread", "worth"),
    [
        (-np.log(0.98), 4.070448, 0.042587, 0.051104, 0.0124249, 0.010592),
        (0.02, 4.072808, 0.042180, 0.050615, 0.0123003, None),
    ],
)
def test_cds_of_the_text_book(
    yearly: float,
    annuity: float,
    accrual: float,
    payoff: float,
    spread: float,
    worth: float | None,
) -> None:
    """R75: Hull chapter 25; defaults in the middle of a year, payments at its end."""
    today = date(2021, 1, 1)
    credit = CreditCurve("X", today, np.array([10.0]), np.array([yearly]), 0.4)
    at = market(today, flat(today, 0.05), credit=credit)
    ends = 365.0 * np.arange(1, 6)

    def value(running_spread: float, accruals: float, side: Side = Side.PAYER) -> float:
        flows = midpoint_flows(
            seller(side=side, running_spread=running_spread),
            starts=ends - 365.0,
            ends=ends,
            payments=ends,
            accruals=np.full(5, accruals),
            whole_days=False,
        )
        layout = layout_of([flows], at)
        return float(value_states(make_plan([flows], layout), layout.states(1)).values[0, 0])

    protection = value(0.0, 1.0)
    premium = protection - value(1.0, 1.0)
    assert protection == pytest.approx(payoff, abs=5e-7)
    survival = np.exp(-yearly * np.arange(6))
    paid = float((survival[1:] * np.exp(-0.05 * np.arange(1, 6))).sum())
    assert paid == pytest.approx(annuity, abs=5e-7)
    assert premium - paid == pytest.approx(accrual, abs=5e-7)
    assert protection / premium == pytest.approx(spread, abs=5e-8)
    if worth is not None:
        assert value(0.015, 1.0, Side.RECEIVER) == pytest.approx(worth, abs=5e-7)
