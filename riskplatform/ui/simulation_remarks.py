"""What must be said beside the gains: what has no row, what stands still, notes of the set."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from riskplatform.domain.outcome import Failure
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, session, simulation_data
from riskplatform.ui.markdown import literal
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

_LISTED = 10


def missing_block(question: Question, cube_id: str) -> None:
    """What the node holds that has no gains, and why; shown even when empty."""
    coverage = simulation_data.coverage(question, cube_id)
    failures = coverage.failures
    cards.heading("Without gains", f"{len(failures):,} of {coverage.total:,} instruments held here")
    if not failures:
        st.caption("Every instrument held here has gains in every scenario.")
        return
    known = session.instrument_names(question.version)
    names = {str(each.subject): known[each.subject].name for each in failures
             if each.subject in known}  # fmt: skip
    lines = [missing_words(each, names) for each in failures[:_LISTED]]
    more = len(failures) - _LISTED
    if more > 0:
        lines.append(f"{more:,} more, listed in the Excel download of the gains")
    st.caption("\n".join(f"- {literal(line)}" for line in lines))


def missing_words(failure: Failure, names: Mapping[str, str]) -> str:
    """One instrument without gains: its name, the kind of reason, what is missing."""
    name = names.get(str(failure.subject), str(failure.subject))
    return f"{name}: {failure.reason.value}. {failure.message}"


def still_block(question: Question, cube_id: str) -> None:
    """Prices that do not move in these scenarios, and rates that are meant to stand."""
    rows = simulation_data.still(simulation_data.cube(question.version.folder, cube_id))
    suspects = sum(is_suspect for _, is_suspect in rows)
    cards.heading("Standing still", f"{suspects:,} prices or numbers without a history")
    if not rows:
        st.caption("Everything that held things depend on moves in these scenarios.")
        return
    frame = pd.DataFrame(rows, columns=["name", "suspect"])
    frame["remark"] = [
        "should move: it has no history" if each else "has no moves in the history"
        for each in frame["suspect"]
    ]
    columns = [Column("name", "Number", width=190), Column("remark", "Remark")]
    table(frame, columns, key="still", rows_shown=6)


def notes_block(question: Question, cube_id: str) -> None:
    """What had to be said while the scenarios were made."""
    found = simulation_data.cube(question.version.folder, cube_id)
    notes = [str(note) for note in found.cube.notes["scenario_set"]["notes"]]
    cards.heading("Notes of the scenario set", f"set {found.key['scenario_set'][:16]}")
    if not notes:
        st.caption("There is nothing to note.")
        return
    st.caption("\n".join(f"- {literal(note)}" for note in notes))
