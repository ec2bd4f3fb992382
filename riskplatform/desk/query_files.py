"""Questions that are kept: one small file each in the desk's queries/ folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.errors import RiskPlatformError, UnknownNameError, UserInputError
from riskplatform.project.query_language import Query, read_query
from riskplatform.project.query_language.text import yaml_text
from riskplatform.risk.what_if import Change, changes_from

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

FOLDER = "queries"
_SEE = "`riskplatform query list` shows those that are kept; `ask ... --save NAME` keeps one."
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def path_of(desk: Desk, name: str) -> Path:
    """Where a question of this name is kept; a name that could lead elsewhere is refused."""
    if not _NAME.fullmatch(name):
        raise UserInputError(
            f"{name!r} cannot name a question: small letters, digits, _ and - are accepted.",
            hint="Name it like energy_in_a_crash.",
        )
    return desk.settings.path(FOLDER) / f"{name}.yaml"


def save(desk: Desk, name: str, query: Query) -> Path:
    """Write it; a file of that name is replaced, for it is the same question asked better."""
    path = path_of(desk, name)
    changes_of(query)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml_text(query), encoding="utf-8")
    return path


def kept(desk: Desk, name: str) -> Query | None:
    """The question of this name; none where none is kept under it."""
    if not _NAME.fullmatch(name):
        return None
    path = path_of(desk, name)
    return read_query(path) if path.is_file() else None


def named(desk: Desk, name: str) -> Query:
    """The question of this name, or a complaint that there is none."""
    found = kept(desk, name)
    if found is None:
        raise UnknownNameError("question", name, names(desk), see=_SEE)
    return found


def names(desk: Desk) -> list[str]:
    """Those that are kept."""
    folder = desk.settings.path(FOLDER)
    return sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []


def table(desk: Desk) -> pd.DataFrame:
    """One row each; a file that cannot be read says why."""
    rows = []
    for name in names(desk):
        try:
            one = named(desk, name)
            changes_of(one)
        except RiskPlatformError as error:
            rows.append((name, str(error), "", "", 0, 0))
        else:
            measures, nodes = ", ".join(one.measures), ", ".join(one.nodes)
            rows.append((name, one.title, measures, nodes, len(one.scenarios), len(one.changes)))
    columns = ["name", "title", "measures", "nodes", "scenarios", "changes"]
    return pd.DataFrame(rows, columns=columns)


def changes_of(query: Query) -> list[Change]:
    """The changes of a question; what is wrong is named with its line."""
    found: list[Change] = []
    for place, row in enumerate(query.changes):
        try:
            found += changes_from([row])
        except UserInputError as error:
            if query.document is None or "changes" not in query.document.data:
                raise
            raise query.document.error(error.message, "changes", place, hint=error.hint) from error
    return found
