"""Turns what DuckDB says into the errors of this platform, naming the file that is at fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from riskplatform.errors import (
    DamagedStoreError,
    EnvironmentSetupError,
    RiskPlatformError,
    StoreError,
    StoreLockedError,
    UserInputError,
)

# DuckDB gives its exceptions few classes, so the text has to decide.
_DAMAGED = re.compile(
    r"not a database|malformed|file is encrypted|no such table|disk i/o error", re.IGNORECASE
)
_NO_SNAPSHOT = re.compile(r"No snapshot found at version (-?\d+)")
# Apart from want of room, whatever goes wrong with a named data file is wrong in the file.
_DATA_FILE = re.compile(r"(?P<quote>['\"])(?P<path>[^\n]*?\.parquet)(?P=quote)")
_LOCKED = re.compile(r"database is locked|lock timeout|Exceeded the maximum retry", re.IGNORECASE)
_NO_SPACE = re.compile(r"no space left|out of memory|failed to allocate", re.IGNORECASE)


def translate(error: duckdb.Error, label: str) -> RiskPlatformError:
    """The platform's error for ``error``, met in the lake called ``label``."""
    text = str(error).strip()
    if found := _NO_SNAPSHOT.search(text):
        return UserInputError(
            f"The lake {label} has no snapshot {found[1]}.",
            hint="snapshots() lists those that exist; an expired one cannot be read again.",
        )
    if _LOCKED.search(text):
        return StoreLockedError(
            f"The catalogue of the lake {label} is in use by another program: {text}",
            hint="Nothing was written; try again.",
        )
    if _NO_SPACE.search(text):
        return EnvironmentSetupError(
            f"The lake {label} ran out of room: {text}",
            hint="Nothing was written. Free disk or memory, or write in smaller pieces.",
        )
    named = _DATA_FILE.search(text)
    if named or _DAMAGED.search(text):
        return DamagedStoreError(
            f"The file {named['path'] if named else label} of the lake is damaged or missing: "
            f"{text}",
            hint="Restore it from a backup; Lake.verify() lists every damaged file.",
        )
    return StoreError(f"The lake {label} could not do it: {text}")


@contextmanager
def translated(label: str) -> Iterator[None]:
    """Within this block DuckDB's errors become the platform's."""
    try:
        yield
    except duckdb.Error as error:
        raise translate(error, label) from error
