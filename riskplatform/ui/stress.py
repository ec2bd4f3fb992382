"""The Scenarios page: the library ranked by loss, one scenario in detail, scenarios × books."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from riskplatform.reporting import numbers, stress_charts
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.columns import Column
from riskplatform.stress.result import StressResult
from riskplatform.ui import cards, stress_data
from riskplatform.ui.cards import Card
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

_CHOSEN = "scenario-chosen"
_MOST_ROWS_OF_HEAT = 25


def headline_strip(question: Question) -> None:
    """The worst scenario of each kind, and how many scenarios lose."""
    found = stress_data.results(question)
    rows, currency = found.to_frame(), question.base_currency
    strip = []
    for kind, part in rows.groupby("kind", sort=False):
        worst = part.iloc[0]
        figure, unit = numbers.compact(worst["gain"], sign=True)
        strip.append(
            Card(f"Worst {kind}", figure, f"{unit} {currency}".strip(), worst["title"],
                 f"{numbers.signed(worst['gain'])} {currency} in {worst['scenario_id']}",
                 cards.tone_of(worst["gain"]))
        )  # fmt: skip
    losing = int((rows["gain"] < 0).sum())
    strip.append(Card("Scenarios that lose", numbers.amount(losing), f"of {len(rows)}"))
    coverage = found.provenance.coverage
    strip.append(
        Card("Coverage", numbers.percent(coverage.share, 2), "", f"{coverage} in the numbers",
             "; ".join(failure.message for failure in coverage.failures[:5]),
             "" if coverage.is_complete else "caution")
    )  # fmt: skip
    cards.strip(strip)


def library_block(question: Question) -> None:
    """The library at the left, worst first; the scenario that is clicked on at the right."""
    found = stress_data.results(question)
    kinds = list(dict.fromkeys(each.kind for each in found.scenarios))
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        cards.heading("Library, worst first", f"full revaluation, {remark(question)}")
        kind = st.segmented_control(
            "Kind", kinds, key="scenario-kind", label_visibility="collapsed",
            format_func=str.capitalize,
        )  # fmt: skip
        rows = found.to_frame()
        rows = rows[rows["kind"] == kind] if kind else rows
        ids = list(rows["scenario_id"])
        bands = _BAND_COLUMNS if rows["low"].notna().any() else []
        table(
            rows, [*_LIBRARY_COLUMNS, *bands], key="scenarios", rows_shown=18,
            on_row=lambda place: st.session_state.update({_CHOSEN: ids[place]}), by="single-cell",
        )  # fmt: skip
    with right:
        chosen = st.session_state.get(_CHOSEN)
        scenario = chosen if chosen in found.labels else found.labels[found.worst_first()[0]]
        _detail(question, found, scenario)


_LIBRARY_COLUMNS = [
    Column("scenario_id", "Id", is_hidden=True),
    Column("title", "Scenario", width=256),
    Column("gain", "P&L", "signed", "By full revaluation, haircuts included", 102),
    Column("kind", "Kind", width=82),
    Column("when", "When", width=152),
]


_BAND_COLUMNS = [
    Column("low", "Low", "signed", "A twentieth of the outcomes of what is inferred is below", 110),
    Column("high", "High", "signed", "A twentieth of them is above", 110),
    Column("distance", "Sigmas", "rate", "Distance of the shock by the covariance", 70),
    Column("beyond", "Beyond", "percent", "Chance of a shock further in its direction", 80),
]


def _detail(question: Question, found: StressResult, scenario_id: str) -> None:
    place = found.labels.index(scenario_id)
    line, currency = found.scenarios[place], question.base_currency
    known = stress_data.library(question).scenarios.get(scenario_id)
    cards.heading(line.title, f"{line.kind}, {line.when}" if line.when else line.kind)
    if known is not None:
        st.text(known.description)
    if words := found.band_words(scenario_id):
        st.caption(words)
    by = st.segmented_control(
        "By", [BY_CLASS, BY_BOOK, BY_FACTOR], default=BY_CLASS, key="waterfall-by",
        label_visibility="collapsed",
    )  # fmt: skip
    parts = _parts(question, found, scenario_id, by or BY_CLASS)
    st.plotly_chart(
        stress_charts.waterfall(parts, currency), config=CONFIG, theme=None, key="waterfall"
    )
    if by == BY_FACTOR:
        st.caption("Each sort of factor moved alone; together is what they gain beyond that.")
    if known is not None and known.path:
        steps = found.path(scenario_id)
        st.caption(
            "After each step: "
            + ", ".join(numbers.signed(float(gain)) for gain in steps["gain"]) + f" {currency}"
        )  # fmt: skip
    with st.expander("Moves, source and remarks"):
        if known is not None:
            for shock in known.everything():
                st.text(str(shock))
            if known.source:
                st.caption(f"Source: {known.source}")
        for note in line.notes:
            st.caption(note)


BY_CLASS, BY_BOOK, BY_FACTOR = "By asset class", "By book", "By factor"


def _parts(question: Question, found: StressResult, scenario_id: str, by: str) -> pd.Series:
    """What the node's gain is made of; all parts add up to it."""
    if by == BY_FACTOR:
        return stress_data.parts(question, scenario_id).series()
    place = found.labels.index(scenario_id)
    if by == BY_BOOK:
        names, titles = _books(question, found)
        return pd.Series(found.by_node().loc[names].iloc[:, place].to_numpy(), index=titles)
    parts = pd.Series(found.by_group[:, place], index=list(found.groups))
    haircut = float(found.total()[place] - found.by_group[:, place].sum())
    if abs(haircut) >= 0.5:
        parts["Haircuts"] = haircut
    return parts


def _books(question: Question, found: StressResult) -> tuple[list[str], list[str]]:
    """The portfolios just below the node, or itself, and what people call them."""
    tree, here = question.desk.portfolios(), found.node
    children = [node for node in tree.children(here) if node in found.nodes] if here else []
    names = children or [here]
    return names, [tree.node(name).name if name in tree else "All" for name in names]


@fragment
def heat_block(question: Question) -> None:
    """Which books lose in which scenarios."""
    found = stress_data.results(question)
    cards.heading(
        "Scenarios × books",
        f"the {min(len(found.labels), _MOST_ROWS_OF_HEAT)} worst of {len(found.labels)}, "
        f"{remark(question)}",
    )
    names, titled = _books(question, found)
    worst = found.worst_first()[:_MOST_ROWS_OF_HEAT]
    gains = found.by_node().loc[names].iloc[:, worst].T
    gains.columns = titled
    if names != [found.node]:
        gains["Total"] = found.total()[worst]
    titles = [found.scenarios[place].title for place in worst]
    st.plotly_chart(
        stress_charts.heat(gains, titles, question.base_currency), config=CONFIG, theme=None,
        key="scenario-heat",
    )  # fmt: skip


def broken_block(question: Question) -> None:
    """Files that cannot be used, each with file, line and the word that is wrong."""
    failures = stress_data.library(question).failures
    if not failures:
        return
    cards.heading("Files that cannot be used", f"{len(failures)} of the desk's scenario files")
    for failure in failures:
        st.text(failure.message)
