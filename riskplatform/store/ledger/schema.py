"""Making a ledger, and recognising one: whose file it is, whether it is whole, and how new."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from riskplatform.errors import ConflictError, DamagedStoreError, StoreError
from riskplatform.store.ledger.database import Database
from riskplatform.store.ledger.tables import (
    APPLICATION,
    APPLICATION_ID,
    SCHEMA_VERSION,
    journal,
    limits,
    meta,
    metadata,
)
from riskplatform.store.ledger.triggers import create_triggers, guard, unguarded

_MAGIC = b"SQLite format 3\x00"


def create_schema(database: Database) -> None:
    """Empty tables, in one database transaction; what is there already is never overwritten."""
    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
        database.look_at_file(_check_if_any)
    with database.write() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        if meta.name in tables:
            raise ConflictError(
                f"There is already a ledger in {database.label}.", hint="Open it instead."
            )
        taken = sorted(tables & set(metadata.tables))
        if taken or (database.is_sqlite and tables):
            raise DamagedStoreError(
                f"{database.label} holds other tables ({', '.join(sorted(taken or tables)[:5])}).",
                hint="Name another file or database for the ledger.",
            )
        if database.is_sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        metadata.create_all(connection)
        create_triggers(connection)
        connection.execute(
            sa.insert(meta),
            [
                {"name": "application", "value": APPLICATION},
                {"name": "schema_version", "value": str(SCHEMA_VERSION)},
            ],
        )


def check_schema(database: Database) -> None:
    """Refuse what is not a whole ledger; bring one of an older version up to this program's."""
    if database.path is not None:
        if not database.path.exists():
            raise StoreError(f"There is no ledger at {database.path}.", hint="Create it first.")
        database.look_at_file(check_file)
    with database.read() as connection:
        version, absent = _version(connection, database.label), _absent(connection)
    if version < SCHEMA_VERSION:
        upgrade_schema(database)
    elif absent:
        raise DamagedStoreError(f"The ledger {database.label} lacks {', '.join(sorted(absent))}.")


_ADDED = {2: (limits.name,), 3: (journal.name,)}
"""The tables that came with each version after the first."""


def upgrade_schema(database: Database) -> None:
    """Add what came after the ledger's version, all or nothing; no row that is there changes.

    The version written is the new one, so that an older program refuses the ledger instead of
    overlooking what it does not know.
    """
    with database.write() as connection:
        # Another process may have been quicker.
        version = _version(connection, database.label)
        added = [name for since, names in _ADDED.items() if since > version for name in names]
        absent = _absent(connection)
        if lost := sorted(absent - set(added)):
            raise DamagedStoreError(f"The ledger {database.label} lacks {', '.join(lost)}.")
        for name in added:
            if name in absent:
                metadata.tables[name].create(connection)
                guard(connection, name)
        if version == SCHEMA_VERSION:
            return
        if database.is_sqlite:
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        with unguarded(connection, meta.name):
            connection.execute(
                sa.update(meta)
                .where(meta.c.name == "schema_version")
                .values(value=str(SCHEMA_VERSION))
            )


def _version(connection: sa.Connection, label: str) -> int:
    """Of a ledger of ours that is not newer than this program."""
    if not sa.inspect(connection).has_table(meta.name):
        raise DamagedStoreError(f"{label} is not a ledger of riskplatform.")
    found = dict(connection.execute(sa.select(meta.c.name, meta.c.value)).all())
    version = found.get("schema_version", "")
    if found.get("application") != APPLICATION or not version.isdigit():
        raise DamagedStoreError(f"{label} is not a ledger of riskplatform.")
    if int(version) > SCHEMA_VERSION:
        raise DamagedStoreError(
            f"The ledger {label} has version {version}; this program knows up to {SCHEMA_VERSION}.",
            hint="Upgrade riskplatform.",
        )
    return int(version)


def _absent(connection: sa.Connection) -> set[str]:
    return set(metadata.tables) - set(sa.inspect(connection).get_table_names())


def _check_if_any(path: Path) -> None:
    if path.exists() and path.stat().st_size:
        check_file(path)


def check_file(path: Path) -> None:
    """Refuse a file that SQLite did not write, or that is shorter than it says it is."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
            length = file.seek(0, 2)
    except OSError as error:
        raise StoreError(f"The ledger {path} cannot be read: {error.strerror}.") from error
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise DamagedStoreError(
            f"{path} is not a ledger: it does not begin as a SQLite database does.",
            hint="Name the ledger's own file, or restore it from a backup.",
        )
    page_size = int.from_bytes(head[16:18], "big")
    expected = (65536 if page_size == 1 else page_size) * int.from_bytes(head[28:32], "big")
    # A write-ahead log that is still to be applied may hold the missing end.
    log = path.with_name(path.name + "-wal")
    if length < expected and not (log.exists() and log.stat().st_size):
        raise DamagedStoreError(
            f"{path} is cut short: it has {length:,} bytes of {expected:,}.",
            hint="Restore it from a backup.",
        )
