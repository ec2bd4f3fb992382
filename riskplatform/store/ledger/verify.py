"""Checking the trail: every digest and hash again, from the tables as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from riskplatform.store.ledger.audit import FIRST_HASH, content_digest, entry_hash
from riskplatform.store.ledger.database import Database
from riskplatform.store.ledger.describe import terms_digest
from riskplatform.store.ledger.journal import event_digest
from riskplatform.store.ledger.keys import Keys
from riskplatform.store.ledger.names import INSTRUMENTS, LIMITS, PORTFOLIOS, Named
from riskplatform.store.ledger.records import content_of, move_values, row_digest
from riskplatform.store.ledger.rows import select_rows
from riskplatform.store.ledger.tables import audit, journal, movements, transactions

_AT_ONCE = 10_000  # rows held in memory while streaming
_UNORDERED = -1


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Whether the ledger is as it was written, and if not, the first row that differs.

    ``head`` is the hash of the last entry. Kept outside the ledger and handed to the next
    ``verify``, it also shows when the newest entries were cut off together with their rows.
    """

    entries: int
    rows: int
    head: str
    problem: str | None = None

    @property
    def is_intact(self) -> bool:
        return self.problem is None

    def __str__(self) -> str:
        state = "intact" if self.is_intact else f"broken: {self.problem}"
        return f"{self.entries:,} entries and {self.rows:,} rows: {state}"


@dataclass(frozen=True, slots=True)
class _Seen:
    """One stored row as it should be listed in its entry's digest, or what is wrong with it."""

    sequence: int
    digest: str
    problem: str | None


class _BrokenError(Exception):
    """The first difference found; the message names it."""


def verify(database: Database, known_head: str | None = None) -> AuditReport:
    """Recompute everything at one moment; any edit, deletion, insertion or reordering shows."""
    entries = rows = 0
    previous: dict[str, Any] = {"sequence": 0, "recorded_at": None, "hash": FIRST_HASH}
    is_head_met = known_head in (None, FIRST_HASH)
    with database.read() as connection:
        try:
            _check_pages(connection)
            check = _Check(connection)
            for entry in _stream(connection, sa.select(audit).order_by(audit.c.sequence)):
                _check_entry(entry, previous)
                rows += check.rows_of(entry)
                entries += 1
                previous = entry
                is_head_met = is_head_met or entry["hash"] == known_head
            check.nothing_left()
            if not is_head_met:
                raise _BrokenError(f"no audit entry has the known hash {known_head}")
        except _BrokenError as broken:
            return AuditReport(entries, rows, previous["hash"], str(broken))
    return AuditReport(entries, rows, previous["hash"])


def _check_pages(connection: sa.Connection) -> None:
    """Indices of SQLite may differ from their tables, and then answers depend on the question."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if found != "ok":
            raise _BrokenError(str(found))


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    result = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    return map(dict, result.mappings())


def _check_entry(entry: Mapping[str, Any], previous: Mapping[str, Any]) -> None:
    name = f"audit entry {entry['sequence']} ({entry['action']} by {entry['actor']})"
    if entry["sequence"] != previous["sequence"] + 1:
        raise _BrokenError(f"audit entry {previous['sequence'] + 1} is missing before {name}")
    if entry_hash(entry) != entry["hash"]:
        raise _BrokenError(f"{name} was changed")
    if entry["previous_hash"] != previous["hash"]:
        raise _BrokenError(f"{name} does not follow the entry before it")
    if previous["recorded_at"] is not None and entry["recorded_at"] <= previous["recorded_at"]:
        raise _BrokenError(f"{name} was not recorded after the entry before it")


class _Check:
    """The stored rows in the order in which they were written, entry by entry."""

    def __init__(self, connection: sa.Connection) -> None:
        keys = Keys.read(connection)
        streams = [
            _transactions(connection, keys),
            _terms(connection, INSTRUMENTS),
            _terms(connection, PORTFOLIOS),
            _terms(connection, LIMITS),
            _events(connection),
        ]
        self._groups = [groupby(stream, key=lambda seen: seen.sequence) for stream in streams]
        self._next = [next(groups, None) for groups in self._groups]

    def rows_of(self, entry: Mapping[str, Any]) -> int:
        """Check the rows that the entry wrote; returns how many they are."""
        digests: list[str] = []
        name = f"audit entry {entry['sequence']} ({entry['action']})"
        for i, group in enumerate(self._next):
            if group is None or group[0] > entry["sequence"]:
                continue
            if group[0] < entry["sequence"]:
                raise _stray(group)
            for seen in group[1]:
                if seen.problem is not None:
                    raise _BrokenError(seen.problem)
                digests.append(seen.digest)
            self._next[i] = next(self._groups[i], None)
        if len(digests) != entry["row_count"]:
            # A row that was moved to another entry is found changed there.
            for group in filter(None, self._next):
                if problem := next(group[1]).problem:
                    raise _BrokenError(problem)
            raise _BrokenError(f"{name} wrote {entry['row_count']} rows and has {len(digests)}")
        if content_digest(entry["payload"], digests) != entry["digest"]:
            raise _BrokenError(f"{name} has rows that it did not write")
        return len(digests)

    def nothing_left(self) -> None:
        """Every row belongs to an entry."""
        for group in self._next:
            if group is not None:
                raise _stray(group)


def _stray(group: tuple[int, Iterator[_Seen]]) -> _BrokenError:
    problem = next(group[1]).problem
    return _BrokenError(problem or f"a row names audit entry {group[0]}, which did not write it")


def _terms(connection: sa.Connection, named: Named) -> Iterator[_Seen]:
    table = named.terms
    query = sa.select(table).order_by(table.c.sequence, table.c.position)
    for row in _stream(connection, query):
        changed = terms_digest(named, row) != row["digest"]
        problem = f"the terms of {named.what} {row[named.name]!r} in audit entry {row['sequence']}"
        yield _Seen(row["sequence"], row["digest"], f"{problem} were changed" if changed else None)


def _events(connection: sa.Connection) -> Iterator[_Seen]:
    for row in _stream(connection, sa.select(journal).order_by(journal.c.row_key)):
        place = f"event {row['position']} of {row['stream']} {row['subject']!r}"
        changed = event_digest(row) != row["digest"]
        yield _Seen(row["sequence"], row["digest"], f"{place} was changed" if changed else None)


def _transactions(connection: sa.Connection, keys: Keys) -> Iterator[_Seen]:
    """Transactions in the order of their row keys, each with its movements."""
    moved = _moves(connection, keys)
    current = next(moved, None)
    expected = 1
    for row in _stream(connection, select_rows().order_by(transactions.c.row_key)):
        key = row["row_key"]
        problem = None
        if key != expected:
            problem = f"transaction row {expected} is missing"
        elif current is not None and current[0] < key:
            problem = f"a movement names transaction row {current[0]}, which does not exist"
        moves = []
        if current is not None and current[0] == key:
            moves = current[1]
            current = next(moved, None)
        if problem is None and _differs(row, moves):
            problem = (
                f"transaction {row['transaction_id']!r} revision {row['revision']} "
                f"(row {key}) was changed"
            )
        expected = key + 1
        yield _Seen(row["sequence"], row["digest"], problem)
    if current is not None:
        problem = f"a movement names transaction row {current[0]}, which does not exist"
        yield _Seen(_UNORDERED, "", problem)


def _differs(row: Mapping[str, Any], moves: list[list[Any]]) -> bool:
    same = content_of(row) == row["content"] and row_digest(row, moves) == row["digest"]
    return not same


def _moves(connection: sa.Connection, keys: Keys) -> Iterator[tuple[int, list[list[Any]]]]:
    """Movements by transaction row: own legs first, in order, then what is taken back."""
    m = movements.c
    query = sa.select(movements).order_by(m.row_key, m.leg < 0, sa.func.abs(m.leg))
    for row_key, group in groupby(_stream(connection, query), key=itemgetter("row_key")):
        yield row_key, [move_values(move, keys) for move in group]
