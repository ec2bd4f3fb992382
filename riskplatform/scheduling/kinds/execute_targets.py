"""Trades what is approved at the venue until nothing is left of it, or for so many hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from riskplatform.desk import Desk
from riskplatform.desk.execution_session import PlanChoice
from riskplatform.errors import NotAllowedError, RiskPlatformError
from riskplatform.execution.controls import Mode
from riskplatform.project.job_language.kinds import ExecuteTargets
from riskplatform.scheduling.context import RunContext
from riskplatform.scheduling.folders import inside_desk

if TYPE_CHECKING:
    from riskplatform.execution.engine_rules import Turn

_NAMED = 3


def work(desk: Desk, parameters: ExecuteTargets, run: RunContext) -> None:
    """A second attempt goes on where the first one was: orders and fills are in the journal. What
    is left at the end fails the run, with the reason why it was not traded."""
    if not desk.targets() and not _is_anything_open(desk):
        run.output("plans", 0)
        run.log("Nothing is approved that is not traded.")
        return
    given = asdict(parameters)
    if parameters.bars is not None:
        given["bars"] = inside_desk(desk, parameters.bars)
    step_seconds, within_hours = given.pop("step_seconds"), given.pop("within_hours")
    watch = _Watch(run)
    with desk.execution(choice=PlanChoice(**given)) as session:
        taken = session.take()
        for line, reason in taken.left_out:
            run.log(f"{line} is not wholly planned: {reason}")
        run.output("plans", len(taken.parents))
        told = session.run(
            step=None if step_seconds is None else timedelta(seconds=step_seconds),
            until=session.clock() + timedelta(hours=within_hours),
            progress=watch.tell,
        )
        is_done = session.engine.is_done
    run.output("orders", dict(desk.execution_status().counts))
    if not is_done or taken.left_out:
        why = told.reason or _told(taken.left_out) or "time is over"
        raise RiskPlatformError(
            f"Not all that is approved was traded: {why}.",
            hint="`riskplatform execute status` shows what is left.",
        )


def _is_anything_open(desk: Desk) -> bool:
    """Whether plans of earlier runs are not wholly filled."""
    return any(plan["filled"] < plan["planned"] for plan in desk.execution_status().plans)


def _told(left_out: Sequence[tuple[str, str]]) -> str:
    """The first lines that are not wholly planned; all of them are in the log."""
    some = "; ".join(f"{line}: {reason}" for line, reason in left_out[:_NAMED])
    more = len(left_out) - _NAMED
    return f"{some}; and {more} lines more" if more > 0 else some


class _Watch:
    """Writes down why nothing is traded, when that changes; ends the run once all is down."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._said = ""

    def tell(self, turn: Turn) -> None:
        if turn.reason != self._said:
            self._said = turn.reason
            self._run.log(f"{turn.at:%Y-%m-%d %H:%M:%S} {turn.reason or 'trading'}")
        # What was open must first be cancelled, and the venue asked for proof.
        if turn.control.mode is Mode.KILLED and turn.is_idle and not turn.open_orders:
            raise NotAllowedError(
                f"Execution is {turn.control}.",
                hint="A person resets it with `riskplatform execute reset --reason ...`.",
            )
