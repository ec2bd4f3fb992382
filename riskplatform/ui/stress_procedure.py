"""Stress of procedure on the Scenarios page: what could be done if one could not trade as usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.errors import MissingDataError
from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards
from riskplatform.ui.cards import Card
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.risk.book import RiskBook
    from riskplatform.stress.procedure import ProcedureResult

LIQUIDITY, CLOSED, STALE, GAPS = (
    "Zero liquidity", "Exchange closed", "Stale prices", "Gap through stops",
)  # fmt: skip
_MOST_CARDS = 6


@st.cache_resource(show_spinner="Valuing everything that is held", max_entries=3)
def _book(question: Question) -> RiskBook:
    return question.desk.risk_book(question.as_of, scenarios=["historical"], with_exposures=True)


@fragment
def procedure_block(question: Question) -> None:
    """One of four tests; its answer in a few numbers, and its worst lines."""
    left, right = st.columns([1, 1.6], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        test = st.segmented_control(
            "Test", [LIQUIDITY, CLOSED, STALE, GAPS], key="procedure-test",
            label_visibility="collapsed",
        )  # fmt: skip
    with left:
        cards.heading("Procedure", f"what could be done, {remark(question)}")
    if test is None:
        st.caption("Choose a test: could the book be sold, hedged, trusted and stopped?")
        return
    whole = Question(question.version, None, question.as_of, question.base_currency)
    found = _asked(question, _book(whole), test)
    cards.strip(_cards(found)[:_MOST_CARDS])
    rows = found.to_frame()
    if rows.empty:
        st.caption("No line is concerned.")
        return
    table(rows, _columns(found), key=f"procedure-{test}", rows_shown=10)
    for note in found.notes:
        st.caption(note)
    cards.provenance_line(found.provenance)


def _asked(question: Question, book: RiskBook, test: str) -> ProcedureResult:
    desk, node = question.desk, question.node
    one, two = st.columns(2)
    if test == LIQUIDITY:
        with one:
            left = st.slider("Volume that is left, %", 0, 100, 10, key="procedure-volume")
        with two:
            share = st.slider("Of it ours, %", 1, 100, 20, key="procedure-share")
        return desk.zero_liquidity(
            node, volume_left=left / 100, participation=share / 100, state=book
        )
    if test == CLOSED:
        names = sorted(set(book.attributes["exchange"].dropna().astype(str)) - {""})
        if not names:
            raise MissingDataError(
                "No instrument that is held has an exchange.", hint="Give them tags with one."
            )
        with one:
            exchange = st.selectbox("Exchange", names, key="procedure-exchange")
        with two:
            days = st.slider("Days that it is closed", 1, 20, 5, key="procedure-days")
        return desk.exchange_closed(str(exchange), node, closed_days=float(days), state=book)
    if test == STALE:
        with one:
            days = st.slider("Older than so many weekdays", 0, 20, 1, key="procedure-age")
        return desk.stale_prices(node, older_than_days=float(days), state=book)
    with one:
        stop = st.slider("Stop of shares, %", 1, 50, 8, key="procedure-stop")
    with two:
        gap = st.slider("Gap, %", 1, 90, 20, key="procedure-gap")
    return desk.gap_through_stops({"equity": stop / 100}, gap / 100, node, state=book)


def _cards(found: ProcedureResult) -> list[Card]:
    strip = []
    for name, value in found.summary.items():
        words = name.replace("_", " ").capitalize()
        if name.endswith("share") or name.startswith("share_"):
            strip.append(Card(words, numbers.percent(value, 1), ""))
        elif "days" in name or name in ("correlation_with_rest", "best_hedge", "lines_stopped"):
            strip.append(Card(words, numbers.significant(value), ""))
        else:
            figure, unit = numbers.compact(value)
            strip.append(Card(words, figure, f"{unit} {found.provenance.base_currency}".strip()))
    return strip


def _columns(found: ProcedureResult) -> list[Column]:
    """Names as text, the rest as amounts; shares and days with their decimals."""
    kinds = {"stop": "percent", "gap": "percent", "days": "rate", "age_days": "rate"}
    texts = ("instrument_id", "asset_class", "stuck", "stale", "stopped")
    return [
        Column(
            name,
            name.removesuffix("_id").replace("_", " ").capitalize(),
            "text" if name in texts else kinds.get(name, "amount"),
            width=200 if name == "instrument_id" else None,
        )
        for name in found.lines.columns
        if name not in ("stuck", "stale")
    ]
