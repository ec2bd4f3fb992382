"""Schedules against QuantLib's over random terms, and what they refuse."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import QuantLib as ql
from hypothesis import assume, given
from hypothesis import strategies as st

from riskplatform.domain.conventions import DayCount
from riskplatform.errors import TermsError
from riskplatform.market.calendars import Adjustment, business_calendar
from riskplatform.market.schedule import Stub, coupon_schedule
from riskplatform.market.tenors import add_months

STARTS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
CONVENTIONS = {
    Adjustment.NONE: ql.Unadjusted,
    Adjustment.FOLLOWING: ql.Following,
    Adjustment.MODIFIED_FOLLOWING: ql.ModifiedFollowing,
}
TARGET = business_calendar("TARGET")


def ql_date(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def py_dates(schedule: ql.Schedule) -> list[date]:
    return [date(d.year(), d.month(), d.dayOfMonth()) for d in schedule]


@given(
    start=STARTS,
    days=st.integers(40, 3700),
    months=st.sampled_from([1, 3, 6, 12]),
    adjustment=st.sampled_from(list(CONVENTIONS)),
    end_of_month=st.booleans(),
    stub=st.sampled_from([Stub.SHORT_FRONT, Stub.SHORT_BACK]),
)
def test_short_stubs_are_quantlibs(
    start: date, days: int, months: int, adjustment: Adjustment, end_of_month: bool, stub: Stub
) -> None:
    end = start + timedelta(days)
    rule = ql.DateGeneration.Backward if stub is Stub.SHORT_FRONT else ql.DateGeneration.Forward
    theirs = ql.Schedule(
        ql_date(start), ql_date(end), ql.Period(months, ql.Months), ql.TARGET(),
        CONVENTIONS[adjustment], CONVENTIONS[adjustment], rule, end_of_month,
    )  # fmt: skip
    ours = coupon_schedule(
        start, end, months=months, calendar=TARGET, adjustment=adjustment,
        stub=stub, end_of_month=end_of_month,
    )  # fmt: skip
    expected = py_dates(theirs)
    # QuantLib drops a boundary that a holiday moved onto its neighbour; we keep the empty coupon.
    assume(len(set(ours.accrual.tolist())) == len(ours.accrual))
    assert ours.accrual.tolist() == expected


@given(start=STARTS, years=st.integers(1, 30), months=st.sampled_from([3, 6, 12]))
def test_a_whole_term_is_the_same_by_every_stub_rule(start: date, years: int, months: int) -> None:
    assume(start.day <= 28)
    end = add_months(start, 12 * years).item()
    made = [
        coupon_schedule(start, end, months=months, calendar=TARGET, stub=stub).accrual.tolist()
        for stub in Stub
    ]
    assert all(dates == made[0] for dates in made)
    assert len(made[0]) == years * 12 // months + 1


def test_long_stubs_join_the_odd_days_to_their_neighbour() -> None:
    start, end = date(2026, 1, 10), date(2027, 9, 15)
    terms = {"months": 6, "calendar": TARGET, "adjustment": Adjustment.NONE}
    front = coupon_schedule(start, end, stub=Stub.LONG_FRONT, **terms)
    assert front.accrual.tolist() == [
        start, date(2026, 9, 15), date(2027, 3, 15), end,
    ]  # fmt: skip
    back = coupon_schedule(start, end, stub=Stub.LONG_BACK, **terms)
    assert back.accrual.tolist() == [start, date(2026, 7, 10), date(2027, 1, 10), end]


def test_bond_rule_moves_payments_but_not_accrual() -> None:
    bond = coupon_schedule(
        date(2025, 2, 15), date(2027, 2, 15), months=6, calendar=business_calendar("USNY"),
        adjustment=Adjustment.FOLLOWING, adjust_accrual=False,
    )  # fmt: skip
    # 15 February 2026 is a Sunday before Presidents' Day, 15 August 2026 a Saturday.
    assert bond.accrual.tolist()[2:4] == [date(2026, 2, 15), date(2026, 8, 15)]
    assert bond.payment.tolist()[1:3] == [date(2026, 2, 17), date(2026, 8, 17)]
    assert bond.year_fractions(DayCount.ACT_ACT_ICMA).tolist() == [0.5] * 4


def test_icma_measures_stubs_by_the_regular_period() -> None:
    short = coupon_schedule(
        date(1999, 2, 1), date(2000, 7, 1), months=12, calendar=TARGET, adjust_accrual=False
    )
    expected = pytest.approx([150 / 365, 1.0])
    assert short.year_fractions(DayCount.ACT_ACT_ICMA).tolist() == expected
    long = coupon_schedule(
        date(2002, 8, 15), date(2004, 1, 15), months=6, calendar=TARGET,
        adjust_accrual=False, stub=Stub.LONG_FRONT,
    )  # fmt: skip
    fractions = long.year_fractions(DayCount.ACT_ACT_ICMA).tolist()
    assert fractions == pytest.approx([0.5 + 153 / 368, 0.5])


def test_end_of_month_holds() -> None:
    dates = coupon_schedule(
        date(2024, 8, 31), date(2026, 2, 28), months=6, calendar=TARGET,
        adjustment=Adjustment.NONE, end_of_month=True,
    ).accrual.tolist()  # fmt: skip
    assert dates == [date(2024, 8, 31), date(2025, 2, 28), date(2025, 8, 31), date(2026, 2, 28)]


def test_payment_lag_counts_business_days() -> None:
    lagged = coupon_schedule(
        date(2026, 12, 22), date(2027, 12, 22), months=12, calendar=TARGET, payment_lag_days=2
    )
    assert lagged.payment.tolist() == [date(2027, 12, 24)]


def test_a_zero_period_is_one_coupon() -> None:
    bullet = coupon_schedule(date(2026, 1, 5), date(2026, 7, 6), months=0, calendar=TARGET)
    assert bullet.accrual.tolist() == [date(2026, 1, 5), date(2026, 7, 6)]
    assert len(bullet) == 1


def test_terms_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(TermsError, match="ends before it starts"):
        coupon_schedule(date(2026, 1, 5), date(2026, 1, 5), months=6, calendar=TARGET)
    with pytest.raises(TermsError, match="whole number of 6-month periods"):
        coupon_schedule(
            date(2026, 1, 5), date(2026, 9, 5), months=6, calendar=TARGET, stub=Stub.NONE
        )
