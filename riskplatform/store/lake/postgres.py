"""What the lake asks PostgreSQL directly: is there a catalogue, and may I write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from riskplatform.errors import EnvironmentSetupError, StoreError, StoreLockedError
from riskplatform.store.lake.location import CATALOGUE_SCHEMA, PostgresLocation
from riskplatform.store.lock import describe_self, wait_until

if TYPE_CHECKING:
    import psycopg

# Any constant will do, as long as every writer uses the same: "lake" in ASCII.
ADVISORY_KEY = 0x6C616B65
# PostgreSQL cuts application names at 63 bytes.
NAME_LIMIT = 63


@contextmanager
def _connected(location: PostgresLocation) -> Iterator[psycopg.Connection]:
    try:
        import psycopg
    except ImportError as error:
        raise EnvironmentSetupError(
            "A lake in PostgreSQL needs psycopg.",
            hint="Install it: pip install 'riskplatform[postgres]'",
        ) from error
    name = describe_self()[:NAME_LIMIT]
    try:
        connection = psycopg.connect(location.url, autocommit=True, application_name=name)
    except psycopg.Error as error:
        raise StoreError(f"No connection to {location.label}: {error}") from error
    with connection:
        yield connection


def has_catalogue(location: PostgresLocation) -> bool:
    """Whether a DuckLake catalogue has been started in the lake's schema."""
    with _connected(location) as connection:
        row = connection.execute(
            "SELECT to_regclass(%s) IS NOT NULL", [f"{CATALOGUE_SCHEMA}.ducklake_metadata"]
        ).fetchone()
    return row is not None and bool(row[0])


@contextmanager
def advisory_lock(location: PostgresLocation, timeout_seconds: float) -> Iterator[None]:
    """Be the one writer within this block.

    The server gives the lock back when the connection ends, however its process ends.
    """
    with _connected(location) as connection:
        if not wait_until(lambda: _try_lock(connection), timeout_seconds):
            raise StoreLockedError(
                f"The lake {location.label} is being written by "
                f"{_holder(connection) or 'another process'}; waited {timeout_seconds:g} s.",
                hint="Try again when it has finished, or stop that process: its lock ends with it.",
            )
        yield


def _try_lock(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY]).fetchone()
    return row is not None and bool(row[0])


def _holder(connection: psycopg.Connection) -> str | None:
    row = connection.execute(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objid = %s "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [ADVISORY_KEY],
    ).fetchone()
    return None if row is None else str(row[0])
