"""Tenors and month arithmetic."""

from __future__ import annotations

from datetime import date

import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.market.tenors import Tenor, add_months, parse_tenor, tenor_years


@given(
    day=st.dates(date(1995, 1, 1), date(2060, 12, 31)),
    months=st.integers(-500, 500),
    end_of_month=st.booleans(),
)
def test_add_months_is_quantlibs(day: date, months: int, end_of_month: bool) -> None:
    calendar = ql.NullCalendar()
    theirs = calendar.advance(
        ql.Date(day.day, day.month, day.year), ql.Period(months, ql.Months), ql.Unadjusted,
        end_of_month,
    )  # fmt: skip
    expected = date(theirs.year(), theirs.month(), theirs.dayOfMonth())
    assert add_months(day, months, end_of_month=end_of_month).item() == expected


def test_tenors_are_read_in_either_case() -> None:
    assert parse_tenor("10y") == Tenor(months=120)
    assert parse_tenor("2W") == Tenor(calendar_days=14)
    assert parse_tenor("1D") == Tenor(business_days=1)
    assert tenor_years("18M") == 1.5


def test_a_bad_tenor_says_what_is_accepted() -> None:
    with pytest.raises(UserInputError, match=r"'3 months' was found.*3M or 10Y"):
        parse_tenor("3 months")
