"""Append-only, enforced by the database itself: UPDATE, DELETE and TRUNCATE are refused."""

from __future__ import annotations

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
        for statement in _statements(table.name, connection.dialect.name):
            connection.exec_driver_sql(statement)


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
