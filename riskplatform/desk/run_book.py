"""What the ledger's journal tells of jobs: what was decided, which runs there are, how they ended.

Two streams. ``job``: the decisions on one job, one after the other, so that two schedulers cannot
decide the same thing. ``run``: the story of one run, whose first place only one of them gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskplatform.store.ledger.journal import Journal, Recorded

JOB_STREAM, RUN_STREAM = "job", "run"
# What a scheduler remembers of a job's ended runs; the ledger has all of them.
_ENDED_KEPT = 2_000


class RunStatus(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    WAITING = "waiting"
    """For its next attempt."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"
    """Its process died or was stopped, and it is not to be run again."""

    @property
    def has_ended(self) -> bool:
        return self not in (RunStatus.RUNNING, RunStatus.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a job for one scheduled time, over all its attempts."""

    run_id: str
    job_id: str
    scheduled_at: datetime
    day: str
    by_hand: bool
    status: RunStatus
    attempt: int
    owner: str
    lease: timedelta
    position: int
    row_key: int
    started_at: datetime
    ended_at: datetime | None = None
    retry_at: datetime | None = None
    error: str = ""
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def seconds(self) -> float | None:
        """Of the last attempt, once it has ended."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()

    def to_dict(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "job_id": self.job_id,
            "scheduled_at": self.scheduled_at,
            "by_hand": self.by_hand,
            "status": self.status.value,
            "attempt": self.attempt,
            "started_at": self.started_at,
            "seconds": self.seconds,
            "owner": self.owner,
            "error": self.error,
            "inputs": dict(self.inputs),
            "outputs": dict(self.outputs),
        }


@dataclass(frozen=True, slots=True)
class Skipped:
    """Scheduled times of a job that are not run, and why."""

    first: datetime
    last: datetime
    count: int
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "count": self.count,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is decided: no time up to ``until`` will be looked at again."""

    position: int
    until: datetime
    fingerprint: str
    skipped: tuple[Skipped, ...] = ()
    """The last ones."""


def run_id_of(job_id: str, scheduled_at: datetime) -> str:
    """The one name of a run: the job and the time it is for."""
    moment = scheduled_at.astimezone(UTC).replace(tzinfo=None)
    kept = "microseconds" if moment.microsecond else "seconds"
    return f"{job_id}@{moment.isoformat(timespec=kept)}Z"


class RunBook:
    """The journal folded; :meth:`refresh` reads on from where it stands."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._read_to = 0
        self.states: dict[str, JobState] = {}
        self.runs: dict[str, dict[str, Run]] = {}
        self._open: dict[str, Run] = {}

    def refresh(self) -> None:
        """Take in what was recorded since the last time."""
        events = [
            event
            for stream in (JOB_STREAM, RUN_STREAM)
            for event in self._journal.since(self._read_to, stream=stream)
        ]
        self.apply(events)
        self._read_to = max((event.row_key for event in events), default=self._read_to)

    def apply(self, events: Iterable[Recorded]) -> None:
        """Fold events that follow what is known."""
        for event in events:
            if event.stream == JOB_STREAM:
                self.states[event.subject] = _decided(self.states.get(event.subject), event)
            else:
                job_id = event.subject.partition("@")[0]
                runs = self.runs.setdefault(job_id, {})
                run = runs[event.subject] = _told(runs.get(event.subject), event)
                self._open.pop(run.run_id, None)
                if not run.status.has_ended:
                    self._open[run.run_id] = run
                if len(runs) > 2 * _ENDED_KEPT:
                    self.runs[job_id] = _newest(runs)

    def of_job(self, job_id: str) -> Mapping[str, Run]:
        """The runs of a job by id, in the order in which they were claimed."""
        return self.runs.get(job_id, {})

    def find(self, run_id: str) -> Run | None:
        return self.of_job(run_id.partition("@")[0]).get(run_id)

    def open_runs(self) -> list[Run]:
        """Those that run or wait for another attempt."""
        return list(self._open.values())

    def is_busy(self, job_id: str) -> bool:
        """Whether a run of this job has not ended: its next one waits for that."""
        return any(run.job_id == job_id for run in self._open.values())

    def last_run(self, job_id: str) -> Run | None:
        """The newest by the time it is for."""
        return max(self.of_job(job_id).values(), key=lambda run: run.scheduled_at, default=None)


def _decided(known: JobState | None, event: Recorded) -> JobState:
    body = event.body
    skipped = tuple(
        Skipped(_moment(one["first"]), _moment(one["last"]), one["count"], one["reason"])
        for one in body.get("skipped", ())
    )
    before = () if known is None else known.skipped
    return JobState(
        position=event.position,
        until=_moment(body["until"]),
        fingerprint=body.get("fingerprint", "" if known is None else known.fingerprint),
        skipped=(*before, *skipped)[-20:],
    )


def _told(known: Run | None, event: Recorded) -> Run:
    body, said = event.body, event.body["event"]
    place: dict[str, Any] = {"position": event.position, "row_key": event.row_key}
    if said == "claimed":
        return Run(
            run_id=event.subject,
            job_id=body["job"],
            scheduled_at=_moment(body["scheduled_at"]),
            day=body["day"],
            by_hand=body["by_hand"],
            status=RunStatus.RUNNING,
            attempt=body["attempt"],
            owner=body["owner"],
            lease=timedelta(seconds=body["lease_seconds"]),
            started_at=event.recorded_at,
            inputs={},
            outputs={},
            **place,
        )
    if known is None:
        raise ValueError(f"the run {event.subject} begins with {said!r}")
    if said == "extended":
        return replace(known, **place)
    retry_at = body.get("retry_at")
    return replace(
        known,
        status=RunStatus.WAITING if retry_at else RunStatus(said),
        ended_at=event.recorded_at,
        retry_at=_moment(retry_at) if retry_at else None,
        error=body.get("error", ""),
        inputs=body.get("inputs", {}),
        outputs=body.get("outputs", {}),
        **place,
    )


def _newest(runs: Mapping[str, Run]) -> dict[str, Run]:
    """Open runs and the last ended ones: a scheduler's memory does not grow with time."""
    ended = [run_id for run_id, run in runs.items() if run.status.has_ended]
    gone = set(ended[:-_ENDED_KEPT])
    return {run_id: run for run_id, run in runs.items() if run_id not in gone}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
