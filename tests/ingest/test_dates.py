"""Dates and moments from text: explicit orders, no guess where day and month may change places."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.ingest.dates import DateReader, proven_order, zone_named

DAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026-03-04", None),
        ("20260304", None),
        ("2026/03/04", None),
        ("04.03.2026", None),
        ("4.3.2026", None),
        ("4 Mar 2026", None),
        ("04-MAR-2026", None),
        ("4 März 2026", None),
        ("4 mars 2026", None),
        ("March 4, 2026", None),
        ("2026-03-04 15:30:00", None),
        ("2026-03-04T15:30:00Z", None),
        ("20260304;153000", None),
        ("04/03/2026", "DMY"),
        ("03/04/2026", "MDY"),
        ("04-03-2026", "DMY"),
        ("04.03.26", "%d.%m.%y"),
    ],
)
def test_formats(text: str, order: str | None) -> None:
    assert DateReader(order).day(text) == DAY


def test_an_ambiguous_date_is_refused_and_says_what_to_set() -> None:
    with pytest.raises(UserInputError, match="date_format"):
        DateReader().day("03/04/2026")


def test_a_date_that_can_only_be_read_one_way_is_read() -> None:
    assert DateReader().day("25/12/2026") == date(2026, 12, 25)
    assert DateReader().day("12/25/2026") == date(2026, 12, 25)
    assert DateReader().day("05/05/2026") == date(2026, 5, 5)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "31/31/2026", "0001-01-01", "9999-12-31", "04/03/26", "x", "", "20261301"],
)
def test_refused(text: str) -> None:
    with pytest.raises(UserInputError):
        DateReader().day(text)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_each_notation_of_a_day_reads_as_the_day(day: date) -> None:
    assert DateReader().day(day.isoformat()) == day
    assert DateReader().day(f"{day:%Y%m%d}") == day
    assert DateReader().day(f"{day:%d.%m.%Y}") == day
    assert DateReader("DMY").day(f"{day:%d/%m/%Y}") == day
    assert DateReader("MDY").day(f"{day:%m/%d/%Y}") == day


def test_excel_serials_are_days_only_where_there_is_an_epoch() -> None:
    # 46085 is 2026-03-04 in Excel's 1900 system.
    assert DateReader(excel_epoch=date(1899, 12, 30)).day(Decimal(46085)) == DAY
    assert DateReader().day(Decimal(20260304)) == DAY
    with pytest.raises(UserInputError):
        DateReader().day(Decimal(46085))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-04T15:30:00+01:00", datetime(2026, 3, 4, 14, 30, tzinfo=UTC)),
        ("2026-03-04 15:30 Z", datetime(2026, 3, 4, 15, 30, tzinfo=UTC)),
        ("20260304;153000", datetime(2026, 3, 4, 20, 30, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04 15:30:00.123456", datetime(2026, 3, 4, 20, 30, 0, 123456, tzinfo=UTC)),
    ],
)
def test_moments_are_utc_and_bare_times_are_of_the_zone(text: str, expected: datetime) -> None:
    assert DateReader(zone=zone_named("America/New_York")).moment(text)[0] == expected


@pytest.mark.parametrize("text", ["2026-03-04 25:00", "2026-03-04 15:30 EST", "2026-03-04 abc"])
def test_moments_refused(text: str) -> None:
    with pytest.raises(UserInputError):
        DateReader().moment(text)


def test_a_column_proves_its_order_only_without_contradiction() -> None:
    assert proven_order(["03/04/2026", "25/04/2026"]) == "DMY"
    assert proven_order(["03/04/2026", "04/25/2026"]) == "MDY"
    assert proven_order(["25/04/2026", "04/25/2026"]) is None
    assert proven_order(["03/04/2026"]) is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe", ""])
def test_zone_that_is_none(name: str) -> None:
    with pytest.raises(UserInputError):
        zone_named(name)
