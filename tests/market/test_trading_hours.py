"""Hours of markets against what the exchanges publish."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.market.trading_hours import next_session, session_at, session_of


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_a_day_in_new_york_follows_its_clock() -> None:
    winter, summer = session_of("XNYS", date(2026, 1, 6)), session_of("XNYS", date(2026, 7, 7))
    assert winter is not None
    assert summer is not None
    # 9:30 to 16:00 in New York.
    assert winter.spans == ((utc(1, 6, 14, 30), utc(1, 6, 21)),)
    assert summer.spans == ((utc(7, 7, 13, 30), utc(7, 7, 20)),)
    assert not winter.is_short
    assert winter.length == timedelta(hours=6, minutes=30)


def test_the_day_after_thanksgiving_is_half_a_day() -> None:
    half = session_of("XNYS", date(2026, 11, 27))
    assert half is not None
    assert half.is_short
    assert half.closes == utc(11, 27, 18)


def test_a_holiday_has_no_session() -> None:
    assert session_of("XNYS", date(2026, 11, 26)) is None
    assert session_at("XNYS", utc(11, 26, 16)) is None


def test_tokyo_rests_at_noon() -> None:
    session = session_of("XTKS", date(2026, 3, 4))
    assert session is not None
    # 9:00 to 11:30 and 12:30 to 15:30 in Tokyo, since November 2024.
    assert session.spans == ((utc(3, 4, 0), utc(3, 4, 2, 30)), (utc(3, 4, 3, 30), utc(3, 4, 6, 30)))
    assert session.is_open(utc(3, 4, 1))
    assert not session.is_open(utc(3, 4, 3))
    assert session.length == timedelta(hours=5, minutes=30)


def test_futures_begin_on_the_evening_before() -> None:
    found = session_at("CMES", utc(1, 5, 0, 30) - timedelta(hours=1))
    assert found is not None
    assert found.day == date(2026, 1, 5)


def test_the_open_is_in_and_the_close_is_out() -> None:
    assert session_at("XNYS", utc(1, 6, 14, 30)) is not None
    assert session_at("XNYS", utc(1, 6, 21)) is None


def test_what_is_dealt_over_the_counter_trades_all_of_a_business_day() -> None:
    session = session_of("WEEKENDS", date(2026, 3, 4))
    assert session is not None
    assert session.length == timedelta(days=1)
    assert session_of("WEEKENDS", date(2026, 3, 7)) is None
    assert session_of("TARGET", date(2026, 4, 3)) is None  # Good Friday


def test_two_together_trade_when_both_do() -> None:
    both = session_of("XNYS+XLON", date(2026, 1, 6))
    assert both is not None
    assert both.spans == ((utc(1, 6, 14, 30), utc(1, 6, 16, 30)),)
    assert session_of("XNYS+XTKS", date(2026, 1, 6)) is None


def test_the_next_session_is_this_one_while_it_is_open() -> None:
    assert next_session("XNYS", utc(1, 6, 15)).day == date(2026, 1, 6)
    assert next_session("XNYS", utc(1, 6, 22)).day == date(2026, 1, 7)
    assert next_session("XNYS", utc(11, 25, 22)).day == date(2026, 11, 27)


def test_unknown_names_and_years_are_refused() -> None:
    with pytest.raises(UnknownNameError):
        session_of("XNYZ", date(2026, 1, 6))
    with pytest.raises(MissingDataError):
        session_of("XNYS", date(2060, 1, 6))
