"""Starts DuckDB and attaches a DuckLake catalogue to it, offline and without leaking secrets."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from riskplatform.store.lake.extensions import OFFLINE, load_extension
from riskplatform.store.lake.failures import translated
from riskplatform.store.lake.location import (
    CATALOGUE_SCHEMA,
    EmbeddedLocation,
    Location,
    PostgresLocation,
)
from riskplatform.store.lake.query import ALIAS

# Small writes are not inlined into the catalogue: in this DuckLake, deletes of inlined rows can
# change what an older snapshot shows (duckdb/ducklake #1074 and #1406). The data path is
# overridden so that a lake whose folder was moved or copied still opens.
OPTIONS = "DATA_INLINING_ROW_LIMIT 0, OVERRIDE_DATA_PATH true"


def attach(
    location: Location, *, catalogue: Path | None = None, memory_limit: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A new DuckDB instance with the lake attached; ``catalogue`` stands in for the usual file."""
    connection = duckdb.connect(config=dict(OFFLINE))
    try:
        _configure(connection, memory_limit)
        with translated(location.label):
            if isinstance(location, EmbeddedLocation):
                _attach_embedded(connection, location, catalogue or location.catalogue)
            else:
                _attach_postgres(connection, location)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: duckdb.DuckDBPyConnection, memory_limit: str | None) -> None:
    spill = Path(tempfile.gettempdir()) / "riskplatform-spill"
    settings = {
        "TimeZone": "UTC",
        "parquet_metadata_cache": True,
        "preserve_insertion_order": False,
        "temp_directory": str(spill),
        "memory_limit": memory_limit,
    }
    for name, value in settings.items():
        if value is not None:
            connection.execute(f"SET GLOBAL {name} = ?", [value])


def _attach_embedded(
    connection: duckdb.DuckDBPyConnection, location: EmbeddedLocation, catalogue: Path
) -> None:
    load_extension(connection, "sqlite_scanner")
    load_extension(connection, "ducklake")
    connection.execute(
        f"ATTACH {_quoted(f'ducklake:sqlite:{catalogue}')} AS {ALIAS} "
        f"(DATA_PATH {_quoted(location.data_path)}, META_BUSY_TIMEOUT 10000, {OPTIONS})"
    )


def _attach_postgres(connection: duckdb.DuckDBPyConnection, location: PostgresLocation) -> None:
    load_extension(connection, "postgres_scanner")
    load_extension(connection, "ducklake")
    if location.data_path and "://" in location.data_path:
        load_extension(connection, "httpfs")
    # The password goes in by way of a secret, so that no error message can repeat it.
    parts = ", ".join(f"{k.upper()} {_quoted(v)}" for k, v in location.secret_parts().items())
    connection.execute(f"CREATE SECRET lake_catalogue (TYPE postgres, {parts})")
    rest = " ".join(f"{name}='{value}'" for name, value in location.other_parts().items())
    data_path = f"DATA_PATH {_quoted(location.data_path)}, " if location.data_path else ""
    connection.execute(
        f"ATTACH {_quoted(f'ducklake:postgres:{rest}')} AS {ALIAS} ({data_path}"
        f"META_SECRET 'lake_catalogue', METADATA_SCHEMA '{CATALOGUE_SCHEMA}', {OPTIONS})"
    )


def _quoted(text: str) -> str:
    """An SQL literal, for the statements (ATTACH, CREATE SECRET) that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
