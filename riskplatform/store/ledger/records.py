"""A transaction as columns, and back; and the digest of what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from riskplatform.domain.fixed import join, split
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.store.ledger.canonical import canonical_json, decimal_text, digest, storable
from riskplatform.store.ledger.instants import from_micros, to_micros
from riskplatform.store.ledger.keys import Keys

CONTENT = (
    "transaction_id",
    "kind",
    "effective_at",
    "portfolio_id",
    "instrument_id",
    "units",
    "nanos",
    "price",
    "currency",
    "amount_units",
    "amount_nanos",
    "fees",
    "accrued",
    "settle_date",
    "ratio",
    "group_id",
    "source",
    "note",
    "labels",
)
"""What a transaction says, in the order in which it is digested."""

# Other texts are numbers, dates and currencies, which cannot be anything else.
_FREE_TEXT = (
    "transaction_id",
    "portfolio_id",
    "instrument_id",
    "group_id",
    "source",
    "note",
    "labels",
)

Row = dict[str, Any]


def to_row(transaction: Transaction) -> Row:
    """The columns that a transaction fills, with names in place of keys."""
    units, nanos = split(transaction.quantity)
    amount_units, amount_nanos = split(transaction.amount)
    settle = transaction.settle_date
    row: Row = {
        "transaction_id": transaction.transaction_id,
        "kind": transaction.kind.value,
        "effective_at": to_micros(transaction.effective_at),
        "portfolio_id": transaction.portfolio_id,
        "instrument_id": transaction.instrument_id,
        "units": units,
        "nanos": nanos,
        "price": decimal_text(transaction.price),
        "currency": transaction.currency,
        "amount_units": amount_units,
        "amount_nanos": amount_nanos,
        "fees": decimal_text(transaction.fees),
        "accrued": decimal_text(transaction.accrued),
        "settle_date": settle.isoformat() if settle else None,
        "ratio": decimal_text(transaction.ratio),
        "group_id": transaction.group_id,
        "source": transaction.source,
        "note": transaction.note,
        "labels": canonical_json(transaction.labels) if transaction.labels else "[]",
    }
    for name in _FREE_TEXT:
        if (value := row[name]) is not None:
            storable(value, f"Transaction {transaction.transaction_id!r}: the {name}")
    row["content"] = content_of(row)
    return row


def content_of(row: Mapping[str, Any]) -> str:
    """The digest of what the row says; equal content means the same transaction told twice."""
    return digest([row[name] for name in CONTENT])


def from_row(row: Mapping[str, Any]) -> Transaction:
    """The transaction of a row that has names in place of keys."""
    return Transaction(
        transaction_id=row["transaction_id"],
        kind=TransactionKind(row["kind"]),
        effective_at=from_micros(row["effective_at"]),
        portfolio_id=row["portfolio_id"],
        instrument_id=row["instrument_id"],
        quantity=join(row["units"], row["nanos"]),
        price=_decimal(row["price"]),
        currency=row["currency"],
        amount=join(row["amount_units"], row["amount_nanos"]),
        fees=Decimal(row["fees"]),
        accrued=Decimal(row["accrued"]),
        settle_date=date.fromisoformat(row["settle_date"]) if row["settle_date"] else None,
        ratio=_decimal(row["ratio"]),
        group_id=row["group_id"],
        source=row["source"],
        note=row["note"],
        labels=tuple(json.loads(row["labels"])),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def row_digest(row: Mapping[str, Any], moves: list[list[Any]]) -> str:
    """The digest of a stored row: its content, its place in the ledger and what it moves."""
    return digest(
        [
            row["content"],
            row["row_key"],
            row["sequence"],
            row["recorded_at"],
            row["revision"],
            row["ordinal"],
            row["void"],
            moves,
        ]
    )


def move_values(move: Mapping[str, Any], keys: Keys) -> list[Any]:
    """A movement, with names for keys, as it enters the digest of its transaction."""
    return [
        move["leg"],
        keys.portfolio_names.get(move["portfolio_key"]),
        keys.instrument_names.get(move["instrument_key"]),
        move["effective_at"],
        move["units"],
        move["nanos"],
        move["balance_units"],
        move["balance_nanos"],
    ]
