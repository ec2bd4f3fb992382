"""The Overview's blocks about what is below a node: portfolios, and who made the day's P&L."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.ui import book_figures, cards, figures, selectors, session
from riskplatform.ui.overview import remark
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table


def has_children(question: Question) -> bool:
    """Whether there are portfolios below the node."""
    tree = session.portfolios(question.version)
    return question.node is None or bool(tree.children(question.node))


def children_block(question: Question) -> None:
    """The portfolios just below; a click on a row goes there."""
    rows = _children(question)
    cards.heading("Portfolios", f"{remark(question)}; select a row to open it")
    currency = question.base_currency
    columns = [
        Column("name", "Portfolio"),
        Column("value", f"Value, {currency}", "amount", width=108),
        Column("share", "Share", "percent", "Of the value of the node above", 58),
        Column("pnl", f"P&L, {currency}", "signed", "P&L of the day", 92),
        Column("pnl_share", "P&L, %", "signed_percent", "Of the value the day before", 66),
        Column("flows", f"Flows, {currency}", "signed", "Put in or taken out on the day", 82),
        Column("lines", "Lines", "count", width=56),
        Column("failed", "Failed", "count", "Lines without a value", 56),
    ]
    ids = list(rows["portfolio"])

    def open_row(place: int) -> None:
        selectors.open_portfolio(ids[place])

    table(rows, columns, key=f"children-{question.node}", rows_shown=12, on_row=open_row)


def _children(question: Question) -> pd.DataFrame:
    tree = session.portfolios(question.version)
    totals = session.valuation(question).by("portfolio").set_index("portfolio")
    days = {day["portfolio"]: day for day in session.below(question).to_dict("records")}
    rows = []
    for child, total in totals.iterrows():
        pnl, flows = days[child]["pnl"], days[child]["flows"]
        start = total["value"] - pnl - flows
        rows.append(
            {
                "portfolio": child,
                "name": tree.node(str(child)).name,
                **total[["value", "share", "lines", "failed"]],
                "pnl": pnl,
                "flows": flows,
                "pnl_share": pnl / start if start > 0 else None,
            }
        )
    names = ["portfolio", "name", "value", "share", "lines", "failed", "pnl", "flows", "pnl_share"]
    return pd.DataFrame(rows, columns=names)


def previous_day(question: Question) -> date:
    """The market day before the one asked for, or that day itself at the beginning of time."""
    days: list[date] = list(session.history(question, None).frame["date"])
    return days[-2] if len(days) > 1 else days[-1]


def contributors_block(question: Question) -> None:
    """Who made and who lost the day's money."""
    before = previous_day(question)
    cards.heading("Contributors to the day's P&L", f"{question.base_currency}, since {before}")
    st.plotly_chart(
        figures.contributors(_contributions(question, before), question.base_currency),
        config=CONFIG, theme=None, key="contributors",
    )  # fmt: skip


def _contributions(question: Question, before: date) -> pd.DataFrame:
    earlier = Question(question.version, question.node, before, question.base_currency)
    pnl, _ = book_figures.day_pnl(session.history(question, None).frame)
    return book_figures.contributions(
        session.valuation(question).lines,
        session.valuation(earlier).lines,
        session.transactions_after(question, before),
        pnl,
    )
