"""Questions in words on the Scenarios page: measures of nodes, in scenarios, with trades."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.errors import RiskPlatformError
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment, show_problem
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

if TYPE_CHECKING:
    from riskplatform.desk.asking import AskSession
    from riskplatform.stress.answer import Answer

_HELP = (
    "MEASURES of NODES in SCENARIOS by SLICE at CONFIDENCE over SET with CHANGES. Scenarios are "
    "ids, ids with parameters as equity_down_20(fall=-30 %), regulatory, all, or shocks such as "
    "{equity: {sector: Energy}, move: -20 %}. Changes are as on the What-if page, with ; between."
)
_MOST_FILES = 200


@st.cache_resource(show_spinner="Holding the book ready", max_entries=3)
def _session(question: Question) -> AskSession:
    return question.desk.ask_session(question.as_of)


def session_of(question: Question) -> AskSession:
    """The book held ready; all nodes share it."""
    return _session(Question(question.version, None, question.as_of, question.base_currency))


@fragment
def ask_block(question: Question) -> None:
    """A line, or a kept question; its answer; and keeping it."""
    cards.heading("Ask", f"in words, {remark(question)}")
    names = _kept(question)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    node = f" of {question.node}" if question.node else ""
    with right:
        chosen = st.selectbox(
            "Kept", names, index=None, key="ask-kept", placeholder="A kept question"
        )
    with left:
        text = st.text_input(
            "Question", key="ask-text", help=_HELP,
            placeholder=f"gain, es{node} in equity_down_20 by sector",
        )  # fmt: skip
    asked = str(text or chosen or "").strip()
    if not asked:
        st.caption("Such as: gain in crash_1987, {rates: all, parallel: +50 bp} by portfolio")
        return
    try:
        found = session_of(question).ask(asked)
    except RiskPlatformError as error:
        show_problem(error)
        return
    _answer(found)
    if text:
        _keep(question, asked)


def _answer(found: Answer) -> None:
    rows = found.to_frame()
    hidden = {name for name in ("scenario", "group") if (rows[name] == "").all()}
    if not found.changes:
        hidden |= {"base", "difference"}
    table(rows, [c for c in _COLUMNS if c.name not in hidden], key="ask-answer", rows_shown=14)
    for note in found.notes:
        st.caption(note)
    cards.provenance_line(found.provenance)


_COLUMNS = [
    Column("node", "Portfolio", width=130),
    Column("scenario", "Scenario", width=200),
    Column("measure", "Measure", width=100),
    Column("group", "Group", width=160),
    Column("value", "Answer", "signed", "With the changes, where there are some", 140),
    Column("base", "As it is", "signed", width=140),
    Column("difference", "Difference", "change", width=130),
    Column("unit", "Unit", width=110),
    Column("origin", "From", width=220),
]


def _kept(question: Question) -> list[str]:
    folder = Path(question.version.folder) / "queries"
    return sorted(path.stem for path in folder.glob("*.yaml"))[:_MOST_FILES]


def _keep(question: Question, asked: str) -> None:
    name, save = st.columns([3, 1], vertical_alignment="bottom")
    with name:
        wanted = st.text_input("Keep as", key="ask-name", placeholder="energy_in_a_crash")
    with save:
        if st.button("Keep", key="ask-save", width="stretch", disabled=not wanted):
            try:
                path = question.desk.save_query(wanted, asked)
            except RiskPlatformError as error:
                show_problem(error)
            else:
                st.toast(f"Kept as {path.name}.")
