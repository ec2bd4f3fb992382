"""Which scheduled time of a job runs now, and which are not run and why. Pure: no clock, no store.

Times are decided in order, so that one moment says how far a job is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from riskplatform.desk.run_book import Skipped
from riskplatform.project.job_language.durations import duration_text
from riskplatform.project.job_language.job import MisfirePolicy
from riskplatform.scheduling.dependencies import Blocked, Readiness, Waiting

if TYPE_CHECKING:
    from riskplatform.project.job_language import Job, Schedule

# Nothing older is looked at one by one, unless the window of a job reaches further.
LOOK_BACK = timedelta(days=31)
_MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Decision:
    """``until``: how far the job is decided now; None when there is nothing to decide."""

    until: datetime | None = None
    run: datetime | None = None
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class _Moment:
    """A scheduled time that can be decided: how late it is, or why it cannot run."""

    at: datetime
    late: timedelta
    blocked: str = ""


def decide(
    job: Job,
    *,
    until: datetime,
    now: datetime,
    ready: Callable[[datetime], Readiness],
    taken: Callable[[datetime], bool] = lambda _: False,
) -> Decision:
    """What to do about the times after ``until``, up to ``now``; ``taken`` ones have their run."""
    if not job.enabled or now <= until:
        return Decision()
    horizon = now - max(LOOK_BACK, job.misfire.window or LOOK_BACK)
    forgotten = tuple(_forgotten(job.schedule, until, horizon)) if until < horizon else ()
    start = max(until, horizon)
    moments = list(_decidable(job, start, now, ready, taken))
    runs, passed = _CHOICES[job.misfire.policy](job, moments)
    skipped = (*forgotten, *_merged(passed))
    if runs is not None:
        return Decision(runs, runs, skipped)
    return Decision(skipped[-1].last, None, skipped) if skipped else Decision()


def _decidable(
    job: Job,
    start: datetime,
    now: datetime,
    ready: Callable[[datetime], Readiness],
    taken: Callable[[datetime], bool],
) -> Iterator[_Moment]:
    """In order, up to the first that waits for something."""
    for at in job.schedule.between(start, now):
        if taken(at):
            continue
        state = ready(at)
        if isinstance(state, Waiting):
            return
        if isinstance(state, Blocked):
            yield _Moment(at, now - at, state.reason)
        else:
            yield _Moment(at, now - max(at, state.since))


_Passed = list[tuple[datetime, str]]
_Chosen = tuple[datetime | None, _Passed]


def _skip(job: Job, moments: list[_Moment]) -> _Chosen:
    """The first that is in time; those before it are passed over."""
    return _first_within(moments, job.misfire.grace, "no scheduler ran it in time")


def _run_all(job: Job, moments: list[_Moment]) -> _Chosen:
    """The oldest within the window: the next one follows when it has ended."""
    window = job.misfire.window or LOOK_BACK
    return _first_within(moments, window, f"older than the window of {duration_text(window)}")


def _run_once(job: Job, moments: list[_Moment]) -> _Chosen:
    """The last of all that could run, for all of them."""
    window = job.misfire.window or LOOK_BACK
    able = [one for one in moments if not one.blocked and one.late <= window]
    chosen = able[-1].at if able else None
    passed: _Passed = []
    for one in moments:
        if chosen is not None and one.at >= chosen:
            break
        if one.blocked:
            passed.append((one.at, one.blocked))
        elif one.late > window:
            passed.append((one.at, f"older than the window of {duration_text(window)}"))
        else:
            passed.append((one.at, "a later time was run instead"))
    return chosen, passed


def _first_within(moments: list[_Moment], most: timedelta, otherwise: str) -> _Chosen:
    passed: _Passed = []
    for one in moments:
        if one.blocked:
            passed.append((one.at, one.blocked))
        elif one.late > most:
            passed.append((one.at, otherwise))
        else:
            return one.at, passed
    return None, passed


_CHOICES: dict[MisfirePolicy, Callable[[Job, list[_Moment]], _Chosen]] = {
    MisfirePolicy.SKIP: _skip,
    MisfirePolicy.RUN_ALL: _run_all,
    MisfirePolicy.RUN_ONCE: _run_once,
}


def _merged(passed: _Passed) -> Iterator[Skipped]:
    """Neighbours with the same reason as one line."""
    held: Skipped | None = None
    for at, reason in passed:
        if held is not None and held.reason == reason:
            held = Skipped(held.first, at, held.count + 1, reason)
            continue
        if held is not None:
            yield held
        held = Skipped(at, at, 1, reason)
    if held is not None:
        yield held


def _forgotten(schedule: Schedule, until: datetime, horizon: datetime) -> Iterator[Skipped]:
    """What lies further back than anyone looks, as one line."""
    times = list(islice(schedule.between(until, horizon), _MOST_COUNTED))
    if times:
        yield Skipped(times[0], horizon, len(times), "older than anyone looks back")
