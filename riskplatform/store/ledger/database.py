"""Connections to the ledger's database: reads see one moment, writes queue for one lock.

Errors of the database leave this file as errors of ours that name the file or server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from riskplatform.errors import (
    DamagedStoreError,
    RiskPlatformError,
    SettingsError,
    StoreError,
    StoreLockedError,
)
from riskplatform.store.in_use import closed, opening
from riskplatform.store.ledger.tables import APPLICATION_ID

_LOCKED = ("database is locked", "database table is locked", "lock timeout")
_DAMAGED = ("malformed", "file is not a database", "file is encrypted", "unsupported file format")


class Database:
    """One engine, and the two ways to use it."""

    def __init__(self, url: str, *, lock_timeout_seconds: float = 30.0) -> None:
        self.url = _read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(str(self.url.database)) if self.is_sqlite else None
        self.label = str(self.path) if self.path else self.url.render_as_string(hide_password=True)
        self._timeout_ms = int(lock_timeout_seconds * 1000)
        self._local = threading.local()
        self._is_open = False
        self.engine = sa.create_engine(self.url)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", self._prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    def look_at_file(self, look: Callable[[Path], None]) -> None:
        """Let ``look`` read the file before SQLite does, unless this process has it open already:
        closing another handle would drop the locks of those who have."""
        if self.path is None:
            return
        with opening(self.path) as is_open:
            if not is_open:
                look(self.path)
        self._is_open = True

    def _prepare_sqlite(self, connection: Any, _record: Any) -> None:
        # The driver must not open transactions on its own: BEGIN is sent by _begin_sqlite.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {self._timeout_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            # REPLACE then fires the triggers that refuse deletion.
            "recursive_triggers = ON",
            "cache_size = -65536",
            "mmap_size = 1073741824",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent moment; inside a write of this thread, that write's own view."""
        writing = self._writing
        if writing is not None:
            yield writing
            return
        with self._translated(), self.engine.connect() as connection:
            # Options belong to this checkout of the connection and end with it.
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """The only writer, all or nothing.

        Inside a write of this thread it joins that one, and still takes back its own part alone
        when it fails and the caller goes on.
        """
        writing = self._writing
        if writing is not None:
            with self._translated(), writing.begin_nested():
                yield writing
            return
        with self._translated(), self.engine.connect() as connection:
            connection.execution_options(ledger_writes=True)
            with connection.begin():
                self._lock(connection)
                self._local.writing = connection
                try:
                    yield connection
                finally:
                    self._local.writing = None

    @property
    def _writing(self) -> sa.Connection | None:
        return getattr(self._local, "writing", None)

    def _lock(self, connection: sa.Connection) -> None:
        """BEGIN IMMEDIATE is SQLite's lock; in PostgreSQL all our writers ask for one number."""
        if not self.is_sqlite:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {self._timeout_ms}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except RiskPlatformError:
            raise
        except SQLAlchemyError as error:
            raise self._translate(error) from error

    def _translate(self, error: SQLAlchemyError) -> RiskPlatformError:
        found = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        lowered = found.lower()
        if any(sign in lowered for sign in _LOCKED):
            return StoreLockedError(
                f"Another process has held the ledger {self.label} for "
                f"{self._timeout_ms / 1000:g} s.",
                hint="Try again when its write is done.",
            )
        if any(sign in lowered for sign in _DAMAGED):
            return DamagedStoreError(
                f"The ledger {self.label} is damaged or is not a ledger: {found}.",
                hint="Restore it from a backup.",
            )
        return StoreError(f"The ledger {self.label} refused: {found}")

    def close(self) -> None:
        self.engine.dispose()
        if self._is_open and self.path is not None:
            self._is_open = False
            closed(self.path)


def _read_url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except ArgumentError:
        raise SettingsError(
            "The ledger's URL cannot be read.",
            hint="Give sqlite:///path/to/ledger.sqlite or postgresql+psycopg://user@host/name.",
        ) from None
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise SettingsError(
            f"The ledger cannot be kept in {backend}.", hint="Accepted: sqlite, postgresql."
        )
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise SettingsError(
            f"The ledger's URL {text!r} names no file.", hint="Give sqlite:///path/to/file."
        )
    return url


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("ledger_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
