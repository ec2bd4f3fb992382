"""The journal: events of proposals, orders, runs and controls, in order and never changed.

An event has one place: the stream, the subject in it, and its position from 0. Two writers of one
place conflict and the later one learns so: that is how a run is claimed once, an execution booked
once and a decision taken on what was seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from riskplatform.errors import ConflictError, UserInputError
from riskplatform.store.ledger.audit import Clock, next_stamp, seal
from riskplatform.store.ledger.bulk import insert_many
from riskplatform.store.ledger.canonical import canonical_json, digest, storable
from riskplatform.store.ledger.database import Database
from riskplatform.store.ledger.instants import from_micros
from riskplatform.store.ledger.tables import audit, journal

_AT_ONCE = 200  # places asked for in one query


@dataclass(frozen=True, slots=True)
class Event:
    """What is to be said of a subject at a place; ``body`` is plain JSON."""

    stream: str
    subject: str
    position: int
    body: Mapping[str, Any]

    @property
    def place(self) -> tuple[str, str, int]:
        return self.stream, self.subject, self.position


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in the ledger: its place, who said it and when."""

    row_key: int
    stream: str
    subject: str
    position: int
    body: Mapping[str, Any]
    recorded_at: datetime
    actor: str
    sequence: int


class Journal:
    """Appending events and reading them, within the ledger's one order of writes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def append(
        self, events: Iterable[Event], *, actor: str, action: str, reason: str = ""
    ) -> list[Recorded]:
        """Record events, all or none, under one audit entry: many at once cost one commit.

        A place that is taken, or that leaves a gap behind it, is a ``ConflictError``.
        """
        told = list(events)
        if not told:
            return []
        with self._database.write() as connection:
            _check_places(connection, told)
            return _write(connection, self._clock, told, actor, action, reason)

    def read(self, stream: str, subject: str) -> list[Recorded]:
        """Everything said of one subject, in order."""
        query = _SELECT.where(journal.c.stream == stream, journal.c.subject == subject)
        return self._all(query.order_by(journal.c.position))

    def since(self, row_key: int = 0, *, stream: str | None = None) -> list[Recorded]:
        """What came after ``row_key``, of one stream or of all: for following along."""
        query = _SELECT.where(journal.c.row_key > row_key)
        if stream is not None:
            query = query.where(journal.c.stream == stream)
        return self._all(query.order_by(journal.c.row_key))

    def latest(self, stream: str) -> list[Recorded]:
        """The last event of every subject, in the order in which they were recorded."""
        last = (
            sa.select(journal.c.subject, sa.func.max(journal.c.position).label("position"))
            .where(journal.c.stream == stream)
            .group_by(journal.c.subject)
            .subquery()
        )
        query = _SELECT.join(
            last,
            (journal.c.subject == last.c.subject) & (journal.c.position == last.c.position),
        ).where(journal.c.stream == stream)
        return self._all(query.order_by(journal.c.row_key))

    def position(self, *streams: str) -> int:
        """The last event's ``row_key``, of these streams or of all; 0 when there is none.

        While it stays the same, everything that is read of them does.
        """
        query = sa.select(sa.func.coalesce(sa.func.max(journal.c.row_key), 0))
        if streams:
            query = query.where(journal.c.stream.in_(streams))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def subjects(self, stream: str) -> list[str]:
        """What the stream tells of, in the order of its first events."""
        query = (
            sa.select(journal.c.subject)
            .where(journal.c.stream == stream, journal.c.position == 0)
            .order_by(journal.c.row_key)
        )
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def _all(self, query: sa.Select[Any]) -> list[Recorded]:
        with self._database.read() as connection:
            return [_recorded(row) for row in connection.execute(query).mappings().all()]


_SELECT = sa.select(journal, audit.c.recorded_at, audit.c.actor).join(
    audit, journal.c.sequence == audit.c.sequence
)


def event_digest(row: Mapping[str, Any]) -> str:
    """The digest of a stored event."""
    return digest([row[c.name] for c in journal.columns if c.name != "digest"])


def _check_places(connection: sa.Connection, told: Sequence[Event]) -> None:
    """Each subject goes on where it stands, one position after the other."""
    for event in told:
        storable(event.stream, "A stream")
        storable(event.subject, "A subject")
    stands = _standing(connection, sorted({(event.stream, event.subject) for event in told}))
    for event in told:
        key = (event.stream, event.subject)
        expected = stands.get(key, 0)
        if event.position < expected:
            raise ConflictError(
                f"Event {event.position} of {event.stream} {event.subject!r} was recorded before: "
                f"it stands at {expected - 1}.",
                hint="Read it again and decide on what is there now.",
            )
        if event.position > expected:
            raise ConflictError(
                f"Event {event.position} of {event.stream} {event.subject!r} leaves a gap: "
                f"the next one is {expected}."
            )
        stands[key] = expected + 1


def _standing(
    connection: sa.Connection, subjects: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """The next free position of each subject."""
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(subjects), _AT_ONCE):
        wanted = sa.tuple_(journal.c.stream, journal.c.subject).in_(
            subjects[start : start + _AT_ONCE]
        )
        query = (
            sa.select(journal.c.stream, journal.c.subject, sa.func.max(journal.c.position))
            .where(wanted)
            .group_by(journal.c.stream, journal.c.subject)
        )
        for stream, subject, last in connection.execute(query):
            found[stream, subject] = last + 1
    return found


def _write(
    connection: sa.Connection,
    clock: Clock,
    told: Sequence[Event],
    actor: str,
    action: str,
    reason: str,
) -> list[Recorded]:
    stamp = next_stamp(connection, clock)
    last = connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(journal.c.row_key), 0))
    ).scalar_one()
    rows = [
        {
            "row_key": key,
            "sequence": stamp.sequence,
            "stream": event.stream,
            "subject": event.subject,
            "position": event.position,
            "body": _text(event),
        }
        for key, event in enumerate(told, start=last + 1)
    ]
    for row in rows:
        row["digest"] = event_digest(row)
    seal(
        connection,
        stamp,
        actor=actor,
        action=action,
        subject=told[0].subject if len(told) == 1 else f"{len(told)} events",
        payload={"reason": reason},
        row_digests=[str(row["digest"]) for row in rows],
    )
    insert_many(connection, journal, rows)
    said = {"recorded_at": stamp.recorded_at, "actor": actor}
    return [_recorded({**row, **said}) for row in rows]


def _text(event: Event) -> str:
    try:
        return storable(canonical_json(dict(event.body)), "An event")
    except (TypeError, ValueError) as error:
        raise UserInputError(
            f"An event of {event.stream} {event.subject!r} cannot be written as JSON: {error}.",
            hint="Give text, whole numbers, finite numbers, lists and mappings.",
        ) from error


def _recorded(row: sa.RowMapping | Mapping[str, Any]) -> Recorded:
    return Recorded(
        row_key=row["row_key"],
        stream=row["stream"],
        subject=row["subject"],
        position=row["position"],
        body=json.loads(row["body"]),
        recorded_at=from_micros(row["recorded_at"]),
        actor=row["actor"],
        sequence=row["sequence"],
    )
