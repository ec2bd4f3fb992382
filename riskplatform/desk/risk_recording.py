"""Keeps the risk of a day in the lake's runs, with the figures of every node."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from riskplatform.risk.node_risk import OtherMeasures
from riskplatform.risk.risk_report import RiskReport

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MESSAGE = "risk "
_FIGURES = ("method", "var", "es", "volatility", "var_low", "var_high", "es_low", "es_high")
_OF_NODES = (
    "portfolio_id", "volatility", "var", "es", "volatility_component", "var_component",
    "es_component",
)  # fmt: skip


def record_risk(desk: Desk, found: RiskReport) -> str:
    """Write a report as a run and return its id; a run already there stays."""
    provenance = found.provenance
    run_id = provenance.run_id
    if len(desk.lake.read("runs", where={"run_id": run_id})):
        return run_id
    whole = provenance.coverage.is_complete and not found.failures
    with desk.lake.batch(message=f"{MESSAGE}{run_id}") as batch:
        batch.record_run(
            run_id,
            kind="risk",
            as_of=provenance.as_of,
            base_currency=provenance.base_currency,
            model_id=provenance.model_id,
            inputs=provenance.inputs,
            summary=_summary(found),
            status="complete" if whole else "incomplete",
            recorded_at=desk.now(),
        )
    return run_id


def _summary(found: RiskReport) -> dict[str, Any]:
    """Plain JSON: what is not known, or has no bound, is None."""
    return {
        "node": found.node,
        "confidence": found.question.confidence,
        "horizon_days": found.question.horizon_days,
        "sets": [
            {
                "scenario_set": each.view,
                "scenarios": each.scenarios,
                "figures": [
                    {name: _number(row[name]) for name in _FIGURES}
                    for row in (figures.to_row() for figures in each.methods.figures)
                ],
                "measures": (
                    {name: _number(value) for name, value in each.measures.to_dict().items()}
                    if isinstance(each.measures, OtherMeasures)
                    else None
                ),
            }
            for each in found.sets
        ],
        "failures": [failure.to_dict() for failure in found.failures],
        "nodes": _nodes(found),
        "coverage": {
            "done": found.provenance.coverage.done,
            "failures": [each.to_dict() for each in found.provenance.coverage.failures],
        },
    }


def _nodes(found: RiskReport) -> dict[str, Any] | None:
    """Of the tree, over the horizon of its scenarios; components are in the risk of the whole."""
    if found.tree is None:
        return None
    rows = found.tree.to_frame()[list(_OF_NODES)].to_dict("records")
    return {
        "scenario_set": found.tree.view,
        "horizon_days": found.tree.horizon_days,
        "rows": [{str(name): _number(value) for name, value in row.items()} for row in rows],
    }


def _number(value: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value
    return float(value) if math.isfinite(value) else None
