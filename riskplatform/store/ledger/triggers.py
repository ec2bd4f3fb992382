"""Append-only, enforced by the database itself: UPDATE, DELETE and TRUNCATE are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from riskplatform.store.ledger.tables import metadata

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = 'the ledger is append-only: ' || TG_OP || ' on ' || TG_TABLE_NAME || ' refused';
END $$
"""


def create_triggers(connection: Connection) -> None:
    """One set of triggers for every table of the ledger."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_FUNCTION)
    for table in metadata.sorted_tables:
        guard(connection, table.name)


def guard(connection: Connection, table: str) -> None:
    """Refuse changes of one table from now on."""
    for statement in _statements(table, connection.dialect.name):
        connection.exec_driver_sql(statement)


@contextmanager
def unguarded(connection: Connection, table: str) -> Iterator[None]:
    """One table may be changed inside: for the upgrade of a ledger, and nothing else."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
        yield
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")
        return
    for event in ("update", "delete"):
        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{event}")
    yield
    guard(connection, table)


def _statements(table: str, dialect: str) -> list[str]:
    if dialect == "postgresql":
        return [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
        ]
    return [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'the ledger is append-only: {event} on {table} refused'); END"
        for event in ("UPDATE", "DELETE")
    ]
