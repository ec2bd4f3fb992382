"""The Exposures page: headline sensitivities, what is not covered, models against marks."""

from __future__ import annotations

import streamlit as st

from riskplatform.pricing.exposures.book import Exposures
from riskplatform.pricing.exposures.measures import MEASURES, SHOWN
from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.reporting.exposure_tables import coverage_words
from riskplatform.ui import cards, session
from riskplatform.ui.cards import Card
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

GAPS = {"0.1%": 0.001, "1%": 0.01, "5%": 0.05, "20%": 0.2}


def headline_strip(question: Question) -> None:
    """The measures that every desk asks for first, and how much of the book is in them."""
    cards.strip(headline(session.exposures(question)))


def headline(found: Exposures) -> list[Card]:
    """One card for each measure, the last for coverage."""
    totals = found.totals()
    return [*(_card(name, totals[name], found.base_currency) for name in SHOWN), _coverage(found)]


def _card(name: str, total: float, currency: str) -> Card:
    measure = MEASURES[name]
    figure, unit = numbers.compact(total)
    return Card(
        measure.title,
        figure,
        f"{unit} {currency}".strip(),
        f"{numbers.amount(total)} {measure.per}",
        f"{numbers.amount(total)} {measure.unit(currency)}. Moves: {measure.bump}. "
        f"Found by: {measure.method}.",
    )


def _coverage(found: Exposures) -> Card:
    coverage = found.provenance.coverage
    return Card(
        "Coverage",
        numbers.percent(coverage.share, 2),
        "of lines",
        f"{numbers.percent(found.covered_share, 2)} of gross value",
        coverage_words(found),
        "" if coverage.is_complete else "caution",
    )


def not_covered_block(question: Question) -> None:
    """What has no sensitivities, why, and how much of the book it is; shown even when empty."""
    found = session.exposures(question)
    rows = found.not_covered()
    coverage = found.provenance.coverage
    missing = coverage.total - coverage.done
    cards.heading(
        "Not covered",
        f"{missing:,} of {coverage.total:,} lines, {remark(question)}",
    )
    if rows.empty:
        st.caption("Every line has its sensitivities.")
        return
    columns = [
        Column("instrument_id", "Instrument", width=150),
        Column("name", "Name", width=190),
        Column("lines", "Lines", "count", width=48),
        Column("share", "Share", "percent",
               "Of gross value by marks; unknown where there is no mark either", 52),
        Column("reason", "Reason", width=96),
        Column("message", "What is missing"),
    ]  # fmt: skip
    table(rows, columns, key="not-covered", rows_shown=8)


@fragment
def gaps_block(question: Question) -> None:
    """Where a model says another value than the mark: a hint at terms, quotes or the model."""
    found = session.exposures(question)
    left, right = st.columns([2.3, 1], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        least = st.segmented_control(
            "Least gap", list(GAPS), default="1%", key="least-gap", label_visibility="collapsed",
            help="Least gap, as a share of the value by marks",
        )  # fmt: skip
    rows = found.gaps(GAPS[least or "1%"])
    with left:
        cards.heading(
            "Model against mark",
            f"{len(rows):,} instruments away by {least or '1%'} or more, {remark(question)}",
        )
    if rows.empty:
        st.caption("No model is that far from its mark.")
        return
    currency = question.base_currency
    columns = [
        Column("instrument_id", "Instrument", width=220),
        Column("kind", "Kind", width=100),
        Column("value", f"Mark, {currency}", "amount", "Value by marks", 110),
        Column("model_value", f"Model, {currency}", "amount", "Value by the model", 110),
        Column("gap", f"Gap, {currency}", "signed", "Model less mark", 110),
        Column("gap_share", "Gap, %", "percent", "Of the value by marks", 80),
        Column("name", "Name"),
    ]
    table(rows, columns, key="gaps", rows_shown=8)
