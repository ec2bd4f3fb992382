"""What the gate said of orders, from the journal, and releases of lines that it stopped."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.desk.executing import gate_rules
from riskplatform.domain.orders import Side
from riskplatform.errors import UnknownNameError
from riskplatform.execution.gate import Found, Release, Verdict
from riskplatform.execution.gate.releases import record_release
from riskplatform.execution.order_journal import DECISIONS

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

COLUMNS = (
    "at", "verdict", "portfolio_id", "instrument_id", "side", "asked", "quantity", "checks",
    "reason", "client_order_id",
)  # fmt: skip


def decisions_table(
    desk: Desk, since: date | None, until: date | None, verdict: str | None
) -> pd.DataFrame:
    """One row per decision, in their order. ``checks`` are those that did not simply pass."""
    known = [each.value for each in Verdict]
    if verdict is not None and verdict not in known:
        raise UnknownNameError("verdict of the gate", verdict, known)
    rows = []
    for each in desk.ledger.journal.since(0, stream=DECISIONS):
        body = each.body
        # A gate of another kind may say less; what has no time and no outcomes is not this one's.
        if not {"at", "outcomes"} <= set(body):
            continue
        if verdict is not None and body["verdict"] != verdict:
            continue
        at = pd.Timestamp(body["at"])
        if (since and at.date() < since) or (until and at.date() > until):
            continue
        rows.append(_row(body, at))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def release_line(
    desk: Desk, portfolio_id: str, instrument_id: str, side: str, reason: str, person: str | None
) -> Release:
    """Let a line that repeated itself too often go on, in the name of a person."""
    sides = [each.value for each in Side]
    if side not in sides:
        raise UnknownNameError("side", side, sides)
    return record_release(
        desk.ledger.journal,
        desk.portfolios().node(portfolio_id).portfolio_id,
        instrument_id,
        Side(side),
        person=person or desk.settings.actor,
        reason=reason,
        at=desk.now(),
        rule=gate_rules(desk).repeats,
    )


def _row(body: Any, at: pd.Timestamp) -> tuple[Any, ...]:
    passed = Found.PASSED.value
    checks = dict.fromkeys(each["check"] for each in body["outcomes"] if each["found"] != passed)
    return (
        at, body["verdict"], body["portfolio_id"], body["instrument_id"], body["side"],
        float(body["asked"]), float(body["quantity"]), ", ".join(checks), body["reason"],
        body["client_order_id"],
    )  # fmt: skip
