"""Holdings day by day, for histories: one read for any number of days.

Positions of a single moment are exact and come from :mod:`~riskplatform.store.ledger.fold`; a
path starts from them and adds movements as floats, which is what charts and P&L need.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from riskplatform.domain.fixed import NANO
from riskplatform.domain.transactions import TransactionKind
from riskplatform.store.ledger.instants import as_of_micros
from riskplatform.store.ledger.keys import Keys
from riskplatform.store.ledger.names import sequence_at
from riskplatform.store.ledger.read import read_positions, read_splits
from riskplatform.store.ledger.tables import movements, transactions

FloatArray = NDArray[np.float64]


EXTERNAL = (TransactionKind.CASH, TransactionKind.OPENING, TransactionKind.TRANSFER)
"""Kinds that bring something into portfolios or take it out, which is no gain and no loss."""


@dataclass(frozen=True)
class HoldingsPath:
    """Sums over the portfolios asked for: one row per day, one column per instrument ever held.

    ``quantity`` and ``balance`` are held at the end of the day; the ``external`` ones were put in
    (or, below zero, taken out) after the end of the day before. The first day has none.
    """

    days: tuple[date, ...]
    instrument_ids: tuple[str, ...]
    quantity: FloatArray
    balance: FloatArray
    external_quantity: FloatArray
    external_balance: FloatArray


def read_path(
    connection: sa.Connection,
    days: Sequence[date],
    recorded: datetime | None,
    portfolio_ids: Collection[str] | None,
) -> HoldingsPath:
    """Holdings at the end of each of ``days``, which are in order and at least one."""
    keys = Keys.read(connection)
    sequence = sequence_at(connection, recorded)
    moments = np.array([as_of_micros(day) for day in days])
    opening = read_positions(connection, days[0], recorded, portfolio_ids)
    rows = _movements(connection, keys, moments, sequence, portfolio_ids)
    opened = np.array([keys.instruments[str(name)] for name in opening.instrument_id], np.int64)
    used = np.unique(np.concatenate([opened, rows[:, 0].astype(np.int64)]))
    steps = np.zeros((2, len(days), used.size))
    np.add.at(steps[0, 0], np.searchsorted(used, opened), opening.quantity)
    np.add.at(steps[1, 0], np.searchsorted(used, opened), opening.balance)
    _add(steps, rows, moments, used)
    external = np.zeros_like(steps)
    _add(external, rows[rows[:, 4] == 1], moments, used)
    quantity, balance = np.cumsum(steps, axis=1)
    splits = read_splits(connection, int(moments[-1]), sequence)
    for key, them in splits.by_instrument.items():
        column = np.flatnonzero(used == key)
        if column.size:
            ratios = _ratios(moments, [(moment, float(ratio)) for moment, ratio in them])
            quantity[:, column[0]] = _multiplied(steps[0, :, column[0]], ratios)
    names = tuple(keys.instrument_names[key] for key in used.tolist())
    return HoldingsPath(tuple(days), names, quantity, balance, *external)


def _movements(
    connection: sa.Connection,
    keys: Keys,
    moments: NDArray[np.int64],
    sequence: int,
    portfolio_ids: Collection[str] | None,
) -> FloatArray:
    """After the first day: instrument, moment, quantity, balance, whether it is external."""
    m = movements.c
    is_external = transactions.c.kind.in_([kind.value for kind in EXTERNAL])
    query = sa.select(
        m.instrument_key,
        m.effective_at,
        m.units + m.nanos / float(NANO),
        m.balance_units + m.balance_nanos / float(NANO),
        sa.case((is_external, 1), else_=0),
    ).join(transactions, transactions.c.row_key == m.row_key)
    query = query.where(
        m.sequence <= sequence,
        m.effective_at > int(moments[0]),
        m.effective_at <= int(moments[-1]),
    )
    if portfolio_ids is not None:
        query = query.where(m.portfolio_key.in_(keys.of_portfolios(portfolio_ids)))
    rows = [tuple(row) for row in connection.execute(query)]
    # A float holds microseconds since 1970 exactly until the year 2255.
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def _add(
    steps: FloatArray, rows: FloatArray, moments: NDArray[np.int64], used: NDArray[np.int64]
) -> None:
    where = np.searchsorted(moments, rows[:, 1]), np.searchsorted(used, rows[:, 0])
    np.add.at(steps[0], where, rows[:, 2])
    np.add.at(steps[1], where, rows[:, 3])


def _ratios(moments: NDArray[np.int64], splits: list[tuple[int, float]]) -> FloatArray:
    """Per day, what a holding of the evening before is multiplied by."""
    ratios = np.ones(moments.size)
    for moment, ratio in splits:
        if moment > moments[0]:
            ratios[np.searchsorted(moments, moment)] *= ratio
    return ratios


def _multiplied(steps: FloatArray, ratios: FloatArray) -> FloatArray:
    """The running sum of ``steps``; a split multiplies before the day's trades are added."""
    path = np.empty_like(steps)
    level = 0.0
    for day, (step, ratio) in enumerate(zip(steps, ratios, strict=True)):
        level = level * ratio + step
        path[day] = level
    return path
