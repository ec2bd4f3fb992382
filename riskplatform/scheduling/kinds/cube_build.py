"""Builds the cubes that the day's questions will ask for."""

from __future__ import annotations

from riskplatform.desk import Desk
from riskplatform.project.job_language.kinds import CubeBuild
from riskplatform.scheduling.context import RunContext


def work(desk: Desk, parameters: CubeBuild, run: RunContext) -> None:
    """One cube per maker; what is there already is only opened."""
    as_of = run.as_of(desk)
    for maker in parameters.scenarios:
        found = desk.cube(maker, as_of, days=parameters.days, seed=parameters.seed)
        run.output(f"{maker} cube", found.cube_id)
        run.log(f"{maker}: {len(found.labels):,} scenarios, coverage {found.coverage}")
        for failure in found.coverage.failures[:10]:
            run.log(f"not covered: {failure.message}")
    desk.record_cubes()
