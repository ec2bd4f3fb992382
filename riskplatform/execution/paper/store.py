"""What the venue keeps: its rules, every message taken in, every report given out, its time.

It is another program's store than the desk's ledger: one SQLite file of its own, in WAL with
``synchronous=FULL``, so that what was reported survives the death of the process and the machine.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from riskplatform.domain.codec import to_terms
from riskplatform.errors import DamagedStoreError, UserInputError
from riskplatform.execution.gateways.gateway import Report
from riskplatform.execution.paper.messages import Message
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.wire import (
    message_from,
    message_terms,
    read,
    report_from,
    report_terms,
)

# "rpPV": how the file says what it is.
APPLICATION_ID = 0x72705056
VERSION = 1
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE messages (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE reports (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """What a venue is, from its beginning on."""

    venue_id: str
    seed: int
    rules: VenueRules


class VenueStore:
    """The file of one venue; made by :meth:`create`, opened by :meth:`open`."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection, self.where = connection, where

    @classmethod
    def create(cls, path: Path | None, facts: VenueFacts) -> VenueStore:
        """A new file, or with no path one in memory, for tests and rehearsals."""
        store = cls(_connect(":memory:" if path is None else str(path)), str(path or "memory"))
        with store._connection as connection:
            connection.executescript(f"BEGIN;{_TABLES}")
            values = {
                "venue_id": facts.venue_id, "seed": facts.seed, "rules": to_terms(facts.rules),
            }  # fmt: skip
            rows = [(name, json.dumps(value)) for name, value in values.items()]
            connection.executemany("INSERT INTO facts VALUES (?, ?)", rows)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        return store

    @classmethod
    def open(cls, path: Path) -> VenueStore:
        if not path.is_file():
            raise UserInputError(f"There is no paper venue in {path}.")
        try:
            connection = _connect(str(path))
            marks = [
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("application_id", "user_version")
            ]
        except sqlite3.DatabaseError as error:
            raise DamagedStoreError(f"{path} cannot be read: {error}.") from error
        if marks != [APPLICATION_ID, VERSION]:
            raise DamagedStoreError(
                f"{path} is not the file of a paper venue of this version.",
                hint="Begin a new venue in another folder.",
            )
        return cls(connection, str(path))

    def facts(self) -> VenueFacts:
        found = dict(self._connection.execute("SELECT name, value FROM facts"))
        return VenueFacts(
            venue_id=json.loads(found["venue_id"]),
            seed=json.loads(found["seed"]),
            rules=read(VenueRules, json.loads(found["rules"])),
        )

    def clock(self) -> datetime | None:
        """The time that the venue has certainly not passed before it stopped."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = 'clock'").fetchone()
        return None if row is None else datetime.fromisoformat(row[0])

    def messages(self) -> list[Message]:
        rows = self._connection.execute("SELECT body FROM messages ORDER BY sequence")
        return [message_from(json.loads(body)) for (body,) in rows]

    def reports(self) -> list[Report]:
        rows = self._connection.execute("SELECT body FROM reports ORDER BY sequence")
        return [report_from(json.loads(body)) for (body,) in rows]

    def write(
        self, messages: Iterable[Message], reports: Iterable[Report], clock: datetime
    ) -> None:
        """All of it or nothing, on the disk when this returns."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT INTO messages (body) VALUES (?)",
                [(json.dumps(message_terms(one)),) for one in messages],
            )
            connection.executemany(
                "INSERT INTO reports (body) VALUES (?)",
                [(json.dumps(report_terms(one)),) for one in reports],
            )
            connection.execute(
                "INSERT OR REPLACE INTO facts VALUES ('clock', ?)", (clock.isoformat(),)
            )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        self._connection.close()


def _connect(path: str) -> sqlite3.Connection:
    # One thread at a time is the service's own rule; it need not be always the same thread.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection
