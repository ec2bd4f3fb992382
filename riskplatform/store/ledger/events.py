"""Reading the history that lots and gains are computed from, as compact events in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from riskplatform.domain.fixed import NANO
from riskplatform.domain.instruments import Cash, Instrument
from riskplatform.domain.transactions import TransactionKind
from riskplatform.store.ledger.book import Event, LineKey
from riskplatform.store.ledger.groups import LINKED_KINDS
from riskplatform.store.ledger.keys import Keys
from riskplatform.store.ledger.meaning import HOLDING_KINDS
from riskplatform.store.ledger.rows import is_current
from riskplatform.store.ledger.tables import transactions

_ORDER = {kind: place for place, kind in enumerate(TransactionKind)}
_EARNED = frozenset({TransactionKind.DIVIDEND, TransactionKind.COUPON})
_t = transactions.c


@dataclass(frozen=True)
class Scope:
    """Which part of the ledger to read, and the names in it."""

    moment: int
    sequence: int
    keys: Keys
    instruments: Mapping[str, Instrument]

    def current(self) -> sa.ColumnElement[bool]:
        return sa.and_(_t.effective_at <= self.moment, is_current(self.sequence))


def read_events(
    connection: sa.Connection, scope: Scope, wanted: sa.ColumnElement[bool] | None = None
) -> list[Event]:
    """Events in the order in which they took effect: moment, kind, then as first recorded."""
    query = sa.select(
        _t.kind,
        _t.effective_at,
        _t.ordinal,
        _t.transaction_id,
        _t.portfolio_key,
        _t.instrument_key,
        _t.units,
        _t.nanos,
        _t.price,
        _t.currency,
        _t.amount_units,
        _t.amount_nanos,
        _t.fees,
        _t.accrued,
        _t.ratio,
        _t.group_id,
    ).where(scope.current())
    if wanted is not None:
        query = query.where(wanted)
    by_key = {key: scope.instruments[name] for name, key in scope.keys.instruments.items()}
    cash = {item.currency: key for key, item in by_key.items() if isinstance(item, Cash)}
    rows = [(TransactionKind(row.kind), row) for row in connection.execute(query)]
    rows.sort(key=lambda pair: (pair[1].effective_at, _ORDER[pair[0]], pair[1].ordinal))
    events = (_event(kind, row, by_key, cash) for kind, row in rows)
    return [event for event in events if event is not None]


def _event(
    kind: TransactionKind,
    row: Any,
    instruments: Mapping[int, Instrument],
    cash: Mapping[str, int],
) -> Event | None:
    """The row as an event; None when it neither moves lots nor earns or costs anything."""
    instrument = instruments.get(row.instrument_key)
    earned = _earned(kind, row)
    has_lots = instrument is not None and not isinstance(instrument, Cash)
    if not has_lots and not any(earned):
        return None
    key = row.instrument_key if instrument is not None else cash[row.currency]
    holds = has_lots and kind in HOLDING_KINDS
    return Event(
        kind=kind if has_lots else TransactionKind.FEE,
        effective_at=row.effective_at,
        transaction_id=row.transaction_id,
        portfolio=row.portfolio_key or 0,
        instrument=key,
        quantity=row.units * NANO + row.nanos if holds else 0,
        cost=_cost(kind, row, instruments[key]) if holds else 0,
        income=earned[0],
        fees=earned[1],
        currency=row.currency or instruments[key].currency,
        ratio=None if row.ratio is None else Decimal(row.ratio),
        group_id=row.group_id,
    )


def _earned(kind: TransactionKind, row: Any) -> tuple[int, int]:
    """Income and fees. The amount of a row is net of its fees, so income is shown before them."""
    amount, fees = row.amount_units * NANO + row.amount_nanos, _nanos(row.fees)
    if kind is TransactionKind.FEE:
        return 0, -amount
    if kind in _EARNED:
        return amount + fees, fees
    return -_nanos(row.accrued), fees


def _cost(kind: TransactionKind, row: Any, instrument: Instrument) -> int:
    """What was paid for the quantity alone. What moves with a transfer is not a price."""
    amount: int = row.amount_units * NANO + row.amount_nanos
    if kind is TransactionKind.OPENING and not amount:
        return _taken_over(row.units * NANO + row.nanos, row.price, instrument)
    if kind is TransactionKind.TRANSFER:
        return 0
    return -amount - _nanos(row.fees) - _nanos(row.accrued)


def _nanos(text: str) -> int:
    return 0 if text == "0" else int(Decimal(text).scaleb(9))


def _taken_over(quantity: int, price: str | None, instrument: Instrument) -> int:
    """The cost of a position that was opened without money: its price, or nothing."""
    unit = Fraction(price or 0) * Fraction(instrument.multiplier)
    return round(quantity * unit)


def connected(
    connection: sa.Connection, scope: Scope, lines: Collection[LineKey], portfolios: Collection[int]
) -> set[LineKey]:
    """``lines`` and all that exchanged lots with them or with a line of ``portfolios``."""
    columns = (_t.kind, _t.group_id, _t.portfolio_key, _t.instrument_key, _t.effective_at)
    # Linked legs are few; any further condition would draw the database to a larger index.
    query = sa.select(*columns).where(_t.group_id.is_not(None), is_current(scope.sequence))
    links: dict[tuple[Any, ...], set[LineKey]] = {}
    for kind, group_id, portfolio, instrument, effective in connection.execute(query):
        if kind not in LINKED_KINDS or instrument is None or effective > scope.moment:
            continue
        within = instrument if kind == TransactionKind.TRANSFER else -portfolio
        links.setdefault((kind, group_id, within), set()).add((portfolio, instrument))
    neighbours: dict[LineKey, set[LineKey]] = {}
    for joined in links.values():
        for line in joined:
            neighbours.setdefault(line, set()).update(joined)
    found = set(lines) | {line for line in neighbours if line[0] in set(portfolios)}
    to_visit = list(found)
    while to_visit:
        fresh = neighbours.get(to_visit.pop(), set()) - found
        found |= fresh
        to_visit.extend(fresh)
    return found


def of_lines(lines: Collection[LineKey]) -> sa.ColumnElement[bool]:
    """At least the transactions of some lines, and the splits of their instruments."""
    instruments = sorted({instrument for _, instrument in lines})
    portfolios = sorted({portfolio for portfolio, _ in lines})
    return sa.and_(
        _t.instrument_key.in_(instruments),
        sa.or_(_t.portfolio_key.in_(portfolios), _t.portfolio_key.is_(None)),
    )
