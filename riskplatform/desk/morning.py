"""Puts the morning report together: the book of a day beside that of the market day before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.desk.history import history_of, marked_days
from riskplatform.desk.scope import scope_of
from riskplatform.reporting.morning import MorningReport

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

# Data marks are news in the report for a week.
_QUALITY_DAYS = 7


def morning(desk: Desk, as_of: date, node: str | None) -> MorningReport:
    """The report of ``as_of`` for everything below ``node``."""
    tree = desk.portfolios()
    scope = scope_of(tree, node)
    before = desk.lake.last_date("fx", on_or_before=as_of - timedelta(days=1)) or as_of
    valuation = desk.value(as_of, node=node)
    values = valuation.lines.groupby("portfolio")["value"].sum()
    marked = marked_days(desk, before, as_of, scope)
    rows = []
    for child in dict.fromkeys(scope.child_of_leaf.values()):
        last = history_of(desk, marked, scope_of(tree, child)).frame.iloc[-1]
        pnl, flows = float(last["pnl"]), float(last["flows"])
        rows.append((child, tree.node(child).name, float(values.get(child, 0.0)), flows, pnl))
    marks = desk.quality(as_of, days=_QUALITY_DAYS)
    quality = marks.groupby(["rule", "severity"]).size().rename("marks").reset_index()
    new = desk.transactions(node=node, start=as_of, end=as_of)
    return MorningReport(
        title=f"{desk.settings.name}: {tree.node(node).name if node else 'morning report'}",
        as_of=as_of,
        previous_day=before,
        valuation=valuation,
        funds=pd.DataFrame(rows, columns=["portfolio", "name", "value", "flows", "pnl"]),
        quality=quality,
        new_transactions=len(new),
    )
