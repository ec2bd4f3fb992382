"""The Simulation page's results: which cube is open, and what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from riskplatform.reporting import numbers
from riskplatform.simulation.weights import effective_sample_size
from riskplatform.ui import cards, simulation_data
from riskplatform.ui.cards import Card
from riskplatform.ui.markdown import literal
from riskplatform.ui.session import Question
from riskplatform.ui.simulation_build import TO_OPEN
from riskplatform.ui.simulation_makers import title_of

_CUBE, _BEFORE = "cube", "_simulation-cube"
_SHORT = 12


def choose_cube(question: Question) -> str | None:
    """The cube that the page shows: of the day asked about; the one just built, or the newest of
    what may happen over days rather than of stress, which has no distribution."""
    known = simulation_data.cubes(question.version.folder)
    done = known[known["status"] == simulation_data.DONE]
    today = done[done["as_of"] == question.as_of.isoformat()]
    if today.empty:
        cards.heading("Gains in scenarios", f"no cube is built as of {question.as_of}")
        others = sorted(set(done["as_of"]), reverse=True)
        days = f" There are cubes of {', '.join(others[:5])}." if others else ""
        st.caption(f"Choose scenarios above and press Build.{days}")
        return None
    rows = in_order(simulation_data.rows_of(today))
    names = {str(row["cube_id"])[:_SHORT]: row for row in rows}
    _settle(names)
    left, right = st.columns([1.3, 1], vertical_alignment="bottom")
    with left:
        cards.heading(
            "Gains in scenarios", f"as of {question.as_of}, full revaluation of each unit"
        )
    with right:
        chosen: str = st.selectbox(
            "Cube", [*names], key=_CUBE, label_visibility="collapsed",
            format_func=lambda name: simulation_data.label_of(names[name]),
        )  # fmt: skip
    st.session_state[_BEFORE] = chosen
    if st.query_params.get(_CUBE) != chosen:
        st.query_params[_CUBE] = chosen
    return str(names[chosen]["cube_id"])


def in_order(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of scenarios over days before those of stress; otherwise as they were."""
    return sorted(rows, key=lambda row: int(row["horizon_days"]) == 0)


def _settle(names: Mapping[str, Any]) -> None:
    """Which cube the selector shows: the one just built, just chosen, or that of the link.

    The link always names it, so that a copy shows the same cube when there are newer ones.
    """
    state, before = st.session_state, st.session_state.get(_BEFORE)
    was_moved = _CUBE in state and state[_CUBE] != before
    asked = st.query_params.get(_CUBE)
    if asked and asked not in names and not was_moved and asked != before:
        st.warning(literal(f"The cube {asked[:_SHORT]} of the link is not here for this day."))
    built = str(state.pop(TO_OPEN, ""))[:_SHORT]
    wanted = [built, state.get(_CUBE) if was_moved else asked, before]
    state[_CUBE] = next((name for name in wanted if name in names), next(iter(names)))


def headline_strip(question: Question, cube_id: str) -> None:
    """What the cube is."""
    cards.strip(headline(question, cube_id))


def headline(question: Question, cube_id: str) -> list[Card]:
    """Scenarios, precision, instruments, horizon, coverage, size, id."""
    rows = simulation_data.rows_of(simulation_data.cubes(question.version.folder))
    known = next(row for row in rows if row["cube_id"] == cube_id)
    found = simulation_data.cube(question.version.folder, cube_id)
    coverage, effective = found.coverage, effective_sample_size(found.weights)
    size, unit = simulation_data.size_text(known["size_bytes"]).split(" ")
    short, horizon = simulation_data.SHORT, int(known["horizon_days"])
    return [
        Card("Scenarios", numbers.amount(len(found.labels)), "", title_of(known["maker"])),
        Card("Effective sample size", numbers.amount(effective), "scenarios",
             "equally weighted", "So many equally weighted scenarios would be as precise"),
        Card("Horizon", numbers.amount(horizon), "day" if horizon == 1 else "days", "trading days"),
        Card("Instruments", numbers.amount(len(found.instrument_ids)), "",
             f"in {len(set(found.currencies)):,} currencies", "Units that the cube has a row for"),
        Card("Coverage", numbers.percent(coverage.share, 2), "of instruments", str(coverage),
             "Instruments held anywhere that have gains in every scenario, of all",
             "" if coverage.is_complete else "caution"),
        Card("Size on disk", size, unit, f"cube {cube_id[:8]}, {len(found.cube.row_ids):,} rows",
             f"Cube {cube_id[:short]} of scenario set {found.key['scenario_set'][:short]}, "
             "4 bytes a number"),
    ]  # fmt: skip
