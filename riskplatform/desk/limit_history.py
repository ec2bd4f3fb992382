"""Checks of limits kept in the lake's runs, and the breaches that they tell of."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from riskplatform.risk.limits import Light, LimitCheck, LimitReport
from riskplatform.risk.limits.history import BreachHistory, PastCheck, breach_history
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

KIND = MESSAGE = "limits"


def record_limits_check(desk: Desk, report: LimitReport) -> str:
    """Write a check as a run and return its id; a run already there stays."""
    provenance = report.provenance
    run_id = provenance.run_id
    if len(desk.lake.read("runs", where={"run_id": run_id})):
        return run_id
    with desk.lake.batch(message=f"{MESSAGE} {run_id}") as batch:
        batch.record_run(
            run_id,
            kind=KIND,
            as_of=provenance.as_of,
            base_currency=provenance.base_currency,
            model_id=provenance.model_id,
            inputs=provenance.inputs,
            summary={
                "counts": report.counts,
                "limits": [_kept(check) for check in report.checks],
            },
            status="complete" if report.is_complete else "incomplete",
            recorded_at=desk.now(),
        )
    return run_id


def breaches(desk: Desk, since: date | None, until: date | None = None) -> BreachHistory:
    """Of the last check kept of each day from ``since`` to ``until``."""
    where: dict[str, Any] = {"kind": KIND}
    if since is not None or until is not None:
        where["as_of"] = Between(since or date.min, until or date.max - timedelta(days=1))
    runs = desk.lake.read("runs", where=where).sort_values(["as_of", "recorded_at"])
    # One check may be of some nodes only: each limit keeps what was last said of it that day.
    found: dict[date, dict[str, PastCheck]] = {}
    for row in runs.to_dict("records"):
        day = row["as_of"].date() if hasattr(row["as_of"], "date") else row["as_of"]
        told = found.setdefault(day, {})
        for each in json.loads(row["summary"])["limits"]:
            told[each["limit_id"]] = _past(each, day)
    return breach_history({day: told.values() for day, told in found.items()})


def _kept(check: LimitCheck) -> dict[str, Any]:
    row = check.to_dict()
    names = ("limit_id", "node", "measure", "light", "value", "utilisation", "soft", "hard",
             "unit", "reason")  # fmt: skip
    return {name: _number(row[name]) for name in names}


def _number(value: Any) -> Any:
    """JSON knows no endless number: a use without end is kept as none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _past(kept: dict[str, Any], day: date) -> PastCheck:
    return PastCheck(
        limit_id=kept["limit_id"],
        node=kept["node"],
        measure=kept["measure"],
        as_of=day,
        light=Light(kept["light"]),
        utilisation=kept["utilisation"],
        value=kept["value"],
    )
