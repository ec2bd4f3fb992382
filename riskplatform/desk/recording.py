"""Keeps results in the lake, each under its run id, so that a report can be looked up later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskplatform.pricing.exposures.book import Exposures
from riskplatform.pricing.exposures.measures import MEASURES
from riskplatform.stress.result import StressResult

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


def record_exposures(desk: Desk, found: Exposures) -> str:
    """Write the exposures of units as a run and return its id; a run already there stays."""
    provenance = found.provenance
    run_id = provenance.run_id
    if len(desk.lake.read("runs", where={"run_id": run_id})):
        return run_id
    rows = found.units.to_frame()
    tenor = rows["years"].map(lambda years: "" if years != years else f"@{years:.6g}")
    rows["factor_id"] = rows["factor_id"] + tenor
    rows["unit"] = [MEASURES[name].unit(found.base_currency) for name in rows["measure"]]
    rows = rows.drop(columns="years").assign(run_id=run_id, currency=found.base_currency)
    with desk.lake.batch(message=f"exposures {run_id}") as batch:
        batch.write("exposures", rows)
        batch.record_run(
            run_id,
            kind="exposures",
            as_of=provenance.as_of,
            base_currency=provenance.base_currency,
            model_id=provenance.model_id,
            snapshot_id=int(provenance.inputs["lake snapshot"]),
            inputs=provenance.inputs,
            summary={**found.totals(), "covered_share": found.covered_share},
            status="complete" if provenance.coverage.is_complete else "incomplete",
            recorded_at=desk.now(),
        )
    return run_id


def record_stress(desk: Desk, found: StressResult) -> str:
    """Write the gains of a stress run as a run and return its id; a run already there stays."""
    from riskplatform.desk.snapshots import market_snapshot

    provenance = found.provenance
    run_id = provenance.run_id
    if len(desk.lake.read("runs", where={"run_id": run_id})):
        return run_id
    with desk.lake.batch(message=f"stress {run_id}") as batch:
        batch.record_run(
            run_id,
            kind="stress",
            as_of=provenance.as_of,
            base_currency=provenance.base_currency,
            model_id=provenance.model_id,
            snapshot_id=market_snapshot(desk.lake),
            inputs=provenance.inputs,
            summary={
                name: float(gain) for name, gain in zip(found.labels, found.total(), strict=True)
            },
            status="complete" if provenance.coverage.is_complete else "incomplete",
            recorded_at=desk.now(),
        )
    return run_id
