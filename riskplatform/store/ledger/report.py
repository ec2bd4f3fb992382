"""Lots and gains as of a moment: reads the history and runs it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from riskplatform.domain.fixed import join
from riskplatform.domain.instruments import Cash
from riskplatform.errors import UserInputError
from riskplatform.store.ledger.book import run
from riskplatform.store.ledger.describe import last_recorded_at
from riskplatform.store.ledger.events import Scope, connected, of_lines, read_events
from riskplatform.store.ledger.instants import as_of_micros, from_micros
from riskplatform.store.ledger.keys import Keys
from riskplatform.store.ledger.lots import Method
from riskplatform.store.ledger.names import read_instruments, sequence_at
from riskplatform.store.ledger.pnl import Marks, PnlReport, lines_of
from riskplatform.store.ledger.tables import transactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A quantity still held, when and by which transaction it was acquired, and its cost."""

    portfolio_id: str
    instrument_id: str
    opened_at: datetime
    transaction_id: str
    quantity: Decimal
    cost: Decimal

    @property
    def unit_cost(self) -> Decimal:
        return self.cost / self.quantity if self.quantity else Decimal(0)


def read_scope(
    connection: sa.Connection, effective: date | datetime, recorded: datetime | None
) -> Scope:
    """What is known as of (effective, recorded), with the latest known terms."""
    sequence = sequence_at(connection, recorded)
    return Scope(
        moment=as_of_micros(effective),
        sequence=sequence,
        keys=Keys.read(connection),
        instruments=read_instruments(connection),
    )


def read_lots(
    connection: sa.Connection, scope: Scope, portfolio_id: str, instrument_id: str, method: str
) -> tuple[Lot, ...]:
    """The open lots of one line, oldest acquisition first as the method keeps them."""
    (portfolio,) = scope.keys.of_portfolios([portfolio_id])
    (instrument,) = scope.keys.of_instruments([instrument_id])
    if isinstance(scope.instruments[instrument_id], Cash):
        raise UserInputError(
            f"{instrument_id} has no lots: cash is only an amount.", hint="Read positions()."
        )
    key = (portfolio, instrument)
    lines = connected(connection, scope, {key}, ())
    book = run(read_events(connection, scope, of_lines(lines)), Method.of(method))
    return tuple(
        Lot(
            portfolio_id=portfolio_id,
            instrument_id=instrument_id,
            opened_at=from_micros(lot.opened_at),
            transaction_id=lot.transaction_id,
            quantity=join(0, lot.quantity),
            cost=join(0, lot.cost),
        )
        for lot in book.line(key).lots
    )


def read_pnl(
    connection: sa.Connection,
    scope: Scope,
    portfolio_ids: Collection[str] | None,
    method: str,
    marks: Marks | None,
) -> PnlReport:
    """Gains of all lines, or of those of some portfolios, since their beginning."""
    wanted = None
    if portfolio_ids is not None:
        portfolios = scope.keys.of_portfolios(portfolio_ids)
        lines = connected(connection, scope, (), portfolios)
        wanted = sa.or_(
            transactions.c.portfolio_key.in_(portfolios),
            transactions.c.portfolio_key.is_(None),
            of_lines(lines),
        )
    book = run(read_events(connection, scope, wanted), Method.of(method))
    pnl_lines, coverage = lines_of(book, scope.keys, scope.instruments, marks, portfolio_ids)
    return PnlReport(
        effective_at=from_micros(scope.moment),
        recorded_at=last_recorded_at(connection, scope.sequence),
        method=str(method),
        lines=pnl_lines,
        coverage=coverage,
    )
