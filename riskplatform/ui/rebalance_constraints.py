"""Constraints while they are being written: as text, as rows of a table, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from riskplatform.errors import UserInputError, nearest
from riskplatform.optimisation.constraints.from_data import ConstraintTermError
from riskplatform.project.strict_yaml import Document, document_of

if TYPE_CHECKING:
    from riskplatform.desk.allocation_ground import Ground
    from riskplatform.optimisation.constraints.contract import Constraint

_KEY = "constraints"
_WHERE = Path("constraints")
"""Stands for a file in messages: they begin with it and the line."""

_EXAMPLE = "# - {kind: box, high: 0.05, label: at most 5 % in a line}\n"
EACH, LINES = "each line", "lines"
"""What a row of the table may be about, besides the groups of a slice."""

COLUMNS = ("about", "which", "low", "high", "label")
_BOX, _GROUP = "box", "group"
_WORDS = frozenset({"kind", "by", "of", "assets", "low", "high", "label"})


@dataclass(frozen=True, eq=False)
class Written:
    """Constraints as they are written, and where each stands in the text."""

    constraints: tuple[Mapping[str, Any], ...]
    document: Document | None = None


def text_of(constraints: Sequence[Mapping[str, Any]]) -> str:
    """One a line, as in the files of models/."""
    if not constraints:
        return f"{_KEY}:\n{_EXAMPLE}"
    lines = [
        yaml.safe_dump(
            _plain(each), default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
        ).strip()
        for each in constraints
    ]
    return f"{_KEY}:\n" + "".join(f"- {line}\n" for line in lines)


def written(text: str) -> Written:
    """What a text says; nothing at all is no constraint."""
    if not text.strip():
        return Written(())
    document = document_of(text.encode(), _WHERE)
    for key in document.data:
        if key != _KEY:
            hint = f"Did you mean {_KEY}?" if nearest(key, [_KEY]) else f"Begin with '{_KEY}:'."
            raise document.error(f"unknown key {key!r}.", key, hint=hint)
    found = document.data.get(_KEY) or []
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise document.error(f"{_KEY} is {found!r}.", _KEY, hint="Write a list of them.")
    for place, each in enumerate(found):
        if not isinstance(each, Mapping):
            raise document.error(
                f"constraint {place + 1} is {each!r}.", _KEY, place,
                hint="Write a mapping with a kind: {kind: box, high: 0.05}.",
            )  # fmt: skip
    return Written(tuple(found), document)


def constraints_on(ground: Ground, found: Written) -> tuple[Constraint, ...]:
    """On a universe; an error names the line, the constraint and the nearest word."""
    try:
        return ground.constraints()
    except ConstraintTermError as error:
        if found.document is None:
            raise
        at: tuple[str | int, ...] = (_KEY, error.place)
        if error.key is not None:
            at = (*at, error.key)
        raise found.document.error(error.message, *at, hint=error.hint) from None


def is_simple(terms: Mapping[str, Any]) -> bool:
    """Whether a row of the table says all of it: bounds of lines, or of a group of a slice."""
    if not _WORDS.issuperset(terms):
        return False
    if terms.get("kind") == _BOX:
        return not {"by", "of"} & terms.keys()
    return terms.get("kind") == _GROUP and {"by", "of"} <= terms.keys() and "assets" not in terms


def rows_of(constraints: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The simple ones as rows; bounds are in percent."""
    rows = [_row(each) for each in constraints if is_simple(each)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"low": float, "high": float})


def _row(terms: Mapping[str, Any]) -> dict[str, Any]:
    if terms["kind"] == _GROUP:
        about, which = str(terms["by"]), str(terms["of"])
    else:
        assets = terms.get("assets")
        about, which = (EACH, "") if assets is None else (LINES, ", ".join(map(str, assets)))
    return {
        "about": about, "which": which, "low": _percent(terms.get("low")),
        "high": _percent(terms.get("high")), "label": str(terms.get("label", "")),
    }  # fmt: skip


def of_rows(rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Rows that say something as constraints; a row without bounds says nothing."""
    out = []
    for row in rows:
        about, which = str(row.get("about") or EACH), str(row.get("which") or "").strip()
        bounds = {name: _share(row.get(name)) for name in ("low", "high")}
        bounds = {name: value for name, value in bounds.items() if value is not None}
        if not bounds:
            continue
        terms: dict[str, Any] = {"kind": _BOX}
        if about == LINES:
            terms["assets"] = [each.strip() for each in which.split(",") if each.strip()]
            if not terms["assets"]:
                raise UserInputError(
                    "A row about lines names none.", hint="Write their ids with commas."
                )
        elif about != EACH:
            terms = {"kind": _GROUP, "by": about, "of": which}
        label = str(row.get("label") or "").strip()
        out.append({**terms, **bounds, **({"label": label} if label else {})})
    return out


def _percent(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return round(100.0 * value, 10) if is_number else None


def _share(value: Any) -> float | None:
    """A percentage as a share; an empty cell is None or NaN."""
    return None if value is None or value != value else round(float(value) / 100.0, 12)


def _plain(terms: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in terms.items()}
