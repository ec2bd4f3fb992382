"""Runs stress scenarios and keeps the result."""

from __future__ import annotations

from riskplatform.desk import Desk
from riskplatform.project.job_language.kinds import Stress
from riskplatform.scheduling.context import RunContext

_WORST_TOLD = 5


def work(desk: Desk, parameters: Stress, run: RunContext) -> None:
    """All scenarios of the library unless some are named."""
    found = desk.run_scenarios(
        list(parameters.scenarios) or None,
        parameters.node,
        run.as_of(desk),
        by=parameters.by,
    )
    run.output("run", desk.record_stress(found))
    run.output("scenarios", len(found.labels))
    totals = found.total()
    for place in found.worst_first()[:_WORST_TOLD]:
        run.log(f"{found.labels[place]}: {totals[place]:,.0f} {found.base_currency}")
    run.coverage(found.provenance.coverage)
