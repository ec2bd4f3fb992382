"""Credit bootstraps: exact repricing, QuantLib's ISDA engine, and spreads that cannot be."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.calendars import business_calendar
from riskplatform.market.cds import cds_legs, cds_maturity, cds_par_spread
from riskplatform.market.credit_bootstrap import (
    CreditBootstrapped,
    bootstrap_credit,
    bootstrap_credit_many,
)
from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import Interpolation

AS_OF = date(2026, 11, 18)
DISCOUNT = Curve(
    "USD.OIS", AS_OF, np.array([91, 365, 730, 1826, 3652, 10957]) / 365,
    np.array([0.042, 0.039, 0.036, 0.036, 0.038, 0.039]),
)  # fmt: skip
SPREADS_BP = {
    "6M": 40.0,
    "1Y": 55.0,
    "2Y": 70.0,
    "3Y": 90.0,
    "5Y": 120.0,
    "7Y": 140.0,
    "10Y": 155.0,
}
WEEKENDS = business_calendar("WEEKENDS")


def made(outcome: CreditBootstrapped | Failure) -> CreditBootstrapped:
    assert isinstance(outcome, CreditBootstrapped), outcome
    return outcome


def failed(outcome: object) -> Failure:
    assert isinstance(outcome, Failure), outcome
    return outcome


def ql_date(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


@given(
    day=st.dates(date(2016, 1, 1), date(2030, 12, 31)),
    tenor=st.sampled_from(["6M", "1Y", "5Y", "10Y"]),
)
def test_maturities_are_quantlibs(day: date, tenor: str) -> None:
    theirs = ql.cdsMaturity(ql_date(day), ql.Period(tenor), ql.DateGeneration.CDS2015)
    assert ql_date(cds_maturity(day, tenor)) == theirs


def test_every_spread_reprices() -> None:
    result = made(bootstrap_credit("ISSUER.ACME", AS_OF, SPREADS_BP, 0.4, DISCOUNT))
    assert [reprice.tenor for reprice in result.reprices] == list(SPREADS_BP)
    assert max(abs(reprice.error_bp) for reprice in result.reprices) < 1e-10
    for tenor, spread in SPREADS_BP.items():
        par = cds_par_spread(result.curve, DISCOUNT, tenor, WEEKENDS)
        assert par == pytest.approx(spread * 1e-4, abs=1e-14)


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 3, 19), date(2026, 3, 20), date(2026, 9, 21)])
def test_par_spreads_are_those_of_quantlibs_isda_engine(as_of: date) -> None:
    """Par to QuantLib's model on the same curves, to a ten-thousandth of a basis point.

    Where the last coupon is paid after a weekend QuantLib watches for default until the payment,
    we until maturity; that is the difference.
    """
    discount = DISCOUNT.rebased(as_of)
    curve = made(bootstrap_credit("ISSUER.ACME", as_of, SPREADS_BP, 0.4, discount)).curve
    today = ql_date(as_of)
    ql.Settings.instance().evaluationDate = today
    dates = [today, *(today + round(365 * float(t)) for t in discount.times)]
    rates = ql.DiscountCurve(
        dates, [1.0, *discount.discount(discount.times).tolist()], ql.Actual365Fixed()
    )
    dates = [today, *(today + round(365 * float(t)) for t in curve.times)]
    hazards = ql.HazardRateCurve(
        dates, [curve.hazard_rates[0], *curve.hazard_rates.tolist()], ql.Actual365Fixed()
    )
    hazards.enableExtrapolation()
    engine = ql.IsdaCdsEngine(
        ql.DefaultProbabilityTermStructureHandle(hazards), 0.4, ql.YieldTermStructureHandle(rates)
    )
    for tenor, spread in SPREADS_BP.items():
        schedule = ql.Schedule(
            today, ql_date(cds_maturity(as_of, tenor)), ql.Period(3, ql.Months), ql.WeekendsOnly(),
            ql.Following, ql.Unadjusted, ql.DateGeneration.CDS2015, False,
        )  # fmt: skip
        swap = ql.CreditDefaultSwap(
            ql.Protection.Buyer, 1.0, spread * 1e-4, schedule, ql.Following, ql.Actual360(), True,
            True, today + 1, ql.FaceValueClaim(), ql.Actual360(True), True, today, 3,
        )  # fmt: skip
        swap.setPricingEngine(engine)
        assert swap.fairSpread() * 1e4 == pytest.approx(spread, abs=1e-4)


def test_the_legs_are_their_integrals() -> None:
    """Protection and premium against a sum over days, by the definition of each."""
    curve = made(bootstrap_credit("X", AS_OF, SPREADS_BP, 0.4, DISCOUNT)).curve
    legs = cds_legs(AS_OF, "2Y", DISCOUNT, WEEKENDS, curve.times)
    protection, premium = legs.values(curve.cumulative_hazard(legs.grid))
    steps = 40
    days = (legs.maturity - AS_OF).days
    edges = np.arange(days * steps + 1) / (365 * steps)
    defaults = curve.default_probability(edges[:-1], edges[1:])
    middle = (edges[1:] + edges[:-1]) / 2
    discounted = defaults * DISCOUNT.discount(middle)
    assert protection == pytest.approx(discounted.sum(), rel=1e-8)
    # Quarterly twentieths, next weekday; the first accrues from 21 September 2026 (a Monday).
    bounds = np.array(
        ["2026-09-21", "2026-12-21", "2027-03-22", "2027-06-21", "2027-09-20", "2027-12-20",
         "2028-03-20", "2028-06-20", "2028-09-20", "2028-12-20"], dtype="datetime64[D]",
    )  # fmt: skip
    since = (bounds - np.datetime64(AS_OF)).astype(float)
    ends = since[1:].copy()
    ends[-1] += 1
    eve = (ends - 1) / 365
    coupons = (ends - since[:-1]) / 360 * curve.survival(eve) * DISCOUNT.discount(since[1:] / 365)
    coupon_of = np.searchsorted(eve, middle)
    accrued = (middle * 365 - (since[:-1] - 1.5)[coupon_of]) / 360
    rebate = 59 / 360 * float(DISCOUNT.discount(5 / 365))
    expected = coupons.sum() + (accrued * discounted).sum() - rebate
    assert premium == pytest.approx(expected, rel=1e-8)


def test_a_flat_spread_is_nearly_spread_over_loss() -> None:
    flat = made(bootstrap_credit("X", AS_OF, {"5Y": 100.0}, 0.4, DISCOUNT)).curve
    # The "credit triangle", with a spread paid per 360 days.
    assert flat.hazard_rates[0] == pytest.approx(0.01 / 0.6 * 365 / 360, rel=5e-3)


@pytest.mark.parametrize("rule", Interpolation)
def test_any_discount_curve_serves(rule: Interpolation) -> None:
    discount = Curve("X", AS_OF, DISCOUNT.times, DISCOUNT.zero_rates, rule)
    result = made(bootstrap_credit("X", AS_OF, SPREADS_BP, 0.4, discount))
    assert max(abs(reprice.error_bp) for reprice in result.reprices) < 1e-10


def test_many_issuers_are_each_alone_and_bad_ones_fail_alone() -> None:
    tenors, base = list(SPREADS_BP), np.array(list(SPREADS_BP.values()))
    quotes = np.stack([base, 3 * base, base, base, 6 * base, base])
    quotes[2, 4], quotes[3, 5] = np.nan, 20.0
    recoveries = np.array([0.4, 0.2, 0.4, 0.4, 0.25, 1.0])
    names = [f"ISSUER.{letter}" for letter in "ABCDEF"]
    outcomes = bootstrap_credit_many(names, AS_OF, tenors, quotes, recoveries, DISCOUNT)
    for row in (0, 1, 4):
        alone = bootstrap_credit(
            names[row],
            AS_OF,
            dict(zip(tenors, quotes[row], strict=True)),
            recoveries[row],
            DISCOUNT,
        )
        assert made(outcomes[row]).curve.hazard_rates == pytest.approx(
            made(alone).curve.hazard_rates, abs=1e-13
        )
    missing, arbitrage, recovery = (failed(outcomes[row]) for row in (2, 3, 5))
    assert missing.reason is FailureReason.MISSING_DATA
    assert "ISSUER.C 2026-11-18 needs a positive spread at 5Y" in missing.message
    assert arbitrage.reason is FailureReason.INVALID_DATA
    assert "at 7Y with 20 bp" in arbitrage.message
    assert "recovery 1.0" in recovery.message


def test_a_spread_that_even_certain_default_cannot_earn_is_a_failure() -> None:
    """After 2,400 bp to 5 years no hazard, however large, is worth 2,800 bp to 7 years."""
    steep = {tenor: 20 * spread for tenor, spread in SPREADS_BP.items()}
    outcome = failed(bootstrap_credit("X", AS_OF, steep, 0.25, DISCOUNT))
    assert "at 7Y with 2800 bp" in outcome.message


def test_distressed_spreads_converge() -> None:
    result = made(
        bootstrap_credit("X", AS_OF, {"1Y": 9000.0, "3Y": 6500.0, "5Y": 5500.0}, 0.2, DISCOUNT)
    )
    assert max(abs(reprice.error_bp) for reprice in result.reprices) < 1e-8


def test_questions_that_cannot_be_are_refused() -> None:
    with pytest.raises(UserInputError, match="CDS tenor of 3M"):
        cds_maturity(AS_OF, "3M")
    with pytest.raises(UserInputError, match="do not rise"):
        bootstrap_credit("X", AS_OF, {"5Y": 100.0, "1Y": 50.0}, 0.4, DISCOUNT)
    with pytest.raises(UserInputError, match="issuers by tenors"):
        bootstrap_credit_many(["X"], AS_OF, ["5Y"], np.ones((2, 1)), np.array([0.4]), DISCOUNT)
