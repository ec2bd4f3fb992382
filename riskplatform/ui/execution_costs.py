"""The Execution page: what trading of a day cost, and what that is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.execution.tca import PARTS
from riskplatform.reporting import execution_charts, numbers
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.export import csv_text
from riskplatform.ui import cards, execution_data
from riskplatform.ui.cards import Card
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question

if TYPE_CHECKING:
    from riskplatform.execution.tca import TcaReport

_MOST_FAILURES = 3
_BY = {"Instrument": "instrument", "Plan": "parent", "Portfolio": "portfolio", "Algorithm":
       "algorithm", "Side": "side"}  # fmt: skip
_HELP = {
    "delay": "From the price decided on to the market when the first order was sent",
    "timing": "How the market moved until each order was sent",
    "impact": "What orders paid beyond the market that they met",
    "opportunity": "Of what nobody traded, by the day's close",
    "fees": "Paid to the venue",
}


@fragment
def costs_block(question: Question) -> None:
    """Implementation shortfall of a day of the venue, split into its parts."""
    found = execution_data.trading(question.version)
    if not found.days:
        return
    left, right = st.columns([1, 2.2], vertical_alignment="bottom")
    with (
        right,
        st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"),
    ):
        by = st.segmented_control(
            "By", list(_BY), default="Instrument", key="execution-costs-by",
            label_visibility="collapsed",
        )  # fmt: skip
        day = st.selectbox("Day", found.days, key="execution-day", width=130,
                           format_func=numbers.day, label_visibility="collapsed")  # fmt: skip
        # While orders are open the answer changes all the time, and takes seconds.
        is_wanted = st.toggle(
            "Work out", key="execution-costs", value=not found.blotter.working,
            help="Off while orders are open, because it takes seconds each time something fills",
        )  # fmt: skip
    with left:
        cards.heading("Trading costs", f"shortfall against what was decided, {numbers.day(day)}")
    if not is_wanted:
        st.caption("Not worked out while orders are open, unless you ask for it.")
        return
    report = execution_data.costs(question, day)
    cards.strip(headline(report))
    frame = report.to_frame(_BY[by or "Instrument"])
    st.plotly_chart(
        execution_charts.shortfall_parts(frame, PARTS, report.provenance.base_currency),
        config=CONFIG, theme=None, key="execution-shortfall",
    )  # fmt: skip
    if words := against_market(report):
        st.caption(literal(words))
    failures = report.provenance.coverage.failures
    if failures:
        lines = [literal(failure.message) for failure in failures[:_MOST_FAILURES]]
        more = len(failures) - len(lines)
        st.caption("  \n".join([*lines, *([f"and {more:,} more"] if more else [])]))
    st.download_button(
        "Download CSV", csv_text(frame), file_name=f"costs-{day}.csv", mime="text/csv",
        key="execution-costs-csv", on_click="ignore",
    )  # fmt: skip


def against_market(report: TcaReport) -> str:
    """The executions against what the market did, and who told that; positive is a cost."""
    found = {"arrival": "arrival", "vwap": "the market's average", "close": "the close"}
    known = [
        f"{numbers.signed(bp, 1)} bp against {words}"
        for name, words in found.items()
        if (bp := report.total.against_bp(name)) is not None
    ]
    if not known:
        return ""
    told = "; ".join(report.sources_told())
    return f"Executions: {', '.join(known)}. Parents by source: {told}."


def headline(report: TcaReport) -> list[Card]:
    """The whole and its parts, in money and in basis points of what was decided."""
    total, currency = report.total, report.provenance.base_currency

    def card(label: str, cost: float, bp: float | None, help_: str) -> Card:
        figure, unit = numbers.compact(cost)
        share = "" if bp is None else f"{numbers.signed(bp, 1)} bp"
        more = f"{help_}; {numbers.signed(cost, 2)} {currency}, positive is a cost"
        return Card(label, figure, f"{unit} {currency}".strip(), share, more)

    return [
        card("Shortfall", float(total.shortfall), total.shortfall_bp,
             f"Of {total.executions:,} executions, against the prices decided on"),
        *(card(name.capitalize(), float(total.parts[name]), total.part_bp(name), _HELP[name])
          for name in PARTS),
    ]  # fmt: skip
