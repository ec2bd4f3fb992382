"""The Overview's tables of what is below a node: portfolios, contributors to P&L, holdings."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from riskplatform.reporting.export import csv_text
from riskplatform.ui import book_figures, cards, figures, selectors, session
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import MOST_ROWS, Column, table

_HOLDING_COLUMNS = [
    "portfolio_id", "instrument_id", "name", "asset_class", "currency", "quantity", "mark",
    "mark_date", "value", "share", "notional",
]  # fmt: skip


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
        Column("value", f"Value, {currency}", "amount", width=130),
        Column("share", "Share", "percent", "Of the value of the node above", 70),
        Column("pnl", f"P&L, {currency}", "signed", "P&L of the day", 115),
        Column("pnl_share", "P&L, %", "signed_percent", "Of the value the day before", 75),
        Column("flows", f"Flows, {currency}", "signed", "Put in or taken out on the day", 105),
        Column("lines", "Lines", "count", width=65),
        Column("failed", "Not valued", "count", width=80),
    ]
    ids = list(rows["portfolio"])

    def open_row(place: int) -> None:
        selectors.open_portfolio(ids[place])

    table(rows, columns, key=f"children-{question.node}", rows_shown=12, on_row=open_row)


def _children(question: Question) -> pd.DataFrame:
    tree = session.portfolios(question.version)
    totals = session.valuation(question).by("portfolio").set_index("portfolio")
    before = previous_day(question)
    rows = []
    for child, total in totals.iterrows():
        below = Question(question.version, str(child), question.as_of, question.base_currency)
        last = session.history(below, before).frame.iloc[-1]
        pnl, flows = float(last["pnl"]), float(last["flows"])
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
    return pd.DataFrame(rows)


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
        config=figures.CONFIG, theme=None, key="contributors",
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


@fragment
def holdings_block(question: Question) -> None:
    """The largest lines, searchable; the download has all that were found."""
    lines = _holdings(question)
    left, middle, right = st.columns([5, 3, 1.1], vertical_alignment="bottom")
    with middle:
        wanted = st.text_input(
            "Search", key="holding-search", label_visibility="collapsed",
            placeholder="Search instrument, name or portfolio",
        )  # fmt: skip
    found = search(lines, wanted)
    with left:
        shown = min(len(found), MOST_ROWS)
        cards.heading(
            "Largest holdings",
            f"{shown:,} of {len(found):,} lines by size, {remark(question)}",
        )
    with right:
        st.download_button(
            "Download CSV", lambda: csv_text(found).encode(), key="holdings-csv", mime="text/csv",
            file_name=f"holdings-{question.node or 'all'}-{question.as_of}.csv", on_click="ignore",
            width="stretch", help=f"All {len(found):,} lines found",
        )  # fmt: skip
    currency = question.base_currency
    columns = [
        Column("instrument_id", "Instrument", width=130),
        Column("name", "Name"),
        Column("portfolio_id", "Portfolio", width=130),
        Column("asset_class", "Class", width=85),
        Column("currency", "Ccy", width=50),
        Column("quantity", "Quantity", "quantity", "Units, signed", 105),
        Column("mark", "Mark", "price", "In the instrument's currency and quotation", 95),
        Column("mark_date", "Marked on", "date", width=90),
        Column("value", f"Value, {currency}", "amount", width=120),
        Column("share", "Share", "percent", "Of the value of the node", 65),
        Column("notional", f"Notional, {currency}", "amount", width=125),
    ]
    table(found, columns, key="holdings", rows_shown=14)


def _holdings(question: Question) -> pd.DataFrame:
    valuation = session.valuation(question)
    lines = valuation.lines
    share = lines["value"] / valuation.total if valuation.total else float("nan")
    size = lines[["value", "notional"]].abs().max(axis=1).rename("size")
    order = size.sort_values(ascending=False, na_position="last").index
    return lines.assign(share=share).loc[order, _HOLDING_COLUMNS]


def search(lines: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """The lines in which every word appears in the instrument, its name or the portfolio."""
    text = lines["instrument_id"] + " " + lines["name"] + " " + lines["portfolio_id"]
    text = text.str.casefold()
    found = pd.Series(True, index=lines.index)
    for word in wanted.casefold().split():
        found &= text.str.contains(word, regex=False)
    return lines[found]
