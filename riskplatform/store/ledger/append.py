"""Saying something about transactions: new ones, corrections, voids. What it changes is decided
here; :mod:`~riskplatform.store.ledger.write` checks and writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from riskplatform.domain.transactions import Transaction
from riskplatform.errors import ConflictError, UnknownNameError, UserInputError
from riskplatform.store.ledger.audit import Clock
from riskplatform.store.ledger.describe import AppendReport, Statement, last_recorded_at
from riskplatform.store.ledger.names import sequence_at
from riskplatform.store.ledger.records import Row, from_row, to_row
from riskplatform.store.ledger.rows import known_contents, latest_rows
from riskplatform.store.ledger.write import Change, write_changes

Prepared = dict[str, tuple[Transaction, Row]]


def prepare(transactions: Iterable[Transaction]) -> tuple[Prepared, int]:
    """By id, with columns, and how many repeat another. Needs no database, hence no lock."""
    told: Prepared = {}
    repeated = 0
    for transaction in transactions:
        row = to_row(transaction)
        name = transaction.transaction_id
        if name not in told:
            told[name] = (transaction, row)
        elif told[name][1]["content"] == row["content"]:
            repeated += 1
        else:
            raise ConflictError(
                f"Transaction {name!r} appears twice in one batch with different content.",
                hint="Give each its own transaction_id.",
            )
    return told, repeated


def append(
    connection: sa.Connection,
    clock: Clock,
    prepared: tuple[Prepared, int],
    statement: Statement,
) -> AppendReport:
    """Record what is new. What was told before, even if corrected since, adds nothing."""
    told, repeated = prepared
    known = known_contents(connection, told)
    differing = [name for name, seen in known.items() if told[name][1]["content"] not in seen]
    if differing:
        raise ConflictError(
            f"{len(differing)} of {len(told)} transactions are recorded with different content: "
            f"{', '.join(map(repr, differing[:5]))}.",
            hint="Use correct() to record a new revision.",
        )
    changes = [Change(t, row) for name, (t, row) in told.items() if name not in known]
    unchanged = len(known) + repeated
    return _written(connection, clock, changes, statement, "append transactions", unchanged)


def correct(
    connection: sa.Connection,
    clock: Clock,
    prepared: tuple[Prepared, int],
    statement: Statement,
) -> AppendReport:
    """Record new revisions. A voided transaction that is corrected is valid again."""
    told, repeated = prepared
    before = _previous(connection, told)
    changes = [
        Change(t, row, previous=before[name])
        for name, (t, row) in told.items()
        if before[name]["void"] or before[name]["content"] != row["content"]
    ]
    unchanged = len(told) - len(changes) + repeated
    return _written(connection, clock, changes, statement, "correct transactions", unchanged)


def void(
    connection: sa.Connection, clock: Clock, ids: Collection[str], statement: Statement
) -> AppendReport:
    """Record that transactions never were."""
    before = _previous(connection, ids)
    changes = [
        Change(from_row(row), dict(row), previous=row, void=True)
        for row in before.values()
        if not row["void"]
    ]
    unchanged = len(before) - len(changes)
    return _written(connection, clock, changes, statement, "void transactions", unchanged)


def _previous(connection: sa.Connection, ids: Collection[str]) -> dict[str, Row]:
    found = latest_rows(connection, ids, sequence_at(connection, None))
    for name in ids:
        if name not in found:
            raise UnknownNameError("transaction", name)
    return found


def _written(
    connection: sa.Connection,
    clock: Clock,
    changes: list[Change],
    statement: Statement,
    action: str,
    unchanged: int,
) -> AppendReport:
    if not statement.actor.strip():
        raise UserInputError("A write to the ledger has no actor.", hint="Say who is doing it.")
    if not changes:
        return AppendReport(last_recorded_at(connection), 0, unchanged)
    recorded_at = write_changes(connection, clock, changes, statement, action)
    return AppendReport(recorded_at, len(changes), unchanged)
