"""Puts the morning report together: the book of a day beside that of the market day before."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.history import below, previous_day
from riskplatform.market.lookup import attempt
from riskplatform.reporting.morning import MorningReport

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

# Data marks are news in the report for a week.
_QUALITY_DAYS = 7


def morning(desk: Desk, as_of: date, node: str | None, *, with_risk: bool) -> MorningReport:
    """The report of ``as_of`` for everything below ``node``."""
    from riskplatform.desk.morning_risk import morning_risk

    marks = desk.quality(as_of, days=_QUALITY_DAYS)
    before = previous_day(desk, as_of)
    risk = attempt(lambda: morning_risk(desk, as_of, before, node)) if with_risk else None
    return MorningReport(
        title=f"{desk.settings.name}: {node or 'morning report'}",
        as_of=as_of,
        previous_day=before,
        valuation=desk.value(as_of, node=node),
        funds=below(desk, as_of, node),
        quality=marks.groupby(["rule", "severity"]).size().rename("marks").reset_index(),
        new_transactions=len(desk.transactions(node=node, start=as_of, end=as_of)),
        risk=risk,
    )
