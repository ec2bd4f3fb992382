"""One job, run now and in the foreground by a person, claimed like any other run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

from riskplatform.desk.run_book import RunBook
from riskplatform.scheduling.claims import Claimant
from riskplatform.scheduling.dependencies import Ready, Waiting, readiness
from riskplatform.scheduling.dispatcher import Dispatcher
from riskplatform.scheduling.workers import Processes, Worker

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.desk.job_history import RunStory

_LEASE = timedelta(minutes=2)
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would do: nothing was claimed, nothing was started."""

    run_at: datetime
    facts: dict[str, Any]
    unmet: str

    def to_dict(self) -> dict[str, Any]:
        return {"would_run_at": self.run_at, **self.facts, "unmet": self.unmet}


def rehearse(desk: Desk, job_id: str, scheduled_at: datetime | None = None) -> Rehearsal:
    """Reads the job, finds its function, asks after what it waits for."""
    from riskplatform.scheduling.kinds import work_of

    library = desk.jobs()
    job = library[job_id]
    if job.kind == "python":
        from riskplatform.scheduling.kinds.python import function_of

        function_of(job.script)
    else:
        work_of(job.kind)
    moment = desk.now() if scheduled_at is None else scheduled_at
    return Rehearsal(moment, job.to_dict(), unmet(desk, job_id, moment))


def unmet(desk: Desk, job_id: str, moment: datetime) -> str:
    """What the job waits for and has not got, in words; empty when there is nothing."""
    library = desk.jobs()
    book = RunBook(desk.ledger.journal)
    book.refresh()
    state = readiness(library[job_id], library, book)(moment)
    if isinstance(state, Ready):
        return ""
    return f"{state.on} has not ended" if isinstance(state, Waiting) else state.reason


def run_by_hand(
    desk: Desk,
    job_id: str,
    identity: str,
    announce: Callable[[str], None],
    *,
    scheduled_at: datetime | None = None,
    worker: Worker | None = None,
    steady: Callable[[], float] = time.monotonic,
) -> RunStory:
    """Claim, do, wait; Ctrl-C cuts it off and says so in its history."""
    library = desk.jobs()
    dispatcher = Dispatcher(
        desk=desk,
        who=Claimant(identity, _LEASE, desk.settings.actor),
        worker=worker or Processes(desk.settings.desk),
        steady=steady,
        announce=announce,
        library=library,
    )
    run_id = dispatcher.start_by_hand(library[job_id], scheduled_at)
    try:
        while dispatcher.active:
            connection.wait(dispatcher.waitables(), timeout=_LOOK_SECONDS)
            dispatcher.step(claiming=False)
    finally:
        dispatcher.stop_all("stopped by hand")
    return desk.job_run(run_id)
