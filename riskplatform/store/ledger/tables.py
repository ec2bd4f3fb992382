"""The tables of the ledger. Rows are only ever added; what replaces a row is a later row.

``audit`` gives every write its sequence and its ``recorded_at``; all other rows name the sequence
that wrote them. ``transactions`` holds what was said, ``movements`` what it moves: sums of
movements are positions, because a correction also writes the old movements with the opposite sign.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION = 3
"""1: portfolios, instruments, transactions. 2: limits too. 3: the journal too."""

APPLICATION = "riskplatform ledger"
APPLICATION_ID = 0x52504C44  # "RPLD" in the header of a SQLite file

metadata = MetaData()

# SQLite makes a column the row's own key, without a second index, only when it is "INTEGER".
_Key = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "ledger_meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", _Key, primary_key=True, autoincrement=False),
    Column("recorded_at", BigInteger, nullable=False, unique=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)


def _names(name: str, key: str, identifier: str) -> Table:
    """Names to small integers, so that movements are narrow."""
    return Table(
        name,
        metadata,
        Column(key, _Key, primary_key=True, autoincrement=False),
        Column(identifier, Text, nullable=False, unique=True),
    )


def _terms(name: str, identifier: str) -> Table:
    """Revisions of the terms of something named."""
    return Table(
        name,
        metadata,
        Column("sequence", ForeignKey("audit.sequence"), primary_key=True, autoincrement=False),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column(identifier, Text, nullable=False),
        Column("effective_from", BigInteger, nullable=False),
        Column("terms", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Index(f"ix_{name}_{identifier}", identifier),
    )


portfolio_keys = _names("portfolio_keys", "portfolio_key", "portfolio_id")
instrument_keys = _names("instrument_keys", "instrument_key", "instrument_id")
portfolios = _terms("portfolios", "portfolio_id")
instruments = _terms("instruments", "instrument_id")
limits = _terms("limits", "limit_id")

# What happened to proposals, orders, runs of jobs: events of many streams, one place each.
journal = Table(
    "journal",
    metadata,
    Column("row_key", _Key, primary_key=True, autoincrement=False),
    Column("sequence", ForeignKey("audit.sequence"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", Text, nullable=False),
    UniqueConstraint("stream", "subject", "position"),
)

transactions = Table(
    "transactions",
    metadata,
    Column("row_key", _Key, primary_key=True, autoincrement=False),
    Column("sequence", ForeignKey("audit.sequence"), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    # The row of the first revision: it keeps its place among others of the same instant.
    Column("ordinal", BigInteger, nullable=False),
    Column("void", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("effective_at", BigInteger, nullable=False),
    Column("portfolio_key", ForeignKey("portfolio_keys.portfolio_key")),
    Column("instrument_key", ForeignKey("instrument_keys.instrument_key")),
    Column("units", BigInteger, nullable=False),
    Column("nanos", BigInteger, nullable=False),
    Column("price", Text),
    Column("currency", Text),
    Column("amount_units", BigInteger, nullable=False),
    Column("amount_nanos", BigInteger, nullable=False),
    Column("fees", Text, nullable=False),
    Column("accrued", Text, nullable=False),
    Column("settle_date", Text),
    Column("ratio", Text),
    Column("group_id", Text),
    Column("source", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("digest", Text, nullable=False),
    UniqueConstraint("transaction_id", "revision"),
    Index("ix_transactions_line", "portfolio_key", "instrument_key", "effective_at"),
    Index("ix_transactions_effective_at", "effective_at"),
)
# Written out, because SQLite uses a partial index only for the very words of its condition.
IS_SPLIT = text("transactions.kind = 'split'")
_SPLITS = text("kind = 'split'")
_GROUPED = text("group_id IS NOT NULL")
Index(
    "ix_transactions_splits",
    transactions.c.instrument_key,
    sqlite_where=_SPLITS,
    postgresql_where=_SPLITS,
)
Index(
    "ix_transactions_groups",
    transactions.c.group_id,
    sqlite_where=_GROUPED,
    postgresql_where=_GROUPED,
)

# The primary key is the order in which positions are summed, and SQLite keeps the rows in it:
# the sum over a million transactions is one sequential read.
movements = Table(
    "movements",
    metadata,
    Column(
        "portfolio_key",
        ForeignKey("portfolio_keys.portfolio_key"),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "instrument_key",
        ForeignKey("instrument_keys.instrument_key"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("effective_at", BigInteger, primary_key=True, autoincrement=False),
    Column("row_key", ForeignKey("transactions.row_key"), primary_key=True, autoincrement=False),
    # From 1 for what the transaction moves, from -1 down for what it takes back.
    Column("leg", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("nanos", BigInteger, nullable=False),
    Column("balance_units", BigInteger, nullable=False),
    Column("balance_nanos", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
