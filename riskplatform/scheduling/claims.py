"""The events that a scheduler writes: pure functions from what is known to what is to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from riskplatform.desk.run_book import JOB_STREAM, RUN_STREAM, JobState, Run, Skipped, run_id_of
from riskplatform.scheduling.context import Assignment
from riskplatform.scheduling.workers import Outcome
from riskplatform.store.ledger import Event

if TYPE_CHECKING:
    from riskplatform.project.job_language import Job


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims, and for how long without a sign of life."""

    identity: str
    lease: timedelta
    person: str = ""
    """Who runs a job by hand; the scheduler itself acts without one."""

    @property
    def actor(self) -> str:
        """For the audit trail."""
        return self.person or f"scheduler {self.identity}"


def assignment_of(job: Job, scheduled_at: datetime, attempt: int) -> Assignment:
    """One attempt at the run of a job for a time."""
    return Assignment(
        run_id=run_id_of(job.job_id, scheduled_at),
        job_id=job.job_id,
        kind=job.kind,
        parameters=dict(job.parameters),
        script=job.script,
        scheduled_at=scheduled_at,
        day=job.schedule.day_of(scheduled_at),
        attempt=attempt,
    )


def watched(job: Job, state: JobState | None, since: datetime, reason: str) -> Event:
    """From ``since`` on the job is followed as its file now says."""
    body = {
        "event": "watched",
        "until": since.isoformat(),
        "fingerprint": job.fingerprint,
        "enabled": job.enabled,
        "schedule": str(job.schedule),
        "misfire": str(job.misfire),
        "reason": reason,
    }
    return Event(JOB_STREAM, job.job_id, 0 if state is None else state.position + 1, body)


def decided(
    job: Job, state: JobState, until: datetime, run: datetime | None, skipped: Sequence[Skipped]
) -> Event:
    """The job is decided up to ``until``: what is run for it, what is not."""
    body = {
        "event": "decided",
        "until": until.isoformat(),
        "run": run_id_of(job.job_id, run) if run is not None else None,
        "skipped": [one.to_dict() for one in skipped],
    }
    return Event(JOB_STREAM, job.job_id, state.position + 1, body)


def claimed(
    job: Job, assignment: Assignment, position: int, who: Claimant, *, by_hand: bool = False
) -> Event:
    """``who`` makes this attempt: position 0 makes exactly one of them win."""
    body = {
        "event": "claimed",
        "job": job.job_id,
        "scheduled_at": assignment.scheduled_at.isoformat(),
        "day": assignment.day.isoformat(),
        "by_hand": by_hand,
        "attempt": assignment.attempt,
        "owner": who.identity,
        "lease_seconds": who.lease.total_seconds(),
        "kind": job.kind,
        "parameters": dict(job.parameters),
    }
    return Event(RUN_STREAM, assignment.run_id, position, body)


def extended(run_id: str, position: int) -> Event:
    """Its owner is alive."""
    return Event(RUN_STREAM, run_id, position, {"event": "extended"})


def ended(
    run_id: str, position: int, outcome: Outcome, *, attempt: int, retry_at: datetime | None
) -> Event:
    """The attempt succeeded or failed; with ``retry_at`` there will be another."""
    said = "failed" if outcome.error else "succeeded"
    return Event(RUN_STREAM, run_id, position, _end(said, outcome, attempt, retry_at))


def abandoned(
    run_id: str, position: int, outcome: Outcome, *, attempt: int, retry_at: datetime | None = None
) -> Event:
    """The attempt was cut off; with ``retry_at`` another scheduler may go on from then."""
    return Event(RUN_STREAM, run_id, position, _end("abandoned", outcome, attempt, retry_at))


def _end(said: str, outcome: Outcome, attempt: int, retry_at: datetime | None) -> dict[str, Any]:
    return {
        "event": said,
        "attempt": attempt,
        "error": outcome.error,
        "log": outcome.log,
        "inputs": dict(outcome.inputs),
        "outputs": dict(outcome.outputs),
        "retry_at": None if retry_at is None else retry_at.isoformat(),
    }


def may_go_on(job: Job, run: Run) -> bool:
    """Whether a run whose process died is to be attempted again; who ran it by hand sees it."""
    return run.attempt < job.attempts_if_killed and not run.by_hand
