"""Two scheduler processes on one store, SQLite and PostgreSQL: each run exactly once, also when
one of them is killed in the middle."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from riskplatform.desk import Desk
from riskplatform.store.ledger import Ledger
from tests.scheduling.processes import (
    Process,
    await_that,
    is_alive,
    running,
    schedulers,
    watch_since,
)
from tests.scheduling.world import write_python_job

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# One line per run: appending so little is one write of the operating system.
WRITE_LINE = """\
from pathlib import Path
with open(Path(desk.settings.desk) / "ran", "a") as file:
    file.write(run.run_id + "\\n")
run.output("line", run.run_id)
"""
# Says that it began and who it is, and ends when it is let go.
HOLD = """\
import os, time
from pathlib import Path
folder = Path(desk.settings.desk)
with open(folder / "began", "a") as file:
    file.write(f"{os.getpid()}\\n")
while not (folder / "go").exists():
    time.sleep(0.01)
with open(folder / "done", "a") as file:
    file.write(f"{run.run_id} {run.assignment.attempt}\\n")
"""
HOURLY = "{every: 60m}"
ONCE = "misfire: {policy: run_once, window: 3h}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger_url(request: pytest.FixtureRequest, folder: Path) -> str:
    """The desk's ledger in each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'data' / 'ledger.sqlite'}"
    url: str = request.getfixturevalue("postgres_database_url")
    Ledger.create(url).close()
    return url


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("jobs", [40, pytest.param(200, marks=pytest.mark.long)])
def test_each_job_ran_exactly_once(folder: Path, ledger_url: str, jobs: int) -> None:
    for number in range(jobs):
        write_python_job(folder, f"job{number:03}", ONCE, script=WRITE_LINE, schedule=HOURLY)
    # Each of them was due once since, or twice when the test goes over a full hour.
    watch_since(folder, timedelta(hours=1), ledger_url=ledger_url)
    with schedulers(folder, 2, "--until-idle", "--slots", "4", ledger_url=ledger_url) as (one, two):
        assert (one.wait(), two.wait()) == (0, 0), one.said + two.said
    ran = Counter(lines(folder / "ran"))
    assert set(ran.values()) == {1}
    assert {run_id.partition("@")[0] for run_id in ran} == {f"job{n:03}" for n in range(jobs)}
    with Desk.open(folder, ledger_url=ledger_url) as desk:
        history = desk.job_history(limit=10_000)
        assert set(history.loc[history.status == "succeeded", "run_id"]) == set(ran)
        assert set(history.status) <= {"succeeded", "not run"}
        assert desk.ledger.audit.verify().is_intact
    # Not one of them has done it all.
    assert " started" in one.said
    assert " started" in two.said


def test_a_killed_scheduler_s_run_is_taken_over(folder: Path, ledger_url: str) -> None:
    write_python_job(folder, "hold", ONCE, "if_killed: run_again", script=HOLD, schedule=HOURLY)
    watch_since(folder, timedelta(hours=1), ledger_url=ledger_url)
    options = ("--until-idle", "--lease-seconds", "5")
    began, done = folder / "began", folder / "done"
    with schedulers(folder, 2, *options, ledger_url=ledger_url) as both:
        await_that(lambda: len(lines(began)) == 1, "the run began")
        first = int(lines(began)[0])
        owner = the_owner(folder, ledger_url, both)
        owner.process.send_signal(signal.SIGKILL)
        assert owner.wait() == -signal.SIGKILL
        await_that(lambda: not is_alive(first), "the dead scheduler's work ended with it")
        await_that(lambda: len(lines(began)) == 2, "the run was taken over")
        (folder / "go").touch()
        survivor = next(one for one in both if one is not owner)
        assert survivor.wait() == 0, survivor.said
    (line,) = lines(done)
    assert line.endswith(" 2")
    assert "taken over from" in survivor.said
    with Desk.open(folder, ledger_url=ledger_url) as desk:
        story = desk.job_run(line.split()[0])
        assert (story.run.status, story.run.attempt) == ("succeeded", 2)
        assert [one["event"] for one in story.attempts] == ["claimed", "claimed", "succeeded"]
        assert desk.ledger.audit.verify().is_intact
        assert desk.scheduler_status().schedulers == ()


def the_owner(folder: Path, ledger_url: str, both: list[Process]) -> Process:
    """The scheduler that the journal says has claimed the run; nobody else may have begun it."""
    with Desk.open(folder, ledger_url=ledger_url) as desk:
        (run,) = desk.scheduler_status().open_runs
    pid = int(run.owner.split("/")[1])
    return next(one for one in both if one.process.pid == pid)


def test_a_broken_alarm_clock_stops_nothing(folder: Path) -> None:
    write_python_job(folder, "job", ONCE, script=WRITE_LINE, schedule=HOURLY)
    watch_since(folder, timedelta(hours=1))
    (folder / "data" / "scheduler.sqlite").write_bytes(b"this is no database" * 100)
    with schedulers(folder, 1, "--until-idle") as (one,):
        assert one.wait() == 0, one.said
    assert "no alarms, the loop looks every 2 s" in one.said
    assert len(lines(folder / "ran")) >= 1


def test_ctrl_c_on_a_run_by_hand_is_in_its_history(folder: Path) -> None:
    write_python_job(folder, "hold", "if_killed: run_again", script=HOLD, schedule="by_hand")
    with running([Process(folder, "job", "run", "hold")]) as (one,):
        await_that(lambda: len(lines(folder / "began")) == 1, "it began")
        assert one.end(signal.SIGINT) == 130, one.said
    pid = int(lines(folder / "began")[0])
    await_that(lambda: not is_alive(pid), "its work ended with it")
    with Desk.open(folder) as desk:
        (row,) = desk.job_history("hold").to_dict("records")
        assert (row["status"], row["error"]) == ("abandoned", "stopped by hand")
        assert desk.scheduler_status().open_runs == ()


def test_a_stopped_scheduler_lets_its_runs_end(folder: Path) -> None:
    write_python_job(folder, "hold", ONCE, script=HOLD, schedule=HOURLY)
    watch_since(folder, timedelta(hours=1))
    with schedulers(folder, 1) as (one,):
        await_that(lambda: len(lines(folder / "began")) == 1, "the run began")
        one.process.send_signal(signal.SIGTERM)
        await_that(lambda: "ending; 1 runs" in one.said, "it has understood")
        (folder / "go").touch()
        assert one.wait() == 0, one.said
    assert "succeeded" in one.said
    with Desk.open(folder) as desk:
        assert "succeeded" in set(desk.job_history().status)


def test_a_stopped_scheduler_does_not_wait_for_ever(folder: Path) -> None:
    again = ("if_killed: run_again", "timeout: 1h")
    write_python_job(folder, "again", ONCE, *again, script=HOLD, schedule=HOURLY)
    write_python_job(folder, "once", ONCE, script=HOLD, schedule=HOURLY)
    watch_since(folder, timedelta(hours=1))
    with schedulers(folder, 1, "--patience-seconds", "0") as (one,):
        await_that(lambda: len(lines(folder / "began")) == 2, "both began")
        assert one.end(signal.SIGINT) == 1
    pids = [int(pid) for pid in lines(folder / "began")]
    await_that(lambda: not any(is_alive(pid) for pid in pids), "what was cut off is gone")
    with Desk.open(folder) as desk:
        (waiting,) = desk.scheduler_status().open_runs
        assert (waiting.job_id, waiting.status) == ("again", "waiting")
        assert desk.job_history("once").iloc[0].status == "abandoned"
    (folder / "go").touch()
    with schedulers(folder, 1, "--until-idle") as (two,):
        assert two.wait() == 0, two.said
    assert [line.split()[1] for line in lines(folder / "done")] == ["2"]
