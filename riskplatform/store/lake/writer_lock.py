"""The writer's lock of a lake: a file beside an SQLite catalogue, an advisory lock in PostgreSQL.

Readers take no lock.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from riskplatform.store.lake.location import EmbeddedLocation, Location
from riskplatform.store.lake.postgres import advisory_lock
from riskplatform.store.lock import FileLock


def writer_lock(location: Location, timeout_seconds: float) -> AbstractContextManager[object]:
    """The right to write for the length of a block; ``StoreLockedError`` when it stays taken."""
    if isinstance(location, EmbeddedLocation):
        return FileLock(
            location.lock_path,
            guards=f"The lake {location.label}",
            timeout_seconds=timeout_seconds,
        )
    return advisory_lock(location, timeout_seconds)
