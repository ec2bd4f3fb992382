"""One transaction of the lake: every table written in a batch changes together or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, Literal

import duckdb
import pandas as pd
import pyarrow as pa

from riskplatform.errors import ConflictError, StoreError, UserInputError
from riskplatform.store.lake.failures import translated
from riskplatform.store.lake.frames import strictly_increasing, to_declared
from riskplatform.store.lake.query import ALIAS, find_table
from riskplatform.store.lake.schema import Table

Mode = Literal["append", "replace_keys"]
STAGED = "staged_rows"


class _Stage:
    """Rows on loan to DuckDB, by Arrow's C stream.

    DuckDB keeps what is registered until its transaction ends. Lending through this object
    lets the rows go after each write; a batch of 50 million rows then peaks at one write's size.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows: pa.Table | None = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        if self._rows is None:
            raise RuntimeError("these rows have been taken back")
        return self._rows.__arrow_c_stream__(requested_schema)

    def take_back(self) -> None:
        self._rows = None


class Batch:
    """Handed out by :meth:`Lake.batch`; ``snapshot_id`` is known once the block has ended."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, label: str, read_at: int) -> None:
        self._connection = connection
        self._label = label
        self._read_at = read_at
        self._snapshot_id: int | None = None

    @property
    def snapshot_id(self) -> int:
        """The snapshot that shows this batch (the one before it, if nothing changed)."""
        if self._snapshot_id is None:
            raise StoreError("A batch has no snapshot before its block has ended.")
        return self._snapshot_id

    def committed(self, snapshot_id: int) -> None:
        """Called by the lake when the transaction has been written."""
        self._snapshot_id = snapshot_id

    def write(self, table: str, frame: pd.DataFrame | pa.Table, *, mode: Mode = "append") -> int:
        """Stage rows and return how many the table changes by.

        ``append`` refuses keys that are already there (``ConflictError``). ``replace_keys``
        puts the rows in the place of those with the same key, and leaves identical ones alone.
        """
        declared = find_table(table)
        if mode not in ("append", "replace_keys"):
            raise UserInputError(f"A write appends or replaces keys; {mode!r} is neither.")
        rows = to_declared(frame, declared)
        if rows.num_rows == 0:
            return 0
        with translated(self._label):
            with self._staged(rows):
                if not strictly_increasing(rows, declared.key):
                    self._refuse_repeated_keys(declared)
                if mode == "append":
                    self._refuse_existing_keys(declared)
                    self._insert(declared)
                    return int(rows.num_rows)
                changed = self._changed(declared)
            if changed.num_rows:
                with self._staged(changed):
                    self._delete_keys(declared)
                    self._insert(declared)
            return int(changed.num_rows)

    def record_run(
        self,
        run_id: str,
        *,
        kind: str,
        as_of: date,
        base_currency: str,
        model_id: str | None = None,
        snapshot_id: int | None = None,
        inputs: Mapping[str, Any] | None = None,
        summary: Mapping[str, Any] | None = None,
        status: str = "complete",
        recorded_at: datetime | None = None,
    ) -> None:
        """Record a run together with the snapshot that it read (by default the newest)."""
        run = {
            "run_id": run_id,
            "recorded_at": recorded_at or datetime.now(UTC),
            "kind": kind,
            "as_of": as_of,
            "base_currency": base_currency,
            "model_id": model_id,
            "snapshot_id": self._read_at if snapshot_id is None else snapshot_id,
            "inputs": canonical_json(inputs or {}),
            "summary": canonical_json(summary or {}),
            "status": status,
        }
        self.write("runs", pa.Table.from_pylist([run]))

    @contextmanager
    def _staged(self, rows: pa.Table) -> Iterator[None]:
        stage = _Stage(rows)
        self._connection.register(STAGED, stage)
        try:
            yield
        finally:
            self._connection.unregister(STAGED)
            stage.take_back()

    def _insert(self, table: Table) -> None:
        self._connection.execute(f"INSERT INTO {ALIAS}.{table.name} FROM {STAGED}")

    def _refuse_repeated_keys(self, table: Table) -> None:
        key = ", ".join(table.key)
        self._refuse(
            table,
            f"SELECT {key} FROM {STAGED} GROUP BY {key} HAVING count(*) > 1 LIMIT 1",
            "is given more than once",
        )

    def _refuse_existing_keys(self, table: Table) -> None:
        key = ", ".join(table.key)
        self._refuse(
            table,
            f"SELECT {key} FROM {self._stored(table)} SEMI JOIN {STAGED} USING ({key}) LIMIT 1",
            "is already stored",
        )

    def _refuse(self, table: Table, query: str, reason: str) -> None:
        found = self._connection.execute(query).fetchone()
        if found is not None:
            subject = ", ".join(f"{k}={v}" for k, v in zip(table.key, found, strict=True))
            raise ConflictError(
                f"The row of {table.name} with {subject} {reason}.",
                hint="Nothing was written. Use mode='replace_keys' to put new values in place "
                "of stored ones.",
            )

    def _changed(self, table: Table) -> pa.Table:
        """The staged rows that differ from what is stored; writing a file twice changes nothing."""
        return self._connection.execute(
            f"FROM {STAGED} EXCEPT FROM {self._stored(table)}"
        ).to_arrow_table()

    def _stored(self, table: Table) -> str:
        """The stored rows, cut to the staged dates: whole partitions are then never opened."""
        stored = f"{ALIAS}.{table.name}"
        if "date" not in table.key:
            return stored
        low, high = self._connection.execute(
            f"SELECT min(date), max(date) FROM {STAGED}"
        ).fetchall()[0]
        return (
            f"(SELECT * FROM {stored} WHERE date BETWEEN DATE '{low:%Y-%m-%d}' "
            f"AND DATE '{high:%Y-%m-%d}')"
        )

    def _delete_keys(self, table: Table) -> None:
        key = ", ".join(table.key)
        self._connection.execute(
            f"DELETE FROM {ALIAS}.{table.name} WHERE ({key}) IN (SELECT ({key}) FROM {STAGED})"
        )


def canonical_json(content: Mapping[str, Any]) -> str:
    """JSON with one spelling for one content, and no NaN."""
    try:
        return json.dumps(
            content, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
        )
    except (TypeError, ValueError) as error:
        raise UserInputError(f"This cannot be stored as JSON: {error}.") from error
