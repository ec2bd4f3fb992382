"""Keeps backtests in the lake's runs, so that it can be shown what was known when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from riskplatform.errors import MissingDataError
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


def last_light(desk: Desk, node: str) -> str:
    """The traffic light of the model in use, by the last backtest of the node or one above it."""
    runs = desk.lake.read("runs", where={"kind": "backtest"}).sort_values("recorded_at")
    told = [json.loads(text) for text in runs["summary"]]
    by_node = {each["node"]: each for each in told}
    tree, at = desk.portfolios(), node
    while at not in by_node:
        above = tree.node(at).parent_id
        if above is None:
            raise MissingDataError(
                f"no backtest of {node} or above it is on record",
                hint="Run `riskplatform risk backtest`.",
            )
        at = above
    summary = by_node[at]
    for row in summary["models"]:
        if row["model"] == summary["champion"] and row["light"]:
            return str(row["light"])
    raise MissingDataError(f"the last backtest of {at} has no light for the model in use")
