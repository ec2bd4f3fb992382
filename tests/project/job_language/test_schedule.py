"""When jobs are due, against APScheduler's own cron and against counting by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.market.calendars import business_calendar
from riskplatform.project.job_language.cron import cron_of
from riskplatform.project.job_language.schedule import Schedule

pytestmark = pytest.mark.slow


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cron(text: str, zone: str = "UTC", calendar: str | None = None) -> Schedule:
    return Schedule(cron_of(text), None, zone, calendar)


def part(first: int, last: int) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    between = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    stepped = st.integers(1, last - first).map(lambda step: f"*/{step}")
    return st.one_of(
        st.just("*"), stepped, st.lists(st.one_of(number.map(str), between), min_size=1, max_size=3)
        .map(",".join)
    )  # fmt: skip


WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
weekday_part = st.one_of(
    st.just("*"),
    st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3).map(",".join),
    st.just("mon-fri"),
)
expressions = st.one_of(
    st.tuples(part(0, 59), part(0, 23), part(1, 28), part(1, 12), st.just("*")),
    st.tuples(part(0, 59), part(0, 23), st.just("*"), part(1, 12), weekday_part),
).map(" ".join)


@given(expressions, st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_cron_is_apscheduler_s_cron(text: str, start: datetime) -> None:
    after = start.replace(tzinfo=UTC)
    trigger = CronTrigger.from_crontab(text, timezone=UTC)
    ours = list(islice(cron(text).between(after, after + timedelta(days=3000)), 5))
    theirs: list[datetime] = []
    previous, now = None, after + timedelta(microseconds=1)
    while len(theirs) < len(ours):
        previous = trigger.get_next_fire_time(previous, now)
        now = previous
        theirs.append(previous)
    assert ours == theirs
    assert len(ours) == 5 or trigger.get_next_fire_time(None, after + timedelta(days=3000)) is None


@given(
    expressions,
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)),
    st.integers(0, 60 * 24 * 3),
    st.integers(0, 60 * 24 * 3),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_two_spans_side_by_side_have_the_moments_of_the_whole(
    text: str, start: datetime, first: int, second: int, zone: str
) -> None:
    """A scheduler that looks at any moments misses nothing and sees nothing twice."""
    schedule = cron(text, zone)
    a = start.replace(tzinfo=UTC)
    b = a + timedelta(minutes=first)
    c = b + timedelta(minutes=second)
    whole = list(schedule.between(a, c))
    assert list(schedule.between(a, b)) + list(schedule.between(b, c)) == whole
    assert whole == sorted(set(whole))
    assert all(a < moment <= c for moment in whole)


@given(
    st.integers(1, 3000),
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)),
    st.sampled_from([None, "XNYS"]),
)
def test_every_so_many_minutes(minutes: int, start: datetime, calendar: str | None) -> None:
    schedule = Schedule(None, timedelta(minutes=minutes), "America/New_York", calendar)
    after = start.replace(tzinfo=UTC)
    until = after + timedelta(days=6)
    # Counted another way: every whole minute of the span, those that divide.
    first = int(after.timestamp()) // 60 + 1
    found = [
        datetime.fromtimestamp(minute * 60, UTC)
        for minute in range(first, int(until.timestamp()) // 60 + 1)
        if minute % minutes == 0
    ]
    if calendar:
        days = business_calendar(calendar)
        found = [moment for moment in found if days.is_business_day(schedule.day_of(moment))]
    assert list(schedule.between(after, until)) == found
    if found:
        assert schedule.next_after(after) == found[0]


def test_the_wall_of_the_time_zone_counts() -> None:
    schedule = cron("30 7 * * *", "America/New_York")
    moments = list(schedule.between(at("2026-03-06T00:00"), at("2026-03-10T00:00")))
    # Summer time began on 8 March 2026: 12:30 UTC before, 11:30 after.
    assert moments == [
        at("2026-03-06T12:30"),
        at("2026-03-07T12:30"),
        at("2026-03-08T11:30"),
        at("2026-03-09T11:30"),
    ]


def test_a_time_leapt_over_in_spring_comes_once_and_is_not_lost() -> None:
    schedule = cron("30 2 * * *", "America/New_York")
    # 02:30 was never on the wall of 8 March 2026; an hour and a half after 01:00 EST is 07:30 UTC.
    assert schedule.on_day(date(2026, 3, 8)) == [at("2026-03-08T07:30")]
    quarters = cron("*/15 2,3 * * *", "America/New_York")
    assert quarters.on_day(date(2026, 3, 8)) == [
        at(f"2026-03-08T07:{minute:02}") for minute in (0, 15, 30, 45)
    ]


def test_a_time_that_comes_twice_in_autumn_is_meant_the_first_time() -> None:
    schedule = cron("30 1 * * *", "America/New_York")
    assert schedule.on_day(date(2026, 11, 1)) == [at("2026-11-01T05:30")]


def test_an_exchange_s_holidays_and_weekends_are_left_out() -> None:
    schedule = cron("0 18 * * *", "America/New_York", "XNYS")
    found = [schedule.day_of(moment) for moment in
             schedule.between(at("2026-06-30T00:00"), at("2026-07-08T00:00"))]  # fmt: skip
    # 3 July 2026 is the observed Independence Day.
    assert [day.day for day in found] == [30, 1, 2, 6, 7]


def test_never_due() -> None:
    assert Schedule().next_after(at("2026-01-01T00:00")) is None
    assert list(Schedule().between(at("2020-01-01T00:00"), at("2026-01-01T00:00"))) == []
    leap = cron("0 0 29 2 *")
    assert leap.next_after(at("2096-03-01T00:00")) == at("2104-02-29T00:00")


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
     "* * * 13 *", "* * * * 8", "5-1 * * * *", "*/0 * * * *", "*-5 * * * *", "a * * * *",
     "1,,2 * * * *", "-1 * * * *", "0 0 31 2 *", "0 0 30,31 feb *", None, 7],
)  # fmt: skip
def test_no_cron(text: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        cron_of(text)


def test_sunday_is_0_and_7_and_by_name() -> None:
    assert cron_of("0 0 * * 0").weekdays == cron_of("0 0 * * 7").weekdays == {7}
    assert cron_of("0 0 * * sun-tue").weekdays == {7, 1, 2}
    assert cron_of("0 0 * JAN-mar *").months == {1, 2, 3}
    assert cron_of("5/20 * * * *").minutes == (5, 25, 45)
