"""The audit trail: every write is one row, chained by hash to the row before it.

An entry's ``recorded_at`` is taken under the ledger's lock and is later than that of every entry
before it, so "as recorded at R" never changes its answer once an entry later than R exists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from riskplatform.errors import UserInputError
from riskplatform.store.ledger.canonical import canonical_json, digest, storable
from riskplatform.store.ledger.database import Database
from riskplatform.store.ledger.instants import from_micros, to_micros
from riskplatform.store.ledger.tables import audit

if TYPE_CHECKING:
    from riskplatform.store.ledger.verify import AuditReport

Clock = Callable[[], datetime]

FIRST_HASH = "0" * 64
"""What the first entry names as the hash before it."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what, when, and the hash that ties it to everything before."""

    sequence: int
    recorded_at: datetime
    actor: str
    action: str
    subject: str
    payload: Mapping[str, Any]
    row_count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """The place of the next entry in the chain, known before its rows are written."""

    sequence: int
    recorded_at: int
    previous_hash: str


def next_stamp(connection: sa.Connection, clock: Clock) -> Stamp:
    """The next place; to be called inside a write only."""
    last = connection.execute(
        sa.select(audit.c.sequence, audit.c.recorded_at, audit.c.hash)
        .order_by(audit.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    now = to_micros(clock())
    if last is None:
        return Stamp(1, now, FIRST_HASH)
    # A clock that was set back must not make two entries equal or reorder them.
    return Stamp(last.sequence + 1, max(now, last.recorded_at + 1), last.hash)


def seal(
    connection: sa.Connection,
    stamp: Stamp,
    *,
    actor: str,
    action: str,
    subject: str,
    payload: Mapping[str, Any],
    row_digests: Sequence[str] = (),
) -> AuditEntry:
    """Write the entry at ``stamp``. It comes before the rows, which refer to it."""
    for what, value in (("actor", actor), ("action", action), ("subject", subject)):
        storable(value, f"The audit's {what}")
    if not actor.strip():
        raise UserInputError("A write to the ledger has no actor.", hint="Say who is doing it.")
    text = storable(_payload_text(payload), "The audit's payload")
    row = {
        "sequence": stamp.sequence,
        "recorded_at": stamp.recorded_at,
        "actor": actor,
        "action": action,
        "subject": subject,
        "payload": text,
        "row_count": len(row_digests),
        "digest": content_digest(text, row_digests),
        "previous_hash": stamp.previous_hash,
    }
    row["hash"] = entry_hash(row)
    connection.execute(sa.insert(audit), [row])
    return _entry(row)


def _payload_text(payload: Mapping[str, Any]) -> str:
    try:
        return canonical_json(dict(payload))
    except (TypeError, ValueError) as error:
        raise UserInputError(
            f"The audit's payload cannot be written as JSON: {error}.",
            hint="Give text, whole numbers, finite numbers, lists and mappings.",
        ) from error


def content_digest(payload: str, row_digests: Iterable[str]) -> str:
    """The digest of what an entry wrote: its payload and each of its rows, in order."""
    return digest([payload, list(row_digests)])


def entry_hash(row: Mapping[str, Any]) -> str:
    """The hash of an entry: all its columns, the hash before it included."""
    return digest([row[c.name] for c in audit.columns if c.name != "hash"])


class AuditTrail:
    """Reading the trail, checking it, and adding what is not a transaction."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, action: str, subject: str, payload: Mapping[str, Any], actor: str) -> AuditEntry:
        """Add an entry; inside ``Ledger.transaction()`` it stands or falls with the rest."""
        with self._database.write() as connection:
            return seal(
                connection,
                next_stamp(connection, self._clock),
                actor=actor,
                action=action,
                subject=subject,
                payload=payload,
            )

    def entries(
        self,
        *,
        action: str | None = None,
        subject: str | None = None,
        recorded: datetime | None = None,
        limit: int | None = None,
    ) -> list[AuditEntry]:
        """Entries in order, oldest first; with ``limit`` only the newest so many."""
        query = sa.select(audit).order_by(audit.c.sequence.desc()).limit(limit)
        if action is not None:
            query = query.where(audit.c.action == action)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        if recorded is not None:
            query = query.where(audit.c.recorded_at <= to_micros(recorded))
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [_entry(dict(row)) for row in reversed(rows)]

    def verify(self, known_head: str | None = None) -> AuditReport:
        """Recompute every digest and hash from the tables and name the first row that differs."""
        from riskplatform.store.ledger.verify import verify

        return verify(self._database, known_head)


def _entry(row: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(
        sequence=row["sequence"],
        recorded_at=from_micros(row["recorded_at"]),
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        payload=json.loads(row["payload"]),
        row_count=row["row_count"],
        hash=row["hash"],
    )
