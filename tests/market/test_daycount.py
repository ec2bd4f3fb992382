"""Day counts against QuantLib on random dates, and published examples."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import TermsError, UnknownNameError
from riskplatform.market.calendars import business_calendar
from riskplatform.market.daycount import (
    CouponPeriod,
    DayCount,
    day_count,
    year_fraction,
    year_fractions,
)
from riskplatform.market.tenors import add_months

DAYS = st.dates(date(1995, 1, 1), date(2060, 12, 31))
ORACLES = {
    DayCount.ACT_360: ql.Actual360(),
    DayCount.ACT_365F: ql.Actual365Fixed(),
    DayCount.ACT_ACT_ISDA: ql.ActualActual(ql.ActualActual.ISDA),
    DayCount.THIRTY_360_US: ql.Thirty360(ql.Thirty360.USA),
    DayCount.THIRTY_E_360: ql.Thirty360(ql.Thirty360.European),
}
MONTH_ENDS = st.builds(
    lambda month: (np.datetime64("1999-01") + month + 1).astype("datetime64[D]").item(),
    st.integers(0, 600),
)


def ql_date(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("convention", ORACLES)
@given(start=DAYS | MONTH_ENDS, end=DAYS | MONTH_ENDS)
def test_each_convention_is_quantlibs(convention: DayCount, start: date, end: date) -> None:
    start, end = min(start, end), max(start, end)
    expected = ORACLES[convention].yearFraction(ql_date(start), ql_date(end))
    assert year_fraction(convention, start, end) == pytest.approx(expected, abs=1e-12)


@given(
    start=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    end=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
)
def test_bus_252_is_quantlibs(start: date, end: date) -> None:
    start, end = min(start, end), max(start, end)
    expected = ql.Business252(ql.TARGET()).yearFraction(ql_date(start), ql_date(end))
    ours = year_fraction(DayCount.BUS_252, start, end, calendar=business_calendar("TARGET"))
    assert ours == pytest.approx(expected, abs=1e-12)


@given(
    period_start=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    months=st.sampled_from([1, 3, 6, 12]),
    share=st.floats(0, 1),
)
def test_icma_within_a_period_is_quantlibs(period_start: date, months: int, share: float) -> None:
    period_end = add_months(period_start, months).item()
    length = (period_end - period_start).days
    end = date.fromordinal(period_start.toordinal() + round(share * length))
    expected = ql.ActualActual(ql.ActualActual.ISMA).yearFraction(
        ql_date(period_start), ql_date(end), ql_date(period_start), ql_date(period_end)
    )
    period = CouponPeriod(period_start, period_end, months)
    ours = year_fraction(DayCount.ACT_ACT_ICMA, period_start, end, period=period)
    assert ours == pytest.approx(expected, abs=1e-12)


def test_published_examples_of_act_act() -> None:
    """ISDA memorandum 'EMU and market conventions', 1998: its worked periods, as fractions."""
    isda, icma = DayCount.ACT_ACT_ISDA, DayCount.ACT_ACT_ICMA
    start, end = date(2003, 11, 1), date(2004, 5, 1)
    assert year_fraction(isda, start, end) == pytest.approx(61 / 365 + 121 / 366)
    semi_annual = CouponPeriod(start, end, 6)
    assert year_fraction(icma, start, end, period=semi_annual) == pytest.approx(182 / (182 * 2))
    # Short first coupon of an annual bond.
    short = CouponPeriod(date(1998, 7, 1), date(1999, 7, 1), 12)
    ours = year_fraction(icma, date(1999, 2, 1), date(1999, 7, 1), period=short)
    assert ours == pytest.approx(150 / 365)
    # Long first coupon of a semi-annual bond: a whole notional period and a part of the one before.
    long = CouponPeriod(date(2003, 1, 15), date(2003, 7, 15), 6)
    ours = year_fraction(icma, date(2002, 8, 15), date(2003, 7, 15), period=long)
    assert ours == pytest.approx(181 / (181 * 2) + 153 / (184 * 2))


@given(start=DAYS, end=DAYS)
def test_reversed_dates_change_the_sign_where_the_rule_is_symmetric(start: date, end: date) -> None:
    for convention in (DayCount.ACT_360, DayCount.ACT_365F, DayCount.ACT_ACT_ISDA):
        forward = year_fraction(convention, start, end)
        assert year_fraction(convention, end, start) == pytest.approx(-forward, abs=1e-12)


def test_arrays_agree_with_scalars() -> None:
    starts = np.arange("2023-11-01", "2024-04-01", dtype="datetime64[D]")
    ends = starts + 211
    for convention in ORACLES:
        one_by_one = [
            year_fraction(convention, start, end)
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        assert year_fractions(convention, starts, ends).tolist() == one_by_one


def test_what_a_convention_lacks_is_said() -> None:
    with pytest.raises(TermsError, match=r"ICMA .* period"):
        year_fraction(DayCount.ACT_ACT_ICMA, date(2026, 1, 1), date(2026, 7, 1))
    with pytest.raises(TermsError, match=r"Bus/252 .* calendar"):
        year_fraction(DayCount.BUS_252, date(2026, 1, 1), date(2026, 7, 1))
    with pytest.raises(UnknownNameError, match="Act/365F"):
        day_count("Act/365")
    assert day_count("act/360") is DayCount.ACT_360
