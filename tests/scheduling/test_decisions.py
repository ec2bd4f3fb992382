"""Which scheduled times run: nothing is lost, nothing runs twice, each policy keeps its word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.desk.run_book import Skipped
from riskplatform.project.job_language import Job, Misfire, MisfirePolicy, Schedule
from riskplatform.project.job_language.cron import cron_of
from riskplatform.scheduling.decisions import LOOK_BACK, Decision, decide
from riskplatform.scheduling.dependencies import Blocked, Readiness, Ready, Waiting
from tests.scheduling.world import make_job

pytestmark = pytest.mark.slow

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def on_time(moment: datetime) -> Readiness:
    return Ready(moment)


def at(hour: int, minute: int, day: int = 5) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


schedules = st.one_of(
    st.sampled_from([10, 60, 360, 1440]).map(lambda n: Schedule(every=timedelta(minutes=n))),
    st.sampled_from(["0 7 * * *", "30 7,19 * * mon-fri", "0 0 1 * *"]).map(
        lambda text: Schedule(cron_of(text), None, "America/New_York")
    ),
)
misfires = st.one_of(
    st.integers(0, 120).map(lambda n: Misfire(MisfirePolicy.SKIP, grace=n * MINUTE)),
    st.integers(1, 5000).map(lambda n: Misfire(MisfirePolicy.RUN_ALL, window=n * MINUTE)),
    st.one_of(st.none(), st.integers(1, 5000).map(lambda n: n * MINUTE)).map(
        lambda window: Misfire(MisfirePolicy.RUN_ONCE, window=window)
    ),
)
pauses = st.lists(
    st.one_of(st.integers(1, 100), st.integers(1, 6000), st.just(60 * 24 * 40)),
    min_size=1,
    max_size=12,
)


@dataclass
class Lived:
    """What came of looking at some moments, each run ending as soon as it began."""

    runs: list[tuple[datetime, datetime]]
    skipped: list[Skipped]
    now: datetime


def live(job: Job, minutes: list[int]) -> Lived:
    until, now = START, START
    found = Lived([], [], START)
    for pause in minutes:
        now += pause * MINUTE
        while (decision := decide(job, until=until, now=now, ready=on_time)).until is not None:
            assert until < decision.until <= now
            until = decision.until
            found.skipped += decision.skipped
            if decision.run is not None:
                found.runs.append((decision.run, now))
    found.now = now
    return found


@given(schedules, misfires, pauses)
def test_every_time_is_decided_exactly_once(
    schedule: Schedule, misfire: Misfire, minutes: list[int]
) -> None:
    lived = live(make_job(schedule=schedule, misfire=misfire), minutes)
    due = list(schedule.between(START, lived.now))
    ran = [run for run, _ in lived.runs]
    assert ran == sorted(set(ran))
    assert set(ran) <= set(due)
    for one in lived.skipped:
        inside = [moment for moment in due if one.first <= moment <= one.last]
        assert len(inside) == one.count
        assert not set(inside) & set(ran)
        due = [moment for moment in due if moment not in inside]
    assert due == ran


@given(schedules, misfires, pauses)
def test_each_policy_keeps_its_word(
    schedule: Schedule, misfire: Misfire, minutes: list[int]
) -> None:
    lived = live(make_job(schedule=schedule, misfire=misfire), minutes)
    for run, now in lived.runs:
        if misfire.policy is MisfirePolicy.SKIP:
            assert now - run <= misfire.grace
        elif misfire.policy is MisfirePolicy.RUN_ALL:
            assert misfire.window is not None
            assert now - run <= misfire.window
        else:
            assert run == list(schedule.between(run - MINUTE, now))[-1]
            assert now - run <= (misfire.window or LOOK_BACK)


@given(schedules, st.integers(1, 5000), pauses)
def test_run_all_misses_nothing_within_its_window(
    schedule: Schedule, window: int, minutes: list[int]
) -> None:
    misfire = Misfire(MisfirePolicy.RUN_ALL, window=window * MINUTE)
    lived = live(make_job(schedule=schedule, misfire=misfire), minutes)
    last = lived.now - minutes[-1] * MINUTE
    young = max(last, lived.now - window * MINUTE - timedelta(microseconds=1))
    assert set(schedule.between(young, lived.now)) <= {run for run, _ in lived.runs}


def ten(policy: MisfirePolicy, window: timedelta | None = None) -> Job:
    return make_job(misfire=Misfire(policy, window))


@pytest.mark.parametrize(
    ("policy", "run", "passed"),
    [
        (MisfirePolicy.SKIP, None, [(at(12, 10), at(12, 50), 5)]),
        (MisfirePolicy.RUN_ONCE, at(12, 50), [(at(12, 10), at(12, 40), 4)]),
        (MisfirePolicy.RUN_ALL, at(12, 30), [(at(12, 10), at(12, 20), 2)]),
    ],
)
def test_fifty_minutes_away_with_a_job_every_ten(
    policy: MisfirePolicy, run: datetime | None, passed: list[tuple[datetime, datetime, int]]
) -> None:
    window = timedelta(minutes=29) if policy is MisfirePolicy.RUN_ALL else None
    found = decide(ten(policy, window), until=START, now=at(12, 58), ready=on_time)
    assert found.run == run
    assert [(one.first, one.last, one.count) for one in found.skipped] == passed
    assert found.until == (run or at(12, 50))


def test_a_long_absence_is_told_in_one_line() -> None:
    job = ten(MisfirePolicy.RUN_ONCE)
    found = decide(job, until=START, now=START + timedelta(days=60, minutes=5), ready=on_time)
    # 29 days of 144 times lie further back than 31 days.
    assert found.skipped[0].count == 29 * 144
    assert found.skipped[0].reason == "older than anyone looks back"
    assert found.run == START + timedelta(days=60)


def test_nothing_to_decide() -> None:
    job = ten(MisfirePolicy.RUN_ONCE)
    nothing = Decision()
    assert decide(job, until=START, now=at(12, 9), ready=on_time) == nothing
    assert decide(job, until=START, now=at(11, 0), ready=on_time) == nothing
    assert decide(make_job(enabled=False), until=START, now=at(13, 0), ready=on_time) == nothing
    by_hand = make_job(schedule=Schedule())
    assert decide(by_hand, until=START, now=at(13, 0), ready=on_time) == nothing


def test_a_time_that_has_its_run_is_not_decided_again() -> None:
    job = ten(MisfirePolicy.RUN_ALL, timedelta(hours=1))
    taken = {at(12, 10), at(12, 20)}
    found = decide(job, until=START, now=at(12, 35), ready=on_time, taken=taken.__contains__)
    assert (found.run, found.skipped) == (at(12, 30), ())


def table(states: dict[datetime, Readiness]) -> Callable[[datetime], Readiness]:
    return lambda moment: states.get(moment, Ready(moment))


def test_what_waits_holds_back_what_comes_after_it() -> None:
    job = ten(MisfirePolicy.RUN_ONCE)
    ready = table({at(12, 20): Waiting("cubes")})
    assert decide(job, until=START, now=at(12, 45), ready=ready).run == at(12, 10)
    assert decide(job, until=at(12, 10), now=at(12, 45), ready=ready) == Decision()


def test_what_is_blocked_is_passed_over_with_its_reason() -> None:
    ready = table({at(12, 10): Blocked("cubes failed"), at(12, 20): Blocked("cubes failed")})
    for policy in MisfirePolicy:
        found = decide(ten(policy, timedelta(hours=1)), until=START, now=at(12, 30), ready=ready)
        assert found.run == at(12, 30)
        assert found.skipped == (Skipped(at(12, 10), at(12, 20), 2, "cubes failed"),)


def test_waiting_for_another_job_is_not_being_late() -> None:
    """The grace counts from when it could run, not from the scheduled time alone."""
    job = ten(MisfirePolicy.SKIP)
    ready = table({at(12, 10): Ready(at(12, 44))})
    late = table({at(12, 10): Ready(at(12, 40))})
    assert decide(job, until=START, now=at(12, 45), ready=ready).run == at(12, 10)
    assert decide(job, until=START, now=at(12, 45), ready=late).run is None
