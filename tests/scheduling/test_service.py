"""The loop around the dispatcher: files that change, clocks that jump, stores that are busy; and
the alarms, whose store is read without unpickling."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.desk.scheduler_presence import present
from riskplatform.errors import StoreLockedError
from riskplatform.project.job_language import Schedule, job_library
from riskplatform.project.job_language.cron import cron_of
from riskplatform.scheduling.alarms import TABLE, Alarms, Due
from riskplatform.scheduling.service import Options, Service, alarm_url
from tests.scheduling.processes import await_that
from tests.scheduling.world import Clocks, ManualWorker, write_python_job

pytestmark = pytest.mark.slow


class Looking:
    """A service that is stepped by hand."""

    def __init__(self, folder: Path, clocks: Clocks) -> None:
        self.said: list[str] = []
        self.worker = ManualWorker(at_once=lambda _: "")
        self.desk = Desk.open(folder, clock=clocks.now)
        self.service = Service(
            self.desk,
            "machine/1/a",
            Options(),
            self.said.append,
            worker=self.worker,
            steady=clocks.seconds,
        )

    def look(self) -> None:
        self.service._reload()
        self.service.look()


@pytest.fixture
def looking(folder: Path, clocks: Clocks) -> Looking:
    return Looking(folder, clocks)


def test_files_are_read_again_when_they_change(
    folder: Path, clocks: Clocks, looking: Looking
) -> None:
    looking.look()
    clocks.advance(minutes=15)
    write_python_job(folder, "job")
    looking.look()
    assert looking.worker.started == []
    clocks.advance(minutes=5)
    looking.look()
    assert looking.worker.started == ["job@2026-06-01T09:20:00Z"]
    (folder / "jobs" / "bad.yaml").write_text("titel: x\n")
    looking.look()
    assert any("bad.yaml:1: unknown key 'titel'" in line for line in looking.said)
    clocks.advance(minutes=10)
    looking.look()
    assert looking.worker.started[1:] == ["job@2026-06-01T09:30:00Z"]


def test_a_jump_of_the_clock_is_told_and_time_goes_on(
    folder: Path, clocks: Clocks, looking: Looking
) -> None:
    write_python_job(folder, "job")
    looking.look()
    clocks.jump(days=400)
    looking.look()
    assert any("the clock went forward by 400 days" in line for line in looking.said)
    clocks.jump(days=-400)
    looking.look()
    assert any("the clock went back by 400 days" in line for line in looking.said)
    clocks.advance(minutes=9, seconds=35)
    looking.look()
    # Nothing waits for the 400 days to pass.
    assert looking.worker.started[-1] == "job@2026-06-01T09:10:00Z"


def test_a_scheduler_that_starts_with_the_clock_put_right_goes_on(
    folder: Path, clocks: Clocks
) -> None:
    write_python_job(folder, "job")
    clocks.jump(days=400)
    Looking(folder, clocks).look()
    clocks.jump(days=-400)
    after = Looking(folder, clocks)
    after.look()
    clocks.advance(minutes=9, seconds=35)
    after.look()
    assert after.worker.started == ["job@2026-06-01T09:10:00Z"]


def test_a_store_that_is_busy_postpones_the_work(
    folder: Path, clocks: Clocks, looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_python_job(folder, "job", "retries: 0")
    looking.worker.at_once = lambda _: None
    looking.look()
    clocks.advance(minutes=9, seconds=35)
    looking.look()
    (attempt,) = looking.worker.attempts
    attempt.end(outputs={"kept": 1})

    def busy(*_: Any, **__: Any) -> None:
        raise StoreLockedError("Another process has held it.")

    with monkeypatch.context() as patch:
        patch.setattr(looking.desk.ledger.journal, "append", busy)
        looking.look()
    assert any("the store: Another process" in line for line in looking.said)
    looking.look()
    run = looking.desk.job_run("job@2026-06-01T09:10:00Z").run
    assert (run.status, run.outputs) == ("succeeded", {"kept": 1})


def test_work_stops_when_no_sign_of_life_can_be_given(
    folder: Path, clocks: Clocks, looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others will take it over: it must not go on here at the same time."""
    write_python_job(folder, "job", "timeout: 1h")
    looking.worker.at_once = lambda _: None
    looking.look()
    clocks.advance(minutes=9, seconds=35)
    looking.look()

    def busy(*_: Any, **__: Any) -> None:
        raise StoreLockedError("Another process has held it.")

    monkeypatch.setattr(looking.desk.ledger.journal, "append", busy)
    clocks.advance(seconds=100)
    looking.look()
    assert looking.worker.attempts[0].stopped == ""
    clocks.advance(seconds=30)
    looking.look()
    assert "the lease could not be extended" in looking.worker.attempts[0].stopped


def test_presence_is_seen_and_ends_with_its_holder(folder: Path) -> None:
    with Desk.open(folder) as desk:
        with present(desk, "machine/7/abc"):
            (seen,) = desk.scheduler_status().schedulers
            assert seen.identity == "machine/7/abc"
            assert datetime.fromisoformat(seen.since).tzinfo is not None
        assert desk.scheduler_status().schedulers == ()
        # What a killed one leaves behind is a file that nobody has locked.
        left = folder / "data" / "schedulers" / "machine=8=def.lock"
        left.write_text('{"owner": "process 8"}')
        assert desk.scheduler_status().schedulers == ()
        assert not left.exists()


def test_a_due_moment_for_the_alarm_clock() -> None:
    schedule = Schedule(cron_of("0 7 * * *"), None, "UTC")
    due, now = Due(schedule), datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
    assert due.get_next_fire_time(None, now) == datetime(2026, 6, 2, 7, 0, tzinfo=UTC)
    later = now + timedelta(days=9)
    assert due.get_next_fire_time(now, later) == datetime(2026, 6, 11, 7, 0, tzinfo=UTC)


def alarms(folder: Path, bell: Callable[[], None]) -> Alarms:
    with Desk.open(folder) as desk:
        return Alarms(alarm_url(desk), bell)


def rows(folder: Path) -> dict[str, float]:
    with sqlite3.connect(folder / "data" / "scheduler.sqlite") as connection:
        return dict(connection.execute(f"SELECT id, next_run_time FROM {TABLE}"))


def make_due(folder: Path) -> None:
    with sqlite3.connect(folder / "data" / "scheduler.sqlite") as connection:
        connection.execute(f"UPDATE {TABLE} SET next_run_time = 1")


class Trap:
    """Leaves a trace when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def test_an_alarm_rings_and_a_pickle_in_the_store_is_never_opened(folder: Path) -> None:
    write_python_job(folder, "job")
    write_python_job(folder, "off", "enabled: false")
    write_python_job(folder, "manual", schedule="by_hand")
    rung: list[str] = []
    first = alarms(folder, lambda: rung.append("first"))
    first.start()
    first.set(job_library(folder))
    first.stop()
    assert list(rows(folder)) == ["job"]
    trap = pickle.dumps(Trap(folder / "trapped"))
    pickle.loads(trap)
    (folder / "trapped").unlink()
    with sqlite3.connect(folder / "data" / "scheduler.sqlite") as connection:
        connection.execute(f"UPDATE {TABLE} SET job_state = ?", (trap,))
    second = alarms(folder, lambda: rung.append("second"))
    second._store.schedules = {"job": job_library(folder)["job"].schedule}
    make_due(folder)
    second.start()
    await_that(lambda: rung == ["second"], "the alarm rang")
    second.stop()
    assert not (folder / "trapped").exists()
    assert rows(folder)["job"] > 1


def test_two_alarm_clocks_share_a_store(folder: Path) -> None:
    write_python_job(folder, "job")
    rung: list[str] = []
    both = [alarms(folder, lambda name=name: rung.append(name)) for name in ("a", "b")]  # type: ignore[misc]
    for one in both:
        one.start()
    for one in both:
        one.set(job_library(folder))
    (folder / "jobs" / "job.yaml").unlink()
    for one in both:
        one.set(job_library(folder))
        one.stop()
    assert rows(folder) == {}
