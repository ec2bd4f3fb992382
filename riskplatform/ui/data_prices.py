"""The Data page's views of prices: one series with its marks, and all marks with filters."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text
from riskplatform.ui import cards, market_figures, session
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Version
from riskplatform.ui.tables import MOST_ROWS, table

SPANS = {"3M": 92, "1Y": 365, "3Y": 1096, "All": 365 * 60}
_QUALITY_SPANS = {"1M": 31, "3M": 92, "1Y": 365, "3Y": 1096}
_MARK_COLUMNS = [
    Column("severity", "Severity", width=80),
    Column("date", "Day", "date", width=95),
    Column("subject_id", "Instrument", width=140),
    Column("rule", "Rule", width=130),
    Column("message", "What was found"),
]


@fragment
def series_block(version: Version, as_of: date) -> None:
    """The prices of one instrument as delivered and as repaired."""
    names = session.instrument_names(version)
    priced = [name for name in session.priced_ids(version, as_of) if name in names]
    if not priced:
        st.caption("No instrument of the desk has a price.")
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            "Instrument", priced, key="instrument", bind="query-params", width=520,
            help="Type to search by id", label_visibility="collapsed",
        )  # fmt: skip
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        span = st.segmented_control(
            "Span", list(SPANS), default="1Y", key="price-span", label_visibility="collapsed"
        )
    days = SPANS[span or "1Y"]
    instrument = names[chosen]
    prices = session.price_history(version, chosen, as_of - timedelta(days=days), as_of)
    marks = session.quality(version, as_of, _QUALITY_SPANS.get(span or "1Y", 1096))
    marks = marks[marks["subject_id"] == chosen]
    cards.heading(
        f"{instrument.name}",
        f"{chosen}, {instrument.kind}, in {instrument.currency}, {len(prices):,} days to {as_of}",
    )
    figure = market_figures.price_history(prices, marks, instrument.currency)
    st.plotly_chart(figure, config=CONFIG, theme=None, key="price-chart")
    if marks.empty:
        st.caption("There is no quality mark on this series in the span.")
    else:
        table(marks, _MARK_COLUMNS, key="series-marks", rows_shown=6)


@fragment
def quality_block(version: Version, as_of: date) -> None:
    """All marks of a span, filtered by severity, rule and instrument."""
    one, two, three, four = st.columns([1.3, 2, 2, 1.6], vertical_alignment="bottom")
    with four:
        span = st.segmented_control("Span", list(_QUALITY_SPANS), default="1Y", key="mark-span")
    marks = session.quality(version, as_of, _QUALITY_SPANS[span or "1Y"])
    with one:
        severities = st.multiselect(
            "Severity", ["error", "warning", "info"], key="severity", placeholder="All"
        )
    with two:
        rules = st.multiselect("Rule", sorted(set(marks["rule"])), key="rule", placeholder="All",
                               format_func=in_words)  # fmt: skip
    with three:
        wanted = st.text_input("Instrument contains", key="mark-instrument")
    found = filter_marks(marks, severities, rules, wanted)
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        cards.heading(
            "Quality marks",
            f"{min(len(found), MOST_ROWS):,} of {len(found):,}, worst and newest first; marks are "
            "flags, prices are never changed in place",
        )
    with right:
        st.download_button(
            "Download CSV", lambda: csv_text(found).encode(), key="marks-csv", mime="text/csv",
            file_name=f"quality-{as_of}.csv", on_click="ignore", width="stretch",
        )  # fmt: skip
    counts, rows = st.columns([1, 3], gap="medium")
    with counts:
        by_rule = found.groupby(["rule", "severity"]).size().rename("marks").reset_index()
        columns = [
            Column("rule", "Rule"),
            Column("severity", "Severity", width=75),
            Column("marks", "Marks", "count", width=65),
        ]
        ordered = by_rule.sort_values("marks", ascending=False)
        table(ordered, columns, key="mark-counts", rows_shown=15)
    with rows:
        table(found, _MARK_COLUMNS, key="marks", rows_shown=15)


def in_words(rule: str) -> str:
    """The name of a rule as people say it."""
    return rule.replace("_", " ")


def filter_marks(
    marks: pd.DataFrame, severities: list[str], rules: list[str], wanted: str
) -> pd.DataFrame:
    """The marks that fit; an empty filter lets all pass."""
    kept = pd.Series(True, index=marks.index)
    if severities:
        kept &= marks["severity"].isin(severities)
    if rules:
        kept &= marks["rule"].isin(rules)
    if wanted.strip():
        folded = marks["subject_id"].str.casefold()
        kept &= folded.str.contains(wanted.strip().casefold(), regex=False)
    return marks[kept]
