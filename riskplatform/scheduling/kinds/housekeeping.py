"""Removes old cubes, tidies the lake and examines the desk."""

from __future__ import annotations

from dataclasses import asdict

from riskplatform.desk import Desk
from riskplatform.errors import DataError
from riskplatform.project.job_language.kinds import Housekeeping
from riskplatform.scheduling.context import RunContext


def work(desk: Desk, parameters: Housekeeping, run: RunContext) -> None:
    """What is found broken fails the run, after everything else was done."""
    pruned = desk.prune_cubes(parameters.keep_cubes)
    run.output("cubes removed", len(pruned.removed))
    run.output("bytes freed", pruned.freed_bytes)
    if parameters.maintain_lake:
        run.output("lake", asdict(desk.lake.maintain(clock=desk.now)))
    if parameters.examine:
        _examine(desk, run)


def _examine(desk: Desk, run: RunContext) -> None:
    from riskplatform.desk.doctor import examine

    checks = examine(desk.settings.desk)
    unwell = [check for check in checks if check.state in ("weak", "broken")]
    for check in unwell:
        run.log(f"{check.state}: {check.what}: {check.found} {check.mend}".rstrip())
    run.output("checks", len(checks))
    run.output("unwell", len(unwell))
    broken = [check.what for check in unwell if check.state == "broken"]
    if broken:
        raise DataError(
            f"The desk is not well: {', '.join(broken)}.", hint="`riskplatform doctor` says more."
        )
