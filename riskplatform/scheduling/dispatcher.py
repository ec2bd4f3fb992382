"""Decides, claims, starts, follows and ends runs: one step at a time, called by a loop.

All that matters is in the ledger's journal; what is remembered here are only the processes of this
scheduler. Any number of dispatchers may step on one ledger at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from riskplatform.desk.run_book import Run, RunBook, RunStatus, run_id_of
from riskplatform.errors import ConflictError, StoreError, UserInputError
from riskplatform.project.job_language import JobLibrary
from riskplatform.project.job_language.durations import duration_text
from riskplatform.scheduling import claims
from riskplatform.scheduling.claims import Claimant
from riskplatform.scheduling.context import Assignment
from riskplatform.scheduling.decisions import Decision, decide
from riskplatform.scheduling.dependencies import readiness
from riskplatform.scheduling.sightings import Sightings
from riskplatform.scheduling.workers import Attempt, Outcome, Worker

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.project.job_language import Job
    from riskplatform.store.ledger import Event

# The lease is extended when so much of it has gone.
_EXTEND_AT = 0.4


@dataclass(slots=True)
class Active:
    """A run of this scheduler that is under way."""

    job: Job
    assignment: Assignment
    position: int
    attempt: Attempt
    began: float
    extended: float
    by_hand: bool


@dataclass(slots=True)
class Dispatcher:
    """``steady`` is a clock of seconds that never jumps; ``announce`` takes lines for a person."""

    desk: Desk
    who: Claimant
    worker: Worker
    steady: Callable[[], float]
    announce: Callable[[str], None]
    slots: int = 2
    library: JobLibrary = field(default_factory=lambda: JobLibrary({}))
    book: RunBook = field(init=False)
    active: dict[str, Active] = field(default_factory=dict)
    _sightings: Sightings = field(default_factory=Sightings)
    _turns: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = RunBook(self.desk.ledger.journal)

    def follow(self, library: JobLibrary) -> None:
        """From now on these are the jobs; those that are new or changed count from this moment."""
        self.library = library
        self.book.refresh()
        now = self.desk.now()
        for job in library:
            state = self.book.states.get(job.job_id)
            if state is None or state.fingerprint != job.fingerprint:
                reason = "new" if state is None else "its file has changed"
                self._write([claims.watched(job, state, now, reason)], "watch a job")

    def clock_went_back(self) -> None:
        """Jobs that were decided for moments still to come are followed from now on again."""
        self.book.refresh()
        now = self.desk.now()
        for job in self.library:
            state = self.book.states.get(job.job_id)
            if state is not None and state.until > now:
                self._write([claims.watched(job, state, now, "the clock went back")], "watch a job")

    def step(self, *, claiming: bool = True) -> None:
        """Everything that can be done now; ``claiming`` is off when the scheduler is to end."""
        self.book.refresh()
        self._end_those_done()
        self._extend()
        if claiming:
            self._go_on_with_open_runs()
            self._decide()

    @property
    def has_slot(self) -> bool:
        return len(self.active) < self.slots

    def waitables(self) -> list[Any]:
        return [one for active in self.active.values() for one in active.attempt.waitables()]

    def stop_all(self, reason: str) -> None:
        """Cut off what is under way; another scheduler may go on at once where a job allows it."""
        for active in list(self.active.values()):
            self._abandon(active, reason)

    def start_by_hand(self, job: Job, scheduled_at: datetime | None = None) -> str:
        """Run a job now, or for a scheduled time that has not succeeded; the run's id."""
        self.book.refresh()
        now = self.desk.now()
        moment = now if scheduled_at is None else _due(job, scheduled_at)
        known = self._free(job, run_id_of(job.job_id, moment))
        attempt = 1 if known is None else known.attempt + 1
        assignment = claims.assignment_of(job, moment, attempt)
        position = 0 if known is None else known.position + 1
        state = self.book.states.get(job.job_id)
        # A word among the job's decisions: a scheduler that decides at this moment conflicts.
        told = (
            claims.watched(job, None, now, "run by hand")
            if state is None
            else claims.decided(job, state, state.until, moment, ())
        )
        claim = claims.claimed(job, assignment, position, self.who, by_hand=True)
        if not self._write([told, claim], "claim a run"):
            raise ConflictError(
                f"Another process decided on {job.job_id} in this moment.", hint="Try again."
            )
        self._start(job, assignment, position, by_hand=True)
        return assignment.run_id

    def _free(self, job: Job, run_id: str) -> Run | None:
        """What is known of a run that a person wants; refused when it is not to be had."""
        for run in self.book.open_runs():
            if run.job_id == job.job_id and run.status is RunStatus.RUNNING:
                raise ConflictError(
                    f"{run.run_id} is running, in {run.owner}.", hint="Wait until it has ended."
                )
        known = self.book.find(run_id)
        if known is not None and known.status is RunStatus.SUCCEEDED:
            raise UserInputError(
                f"{known.run_id} has succeeded.", hint="Run the job without a scheduled time."
            )
        return known

    def _decide(self) -> None:
        """Claims go round: the job whose turn was longest ago comes first."""
        now = self.desk.now()
        found: list[tuple[Job, Decision]] = []
        for job in self.library:
            state = self.book.states.get(job.job_id)
            if state is None or job.schedule.is_by_hand or self.book.is_busy(job.job_id):
                continue
            decision = decide(
                job,
                until=state.until,
                now=now,
                ready=readiness(job, self.library, self.book),
                taken=self._is_taken(job),
            )
            if decision.until is not None:
                found.append((job, decision))
        found.sort(key=lambda pair: (self._turns.get(pair[0].job_id, 0), pair[1].until))
        for job, decision in found:
            if decision.run is None or self.has_slot:
                self._carry_out(job, decision)

    def _is_taken(self, job: Job) -> Callable[[datetime], bool]:
        return lambda at: self.book.find(run_id_of(job.job_id, at)) is not None

    def _carry_out(self, job: Job, decision: Decision) -> None:
        """Decision and claim are one write: another scheduler's later one conflicts with it."""
        state = self.book.states[job.job_id]
        assert decision.until is not None
        events = [claims.decided(job, state, decision.until, decision.run, decision.skipped)]
        assignment = None
        if decision.run is not None:
            assignment = claims.assignment_of(job, decision.run, 1)
            events.append(claims.claimed(job, assignment, 0, self.who))
        if not self._write(events, "claim a run" if assignment else "pass over a run"):
            return
        for one in decision.skipped:
            times = f"{one.count} times, " if one.count > 1 else ""
            self._say(f"{job.job_id} {times}{one.first:%Y-%m-%d %H:%M} not run: {one.reason}")
        if assignment is not None:
            self._turns[job.job_id] = 1 + max(self._turns.values(), default=0)
            self._start(job, assignment, 0)

    def _go_on_with_open_runs(self) -> None:
        """Retries that are due, and runs whose scheduler died."""
        others = [run for run in self.book.open_runs() if run.run_id not in self.active]
        running = [run for run in others if run.status is RunStatus.RUNNING]
        for run in self._sightings.look(running, self.steady()):
            self._take_over(run)
        now = self.desk.now()
        for run in others:
            if run.status is not RunStatus.WAITING or run.retry_at is None or run.retry_at > now:
                continue
            job = self.library.jobs.get(run.job_id)
            if job is not None and job.enabled:
                self._claim_again(job, run)
            elif job is not None or not self._is_broken(run.job_id):
                outcome = Outcome("its job is gone or not enabled")
                self._write_end_of_other(run, outcome)

    def _take_over(self, run: Run) -> None:
        job = self.library.jobs.get(run.job_id)
        if job is not None and job.enabled and claims.may_go_on(job, run):
            if self._claim_again(job, run):
                self._say(f"{run.run_id} taken over from {run.owner}")
            return
        if job is None and self._is_broken(run.job_id):
            return
        self._write_end_of_other(run, Outcome(f"its scheduler {run.owner} died"))

    def _write_end_of_other(self, run: Run, outcome: Outcome) -> None:
        event = claims.abandoned(run.run_id, run.position + 1, outcome, attempt=run.attempt)
        if self._write([event], "abandon a run"):
            self._say(f"{run.run_id} abandoned: {outcome.error}")

    def _is_broken(self, job_id: str) -> bool:
        """Its file is there but cannot be read now: nothing is decided until it can."""
        return any(problem.file.stem == job_id for problem in self.library.problems)

    def _claim_again(self, job: Job, run: Run) -> bool:
        if not self.has_slot:
            return False
        assignment = claims.assignment_of(job, run.scheduled_at, run.attempt + 1)
        position = run.position + 1
        event = claims.claimed(job, assignment, position, self.who)
        if not self._write([event], "claim a run"):
            return False
        self._start(job, assignment, position)
        return True

    def _start(
        self, job: Job, assignment: Assignment, position: int, *, by_hand: bool = False
    ) -> None:
        now = self.steady()
        attempt: Attempt
        try:
            attempt = self.worker.start(assignment)
        except OSError as error:
            # No process or no memory: the run is claimed, so its end must be told.
            attempt = Finished(Outcome(f"its process could not be started: {error}"))
        self.active[assignment.run_id] = Active(
            job, assignment, position, attempt, now, now, by_hand
        )
        words = f" (attempt {assignment.attempt})" if assignment.attempt > 1 else ""
        self._say(f"{assignment.run_id} started{words}")

    def _end_those_done(self) -> None:
        for active in list(self.active.values()):
            outcome = active.attempt.outcome()
            if outcome is None and self._is_too_long(active):
                limit = duration_text(active.job.timeout)
                outcome = active.attempt.stop(f"it took longer than its timeout of {limit}")
            if outcome is not None:
                self._end(active, outcome)

    def _is_too_long(self, active: Active) -> bool:
        return self.steady() - active.began > active.job.timeout.total_seconds()

    def _end(self, active: Active, outcome: Outcome) -> None:
        """Kept until it is written: a ledger that is locked for a while loses no run's end."""
        run_id, number = active.assignment.run_id, active.assignment.attempt
        active.attempt = Finished(outcome)
        retry_at = None
        if outcome.error and number <= active.job.retries and not active.by_hand:
            retry_at = self.desk.now() + active.job.retry_wait
        event = claims.ended(
            run_id, active.position + 1, outcome, attempt=number, retry_at=retry_at
        )
        kept = self._write([event], "end a run")
        del self.active[run_id]
        seconds = self.steady() - active.began
        if not kept:
            self._say(f"{run_id} was taken over by another; what it did here is not kept")
        elif not outcome.error:
            self._say(f"{run_id} succeeded in {seconds:.1f} s")
        else:
            again = f"; again at {retry_at:%H:%M:%S} UTC" if retry_at else ""
            self._say(f"{run_id} failed after {seconds:.1f} s: {outcome.error}{again}")

    def _extend(self) -> None:
        lease = self.who.lease.total_seconds()
        for active in list(self.active.values()):
            gone = self.steady() - active.extended
            if gone < lease * _EXTEND_AT:
                continue
            event = claims.extended(active.assignment.run_id, active.position + 1)
            try:
                kept = self._write([event], "extend a lease")
            except StoreError as error:
                # Without a sign of life others may take it over: it must not go on here.
                if gone >= lease:
                    self._cut_off(active, f"the lease could not be extended: {error.message}")
                continue
            if kept:
                active.position += 1
                active.extended = self.steady()
            else:
                self._cut_off(active, "another scheduler has taken it over")

    def _cut_off(self, active: Active, reason: str) -> None:
        active.attempt.stop(reason)
        del self.active[active.assignment.run_id]
        self._say(f"{active.assignment.run_id} stopped here: {reason}")

    def _abandon(self, active: Active, reason: str) -> None:
        outcome = active.attempt.stop(reason)
        run_id, number = active.assignment.run_id, active.assignment.attempt
        goes_on = number < active.job.attempts_if_killed and not active.by_hand
        event = claims.abandoned(
            run_id,
            active.position + 1,
            outcome,
            attempt=number,
            retry_at=self.desk.now() if goes_on else None,
        )
        self._write([event], "abandon a run")
        del self.active[run_id]
        self._say(f"{run_id} {'left to another scheduler' if goes_on else 'abandoned'}: {reason}")

    def _write(self, events: Sequence[Event], action: str) -> bool:
        """Whether the events are recorded; if not, another was first, and the book knows more."""
        journal = self.desk.ledger.journal
        try:
            journal.append(events, actor=self.who.actor, action=action)
        except ConflictError:
            self.book.refresh()
            return False
        self.book.refresh()
        return True

    def _say(self, text: str) -> None:
        self.announce(f"{self.desk.now():%H:%M:%S} {text}")


def _due(job: Job, moment: datetime) -> datetime:
    """The scheduled time that is meant, if it is one."""
    wanted = moment.astimezone(UTC)
    if wanted in job.schedule.on_day(job.schedule.day_of(wanted)):
        return wanted
    near = job.schedule.next_after(wanted)
    hint = f"The next one is {near.isoformat()}." if near else "It runs by hand only."
    raise UserInputError(f"{job.job_id} is not due at {wanted.isoformat()}.", hint=hint)


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt that has ended and whose end is still to be written."""

    ended: Outcome

    def waitables(self) -> list[Any]:
        return []

    def outcome(self) -> Outcome | None:
        return self.ended

    def stop(self, reason: str) -> Outcome:
        return self.ended
