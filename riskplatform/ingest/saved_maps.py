"""Column maps kept as YAML, found again by the fingerprint of a file's headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import yaml

from riskplatform.errors import UnknownNameError, UserInputError, nearest
from riskplatform.ingest.columns import ColumnMap, fingerprint

_PROPOSAL_ONLY = frozenset({"confidence", "ambiguous", "unmapped"})
_DEFAULTS = {f.name: f.default for f in fields(ColumnMap) if f.default is not MISSING}
_KEYS = tuple(f.name for f in fields(ColumnMap) if f.name not in _PROPOSAL_ONLY)
_TABLES = frozenset({"columns", "constants", "portfolios"})
_MAX_BYTES = 1_000_000


def save_map(column_map: ColumnMap, path: Path | str) -> Path:
    """Write the map; what equals its default is left out."""
    file = Path(path)
    document = {
        key: dict(value) if key in _TABLES else value
        for key in _KEYS
        if (value := getattr(column_map, key)) not in (None, {}) and value != _DEFAULTS.get(key)
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


def load_map(path: Path | str) -> ColumnMap:
    """Read a map; an unknown key is an error that names the file."""
    file = Path(path)
    document = _document(file)
    for key in document:
        if key not in _KEYS:
            near = nearest(str(key), _KEYS)
            raise UserInputError(
                f"{file.name}: there is no key {str(key)!r} in a column map.",
                hint=f"Did you mean {near[0]}?" if near else f"Keys: {', '.join(_KEYS)}.",
            )
    for key in ("what", "columns"):
        if key not in document:
            raise UserInputError(f"{file.name}: a column map needs the key {key!r}.")
    for key, value in document.items():
        _check_type(file.name, key, value)
    try:
        return ColumnMap(**document)
    except (UnknownNameError, UserInputError) as error:
        raise UserInputError(f"{file.name}: {error.message}", hint=error.hint) from None


def _document(file: Path) -> dict[str, Any]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UserInputError(f"{file.name} cannot be read: {error.strerror}.") from None
    if len(data) > _MAX_BYTES:
        raise UserInputError(f"{file.name} is too large for a column map.")
    try:
        document = yaml.safe_load(data.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = str(error).replace("\n", " ")
        raise UserInputError(f"{file.name} is not readable YAML: {reason}.") from None
    if not isinstance(document, dict):
        raise UserInputError(f"{file.name} does not hold a column map.")
    return document


def _check_type(file: str, key: str, value: Any) -> None:
    if key in _TABLES:
        right = isinstance(value, dict) and all(
            isinstance(k, str) and isinstance(v, str) for k, v in value.items()
        )
        accepted = "a table of text to text (put numbers in quotation marks)"
    elif key == "true_duplicates":
        right, accepted = isinstance(value, bool), "true or false"
    else:
        right, accepted = isinstance(value, str), "text"
    if not right:
        raise UserInputError(f"{file}: {key} must be {accepted}.")


def load_maps(folder: Path | str) -> tuple[ColumnMap, ...]:
    """All maps of a folder, in the order of their names; an absent folder holds none."""
    return tuple(load_map(file) for file in sorted(Path(folder).glob("*.yaml")))


def find_map(maps: Iterable[ColumnMap], headers: Sequence[str], what: str) -> ColumnMap | None:
    """The map saved for a file with these headers."""
    wanted = fingerprint(headers, what)
    return next((m for m in maps if m.what == what and m.fingerprint == wanted), None)
