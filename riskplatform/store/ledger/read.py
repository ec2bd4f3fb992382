"""Reading what was known: positions, transactions, and their history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

import numpy as np
import pandas as pd
import sqlalchemy as sa

from riskplatform.domain.fixed import join
from riskplatform.domain.transactions import Transaction, TransactionKind, start_of
from riskplatform.errors import UnknownNameError
from riskplatform.store.ledger.describe import last_recorded_at
from riskplatform.store.ledger.fold import SUMS, Chunk, finish, fold, start
from riskplatform.store.ledger.instants import as_of_micros, from_micros, to_micros
from riskplatform.store.ledger.keys import Keys
from riskplatform.store.ledger.names import sequence_at
from riskplatform.store.ledger.positions import PositionTable
from riskplatform.store.ledger.records import from_row
from riskplatform.store.ledger.rows import is_current, is_latest, select_rows
from riskplatform.store.ledger.splits import Splits
from riskplatform.store.ledger.tables import IS_SPLIT, movements, transactions

_M = movements.c
_SUMMED = (_M.units, _M.nanos, _M.balance_units, _M.balance_nanos)


def read_positions(
    connection: sa.Connection,
    effective: date | datetime,
    recorded: datetime | None,
    portfolio_ids: Collection[str] | None,
) -> PositionTable:
    """Positions as of (effective, recorded).

    The database sums the movements of instruments that never split, in the order in which it
    keeps them; the others are read row by row and folded here. Both are exact.
    """
    moment = as_of_micros(effective)
    sequence = sequence_at(connection, recorded)
    keys = Keys.read(connection)
    splits = read_splits(connection, moment, sequence)
    wanted = [_M.effective_at <= moment]
    if recorded is not None:
        # Without a moment of recording all that this reading sees counts: one test less per row.
        wanted.append(_M.sequence <= sequence)
    if portfolio_ids is not None:
        wanted.append(_M.portfolio_key.in_(keys.of_portfolios(portfolio_ids)))
    state = start(splits)
    is_split = _M.instrument_key.in_(sorted(splits.by_instrument))
    whole = [sa.cast(sa.func.sum(column), sa.BigInteger) for column in _SUMMED]
    line = (_M.portfolio_key, _M.instrument_key)
    summed = sa.select(*line, sa.literal_column("0"), *whole).where(*wanted, ~is_split)
    state = fold(state, _chunk(connection, summed.group_by(*line)))
    if splits.by_instrument:
        # Naming every portfolio lets the database seek in its order instead of reading it all.
        anywhere = _M.portfolio_key.in_(sorted(keys.portfolios.values()))
        each = sa.select(*line, _M.effective_at, *_SUMMED).where(*wanted, anywhere, is_split)
        state = fold(state, _chunk(connection, each))
    held = finish(state)
    return PositionTable.of(
        from_micros(moment),
        last_recorded_at(connection, sequence),
        [keys.portfolio_names[key] for key in held.portfolio.tolist()],
        [keys.instrument_names[key] for key in held.instrument.tolist()],
        held.sums,
    )


def _chunk(connection: sa.Connection, query: sa.Select[tuple[int, ...]]) -> Chunk:
    rows = connection.execute(query).all()
    count = len(rows) * (3 + SUMS)
    return Chunk.of(np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=count))


def read_splits(connection: sa.Connection, moment: int, sequence: int) -> Splits:
    """The splits in force, in the order in which they take effect."""
    t = transactions.c
    # All splits are few; any further condition would draw the database to a larger index.
    query = sa.select(t.effective_at, t.ordinal, t.instrument_key, t.ratio)
    rows = connection.execute(query.where(IS_SPLIT, is_current(sequence))).all()
    return Splits.of(
        (key, effective, Decimal(ratio))
        for effective, _, key, ratio in sorted(map(tuple, rows))
        if effective <= moment
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which transactions to read. Dates are inclusive; ``limit`` keeps the newest."""

    start: date | datetime | None = None
    end: date | datetime | None = None
    portfolio_ids: Collection[str] | None = None
    instrument_ids: Collection[str] | None = None
    kinds: Collection[TransactionKind] | None = None
    recorded: datetime | None = None
    limit: int | None = None
    history: bool = False


_FRAME = (
    "transaction_id",
    "revision",
    "kind",
    "effective_at",
    "recorded_at",
    "portfolio_id",
    "instrument_id",
    "quantity",
    "price",
    "currency",
    "amount",
    "fees",
    "accrued",
    "settle_date",
    "ratio",
    "group_id",
    "source",
    "note",
    "labels",
    "void",
)


def read_transactions(connection: sa.Connection, wanted: Wanted) -> pd.DataFrame:
    """Transactions by effective moment; numbers are exact decimals."""
    keys = Keys.read(connection)
    sequence = sequence_at(connection, wanted.recorded)
    t = transactions.c
    kept = (t.sequence <= sequence) if wanted.history else is_current(sequence)
    query = select_rows().where(kept)
    if wanted.start is not None:
        since = wanted.start
        moment = since if isinstance(since, datetime) else start_of(since)
        query = query.where(t.effective_at >= to_micros(moment))
    if wanted.end is not None:
        query = query.where(t.effective_at <= as_of_micros(wanted.end))
    if wanted.portfolio_ids is not None:
        query = query.where(t.portfolio_key.in_(keys.of_portfolios(wanted.portfolio_ids)))
    if wanted.instrument_ids is not None:
        query = query.where(t.instrument_key.in_(keys.of_instruments(wanted.instrument_ids)))
    if wanted.kinds is not None:
        query = query.where(t.kind.in_([kind.value for kind in wanted.kinds]))
    newest = query.order_by(t.effective_at.desc(), t.ordinal.desc(), t.revision.desc())
    rows = connection.execute(newest.limit(wanted.limit)).mappings().all()
    records = []
    for row in reversed(rows):
        record = dict(row)
        record["effective_at"] = from_micros(row["effective_at"])
        record["recorded_at"] = from_micros(row["recorded_at"])
        record["quantity"] = join(row["units"], row["nanos"])
        record["amount"] = join(row["amount_units"], row["amount_nanos"])
        for name in ("price", "fees", "accrued", "ratio"):
            record[name] = None if row[name] is None else Decimal(row[name])
        record["settle_date"] = date.fromisoformat(d) if (d := row["settle_date"]) else None
        record["void"] = bool(row["void"])
        records.append([record[name] for name in _FRAME])
    return pd.DataFrame(records, columns=list(_FRAME))


def read_transaction(
    connection: sa.Connection, transaction_id: str, recorded: datetime | None
) -> Transaction:
    """One transaction as it was known, refused when unknown or void."""
    query = select_rows().where(
        transactions.c.transaction_id == transaction_id,
        is_latest(sequence_at(connection, recorded)),
        transactions.c.void == 0,
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise UnknownNameError("transaction", transaction_id)
    return from_row(dict(row))
