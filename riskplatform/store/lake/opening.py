"""Opens a lake: recognises it, refuses what is not ours, creates it where there is none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from riskplatform.errors import DamagedStoreError, StoreLockedError, UserInputError
from riskplatform.store.in_use import closed, opening
from riskplatform.store.lake.attach import attach
from riskplatform.store.lake.failures import translated
from riskplatform.store.lake.location import EmbeddedLocation, Location, PostgresLocation
from riskplatform.store.lake.postgres import has_catalogue
from riskplatform.store.lake.query import ALIAS
from riskplatform.store.lake.schema import APPLICATION, SCHEMA_VERSION, TABLES, Table
from riskplatform.store.lake.writer_lock import writer_lock

SQLITE_MAGIC = b"SQLite format 3\x00"
IDENTITY = "store_identity"
# Of the layouts measured (bench_lake.py) this one read a one-name history fastest.
FILE_OPTIONS = {"parquet_compression": "'lz4'", "parquet_row_group_size": "61440"}


def open_catalogue(
    location: Location, *, timeout_seconds: float, memory_limit: str | None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB instance with the lake attached under ``ALIAS``; created when absent."""
    if isinstance(location, EmbeddedLocation):
        with opening(location.catalogue) as is_open:
            if not is_open and not _recognise(location.catalogue):
                _create_embedded(location, timeout_seconds)
            return _checked(attach(location, memory_limit=memory_limit), location.label)
    if not has_catalogue(location):
        _create_in_postgres(location, timeout_seconds)
    connection = attach(location, memory_limit=memory_limit)
    try:
        unfinished = _identity(connection, location.label) is None
    except BaseException:
        connection.close()
        raise
    if unfinished:
        # Another process is making the tables now, or died while it did: wait for the one,
        # finish the work of the other.
        connection.close()
        _create_in_postgres(location, timeout_seconds)
        connection = attach(location, memory_limit=memory_limit)
    return _checked(connection, location.label)


def close_catalogue(connection: duckdb.DuckDBPyConnection, location: Location) -> None:
    """Give back what ``open_catalogue`` gave."""
    connection.close()
    if isinstance(location, EmbeddedLocation):
        closed(location.catalogue)


def _checked(connection: duckdb.DuckDBPyConnection, label: str) -> duckdb.DuckDBPyConnection:
    try:
        _check_identity(connection, label)
    except BaseException:
        connection.close()
        raise
    return connection


def _recognise(path: Path) -> bool:
    """Whether the catalogue is there; a file that is not a whole DuckLake catalogue is refused.

    This is done before DuckLake sees the file, because DuckLake would take any SQLite database
    for an empty catalogue and write its tables into it. It may only be done while this process
    does not have the file open: see :mod:`riskplatform.store.in_use`.
    """
    if not path.exists():
        return False
    with path.open("rb") as file:
        if file.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            raise refusal(path, "it is not an SQLite database")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=10.0)) as probe:
            tables = {row[0] for row in probe.execute("SELECT name FROM sqlite_master")}
            if "ducklake_metadata" not in tables:
                raise refusal(path, "it is a database of another program")
            [verdict] = probe.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        raise StoreLockedError(f"The catalogue {path} cannot be read now: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise refusal(path, str(error)) from error
    if verdict != "ok":
        raise refusal(path, str(verdict))
    return True


def refusal(name: object, reason: str) -> DamagedStoreError:
    """The error for a catalogue that is not, or is no longer, a lake of ours."""
    return DamagedStoreError(
        f"{name} cannot be opened as the catalogue of a lake: {reason}.",
        hint="Name another place for the lake, or restore this one from a backup.",
    )


def _create_embedded(location: EmbeddedLocation, timeout_seconds: float) -> None:
    """Build the catalogue under another name and rename it: it exists whole or not at all."""
    location.catalogue.parent.mkdir(parents=True, exist_ok=True)
    with writer_lock(location, timeout_seconds):
        if location.catalogue.exists():
            return
        unfinished = location.catalogue.with_name(f"{location.catalogue.name}.partial")
        unfinished.unlink(missing_ok=True)
        with closing(attach(location, catalogue=unfinished)) as connection:
            _create_tables(connection, location.label)
        with closing(sqlite3.connect(unfinished)) as catalogue:
            # In WAL mode readers do not wait for a writer, nor a writer for readers.
            catalogue.execute("PRAGMA journal_mode = WAL")
        unfinished.rename(location.catalogue)


def _create_in_postgres(location: PostgresLocation, timeout_seconds: float) -> None:
    if location.data_path is None:
        raise UserInputError(
            f"There is no lake yet in {location.label}, and no folder is given for its files.",
            hint="Add ?data_path=FOLDER_OR_S3_URL to the address.",
        )
    with (
        writer_lock(location, timeout_seconds),
        closing(attach(location)) as connection,
    ):
        if _identity(connection, location.label) is None:
            _create_tables(connection, location.label)


def _create_tables(connection: duckdb.DuckDBPyConnection, label: str) -> None:
    with translated(label):
        connection.execute("BEGIN")
        for name, value in FILE_OPTIONS.items():
            connection.execute(f"CALL {ALIAS}.set_option('{name}', {value})")
        for table in TABLES.values():
            for statement in _definition(table):
                connection.execute(statement)
        # A view lives in the catalogue alone: reading it at each opening touches no Parquet file.
        connection.execute(
            f"CREATE VIEW {ALIAS}.{IDENTITY} AS "
            f"SELECT '{APPLICATION}' AS application, {SCHEMA_VERSION} AS schema_version"
        )
        connection.execute("COMMIT")


def _definition(table: Table) -> list[str]:
    name = f"{ALIAS}.{table.name}"
    columns = ", ".join(
        f"{c.name} {c.kind.value}{'' if c.nullable else ' NOT NULL'}" for c in table.columns
    )
    statements = [f"CREATE TABLE {name} ({columns})"]
    if table.partition:
        statements.append(f"ALTER TABLE {name} SET PARTITIONED BY ({table.partition})")
    statements.append(f"ALTER TABLE {name} SET SORTED BY ({', '.join(table.sort)})")
    return statements


def _identity(connection: duckdb.DuckDBPyConnection, label: str) -> tuple[Any, ...] | None:
    """(application, schema_version), or None where the catalogue is still empty."""
    with translated(label):
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = ?", [ALIAS]
        ).fetchall()
        if not rows:
            return None
        if (IDENTITY,) not in rows:
            raise refusal(label, "it is a DuckLake catalogue of another program")
        found: tuple[Any, ...] | None = connection.execute(f"FROM {ALIAS}.{IDENTITY}").fetchone()
        return found


def _check_identity(connection: duckdb.DuckDBPyConnection, label: str) -> None:
    found = _identity(connection, label)
    if found is None:
        raise refusal(label, "it is an empty DuckLake catalogue, which this program did not make")
    application, version = found
    if application != APPLICATION:
        raise refusal(label, f"it belongs to {application!r}")
    if version != SCHEMA_VERSION:
        raise refusal(
            label, f"its schema has version {version}, this program knows {SCHEMA_VERSION}"
        )
