"""What the Simulation page is answered by the desk, remembered while nothing has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.simulation.nodes import standing
from riskplatform.ui import session
from riskplatform.ui.session import Question
from riskplatform.ui.simulation_makers import title_of

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.cube_profits import Profits
    from riskplatform.simulation.cube import UnitCube

DONE = "done"
SHORT = 16
# A rate that stands still may be meant to, a price never is; a basis is meant to.
_PRICES = ("spot.", "price.", "fx.")


def cubes(folder: str) -> pd.DataFrame:
    """Every cube, finished and interrupted; read anew only when the folder has changed."""
    store = session.open_desk(folder).cubes
    parts = store.list_partial()
    if parts:  # these grow while they are built
        return session.open_desk(folder).cubes_table()
    return _cubes(folder, tuple(store.list()))


@st.cache_resource(show_spinner=False, max_entries=4)
def _cubes(folder: str, names: tuple[str, ...]) -> pd.DataFrame:
    return session.open_desk(folder).cubes_table()


def sets(folder: str) -> pd.DataFrame:
    """Every scenario set that is kept."""
    return _sets(folder, session.open_desk(folder).scenario_sets.list())


@st.cache_resource(show_spinner=False, max_entries=4)
def _sets(folder: str, names: tuple[str, ...]) -> pd.DataFrame:
    return session.open_desk(folder).scenario_sets_table()


@st.cache_resource(show_spinner=False, max_entries=6)
def cube(folder: str, cube_id: str) -> UnitCube:
    """A finished cube; its numbers stay in the file until they are read."""
    return session.open_desk(folder).open_cube(cube_id)


@st.cache_resource(show_spinner="Adding up the gains of the book", max_entries=12)
def profits(question: Question, cube_id: str, by: str | None = "asset_class") -> Profits:
    """Gains of the node's groups in each scenario, as held on the cube's day."""
    found = cube(question.version.folder, cube_id)
    return question.desk.cube_profits(found, node=question.node, by=by)


@st.cache_resource(show_spinner=False, max_entries=12)
def held(question: Question) -> frozenset[str]:
    """The instruments that the node holds on the day asked about."""
    lines = question.desk.positions(question.as_of, node=question.node)
    return frozenset(str(name) for name in lines["instrument_id"])


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Each row by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def label_of(row: Mapping[str, Any]) -> str:
    """What a cube is called where one is chosen."""
    return (
        f"{title_of(row['maker'])}, {int(row['scenarios']):,} scenarios, "
        f"{days(int(row['horizon_days']))}, {row['cube_id'][:8]}"
    )


def days(count: int) -> str:
    """1 day, 10 days."""
    return f"{count:,} day" if count == 1 else f"{count:,} days"


def missing(question: Question, cube_id: str) -> list[Failure]:
    """What the node holds and the cube has no gains of, each with the reason."""
    found = cube(question.version.folder, cube_id)
    reasons = {failure.subject: failure for failure in found.failures}
    return [reasons.get(name, _since(name)) for name in profits(question, cube_id).missing]


def _since(name: str) -> Failure:
    return Failure(
        FailureReason.MISSING_DATA,
        "The cube was built before this was held or known; build it again.",
        name,
    )


def coverage(question: Question, cube_id: str) -> Coverage:
    """Instruments of the node whose gains are in the numbers, and those that are not."""
    lacking = missing(question, cube_id)
    return Coverage(max(len(held(question)) - len(lacking), 0), tuple(lacking))


def still(found: UnitCube) -> list[tuple[str, bool]]:
    """Numbers that held things depend on and no scenario moves: prices first.

    True for those that should move: a price, or anything that had no history.
    """
    lacking = found.cube.notes["scenario_set"]["coverage"]["failures"]
    unknown = {failure["subject"] for failure in lacking}
    names = standing(found.cube.notes["still"])
    rows = [(name, name.startswith(_PRICES) or name in unknown) for name in names]
    return sorted(rows, key=lambda row: not row[1])


def provenance(question: Question, cube_id: str) -> Provenance:
    """Where the gains on the page come from."""
    found = cube(question.version.folder, cube_id)
    recipe = found.cube.notes["scenario_set"]["recipe"]
    return Provenance(
        as_of=question.as_of,
        base_currency=question.base_currency,
        model_id=f"unit P&L cube, {recipe['maker']}",
        inputs={
            "cube": cube_id[:SHORT],
            "scenario set": str(found.key["scenario_set"])[:SHORT],
            "market": str(found.key["snapshot_hash"])[:SHORT],
            "ledger": question.version.ledger_recorded,
            "portfolio": question.node or "all",
        },
        coverage=coverage(question, cube_id),
    )


def size_text(size_bytes: float) -> str:
    """Bytes in the unit that keeps the number short."""
    size, units = float(size_bytes), ("bytes", "kB", "MB", "GB", "TB")
    for unit in units:
        if size < 1000 or unit == units[-1]:
            break
        size /= 1000
    return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
