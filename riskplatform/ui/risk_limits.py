"""How the limits of a node and all below it stand, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.reporting.columns import Column
from riskplatform.ui import cards
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.risk.limits import LimitReport


@st.cache_resource(show_spinner="Measuring limits", max_entries=12)
def limits(question: Question) -> LimitReport | None:
    """None where there are no limits in force."""
    desk = question.desk
    if not desk.limits(question.as_of, node=question.node):
        return None
    return desk.check_limits(question.as_of, node=question.node)


@fragment
def limits_block(question: Question) -> None:
    """Red, not measured, amber, green; the most used first."""
    found = limits(question)
    if found is None:
        cards.heading("Limits", "none are in force here")
        return
    counts = ", ".join(f"{count} {light}" for light, count in found.counts.items() if count)
    cards.heading("Limits", f"{len(found)}: {counts}, {remark(question)}")
    frame = found.to_frame().set_index("limit_id")
    rows = frame.loc[[check.limit.limit_id for check in found.worst_first()]].reset_index()
    rows["measure"] = rows["measure"].str.replace("_", " ")
    table(rows, _COLUMNS, key="limits", rows_shown=8)


_COLUMNS = [
    Column("light", "Light", "light", width=96),
    Column("limit_id", "Limit", width=164),
    Column("node", "Portfolio", width=88),
    Column("measure", "Measure", width=104),
    Column("of", "Of", width=142),
    Column("value", "Value", "rate", width=100),
    Column("soft", "Soft", "rate", width=100),
    Column("hard", "Hard", "rate", width=100),
    Column("unit", "Unit", width=72),
    Column("utilisation", "Used", "percent", "Of the hard limit", 58),
    Column("subject", "Largest", width=114),
    Column("owner", "Owner", width=120),
    Column("reason", "Why not measured"),
]
