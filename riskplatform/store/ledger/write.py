"""Checking a batch of changes and writing its rows, its movements and its audit entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

import sqlalchemy as sa

from riskplatform.domain.instruments import Cash, Instrument, cash_currency, cash_id
from riskplatform.domain.portfolio import PortfolioTree
from riskplatform.domain.transactions import Transaction
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.store.ledger.audit import Clock, Stamp, next_stamp, seal
from riskplatform.store.ledger.bulk import insert_many
from riskplatform.store.ledger.checks import problems_of
from riskplatform.store.ledger.describe import Statement, put_instruments
from riskplatform.store.ledger.groups import LINKED_KINDS, group_problems
from riskplatform.store.ledger.instants import from_micros
from riskplatform.store.ledger.keys import Keys
from riskplatform.store.ledger.meaning import moves_of
from riskplatform.store.ledger.names import (
    INSTRUMENTS,
    read_instruments,
    read_keys,
    read_tree,
    sequence_at,
)
from riskplatform.store.ledger.records import Row, move_values, row_digest
from riskplatform.store.ledger.rows import legs_of_groups
from riskplatform.store.ledger.tables import movements, transactions

_SHOWN = 5  # problems named in a refusal; the rest are counted


@dataclass(frozen=True, slots=True)
class Change:
    """A transaction to be written: its columns, and the revision that it replaces."""

    transaction: Transaction
    row: Row
    previous: Row | None = None
    void: bool = False


def write_changes(
    connection: sa.Connection,
    clock: Clock,
    changes: Sequence[Change],
    statement: Statement,
    action: str,
) -> datetime:
    """Write a non-empty batch and return when it was recorded."""
    legs = _groups_after(connection, changes)
    known = _instruments(connection, clock, [c.transaction for c in changes], legs, statement)
    _check(changes, known, read_tree(connection))
    _refuse(group_problems(legs, known), "leg", len(legs))
    keys = _keys(connection, changes)
    stamp = next_stamp(connection, clock)
    rows, moved = _assemble(connection, stamp, changes, known, keys)
    one = changes[0].transaction.transaction_id
    seal(
        connection,
        stamp,
        actor=statement.actor,
        action=action,
        subject=one if len(changes) == 1 else f"{len(changes)} transactions",
        payload={"reason": statement.reason},
        row_digests=[row["digest"] for row in rows],
    )
    insert_many(connection, transactions, rows)
    # In the order in which they are kept, so that each page is written once.
    moved.sort(key=itemgetter("portfolio_key", "instrument_key", "effective_at"))
    insert_many(connection, movements, moved)
    return from_micros(stamp.recorded_at)


def _keys(connection: sa.Connection, changes: Sequence[Change]) -> Keys:
    """The keys of all names in the batch and in what it replaces."""
    rows = [row for change in changes for row in (change.row, change.previous) if row is not None]
    portfolios = {row["portfolio_id"] for row in rows} - {None}
    instruments = {row["instrument_id"] for row in rows} - {None}
    cash = {cash_id(row["currency"]) for row in rows if row["currency"] is not None}
    return Keys.read(connection, portfolios, instruments | cash)


def _groups_after(connection: sa.Connection, changes: Sequence[Change]) -> list[Transaction]:
    """All legs of the groups that the batch touches, as they will be after it."""
    touched = {
        str(row["group_id"])
        for change in changes
        for row in (change.row, change.previous)
        if row is not None and row["group_id"] and row["kind"] in LINKED_KINDS
    }
    if not touched:
        return []
    replaced = {change.transaction.transaction_id for change in changes}
    standing = legs_of_groups(connection, touched, sequence_at(connection, None))
    told = [c.transaction for c in changes if not c.void and c.transaction.group_id in touched]
    return [leg for leg in standing if leg.transaction_id not in replaced] + told


def _instruments(
    connection: sa.Connection,
    clock: Clock,
    told: Iterable[Transaction],
    legs: Iterable[Transaction],
    statement: Statement,
) -> dict[str, Instrument]:
    """Every instrument that is named. Cash of a new currency introduces itself."""
    names = set()
    for transaction in (*told, *legs):
        if transaction.instrument_id is not None:
            names.add(transaction.instrument_id)
        if transaction.currency is not None:
            names.add(cash_id(transaction.currency))
    known = read_instruments(connection, names=names)
    absent = sorted(names - set(known))
    cash = [Cash.of(currency) for name in absent if (currency := cash_currency(name))]
    if cash:
        put_instruments(connection, clock, cash, Statement(statement.actor, "first use"))
        known |= {item.instrument_id: item for item in cash}
    unknown = [name for name in absent if name not in known]
    if unknown:
        raise UnknownNameError("instrument", unknown[0], read_keys(connection, INSTRUMENTS))
    return known


def _check(changes: Sequence[Change], known: Mapping[str, Instrument], tree: PortfolioTree) -> None:
    problems = []
    for change in changes:
        if change.void:
            continue
        told = change.transaction
        if told.portfolio_id is not None:
            tree.require_leaf(told.portfolio_id)
        instrument = known[told.instrument_id] if told.instrument_id else None
        problems += [
            f"{told.kind} {told.transaction_id!r}: {p}" for p in problems_of(told, instrument)
        ]
    _refuse(problems, "transaction", len(changes))


def _refuse(problems: Sequence[str], what: str, asked: int) -> None:
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        shown = "; ".join(problems[:_SHOWN]) + more
        raise UserInputError(f"Nothing of {asked} {what}s was recorded, because {shown}.")


def _assemble(
    connection: sa.Connection,
    stamp: Stamp,
    changes: Sequence[Change],
    known: Mapping[str, Instrument],
    keys: Keys,
) -> tuple[list[Row], list[Row]]:
    """Rows of transactions and of movements, complete with keys and digests."""
    last = connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(transactions.c.row_key), 0))
    ).scalar_one()
    rows: list[Row] = []
    moved: list[Row] = []
    for row_key, change in enumerate(changes, start=last + 1):
        row = _row(row_key, stamp, change, keys)
        mine: list[Row] = []
        if not change.void:
            instrument = known.get(change.transaction.instrument_id or "")
            mine = [
                {
                    "portfolio_key": row["portfolio_key"],
                    "instrument_key": keys.instruments[move.instrument_id],
                    "effective_at": row["effective_at"],
                    "row_key": row_key,
                    "leg": leg,
                    "sequence": stamp.sequence,
                    "units": move.units,
                    "nanos": move.nanos,
                    "balance_units": move.balance_units,
                    "balance_nanos": move.balance_nanos,
                }
                for leg, move in enumerate(moves_of(change.transaction, instrument), start=1)
            ]
        if change.previous is not None and not change.previous["void"]:
            mine += _taken_back(connection, change.previous, row_key, stamp.sequence)
        row["digest"] = row_digest(row, [move_values(move, keys) for move in mine])
        rows.append(row)
        moved += mine
    return rows, moved


def _row(row_key: int, stamp: Stamp, change: Change, keys: Keys) -> Row:
    """The columns of a change, and the names that its digest covers."""
    previous = change.previous
    return {
        **change.row,
        "row_key": row_key,
        "sequence": stamp.sequence,
        "recorded_at": stamp.recorded_at,
        "revision": 1 if previous is None else previous["revision"] + 1,
        "ordinal": row_key if previous is None else previous["ordinal"],
        "void": int(change.void),
        "portfolio_key": _key(keys.portfolios, change.row["portfolio_id"]),
        "instrument_key": _key(keys.instruments, change.row["instrument_id"]),
    }


def _key(keys: Mapping[str, int], name: str | None) -> int | None:
    return None if name is None else keys[name]


def _taken_back(connection: sa.Connection, previous: Row, row_key: int, sequence: int) -> list[Row]:
    """The movements of the replaced revision with the opposite sign, at their own moment."""
    query = sa.select(movements).where(
        movements.c.portfolio_key
        == sa.select(transactions.c.portfolio_key)
        .where(transactions.c.row_key == previous["row_key"])
        .scalar_subquery(),
        movements.c.row_key == previous["row_key"],
        movements.c.effective_at == previous["effective_at"],
        movements.c.leg > 0,
    )
    return [
        {
            **old,
            "row_key": row_key,
            "leg": -old["leg"],
            "sequence": sequence,
            "units": -old["units"],
            "nanos": -old["nanos"],
            "balance_units": -old["balance_units"],
            "balance_nanos": -old["balance_nanos"],
        }
        for old in connection.execute(query.order_by(movements.c.leg)).mappings()
    ]
