"""The ledger: what happened to the book, when it was true and when we learnt it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Self

import pandas as pd

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.limits import Limit
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.store.ledger.append import append, correct, prepare, void
from riskplatform.store.ledger.audit import AuditTrail, Clock
from riskplatform.store.ledger.database import Database
from riskplatform.store.ledger.describe import (
    AppendReport,
    Statement,
    book_recorded_at,
    last_recorded_at,
    put_instruments,
    put_portfolios,
)
from riskplatform.store.ledger.instants import END_OF_TIME, as_of_micros, utc_now
from riskplatform.store.ledger.journal import Journal
from riskplatform.store.ledger.limits import put_limits, read_limits
from riskplatform.store.ledger.names import read_instruments, read_tree, sequence_at
from riskplatform.store.ledger.path import HoldingsPath, read_path
from riskplatform.store.ledger.pnl import Marks, PnlReport
from riskplatform.store.ledger.positions import PositionTable
from riskplatform.store.ledger.read import (
    Wanted,
    read_positions,
    read_transaction,
    read_transactions,
)
from riskplatform.store.ledger.report import Lot, read_lots, read_pnl, read_scope
from riskplatform.store.ledger.schema import check_schema, create_schema


class Ledger:
    """An append-only, bitemporal record of transactions in SQLite or PostgreSQL.

    Reads take ``effective`` (when it was true; a date means with all of that day) and
    ``recorded`` (what was known by then; None means all that is known).
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.audit = AuditTrail(database, clock)
        self.journal = Journal(database, clock)

    @classmethod
    def create(cls, url: str, *, clock: Clock = utc_now, lock_timeout_seconds: float = 30) -> Self:
        """A new, empty ledger; an existing one is never overwritten."""
        database = Database(url, lock_timeout_seconds=lock_timeout_seconds)
        return cls._made(database, create_schema, clock)

    @classmethod
    def open(cls, url: str, *, clock: Clock = utc_now, lock_timeout_seconds: float = 30) -> Self:
        """An existing ledger; a foreign, damaged or newer one is refused by name."""
        database = Database(url, lock_timeout_seconds=lock_timeout_seconds)
        return cls._made(database, check_schema, clock)

    @classmethod
    def _made(cls, database: Database, made: Callable[[Database], None], clock: Clock) -> Self:
        try:
            made(database)
        except BaseException:
            database.close()
            raise
        return cls(database, clock)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ledger({self._database.label!r})"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything that this thread writes inside stands or falls together."""
        with self._database.write():
            yield

    def append(
        self, transactions: Iterable[Transaction], *, actor: str, reason: str = ""
    ) -> AppendReport:
        """Record new transactions, all or none; telling the same again changes nothing."""
        prepared = prepare(transactions)
        with self._database.write() as connection:
            return append(connection, self._clock, prepared, Statement(actor, reason))

    def correct(
        self, transaction: Transaction | Iterable[Transaction], *, actor: str, reason: str
    ) -> AppendReport:
        """Record a new revision of a transaction, or of several that belong together."""
        several = [transaction] if isinstance(transaction, Transaction) else transaction
        prepared = prepare(several)
        with self._database.write() as connection:
            return correct(connection, self._clock, prepared, Statement(actor, reason))

    def void(self, transaction_id: str | Iterable[str], *, actor: str, reason: str) -> AppendReport:
        """Record that a transaction, or several that belong together, never was."""
        ids = [transaction_id] if isinstance(transaction_id, str) else list(transaction_id)
        with self._database.write() as connection:
            return void(connection, self._clock, ids, Statement(actor, reason))

    def put_instruments(
        self,
        instruments: Iterable[Instrument],
        *,
        actor: str,
        reason: str = "",
        effective_from: date | datetime | None = None,
    ) -> AppendReport:
        """Record terms; without a date they replace all that was said of the instrument."""
        statement = Statement(actor, reason, effective_from)
        with self._database.write() as connection:
            return put_instruments(connection, self._clock, instruments, statement)

    def put_portfolios(
        self,
        nodes: Iterable[PortfolioNode],
        *,
        actor: str,
        reason: str = "",
        effective_from: date | datetime | None = None,
    ) -> AppendReport:
        """Record nodes of the portfolio tree, which must hold together afterwards."""
        statement = Statement(actor, reason, effective_from)
        with self._database.write() as connection:
            return put_portfolios(connection, self._clock, nodes, statement)

    def put_limits(
        self,
        limits: Iterable[Limit],
        *,
        actor: str,
        reason: str = "",
        effective_from: date | datetime | None = None,
    ) -> AppendReport:
        """Record limits; without a date they replace all that was said of them."""
        statement = Statement(actor, reason, effective_from)
        with self._database.write() as connection:
            return put_limits(connection, self._clock, limits, statement)

    def limits(
        self, recorded: datetime | None = None, *, effective: date | datetime | None = None
    ) -> tuple[Limit, ...]:
        """Limits in order of their ids, the latest or those that held at ``effective``."""
        moment = END_OF_TIME if effective is None else as_of_micros(effective)
        with self._database.read() as connection:
            sequence = sequence_at(connection, recorded)
            return read_limits(connection, sequence=sequence, effective=moment)

    def instruments(
        self, recorded: datetime | None = None, *, effective: date | datetime | None = None
    ) -> dict[str, Instrument]:
        """Instruments by id, with the latest terms or those that held at ``effective``."""
        moment = END_OF_TIME if effective is None else as_of_micros(effective)
        with self._database.read() as connection:
            sequence = sequence_at(connection, recorded)
            return read_instruments(connection, sequence=sequence, effective=moment)

    def portfolios(
        self, recorded: datetime | None = None, *, effective: date | datetime | None = None
    ) -> PortfolioTree:
        """The portfolio tree, the latest or that which held at ``effective``."""
        moment = END_OF_TIME if effective is None else as_of_micros(effective)
        with self._database.read() as connection:
            sequence = sequence_at(connection, recorded)
            return read_tree(connection, sequence=sequence, effective=moment)

    def positions(
        self,
        effective: date | datetime,
        *,
        recorded: datetime | None = None,
        portfolio_ids: Collection[str] | None = None,
    ) -> PositionTable:
        """What each leaf portfolio holds, cash included."""
        with self._database.read() as connection:
            return read_positions(connection, effective, recorded, portfolio_ids)

    def path(
        self,
        days: Sequence[date],
        *,
        recorded: datetime | None = None,
        portfolio_ids: Collection[str] | None = None,
    ) -> HoldingsPath:
        """Holdings at the end of each day, summed over portfolios, with what came from outside."""
        with self._database.read() as connection:
            return read_path(connection, days, recorded, portfolio_ids)

    def transactions(
        self,
        *,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        portfolio_ids: Collection[str] | None = None,
        instrument_ids: Collection[str] | None = None,
        kinds: Collection[TransactionKind] | None = None,
        recorded: datetime | None = None,
        limit: int | None = None,
        history: bool = False,
    ) -> pd.DataFrame:
        """Transactions in order, the newest ``limit`` of them; ``history`` adds old revisions."""
        wanted = Wanted(
            start=start,
            end=end,
            portfolio_ids=portfolio_ids,
            instrument_ids=instrument_ids,
            kinds=kinds,
            recorded=recorded,
            limit=limit,
            history=history,
        )
        with self._database.read() as connection:
            return read_transactions(connection, wanted)

    def get(self, transaction_id: str, *, recorded: datetime | None = None) -> Transaction:
        """One transaction as it was known."""
        with self._database.read() as connection:
            return read_transaction(connection, transaction_id, recorded)

    def lots(
        self,
        portfolio_id: str,
        instrument_id: str,
        *,
        effective: date | datetime,
        recorded: datetime | None = None,
        method: str = "fifo",
    ) -> tuple[Lot, ...]:
        """Open lots of one line by ``fifo``, ``lifo`` or ``average``."""
        with self._database.read() as connection:
            scope = read_scope(connection, effective, recorded)
            return read_lots(connection, scope, portfolio_id, instrument_id, method)

    def pnl(
        self,
        effective: date | datetime,
        *,
        recorded: datetime | None = None,
        portfolio_ids: Collection[str] | None = None,
        method: str = "fifo",
        marks: Marks | None = None,
    ) -> PnlReport:
        """Realised, unrealised (where ``marks`` are given), income and fees, since inception."""
        with self._database.read() as connection:
            scope = read_scope(connection, effective, recorded)
            return read_pnl(connection, scope, portfolio_ids, method, marks)

    def cost_basis(
        self,
        effective: date | datetime,
        *,
        recorded: datetime | None = None,
        portfolio_ids: Collection[str] | None = None,
        method: str = "fifo",
    ) -> pd.DataFrame:
        """Quantity, cost and unit cost of every line that is held; exact decimals."""
        report = self.pnl(effective, recorded=recorded, portfolio_ids=portfolio_ids, method=method)
        columns = ["portfolio_id", "instrument_id", "currency", "quantity", "cost", "unit_cost"]
        held = [line for line in report.lines if line.quantity]
        rows = [[getattr(line, name) for name in columns] for line in held]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def book_recorded_at(
        self, *, with_limits: bool = False, recorded: datetime | None = None
    ) -> datetime | None:
        """When portfolios, instruments or transactions last changed: what holdings depend on.

        What proposals, orders and jobs say, and remarks in the trail, move
        :meth:`last_recorded_at` and not this; limits move it ``with_limits``. With ``recorded``
        it is the last change that was known by then.
        """
        with self._database.read() as connection:
            sequence = None if recorded is None else sequence_at(connection, recorded)
            return book_recorded_at(connection, with_limits=with_limits, sequence=sequence)

    def last_recorded_at(self) -> datetime | None:
        """The handle of all that is known now: reading with it always gives the same."""
        with self._database.read() as connection:
            return last_recorded_at(connection)
