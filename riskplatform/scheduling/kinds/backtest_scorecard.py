"""Judges the VaR models against the P&L and keeps the scorecard."""

from __future__ import annotations

from riskplatform.desk import Desk
from riskplatform.project.job_language.kinds import BacktestScorecard
from riskplatform.scheduling.context import RunContext


def work(desk: Desk, parameters: BacktestScorecard, run: RunContext) -> None:
    """All models of the register on one node, unless some are named."""
    found = desk.backtest(
        parameters.node,
        run.as_of(desk),
        confidence=parameters.confidence,
        days=parameters.days,
        window_days=parameters.window_days,
        models=parameters.models or None,
        of=parameters.of,
        with_attribution=False,
    )
    run.output("run", desk.record_backtest(found))
    run.output("recommendation", found.recommendation)
    if found.alert is not None:
        run.output("alert", found.alert.message)
        run.log(f"ALERT {found.alert.message}")
    run.coverage(found.coverage)
