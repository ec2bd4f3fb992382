"""Compares the venue's statement of the run's day with what was booked here."""

from __future__ import annotations

from riskplatform.desk import Desk
from riskplatform.errors import DataError
from riskplatform.project.job_language.kinds import Reconcile
from riskplatform.scheduling.context import RunContext

_TOLD = 50


def work(desk: Desk, parameters: Reconcile, run: RunContext) -> None:
    """A break fails the run, after every one of them is in its log."""
    found = desk.match_statement(None if parameters.venue_today else run.day)
    run.input("day", found.day)
    run.output("venue", found.gateway)
    run.output("executions", found.executions)
    run.output("breaks", len(found.differences))
    for each in found.differences[:_TOLD]:
        run.log(", ".join(f"{name}: {value}" for name, value in each.to_dict().items()))
    if not found.is_clean:
        raise DataError(
            f"{found}.", hint="`riskplatform reconcile show` lists both sides of every break."
        )
