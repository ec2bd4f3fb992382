"""Clocks that only move when they are told to, and a worker whose work ends when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from riskplatform.desk import Desk
from riskplatform.project.job_language import Job, Misfire, MisfirePolicy, Schedule
from riskplatform.scheduling.claims import Claimant
from riskplatform.scheduling.context import Assignment
from riskplatform.scheduling.dispatcher import Dispatcher
from riskplatform.scheduling.workers import Outcome
from tests.project.job_language.writing import write_job

START = datetime(2026, 6, 1, 9, 0, 30, tzinfo=UTC)
LEASE = timedelta(seconds=60)
NOTHING = "pass"


def make_job(job_id: str = "job", **terms: Any) -> Job:
    """A job every ten minutes that is skipped when missed."""
    given: dict[str, Any] = {
        "title": "A job",
        "kind": "housekeeping",
        "owner": "Tests",
        "schedule": Schedule(every=timedelta(minutes=10)),
        "misfire": Misfire(MisfirePolicy.SKIP),
        "timeout": timedelta(minutes=5),
        "file": Path(f"{job_id}.yaml"),
        **terms,
    }
    return Job(job_id=job_id, **given)


def write_python_job(
    desk: Path, job_id: str, *lines: str, script: str = NOTHING, schedule: str = "{every: 10m}"
) -> None:
    """A job of kind python whose ``job()`` has this body; ``lines`` are keys of its file."""
    terms = {
        "title": "A job",
        "kind": "python",
        "owner": "Tests",
        "schedule": schedule,
        "misfire": "skip",
        "timeout": "5m",
    }
    for line in lines:
        key, _, value = line.partition(": ")
        terms[key] = value
    write_job(desk, job_id, "".join(f"{key}: {value}\n" for key, value in terms.items()))
    body = "".join(f"    {line}\n" for line in script.splitlines())
    (desk / "jobs" / f"{job_id}.py").write_text(f"def job(desk, parameters, run):\n{body}")


@dataclass
class Clocks:
    """The wall, which can jump, and the steady one, which cannot."""

    wall: datetime = START
    steady: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def seconds(self) -> float:
        return self.steady

    def advance(self, **length: float) -> None:
        self.wall += timedelta(**length)
        self.steady += timedelta(**length).total_seconds()

    def jump(self, **length: float) -> None:
        self.wall += timedelta(**length)


@dataclass
class ManualAttempt:
    """Under way until ``end`` is called."""

    assignment: Assignment
    ended: Outcome | None = None
    stopped: str = ""

    def end(self, error: str = "", **told: Any) -> None:
        self.ended = Outcome(error, **told)

    def waitables(self) -> list[Any]:
        return []

    def outcome(self) -> Outcome | None:
        return self.ended

    def stop(self, reason: str) -> Outcome:
        self.stopped = reason
        return Outcome(reason, log="half done\n")


@dataclass
class ManualWorker:
    """Keeps what was started, in order; ``at_once`` ends work as it is started."""

    at_once: Callable[[Assignment], str | None] = lambda _: None
    attempts: list[ManualAttempt] = field(default_factory=list)

    def start(self, assignment: Assignment) -> ManualAttempt:
        attempt = ManualAttempt(assignment)
        self.attempts.append(attempt)
        error = self.at_once(assignment)
        if error is not None:
            attempt.end(error)
        return attempt

    @property
    def started(self) -> list[str]:
        return [attempt.assignment.run_id for attempt in self.attempts]


@dataclass
class Scheduler:
    """A dispatcher with its own connection to the ledger, its worker and what it said."""

    name: str
    folder: Path
    clocks: Clocks
    worker: ManualWorker = field(default_factory=ManualWorker)
    slots: int = 10
    settings: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk.open(self.folder, clock=self.clocks.now, **self.settings)
        self.dispatcher = Dispatcher(
            desk=self.desk,
            who=Claimant(self.name, LEASE),
            worker=self.worker,
            steady=self.clocks.seconds,
            announce=self.said.append,
            slots=self.slots,
        )
        self.dispatcher.follow(self.desk.jobs())

    def step(self) -> None:
        self.dispatcher.step()

    def statuses(self) -> dict[str, str]:
        """Every run's status, as the journal has it."""
        self.dispatcher.book.refresh()
        return {
            run_id: run.status.value
            for runs in self.dispatcher.book.runs.values()
            for run_id, run in runs.items()
        }
