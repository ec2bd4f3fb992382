"""What-ifs that are kept: one small file each in the desk's what-if/ folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from riskplatform.errors import UnknownNameError, UserInputError, nearest
from riskplatform.project.strict_yaml import Document, read_document
from riskplatform.risk.what_if import Change, changes_from
from riskplatform.risk.what_if.language import written_row

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

FOLDER = "what-if"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_SEE = "`riskplatform what-if list` shows those that are kept; `what-if run ... --save` keeps one."
_KEYS = ("title", "node", "self_financed", "changes")


@dataclass(frozen=True, slots=True)
class Kept:
    """A what-if as its file says it."""

    name: str
    title: str
    node: str | None
    self_financed: bool
    changes: tuple[Change, ...]


def folder_of(desk: Desk) -> Path:
    return desk.settings.path(FOLDER)


def save(
    desk: Desk,
    name: str,
    changes: Sequence[Change],
    *,
    node: str | None,
    title: str = "",
    self_financed: bool = True,
) -> Path:
    """Write it; a file of that name is replaced, for it is the same question asked better."""
    path = path_of(desk, name)
    whole: dict[str, Any] = {"title": title or name.replace("_", " ")}
    if node:
        whole["node"] = node
    if not self_financed:
        whole["self_financed"] = False
    whole["changes"] = [written_row(change) for change in changes]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def kept(desk: Desk, name: str) -> Kept:
    """The what-if of this name."""
    path = path_of(desk, name)
    if not path.is_file():
        raise UnknownNameError("what-if", name, names(desk), see=_SEE)
    return read(path)


def read(path: Path) -> Kept:
    """A file, wherever it lies; an error names it and the line."""
    if not path.is_file():
        raise UserInputError(f"There is no file {path}.")
    document = read_document(path)
    for key in document.data:
        if key not in _KEYS:
            near = nearest(str(key), _KEYS)
            hint = f"Did you mean {near[0]}?" if near else f"Keys are {', '.join(_KEYS)}."
            raise document.error(f"unknown key {key!r}.", key, hint=hint)
    rows = document.data.get("changes")
    if not isinstance(rows, list):
        raise document.error(
            "has no list of changes.", "changes", hint='Write "- AAPL +1000" below "changes:".'
        )
    changes: list[Change] = []
    for place, row in enumerate(rows):
        try:
            changes += changes_from([row])
        except UserInputError as error:
            raise document.error(error.message, "changes", place, hint=error.hint) from error
    return Kept(
        name=path.stem,
        title=_text(document, "title") or path.stem,
        node=_text(document, "node"),
        self_financed=_is_paid(document),
        changes=tuple(changes),
    )


def _text(document: Document, key: str) -> str | None:
    found = document.data.get(key)
    if found is not None and not isinstance(found, str):
        raise document.error(f"{key} is {found!r}, which is no text.", key)
    return found


def _is_paid(document: Document) -> bool:
    found = document.data.get("self_financed", True)
    if not isinstance(found, bool):
        raise document.error(
            f"self_financed is {found!r}.", "self_financed", hint="Write true or false."
        )
    return found


def names(desk: Desk) -> list[str]:
    """Those that are kept."""
    folder = folder_of(desk)
    return sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []


def table(desk: Desk) -> pd.DataFrame:
    """One row each; a file that cannot be read says why."""
    rows = []
    for name in names(desk):
        try:
            one = kept(desk, name)
        except UserInputError as error:
            rows.append((name, error.message, "", 0))
        else:
            rows.append((name, one.title, one.node or "", len(one.changes)))
    return pd.DataFrame(rows, columns=["name", "title", "node", "changes"])


def path_of(desk: Desk, name: str) -> Path:
    """Where a what-if of this name is kept; a name that could lead elsewhere is refused."""
    if not _NAME.fullmatch(name):
        raise UserInputError(
            f"{name!r} cannot name a what-if: small letters, digits, _ and - are accepted.",
            hint="Name it like more_energy.",
        )
    return folder_of(desk) / f"{name}.yaml"
