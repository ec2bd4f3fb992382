"""The lake as one object: open it, write to it in transactions, read it at any snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pandas as pd
import pyarrow as pa

from riskplatform.store.lake import maintenance
from riskplatform.store.lake.batch import Batch, Mode
from riskplatform.store.lake.failures import translated
from riskplatform.store.lake.frames import to_pandas
from riskplatform.store.lake.location import Location, parse_location
from riskplatform.store.lake.maintenance import DEFAULT_GRACE, FileProblem, MaintenanceReport
from riskplatform.store.lake.memory import ReadMemory
from riskplatform.store.lake.opening import close_catalogue, open_catalogue
from riskplatform.store.lake.query import ALIAS, Statement
from riskplatform.store.lake.reads import LakeReads
from riskplatform.store.lake.writer_lock import writer_lock
from riskplatform.store.lock import DEFAULT_TIMEOUT_SECONDS


class Lake(LakeReads):
    """Market data, exposures and run results as versioned tables.

    One object may be used by many threads and many processes may open the same lake; a
    process that forks must open its own. One writes at a time, readers never wait.
    """

    def __init__(
        self, location: Location, connection: duckdb.DuckDBPyConnection, timeout_seconds: float
    ) -> None:
        self.location = location
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._is_open = True
        self._memory = ReadMemory()

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        lock_timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        memory_limit: str | None = None,
    ) -> Lake:
        """Open the lake in a folder or at a PostgreSQL URL; create it where there is none.

        ``memory_limit`` (such as "2GB") caps DuckDB's memory; it spills to disk beyond.
        """
        parsed = parse_location(location)
        connection = open_catalogue(
            parsed, timeout_seconds=lock_timeout_seconds, memory_limit=memory_limit
        )
        return cls(parsed, connection, lock_timeout_seconds)

    def close(self) -> None:
        """Give the catalogue and the memory back; closing twice does no harm."""
        if self._is_open:
            self._is_open = False
            self._memory.clear()
            close_catalogue(self._connection, self.location)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(
        self,
        table: str,
        frame: pd.DataFrame | pa.Table,
        *,
        mode: Mode = "append",
        message: str | None = None,
    ) -> int:
        """Write one table in a transaction of its own and return the snapshot that shows it."""
        with self.batch(message=message) as batch:
            batch.write(table, frame, mode=mode)
        return batch.snapshot_id

    def record_run(self, run_id: str, **details: Any) -> int:
        """Record a run with the snapshot it read; see :meth:`Batch.record_run`."""
        with self.batch() as batch:
            batch.record_run(run_id, **details)
        return batch.snapshot_id

    @contextmanager
    def batch(self, *, message: str | None = None) -> Iterator[Batch]:
        """One transaction over any tables: all of it is written, or, on an error, nothing.

        The writer's lock is held for the length of the block, so prepare the frames before it.
        """
        with (
            writer_lock(self.location, self._timeout_seconds),
            self._cursor() as cursor,
            translated(self.location.label),
        ):
            batch = Batch(cursor, self.location.label, read_at=_newest(cursor))
            cursor.execute("BEGIN")
            try:
                yield batch
                if message is not None:
                    cursor.execute(f"CALL {ALIAS}.set_commit_message(NULL, ?)", [message])
                cursor.execute("COMMIT")
            except BaseException:
                _roll_back(cursor)
                raise
            batch.committed(_newest(cursor))

    def latest_snapshot(self) -> int:
        """The id of the newest snapshot; hand it to reads that must agree with each other."""
        with self._cursor() as cursor, translated(self.location.label):
            return _newest(cursor)

    def snapshots(self) -> pd.DataFrame:
        """All snapshots that can be read: snapshot_id, recorded_at, message."""
        return to_pandas(
            self._run(
                (
                    "SELECT snapshot_id, snapshot_time AS recorded_at, commit_message AS message "
                    f"FROM {ALIAS}.snapshots() ORDER BY snapshot_id",
                    [],
                )
            )
        )

    def maintain(
        self,
        *,
        expire_before: datetime | None = None,
        grace: timedelta = DEFAULT_GRACE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> MaintenanceReport:
        """Merge small files and remove what crashes have left behind.

        Nothing that a snapshot shows is lost, unless ``expire_before`` asks for the snapshots
        before that moment to go; those that a recorded run has read stay even then. Files that
        merging replaced are removed by the first call later than ``grace`` after the merge.
        """
        self._memory.clear()
        with (
            writer_lock(self.location, self._timeout_seconds),
            self._cursor() as cursor,
            translated(self.location.label),
        ):
            return maintenance.maintain(
                cursor,
                self.location,
                expire_before=expire_before,
                grace=grace,
                clock=clock,
            )

    def verify(self) -> list[FileProblem]:
        """The data files that are missing or changed in size; empty when all is well."""
        with self._cursor() as cursor, translated(self.location.label):
            return maintenance.verify(cursor, self.location)

    def _run(self, statement: Statement) -> pa.Table:
        return self._memory.answer(statement, self._asked)

    def _asked(self, statement: Statement) -> pa.Table:
        with self._cursor() as cursor, translated(self.location.label):
            return cursor.execute(*statement).to_arrow_table()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own for each operation, which is what makes threads safe."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def _newest(cursor: duckdb.DuckDBPyConnection) -> int:
    [(snapshot,)] = cursor.execute(f"FROM ducklake_current_snapshot('{ALIAS}')").fetchall()
    return int(snapshot)


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Undo; a COMMIT that failed has already ended the transaction, and that is well."""
    try:
        cursor.execute("ROLLBACK")
    except duckdb.TransactionException:
        return
