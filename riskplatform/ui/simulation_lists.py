"""The kept cubes and scenario sets with their sizes, and the removal of cubes, which asks first."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from riskplatform.desk.cube_tables import Pruned
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, session, simulation_data
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment
from riskplatform.ui.simulation_makers import title_of
from riskplatform.ui.tables import table

_SAID = "_simulation-removed"


@fragment
def cubes_block(folder: str, opened: str | None) -> None:
    """Every cube, the newest first; interrupted ones say how many rows are done."""
    rows = simulation_data.cubes(folder)
    left, right = st.columns([3, 1.3], vertical_alignment="bottom")
    with left:
        size = simulation_data.size_text(rows["size_bytes"].sum())
        cards.heading("Kept cubes", f"{len(rows):,}, {size} on disk")
    if len(rows):
        with right, st.popover("Remove old cubes", width="stretch"):
            _removal(folder, opened, len(rows))
    if said := st.session_state.pop(_SAID, None):
        st.caption(literal(said))
    if rows.empty:
        st.caption("There is none yet.")
        return
    columns = [
        Column("id", "Cube", width=70),
        Column("status", "Status", width=76),
        Column("made_by", "Scenarios made by", width=172),
        Column("as_of", "As of", width=82),
        Column("scenarios", "Scenarios", "count", width=68),
        Column("horizon_days", "Days", "count", "Horizon", 42),
        Column("coverage", "Coverage", "text", "Instruments; rows where interrupted", 98),
        Column("size", "Size", width=60),
        Column("built", "Built, UTC", width=108),
    ]
    table(listed(rows, "cube_id"), columns, key="cubes", rows_shown=8)


def sets_block(folder: str) -> None:
    """Every scenario set."""
    rows = simulation_data.sets(folder)
    size = simulation_data.size_text(rows["size_bytes"].sum())
    cards.heading("Kept scenario sets", f"{len(rows):,}, {size} on disk")
    if rows.empty:
        st.caption("There is none yet.")
        return
    columns = [
        Column("id", "Set", width=76),
        Column("made_by", "Made by", width=190),
        Column("as_of", "As of", width=82),
        Column("scenarios", "Scenarios", "count", width=72),
        Column("factors", "Factors", "count", width=60),
        Column("horizon_days", "Days", "count", "Horizon", 42),
        Column("seed", "Seed", width=80),
        Column("size", "Size", width=68),
    ]
    table(listed(rows, "scenario_set"), columns, key="sets", rows_shown=8)


def listed(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Ids short, makers by their titles, sizes in words, moments to the minute."""
    if "seed" in rows:
        rows = rows.assign(seed=rows["seed"].map("{:.0f}".format, na_action="ignore"))
    if "created_at" in rows:
        rows = rows.assign(built=rows["created_at"].map("{:%Y-%m-%d %H:%M}".format))
    return rows.assign(
        id=rows[name].str[:8],
        made_by=[title_of(each if isinstance(each, str) else None) for each in rows["maker"]],
        size=rows["size_bytes"].map(simulation_data.size_text),
    )


def _removal(folder: str, opened: str | None, count: int) -> None:
    """What would go, and the button that removes exactly that."""
    desk = session.open_desk(folder)
    keep = st.number_input(
        "Keep the newest", 0, max(count, 3), 3, key="prune-keep",
        help="The cube that is open stays too; parts of stopped builds go",
    )  # fmt: skip
    planned = desk.prune_cubes(int(keep), [opened] if opened else [], rehearse=True)
    st.caption(literal(plan_words(planned)))
    if st.button(
        "Remove for good", key="prune-go", type="primary", disabled=not planned.removed,
        width="stretch",
    ):  # fmt: skip
        # What was said to stay is named, so that nothing goes that was not shown.
        gone = desk.prune_cubes(int(keep), planned.kept)
        size = simulation_data.size_text(gone.freed_bytes)
        st.session_state[_SAID] = f"Removed {len(gone.removed):,}, {size} freed."
        st.rerun()


def plan_words(planned: Pruned) -> str:
    """What a removal would do, before it is done."""
    if not planned.removed:
        return f"Nothing would go: {len(planned.kept):,} stay."
    some = ", ".join(name[:8] for name in planned.removed[:8])
    more = f" and {len(planned.removed) - 8} more" if len(planned.removed) > 8 else ""
    return (
        f"{len(planned.removed):,} would go ({some}{more}), freeing "
        f"{simulation_data.size_text(planned.freed_bytes)}; {len(planned.kept):,} stay. They can "
        "be built again."
    )
