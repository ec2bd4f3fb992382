"""The largest holdings of a node, by instrument or line by line, searchable, for download."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text
from riskplatform.ui import cards, session
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import MOST_ROWS, table

BY_INSTRUMENT, BY_LINE = "By instrument", "By line"
_INSTRUMENT = ["instrument_id", "name", "asset_class", "currency", "mark", "mark_date"]
_SUMMED = ["quantity", "value", "notional"]


@fragment
def holdings_block(question: Question) -> None:
    """Search, table and download; the download has all that were found."""
    valuation = session.valuation(question)
    left, how, words, load = st.columns([4.2, 2, 2.6, 1.2], vertical_alignment="bottom")
    with how:
        grouping = st.segmented_control(
            "Show", [BY_INSTRUMENT, BY_LINE], default=BY_INSTRUMENT, key="holding-grouping",
            label_visibility="collapsed",
        )  # fmt: skip
    with words:
        wanted = st.text_input(
            "Search", key="holding-search", label_visibility="collapsed",
            placeholder="Search instrument, name, portfolio",
        )  # fmt: skip
    lines = search(valuation.lines, wanted)
    found = largest(lines, valuation.total, is_by_line=grouping == BY_LINE)
    with left:
        what = "lines" if grouping == BY_LINE else "instruments"
        cards.heading(
            "Largest holdings",
            f"{min(len(found), MOST_ROWS):,} of {len(found):,} {what}, {remark(question)}",
        )
    with load:
        st.download_button(
            "Download CSV", lambda: csv_text(found).encode(), key="holdings-csv", mime="text/csv",
            file_name=f"holdings-{question.node or 'all'}-{question.as_of}.csv", on_click="ignore",
            width="stretch", help=f"All {len(found):,} {what} found",
        )  # fmt: skip
    table(found, _columns(question.base_currency), key="holdings", rows_shown=14)


def _columns(currency: str) -> list[Column]:
    return [
        Column("instrument_id", "Instrument", width=130),
        Column("name", "Name", width=225),
        Column("portfolio", "Portfolio", width=110),
        Column("asset_class", "Class", width=82),
        Column("currency", "Ccy", width=46),
        Column("quantity", "Quantity", "quantity", "Units, signed", 108),
        Column("mark", "Mark", "price", "In the instrument's currency and quotation", 78),
        Column("mark_date", "Marked on", "date", width=84),
        Column("value", f"Value, {currency}", "amount", width=108),
        Column("share", "Share", "percent", "Of the value of the node", 56),
        Column("notional", f"Notional, {currency}", "amount", width=112),
    ]


def largest(lines: pd.DataFrame, total: float, *, is_by_line: bool) -> pd.DataFrame:
    """Holdings by size, which is the larger of value and notional; those without a value last."""
    rows = lines.rename(columns={"portfolio_id": "portfolio", "portfolio": "child"})
    if not is_by_line:
        rows = _by_instrument(rows)
    size = rows[["value", "notional"]].abs().max(axis=1)
    share = rows["value"] / total if total else float("nan")
    order = size.sort_values(ascending=False, na_position="last", kind="stable").index
    columns = [column.name for column in _columns("")]
    return rows.assign(share=share).loc[order, columns]


def _by_instrument(lines: pd.DataFrame) -> pd.DataFrame:
    """One row for each instrument; a sum of which a part is not known is not known."""
    groups = lines.groupby("instrument_id", sort=False)
    rows = lines.drop_duplicates("instrument_id").set_index("instrument_id", drop=False)
    rows = rows[_INSTRUMENT]
    is_known = groups[_SUMMED].count().eq(groups.size(), axis=0)
    sums = groups[_SUMMED].sum().where(is_known)
    names = groups["portfolio"].agg(["first", "nunique"])
    several = names["nunique"].map("{:,} portfolios".format)
    portfolio = names["first"].where(names["nunique"] == 1, several)
    return rows.join(sums).assign(portfolio=portfolio).reset_index(drop=True)


def search(lines: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """The lines in which every word appears in the instrument, its name or the portfolio."""
    text = lines["instrument_id"] + " " + lines["name"] + " " + lines["portfolio_id"]
    text = text.str.casefold()
    found = pd.Series(True, index=lines.index)
    for word in wanted.casefold().split():
        found &= text.str.contains(word, regex=False)
    return lines[found]
