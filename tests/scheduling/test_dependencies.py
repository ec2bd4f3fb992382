"""A run waits for what comes before it on its day, and is not run when that has failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scheduling.world import Clocks, Scheduler, write_python_job

pytestmark = pytest.mark.slow

Make = Callable[..., Scheduler]
DAILY = "{cron: '%s * * *', time_zone: Europe/London}"
CUBES, REPORT = "cubes@2026-06-01T09:10:00Z", "report@2026-06-01T09:10:00Z"


@pytest.fixture
def one(folder: Path, scheduler: Make) -> Scheduler:
    """Cubes at 10:10 in London, which is 09:10 UTC, and a report after them at the same time."""
    write_python_job(folder, "cubes", schedule=DAILY % "10 10")
    write_python_job(folder, "report", "after: [cubes]", schedule=DAILY % "10 10")
    return scheduler()


def test_the_report_waits_for_the_cubes(one: Scheduler, clocks: Clocks) -> None:
    clocks.advance(minutes=10)
    one.step()
    assert one.worker.started == [CUBES]
    clocks.advance(minutes=3)
    one.step()
    assert one.worker.started == [CUBES]
    one.worker.attempts[0].end()
    one.step()
    # Three minutes late by the wall, and yet in time: it could not have run before.
    assert one.worker.started == [CUBES, REPORT]


def test_the_report_is_not_run_when_the_cubes_fail(one: Scheduler, clocks: Clocks) -> None:
    clocks.advance(minutes=10)
    one.step()
    one.worker.attempts[0].end("no prices")
    one.step()
    one.step()
    assert one.worker.started == [CUBES]
    row = one.desk.job_history("report").iloc[0]
    assert (row.status, row.error) == ("not run", f"{CUBES} failed")


def test_a_person_mends_the_day(one: Scheduler, clocks: Clocks) -> None:
    clocks.advance(minutes=10)
    one.step()
    one.worker.attempts[0].end("no prices")
    one.step()
    jobs = one.desk.jobs()
    one.dispatcher.start_by_hand(jobs["cubes"], clocks.now().replace(second=0))
    one.worker.attempts[1].end()
    one.step()
    one.dispatcher.start_by_hand(jobs["report"], clocks.now().replace(second=0))
    assert one.worker.started == [CUBES, CUBES, REPORT]
    assert one.worker.attempts[1].assignment.attempt == 2


def test_yesterday_s_success_is_not_today_s(one: Scheduler, clocks: Clocks) -> None:
    one.worker.at_once = lambda assignment: ""
    clocks.advance(minutes=10)
    for _ in range(3):
        one.step()
    assert one.worker.started == [CUBES, REPORT]
    one.worker.at_once = lambda assignment: None
    clocks.advance(days=1)
    one.step()
    one.step()
    assert one.worker.started[2:] == ["cubes@2026-06-02T09:10:00Z"]


def test_the_last_time_before_it_on_the_day_is_what_counts(
    folder: Path, clocks: Clocks, scheduler: Make
) -> None:
    write_python_job(folder, "cubes", schedule=DAILY % "10,40 10")
    write_python_job(folder, "report", "after: [cubes]", schedule=DAILY % "45 10")
    one = scheduler()
    clocks.advance(minutes=10)
    one.step()
    one.worker.attempts[0].end()
    one.step()
    clocks.advance(minutes=30)
    one.step()
    clocks.advance(minutes=5)
    one.step()
    # The cubes of 10:10 are done, those of 10:40 are not.
    assert one.worker.started == [CUBES, "cubes@2026-06-01T09:40:00Z"]
    one.worker.attempts[1].end()
    one.step()
    assert one.worker.started[2:] == ["report@2026-06-01T09:45:00Z"]


@pytest.mark.parametrize(
    ("cubes", "schedule", "says"),
    [
        (["enabled: false"], DAILY % "0 10", "cubes is not enabled"),
        ([], "{cron: '0 10 * * sun', time_zone: UTC}", "cubes is not due on 2026-06-01"),
        ([], DAILY % "0 10", "cubes@2026-06-01T09:00:00Z was not run"),
    ],
)
def test_what_will_never_come_is_not_waited_for(
    folder: Path, clocks: Clocks, scheduler: Make, cubes: list[str], schedule: str, says: str
) -> None:
    """The scheduler starts at half a minute past nine: the cubes of nine are before its time."""
    write_python_job(folder, "cubes", *cubes, schedule=schedule)
    write_python_job(folder, "report", "after: [cubes]", schedule=DAILY % "10 10")
    one = scheduler()
    clocks.advance(minutes=10)
    one.step()
    assert one.worker.started == []
    assert one.desk.job_history("report").iloc[0].error == says


@pytest.fixture
def patient(folder: Path, scheduler: Make) -> Scheduler:
    """Cubes, and a report that only wants them to have ended."""
    write_python_job(folder, "cubes", schedule=DAILY % "10 10")
    write_python_job(
        folder, "report", "after: [cubes]", "even_if_failed: true", schedule=DAILY % "10 10"
    )
    return scheduler()


@pytest.mark.parametrize("error", ["", "no prices"])
def test_a_job_may_want_the_one_before_it_only_to_have_ended(
    patient: Scheduler, clocks: Clocks, error: str
) -> None:
    clocks.advance(minutes=10)
    patient.step()
    patient.step()
    assert patient.worker.started == [CUBES]
    patient.worker.attempts[0].end(error)
    patient.step()
    assert patient.worker.started == [CUBES, REPORT]


def test_or_not_to_be_run_at_all(folder: Path, clocks: Clocks, scheduler: Make) -> None:
    write_python_job(folder, "cubes", "enabled: false", schedule=DAILY % "10 10")
    write_python_job(folder, "plain", "after: [cubes]", schedule=DAILY % "10 10")
    write_python_job(
        folder, "report", "after: [cubes]", "even_if_failed: true", schedule=DAILY % "10 10"
    )
    one = scheduler()
    clocks.advance(minutes=10)
    one.step()
    one.step()
    assert one.worker.started == [REPORT]
    assert one.desk.job_history("plain").iloc[0].error == "cubes is not enabled"
