"""Keeps a lake quick and tidy: merges small files, sweeps up after crashes, verifies files.

Time travel survives all of it, except where the caller asks for old snapshots to expire.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from riskplatform.store.lake.location import Location
from riskplatform.store.lake.query import ALIAS

CATALOGUE = f"__ducklake_metadata_{ALIAS}"
# A reader in another process may still be reading a file that was merged away a moment ago.
DEFAULT_GRACE = timedelta(hours=1)


@dataclass(frozen=True)
class MaintenanceReport:
    """What :meth:`Lake.maintain` did."""

    files_merged: int
    files_made: int
    orphans_removed: int
    snapshots_expired: int
    replaced_files_removed: int


@dataclass(frozen=True)
class FileProblem:
    """A file that the catalogue refers to and that is not as it was written."""

    path: str
    reason: str


def maintain(
    connection: duckdb.DuckDBPyConnection,
    location: Location,
    *,
    expire_before: datetime | None,
    grace: timedelta,
    clock: Callable[[], datetime],
) -> MaintenanceReport:
    """Run under the writer's lock: files unknown to the catalogue are then certainly orphans."""
    expired = 0 if expire_before is None else _expire(connection, expire_before)
    merged = connection.execute(f"CALL ducklake_merge_adjacent_files('{ALIAS}')").fetchall()
    orphans = connection.execute(
        f"CALL ducklake_delete_orphaned_files('{ALIAS}', cleanup_all => true)"
    ).fetchall()
    return MaintenanceReport(
        files_merged=sum(row[2] for row in merged),
        files_made=sum(row[3] for row in merged),
        orphans_removed=len(orphans),
        snapshots_expired=expired,
        replaced_files_removed=_remove_replaced(connection, location, clock() - grace),
    )


def _expire(connection: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Expire old snapshots, but never the newest nor one that a recorded run has read."""
    rows = connection.execute(
        f"SELECT snapshot_id FROM {ALIAS}.snapshots() WHERE snapshot_time < ? "
        f"AND snapshot_id NOT IN (SELECT snapshot_id FROM {ALIAS}.runs) "
        f"AND snapshot_id < (SELECT max(snapshot_id) FROM {ALIAS}.snapshots())",
        [before],
    ).fetchall()
    versions = [int(row[0]) for row in rows]
    if versions:
        listed = ", ".join(map(str, versions))
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE expired AS "
            f"SELECT snapshot_id FROM ducklake_expire_snapshots('{ALIAS}', versions => [{listed}])"
        )
    return len(versions)


def _remove_replaced(
    connection: duckdb.DuckDBPyConnection, location: Location, before: datetime
) -> int:
    """Remove replaced files once all of them are old enough.

    DuckLake's own ``older_than`` is not used: with an SQLite catalogue it compares the times
    as text and deleted files that had been replaced a second before (seen on 1.5.5).
    """
    [(youngest,)] = connection.execute(
        "SELECT CAST(epoch_us(max(CAST(schedule_start AS TIMESTAMPTZ))) AS BIGINT) "
        f"FROM {CATALOGUE}.{location.catalogue_schema}.ducklake_files_scheduled_for_deletion"
    ).fetchall()
    if youngest is None or youngest > before.timestamp() * 1e6:
        return 0
    return len(
        connection.execute(
            f"CALL ducklake_cleanup_old_files('{ALIAS}', cleanup_all => true)"
        ).fetchall()
    )


def verify(connection: duckdb.DuckDBPyConnection, location: Location) -> list[FileProblem]:
    """Compare the local files of every table with what the catalogue says of them."""
    prefix = f"{CATALOGUE}.{location.catalogue_schema}."
    # Not what options() says: that is where the lake was created, not where it is now.
    [(data_path,)] = connection.execute(
        "SELECT tags['data_path'] FROM duckdb_databases() WHERE database_name = ?", [ALIAS]
    ).fetchall()
    rows = connection.execute(
        f"SELECT t.path, f.path, f.path_is_relative, f.file_size_bytes "
        f"FROM (SELECT table_id, path, path_is_relative, file_size_bytes FROM {prefix}"
        f"ducklake_data_file UNION ALL SELECT table_id, path, path_is_relative, file_size_bytes "
        f"FROM {prefix}ducklake_delete_file) f JOIN {prefix}ducklake_table t USING (table_id)"
    ).fetchall()
    problems = []
    for table_folder, name, relative, size in rows:
        path = Path(data_path) / "main" / table_folder / name if relative else Path(name)
        if reason := _what_is_wrong(path, size):
            problems.append(FileProblem(str(path), reason))
    return problems


def _what_is_wrong(path: Path, size: int) -> str | None:
    if not path.is_file():
        return "missing"
    found = path.stat().st_size
    return None if found == size else f"has {found} bytes, was written with {size}"
