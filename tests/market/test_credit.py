"""Credit curves: closed forms, Hull's and QuantLib's credit-default swaps, and refusals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.conventions import DayCount
from riskplatform.errors import DataError, UserInputError
from riskplatform.market.calendars import Adjustment, business_calendar
from riskplatform.market.credit import CreditCurve, cumulative_hazard
from riskplatform.market.curves import Curve, time_from
from riskplatform.market.schedule import Stub, coupon_schedule

AS_OF = date(2026, 11, 18)
TIMES, HAZARDS = np.array([1.0, 3.0, 5.0]), np.array([0.01, 0.02, 0.035])


def acme() -> CreditCurve:
    return CreditCurve("ISSUER.ACME", AS_OF, TIMES, HAZARDS, 0.4)


def flat(hazard: float, as_of: date = AS_OF) -> CreditCurve:
    return CreditCurve("X", as_of, np.array([1.0]), np.array([hazard]), 0.4)


def test_survival_by_hand() -> None:
    at = np.array([0.0, 0.5, 1.0, 2.0, 5.0, 8.0])
    expected = np.exp(-np.array([0.0, 0.005, 0.01, 0.03, 0.12, 0.225]))
    assert acme().survival(at) == pytest.approx(expected, abs=1e-15)
    assert acme().default_probability(1.0, 2.0) == pytest.approx(expected[2] - expected[3])
    assert acme().hazard([0.0, 1.0, 1.1, 5.0, 9.0]).tolist() == [0.01, 0.01, 0.02, 0.035, 0.035]
    assert float(acme().survival(2.0)) == pytest.approx(float(np.exp(-0.03)))


def test_survival_is_quantlibs() -> None:
    today = ql.Date(18, 11, 2026)
    dates = [today, *(today + round(365 * t) for t in TIMES)]
    theirs = ql.HazardRateCurve(dates, [HAZARDS[0], *HAZARDS], ql.Actual365Fixed())
    theirs.enableExtrapolation()
    at = np.linspace(0, 9, 91)
    expected = [theirs.survivalProbability(float(t)) for t in at]
    assert acme().survival(at) == pytest.approx(expected, abs=1e-14)


@given(
    hazards=st.lists(st.floats(0, 2), min_size=3, max_size=3),
    at=st.lists(st.floats(0, 30), min_size=2, max_size=2),
)
def test_survival_never_rises(hazards: list[float], at: list[float]) -> None:
    made = CreditCurve("X", AS_OF, TIMES, np.array(hazards), 0.4)
    early, late = made.survival(sorted(at))
    assert 1 >= early >= late >= 0


def test_many_issuers_at_once() -> None:
    many = np.stack([HAZARDS, 2 * HAZARDS])
    at = np.array([0.5, 4.0, 7.0])
    together = cumulative_hazard(TIMES, many, at)
    assert together[0] == pytest.approx(acme().cumulative_hazard(at))
    assert together[1] == pytest.approx(2 * together[0])


@pytest.mark.parametrize(
    ("hazard", "annuity", "accrual", "payoff", "spread"),
    [
        (-np.log(0.98), 4.070448, 0.042587, 0.051104, 0.0124249),
        (0.02, 4.072808, 0.042180, 0.050615, 0.0123003),
    ],
)
def test_hulls_five_year_swap(
    hazard: float, annuity: float, accrual: float, payoff: float, spread: float
) -> None:
    """R75: Hull, chapter 25: annual payments in arrears, defaults half-way through the year."""
    curve, discount = flat(hazard), Curve("USD.OIS", AS_OF, np.array([1.0]), np.array([0.05]))
    ends = np.arange(1.0, 6.0)
    defaults = curve.default_probability(ends - 1, ends) * discount.discount(ends - 0.5)
    paid = float(np.sum(curve.survival(ends) * discount.discount(ends)))
    on_default, lost = 0.5 * defaults.sum(), (1 - curve.recovery) * defaults.sum()
    assert paid == pytest.approx(annuity, abs=5e-7)
    assert on_default == pytest.approx(accrual, abs=5e-7)
    assert lost == pytest.approx(payoff, abs=5e-7)
    assert lost / (paid + on_default) == pytest.approx(spread, abs=5e-8)
    if hazard != 0.02:
        assert 0.015 * (paid + on_default) - lost == pytest.approx(0.010592, abs=5e-7)


def test_quantlibs_midpoint_swap() -> None:
    """R70: seller of protection on 10,000 at 120 bp, dates and rates on Act/360, default half-way.

    Rates on Act/360 are scaled to Act/365F, which gives the same factors on the same dates.
    """
    as_of, scale = date(2006, 6, 9), 365 / 360
    curve = flat(0.01234 * scale, as_of)
    discount = Curve("X", as_of, np.array([1.0]), np.array([0.06 * scale]))
    schedule = coupon_schedule(
        date(2005, 6, 9), date(2015, 6, 9), months=6, calendar=business_calendar("TARGET"),
        adjustment=Adjustment.MODIFIED_FOLLOWING, stub=Stub.SHORT_BACK,
    )  # fmt: skip
    future = schedule.payment > np.datetime64(as_of)
    starts = np.maximum(schedule.accrual[:-1][future], np.datetime64(as_of))
    ends = schedule.accrual[1:][future]
    accruals = schedule.year_fractions(DayCount.ACT_360)[future]
    middles = starts + (ends - starts) // 2
    to_middle = (middles - schedule.accrual[:-1][future]).astype(float) / 360
    end_times = time_from(as_of, ends)
    defaults = curve.default_probability(time_from(as_of, starts), end_times)
    defaults = defaults * discount.discount(time_from(as_of, middles))
    premium = np.sum(accruals * curve.survival(end_times) * discount.discount(end_times))
    premium += np.sum(to_middle * defaults)
    protection = 0.6 * defaults.sum()
    assert 10_000 * (0.012 * premium - protection) == pytest.approx(295.0153398, abs=1e-6)
    assert protection / premium == pytest.approx(0.0075175, abs=5e-8)


def test_shifts() -> None:
    assert acme().shifted(50).hazard_rates == pytest.approx(HAZARDS + 0.005)
    assert acme().shifted([-200, 0, 10]).hazard_rates == pytest.approx([0.0, 0.02, 0.036])
    with pytest.raises(UserInputError, match="3 nodes"):
        acme().shifted([1.0, 2.0])


def test_equal_content_is_an_equal_curve() -> None:
    assert acme() == acme()
    assert hash(acme()) == hash(acme())
    other_recovery = CreditCurve("ISSUER.ACME", AS_OF, TIMES, HAZARDS, 0.35)
    assert len({made.content_hash() for made in (acme(), acme().shifted(1), other_recovery)}) == 3


def test_bad_curves_and_questions_are_refused() -> None:
    with pytest.raises(DataError, match=r"ISSUER.B of 2026-11-18 has the hazard rate -0\.01"):
        CreditCurve("ISSUER.B", AS_OF, TIMES, np.array([0.01, -0.01, 0.02]), 0.4)
    with pytest.raises(DataError, match=r"recovery 1\.0"):
        CreditCurve("X", AS_OF, TIMES, HAZARDS, 1.0)
    with pytest.raises(DataError, match="recovery nan"):
        CreditCurve("X", AS_OF, TIMES, HAZARDS, float("nan"))
    with pytest.raises(DataError, match="hazard rate nan at time 3"):
        CreditCurve("X", AS_OF, TIMES, np.array([0.01, np.nan, 0.02]), 0.4)
    with pytest.raises(UserInputError, match="asked at time -1"):
        acme().survival(-1.0)
