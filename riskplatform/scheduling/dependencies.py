"""Whether what a run waits for has succeeded, or at least ended, for the same day. Pure: all is
handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from riskplatform.desk.run_book import Run, RunBook, RunStatus, run_id_of

if TYPE_CHECKING:
    from riskplatform.project.job_language import Job, JobLibrary


@dataclass(frozen=True, slots=True)
class Ready:
    """It can run, and could since then."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something before it has not ended."""

    on: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """It cannot run any more."""

    reason: str


Readiness = Ready | Waiting | Blocked


def readiness(job: Job, library: JobLibrary, book: RunBook) -> Callable[[datetime], Readiness]:
    """For each scheduled time of ``job``, whether it can run."""

    def of(moment: datetime) -> Readiness:
        since = moment
        for name in job.after:
            found = _one(name, job.schedule.day_of(moment), moment, job, library, book)
            if isinstance(found, Blocked) and job.even_if_failed:
                continue
            if not isinstance(found, Ready):
                return found
            since = max(since, found.since)
        return Ready(since)

    return of


def _one(
    name: str, day: date, moment: datetime, job: Job, library: JobLibrary, book: RunBook
) -> Readiness:
    before = library.jobs.get(name)
    if before is None or not before.enabled:
        return Blocked(f"{name} {'cannot be used' if before is None else 'is not enabled'}")
    due = list(before.schedule.between(*job.schedule.span_of(day)))
    if not due:
        return Blocked(f"{name} is not due on {day}")
    # The same time, else the last one before it, else the first of the day.
    needed = max((at for at in due if at <= moment), default=due[0])
    same_day = [
        run
        for run in book.of_job(name).values()
        if run.scheduled_at >= needed and job.schedule.day_of(run.scheduled_at) == day
    ]
    done = [run.ended_at for run in same_day if run.status is RunStatus.SUCCEEDED]
    if done:
        return Ready(min(ended for ended in done if ended is not None))
    open_run = next((run for run in same_day if not run.status.has_ended), None)
    if open_run is not None:
        return Waiting(open_run.run_id)
    return _not_there(run_id_of(name, needed), name, needed, book)


def _not_there(run_id: str, name: str, needed: datetime, book: RunBook) -> Readiness:
    run: Run | None = book.find(run_id)
    if run is not None:
        return Blocked(f"{run_id} {run.status}")
    state = book.states.get(name)
    if state is not None and state.until >= needed:
        return Blocked(f"{run_id} was not run")
    return Waiting(run_id)
