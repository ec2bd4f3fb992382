"""Stored transactions with names in place of keys, and which of them are current when."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from riskplatform.domain.transactions import Transaction
from riskplatform.store.ledger.names import in_slices
from riskplatform.store.ledger.records import Row, from_row
from riskplatform.store.ledger.tables import instrument_keys, portfolio_keys, transactions

_COLUMNS = [c for c in transactions.columns if c.name not in ("portfolio_key", "instrument_key")]


def select_rows() -> sa.Select[tuple[object, ...]]:
    """All columns of a stored transaction, with the names of its portfolio and instrument."""
    joined = transactions.outerjoin(portfolio_keys).outerjoin(instrument_keys)
    return sa.select(
        *_COLUMNS, portfolio_keys.c.portfolio_id, instrument_keys.c.instrument_id
    ).select_from(joined)


def is_latest(sequence: int) -> sa.ColumnElement[bool]:
    """The last revision that was recorded up to entry ``sequence``, void or not."""
    later = transactions.alias("later")
    newer = sa.exists().where(
        later.c.transaction_id == transactions.c.transaction_id,
        later.c.revision > transactions.c.revision,
        later.c.sequence <= sequence,
    )
    return sa.and_(transactions.c.sequence <= sequence, ~newer)


def is_current(sequence: int) -> sa.ColumnElement[bool]:
    """The last revision up to entry ``sequence``, unless it voids the transaction."""
    return sa.and_(is_latest(sequence), transactions.c.void == 0)


def known_contents(connection: sa.Connection, ids: Collection[str]) -> dict[str, set[str]]:
    """For each id that is recorded, the contents of all its revisions."""
    found: dict[str, set[str]] = {}
    for some in in_slices(ids):
        query = sa.select(transactions.c.transaction_id, transactions.c.content).where(
            transactions.c.transaction_id.in_(some)
        )
        for name, content in connection.execute(query):
            found.setdefault(name, set()).add(content)
    return found


def latest_rows(connection: sa.Connection, ids: Collection[str], sequence: int) -> dict[str, Row]:
    """The last revision of each id that is recorded, void or not."""
    return {
        row["transaction_id"]: dict(row)
        for some in in_slices(ids)
        for row in connection.execute(
            select_rows().where(transactions.c.transaction_id.in_(some), is_latest(sequence))
        ).mappings()
    }


def legs_of_groups(
    connection: sa.Connection, group_ids: Collection[str], sequence: int
) -> list[Transaction]:
    """The current transactions of some groups."""
    return [
        from_row(dict(row))
        for some in in_slices(group_ids)
        for row in connection.execute(
            select_rows().where(transactions.c.group_id.in_(some), is_current(sequence))
        ).mappings()
    ]
