"""The blocks of the Overview page: each draws itself from one question and can fail alone."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from riskplatform.pricing.valuation import Valuation
from riskplatform.reporting import numbers
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.ui import book_figures, cards, figures, session
from riskplatform.ui.cards import Card, tone_of
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

SPANS: dict[str, int | None] = {"1M": 31, "3M": 92, "6M": 183, "1Y": 365, "3Y": 1096, "All": None}
SLICES = {
    "Asset class": "asset_class",
    "Region": "region",
    "Sector": "sector",
    "Currency": "currency",
}
_LONGEST_DAYS = 365 * 30


def remark(question: Question) -> str:
    """Unit and day, for headings."""
    return f"{question.base_currency}, as of {question.as_of}"


def headline_strip(question: Question) -> None:
    """Value, P&L of the day, leverage, cash, positions, coverage."""
    valuation = session.valuation(question)
    book = book_figures.headline(valuation)
    pnl, share = book_figures.day_pnl(_year(question))
    currency = question.base_currency
    figure, unit = numbers.compact(book.value)
    gain, gain_unit = numbers.compact(pnl, sign=True)
    coverage = valuation.coverage
    cards.strip(
        [
            Card("Value", figure, f"{unit} {currency}".strip(), numbers.amount(book.value),
                 f"Sum of all lines that have a value, in {currency}"),
            Card("P&L of the day", gain, f"{gain_unit} {currency}".strip(),
                 f"{numbers.signed_percent(share)} on {numbers.amount(book.value - pnl)}",
                 f"{numbers.signed(pnl)} {currency}: change of value that flows do not explain, "
                 "and its share of the value at the end of the market day before", tone_of(pnl)),
            _leverage("Gross leverage", book, book.gross, "Absolute values of all lines but cash"),
            _leverage("Net leverage", book, book.net, "Values of all lines but cash, signed"),
            _leverage("Notional leverage", book, book.notional,
                      "Absolute notional of all lines but cash: futures and swaps at full size"),
            Card("Cash", numbers.percent(book.times_value(book.cash)), "of value",
                 numbers.amount(book.cash), f"Held as cash in any currency, in {currency}",
                 "loss" if book.cash < 0 else ""),
            Card("Positions", numbers.amount(book.lines), "lines",
                 f"{book.instruments:,} instruments",
                 "Lines other than cash"),
            Card("Coverage", numbers.percent(coverage.share, 2), "", str(coverage),
                 "Lines that have a value, of all lines",
                 "" if coverage.is_complete else "caution"),
        ]
    )  # fmt: skip


def _leverage(label: str, book: book_figures.Headline, amount: float, explained: str) -> Card:
    return Card(
        label,
        numbers.multiple(book.times_value(amount)),
        "value",
        numbers.amount(amount),
        f"{explained}, over the value of the book",
    )


@fragment
def history_block(question: Question) -> None:
    """Value and P&L over a span that can be chosen."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        cards.heading("Value and daily P&L", remark(question))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        span = st.segmented_control(
            "Span", list(SPANS), default="1Y", key="span", label_visibility="collapsed"
        )
    days = SPANS[span or "1Y"]
    frame = _year(question) if days == SPANS["1Y"] else _history(question, days)
    st.plotly_chart(
        figures.value_history(frame, question.base_currency),
        config=CONFIG, theme=None, key="history",
    )  # fmt: skip
    uncovered = int(frame["uncovered"].max()) if len(frame) else 0
    if uncovered:
        st.caption(f"Lines without a mark, which count as nothing: up to {uncovered:,} on a day.")


def _year(question: Question) -> pd.DataFrame:
    return session.history(question, None).frame


def _history(question: Question, days: int | None) -> pd.DataFrame:
    if days is not None and days < 365:
        year = _year(question)
        return year[year["date"] >= question.as_of - timedelta(days=days)]
    start = question.as_of - timedelta(days=days or _LONGEST_DAYS)
    return session.history(question, start).frame


@fragment
def allocation_block(question: Question) -> None:
    """Long, short and net by one attribute."""
    valuation = session.valuation(question)
    cards.heading("Allocation", f"value and share, {remark(question)}")
    chosen = st.segmented_control(
        "By", list(SLICES), default="Asset class", key="slice", label_visibility="collapsed"
    )
    slice_name = SLICES[chosen or "Asset class"]
    st.plotly_chart(
        figures.allocation(valuation.by(slice_name), slice_name, question.base_currency),
        config=CONFIG, theme=None, key="allocation",
    )  # fmt: skip


def not_valued_block(question: Question) -> None:
    """What is missing from the total and why, and marks that are old; shown even when empty."""
    valuation = session.valuation(question)
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        _failures(valuation)
    with right:
        _stale(valuation, question)


def _failures(valuation: Valuation) -> None:
    failures = valuation.coverage.failures
    cards.heading("Not valued", f"{len(failures):,} of {valuation.coverage.total:,} lines")
    if not failures:
        st.caption("Every line has a value.")
        return
    rows = pd.DataFrame([failure.to_dict() for failure in failures])
    counted = rows.groupby(["subject", "reason", "message"], dropna=False).size()
    columns = [
        Column("subject", "Instrument", width=124),
        Column("lines", "Lines", "count", width=48),
        Column("reason", "Reason", width=92),
        Column("message", "What is missing"),
    ]
    table(counted.rename("lines").reset_index(), columns, key="failures", rows_shown=6)


def _stale(valuation: Valuation, question: Question) -> None:
    lines = valuation.lines
    old = lines[lines["instrument_id"].isin(valuation.stale)]
    share = old["value"].abs().sum() / max(lines["value"].abs().sum(), 1.0)
    cards.heading(
        "Stale marks", f"{len(valuation.stale):,} instruments, {share:.2%} of gross value"
    )
    if old.empty:
        st.caption("Every mark is recent enough.")
        return
    rows = old.groupby(["instrument_id", "name", "mark_date"])[["value"]].sum().reset_index()
    rows["age"] = [(question.as_of - day).days for day in rows["mark_date"]]
    columns = [
        Column("instrument_id", "Instrument", width=110),
        Column("name", "Name"),
        Column("mark_date", "Marked on", "date", width=95),
        Column("age", "Age, days", "count", width=80),
        Column("value", f"Value, {question.base_currency}", "amount", width=120),
    ]
    table(rows.sort_values("age", ascending=False), columns, key="stale", rows_shown=6)
