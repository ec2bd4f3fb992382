"""Settlement rules against QuantLib's calendars, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import QuantLib as ql

from riskplatform.market.calendars import business_calendar
from riskplatform.market.settlement_holidays import easter_sunday, nth_weekday

ORACLES = {
    "TARGET": ql.TARGET(),
    "USNY": ql.UnitedStates(ql.UnitedStates.FederalReserve),
    "USGS": ql.UnitedStates(ql.UnitedStates.GovernmentBond),
    "GBLO": ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
    "JPTO": ql.Japan(),
    "CHZU": ql.Switzerland(),
    "CATO": ql.Canada(ql.Canada.Settlement),
    "AUSY": ql.Australia(ql.Australia.Settlement),
    "WEEKENDS": ql.WeekendsOnly(),
}
# QuantLib gives Japan a substitute holiday on 6 May 2003 by the law of 2007; Tokyo was open.
KNOWN_DIFFERENCES = {"JPTO": [date(2003, 5, 6)]}


@pytest.mark.parametrize("name", ORACLES)
def test_each_business_day_of_fifty_years_is_quantlibs(name: str) -> None:
    calendar, oracle = business_calendar(name), ORACLES[name]
    first, last = date(2000, 1, 1), date(2049, 12, 31)
    ours = set(calendar.business_days(first, last).tolist())
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    theirs = {d for d in days if oracle.isBusinessDay(ql.Date(d.day, d.month, d.year))}
    assert sorted(ours ^ theirs) == KNOWN_DIFFERENCES.get(name, [])


@pytest.mark.parametrize(
    ("year", "expected"),
    [(1999, date(1999, 4, 4)), (2008, date(2008, 3, 23)), (2038, date(2038, 4, 25))],
)
def test_easter(year: int, expected: date) -> None:
    # 2008 was nearly the earliest possible Easter, 2038 is the latest.
    assert easter_sunday(year) == expected


def test_last_weekday_of_december_does_not_leave_the_year() -> None:
    assert nth_weekday(2026, 12, 0, -1) == date(2026, 12, 28)


def test_tokyo_agrees_with_its_exchange() -> None:
    bank, exchange = business_calendar("JPTO"), business_calendar("XTKS")
    first, last = date(1999, 1, 1), date(2040, 12, 31)
    ours = set(bank.business_days(first, last).tolist())
    theirs = set(exchange.business_days(first, last).tolist())
    # On that day the exchange's systems failed and it did not open.
    assert sorted(ours ^ theirs) == [date(2020, 10, 1)]


def test_london_agrees_with_its_exchange() -> None:
    bank, exchange = business_calendar("GBLO"), business_calendar("XLON")
    first, last = date(2000, 1, 1), date(2045, 12, 31)
    assert (bank.business_days(first, last) == exchange.business_days(first, last)).all()
