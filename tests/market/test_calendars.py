"""Business calendars: known days, laws of adjustment, bounds and names."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import exchange_calendars
import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.market.calendars import (
    Adjustment,
    _exchange_calendar,
    business_calendar,
    calendar_names,
)

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
CONVENTIONS = {
    Adjustment.NONE: ql.Unadjusted,
    Adjustment.FOLLOWING: ql.Following,
    Adjustment.MODIFIED_FOLLOWING: ql.ModifiedFollowing,
    Adjustment.PRECEDING: ql.Preceding,
}


def ql_date(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def py_date(day: ql.Date) -> date:
    return date(day.year(), day.month(), day.dayOfMonth())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ["XNYS", "XETR", "XASX", "CMES", "24/7", "XBOM"])
def test_an_exchange_has_the_sessions_of_its_source(name: str) -> None:
    calendar = business_calendar(name)
    source = exchange_calendars.get_calendar(name, start="2010-01-01", end="2026-12-31")
    ours = calendar.business_days(date(2010, 1, 1), date(2026, 12, 31))
    assert (ours == source.sessions.to_numpy().astype("datetime64[D]")).all()


def test_new_york_on_known_days() -> None:
    calendar = business_calendar("XNYS")
    assert not calendar.is_business_day(date(2001, 9, 12))
    assert not calendar.is_business_day(date(2025, 1, 9))  # President Carter's funeral
    assert calendar.is_business_day(date(2025, 11, 11))  # exchanges trade on Veterans Day
    assert not business_calendar("USNY").is_business_day(date(2025, 11, 11))
    assert calendar.last_business_day(on_or_before=date(2026, 7, 5)) == date(2026, 7, 2)


@given(day=DAYS, adjustment=st.sampled_from(Adjustment))
def test_adjust_is_quantlibs(day: date, adjustment: Adjustment) -> None:
    expected = ql.TARGET().adjust(ql_date(day), CONVENTIONS[adjustment])
    assert business_calendar("TARGET").adjust(day, adjustment) == py_date(expected)


@given(day=DAYS, count=st.integers(-300, 300))
def test_add_business_days_is_quantlibs(day: date, count: int) -> None:
    expected = ql.TARGET().advance(ql_date(day), count, ql.Days)
    assert business_calendar("TARGET").add_business_days(day, count) == py_date(expected)


@given(first=DAYS, length=st.integers(0, 800))
def test_count_is_the_number_of_days_listed(first: date, length: int) -> None:
    calendar, last = business_calendar("GBLO"), first + timedelta(length)
    listed = calendar.business_days(first, last)
    counted = int(calendar.count_business_days(first, last)) + calendar.is_business_day(last)
    assert counted == len(listed)


@given(day=DAYS)
def test_a_joint_calendar_is_open_when_all_are(day: date) -> None:
    joint = business_calendar("TARGET+USNY+GBLO")
    parts = [business_calendar(name) for name in ("TARGET", "USNY", "GBLO")]
    assert joint.is_business_day(day) == all(part.is_business_day(day) for part in parts)


def test_arrays_agree_with_scalars() -> None:
    calendar = business_calendar("JPTO")
    days = np.arange("2019-04-20", "2019-05-20", dtype="datetime64[D]")
    assert calendar.are_business_days(days).tolist() == [
        calendar.is_business_day(day) for day in days.tolist()
    ]
    assert calendar.add_business_days_to(days, 2).tolist() == [
        calendar.add_business_days(day, 2) for day in days.tolist()
    ]


def test_a_date_outside_is_refused_with_the_bounds() -> None:
    with pytest.raises(MissingDataError, match="XNYS was asked about 2050-01-01; it knows 1990"):
        business_calendar("XNYS").is_business_day(date(2050, 1, 1))
    with pytest.raises(MissingDataError, match=r"XTKS .* 1997-01-01 to 2040-12-31"):
        business_calendar("XTKS").adjust(date(1996, 6, 3), Adjustment.FOLLOWING)
    with pytest.raises(MissingDataError, match="TARGET"):
        business_calendar("TARGET").add_business_days(date(2099, 12, 31), 5)
    with pytest.raises(MissingDataError):
        business_calendar("TARGET").are_business_days(np.array(["NaT"], dtype="datetime64[D]"))


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"XNYZ.*XNYS"):
        business_calendar("XNYZ")
    with pytest.raises(UnknownNameError, match=r"TARGIT.*TARGET"):
        business_calendar("TARGIT+USNY")
    assert {"XNYS", "TARGET", "24/7", "USGS"} <= set(calendar_names())


def test_holidays_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        business_calendar("TARGET").holidays[0] = np.datetime64("2026-01-02")


@pytest.mark.slow
def test_a_damaged_cache_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = _exchange_calendar("XLON")
    (file,) = tmp_path.rglob("XLON-*.npy")
    assert (_exchange_calendar("XLON").holidays == built.holidays).all()
    file.write_bytes(b"not an array")
    again = _exchange_calendar("XLON")
    assert (again.first_date, again.last_date) == (built.first_date, built.last_date)
    assert (again.holidays == built.holidays).all()
    tmp_path.joinpath("file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert (_exchange_calendar("XLON").holidays == built.holidays).all()
