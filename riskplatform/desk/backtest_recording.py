"""Keeps backtests in the lake's runs, so that it can be shown what was known when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskplatform.risk.backtests.attribution import Attribution
from riskplatform.risk.backtests.result import BacktestResult

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MESSAGE = "backtest "


def record_backtest(desk: Desk, found: BacktestResult) -> str:
    """Write a backtest as a run and return its id; a run already there stays."""
    provenance = found.provenance
    run_id = provenance.run_id
    if len(desk.lake.read("runs", where={"run_id": run_id})):
        return run_id
    zone = found.attribution.zone if isinstance(found.attribution, Attribution) else None
    summary = {
        "node": found.node,
        "of": found.history.kind.value,
        "recommendation": found.recommendation,
        "champion": found.card.champion,
        "alert": None if found.alert is None else found.alert.to_dict(),
        "attribution": None if zone is None else zone.value,
        "models": found.to_frame().to_dict("records"),
    }
    with desk.lake.batch(message=f"{MESSAGE}{run_id}") as batch:
        batch.record_run(
            run_id,
            kind="backtest",
            as_of=provenance.as_of,
            base_currency=provenance.base_currency,
            model_id=provenance.model_id,
            inputs=provenance.inputs,
            summary=summary,
            status="complete" if provenance.coverage.is_complete else "incomplete",
            recorded_at=desk.now(),
        )
    return run_id
