"""Jobs and their runs as a person sees them: tables, and one run with its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.desk.run_book import RUN_STREAM, Run, RunBook
from riskplatform.desk.scheduler_presence import Present, schedulers
from riskplatform.errors import UnknownNameError
from riskplatform.project.job_language.library import SEE_JOBS

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.project.job_language import Job

JOB_COLUMNS = (
    "job_id", "title", "kind", "enabled", "schedule", "after", "next_run", "last_run",
    "last_status", "owner",
)  # fmt: skip
RUN_COLUMNS = (
    "run_id", "job_id", "scheduled_at", "status", "attempt", "started_at", "seconds", "outputs",
    "error",
)  # fmt: skip
NOT_RUN = "not run"
_SEE_RUNS = "`riskplatform job history` shows those that there were."
_NEXT_SHOWN = 5
_COMING_SHOWN = 10


@dataclass(frozen=True, slots=True)
class RunStory:
    """A run and all that was told of it: ``attempts`` are its events but signs of life."""

    run: Run
    attempts: tuple[Mapping[str, Any], ...]

    @property
    def log(self) -> str:
        """Of every attempt, in order."""
        texts = []
        for one in self.attempts:
            if one.get("log"):
                texts.append(f"--- attempt {one['attempt']} ---\n{one['log'].rstrip()}\n")
        return "".join(texts)

    def to_dict(self) -> dict[str, Any]:
        return {**self.run.to_dict(), "attempts": [dict(one) for one in self.attempts]}

    def to_frame(self) -> pd.DataFrame:
        """What happened, in order."""
        columns = ["recorded_at", "event", "attempt", "actor", "error"]
        rows = [{name: one.get(name) for name in columns} for one in self.attempts]
        return pd.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        return f"<b>{escape(self.run.run_id)}</b>: {self.run.status}<pre>{escape(self.log)}</pre>"


@dataclass(frozen=True, slots=True)
class SchedulerStatus:
    """``open_runs`` of all schedulers, also of other machines; ``coming``: what is due next."""

    schedulers: tuple[Present, ...]
    open_runs: tuple[Run, ...]
    coming: tuple[tuple[datetime, str], ...]
    jobs: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "schedulers": [one.to_dict() for one in self.schedulers],
            "runs": [run.to_dict() for run in self.open_runs],
            "coming": [{"job_id": name, "at": at} for at, name in self.coming],
            "jobs": self.jobs,
        }

    def to_frame(self) -> pd.DataFrame:
        rows = [
            (run.status.value, run.run_id, f"{run.started_at:%Y-%m-%d %H:%M}", run.owner)
            for run in self.open_runs
        ]
        rows += [("next", name, f"{at:%Y-%m-%d %H:%M}", "") for at, name in self.coming]
        return pd.DataFrame(rows, columns=["what", "name", "at", "owner"])


def scheduler_status(desk: Desk) -> SchedulerStatus:
    """What is alive, what runs, what comes."""
    book, now = read_book(desk), desk.now()
    followed = [job for job in desk.jobs() if job.enabled and not job.schedule.is_by_hand]
    coming = [(at, job.job_id) for job in followed if (at := job.schedule.next_after(now))]
    return SchedulerStatus(
        schedulers=tuple(schedulers(desk)),
        open_runs=tuple(book.open_runs()),
        coming=tuple(sorted(coming)[:_COMING_SHOWN]),
        jobs=len(followed),
    )


def read_book(desk: Desk) -> RunBook:
    """All that the journal tells now."""
    book = RunBook(desk.ledger.journal)
    book.refresh()
    return book


def jobs_table(desk: Desk) -> pd.DataFrame:
    """One row per job that can be run."""
    book, now = read_book(desk), desk.now()
    rows = [_job_row(job, book, now) for job in desk.jobs()]
    return pd.DataFrame(rows, columns=list(JOB_COLUMNS))


def _job_row(job: Job, book: RunBook, now: datetime) -> dict[str, Any]:
    last = book.last_run(job.job_id)
    return {
        "job_id": job.job_id,
        "title": job.title,
        "kind": job.kind,
        "enabled": job.enabled,
        "schedule": str(job.schedule),
        "after": ", ".join(job.after) + (" (even if failed)" if job.even_if_failed else ""),
        "next_run": job.schedule.next_after(now) if job.enabled else None,
        "last_run": last.scheduled_at if last else None,
        "last_status": last.status.value if last else "",
        "owner": job.owner,
    }


def job_facts(desk: Desk, job_id: str) -> dict[str, Any]:
    """What its file says, and where it stands."""
    job, book = desk.jobs()[job_id], read_book(desk)
    moment = desk.now()
    times: list[datetime] = []
    while job.enabled and len(times) < _NEXT_SHOWN:
        following = job.schedule.next_after(moment)
        if following is None:
            break
        times.append(following)
        moment = following
    last, state = book.last_run(job_id), book.states.get(job_id)
    return {
        **job.to_dict(),
        "next_runs": times,
        "decided_until": state.until if state else None,
        "last_run": last.run_id if last else None,
        "last_status": last.status.value if last else None,
        "last_seconds": last.seconds if last else None,
        "last_error": last.error if last else None,
        "last_outputs": dict(last.outputs) if last else None,
    }


def history_table(desk: Desk, job_id: str | None, limit: int) -> pd.DataFrame:
    """Runs, and times that were decided not to run, by the time they were for."""
    book = read_book(desk)
    known = {*desk.jobs().jobs, *book.runs, *book.states}
    if job_id is not None and job_id not in known:
        raise UnknownNameError("job", job_id, known, see=SEE_JOBS)
    rows = [
        _run_row(run)
        for name, runs in book.runs.items()
        if job_id in (None, name)
        for run in runs.values()
    ]
    rows += [
        {
            "run_id": "",
            "job_id": name,
            "scheduled_at": one.last,
            "status": NOT_RUN,
            "attempt": 0,
            "outputs": "",
            "error": one.reason if one.count == 1 else f"{one.count:,} times: {one.reason}",
        }
        for name, state in book.states.items()
        if job_id in (None, name)
        for one in state.skipped
    ]
    rows.sort(key=lambda row: (row["scheduled_at"], row["job_id"]), reverse=True)
    return pd.DataFrame(rows[:limit], columns=list(RUN_COLUMNS))


def _run_row(run: Run) -> dict[str, Any]:
    told = ", ".join(f"{name}: {value}" for name, value in run.outputs.items())
    return {**run.to_dict(), "outputs": told}


def run_story(desk: Desk, run_id: str) -> RunStory:
    """Everything the journal tells of one run."""
    events = desk.ledger.journal.read(RUN_STREAM, run_id)
    if not events:
        raise UnknownNameError(
            "run", run_id, desk.ledger.journal.subjects(RUN_STREAM), see=_SEE_RUNS
        )
    book = RunBook(desk.ledger.journal)
    book.apply(events)
    told = tuple(
        {"recorded_at": event.recorded_at, "actor": event.actor, **event.body}
        for event in events
        if event.body["event"] != "extended"
    )
    return RunStory(book.runs[run_id.partition("@")[0]][run_id], told)
