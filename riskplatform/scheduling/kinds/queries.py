"""Asks the questions that are kept again, and keeps the answers."""

from __future__ import annotations

from riskplatform.desk import Desk
from riskplatform.project.job_language.kinds import Queries
from riskplatform.scheduling.context import RunContext


def work(desk: Desk, parameters: Queries, run: RunContext) -> None:
    """One that has no answer is told in the log and in the coverage, and spoils no other."""
    found = desk.run_saved_queries(list(parameters.names) or None, run.as_of(desk))
    run.output("answers", len(found.answers))
    run.output("runs", ", ".join(found.run_ids))
    for failure in found.failures:
        run.log(f"{failure.subject}: {failure.message}")
    run.coverage(found.coverage)
