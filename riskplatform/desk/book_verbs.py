"""Verbs of the book: portfolios, instruments, transactions, positions, lots, gains."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.domain.instruments import Instrument
    from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
    from riskplatform.domain.transactions import Transaction
    from riskplatform.store.ledger import AppendReport, Lot, PnlReport


class BookVerbs(DeskCore):
    """What is held and what happened."""

    def portfolios(self, *, recorded: datetime | None = None) -> PortfolioTree:
        """The tree of portfolios."""
        return self.ledger.portfolios(recorded)

    def instruments(self, *, recorded: datetime | None = None) -> dict[str, Instrument]:
        """The terms of every instrument, by id."""
        return self.ledger.instruments(recorded)

    def put_portfolios(self, nodes: Iterable[PortfolioNode], *, reason: str = "") -> AppendReport:
        """Add portfolios to the tree, or change what is said of them."""
        return self.ledger.put_portfolios(nodes, actor=self.settings.actor, reason=reason)

    def put_instruments(
        self, instruments: Iterable[Instrument], *, reason: str = ""
    ) -> AppendReport:
        """Add instruments, or change their terms."""
        return self.ledger.put_instruments(instruments, actor=self.settings.actor, reason=reason)

    def positions(
        self,
        as_of: date | None = None,
        *,
        node: str | None = None,
        by: str | None = None,
        recorded: datetime | None = None,
    ) -> pd.DataFrame:
        """What was held at the end of ``as_of``, as it was known at ``recorded``.

        One row per leaf and instrument; with ``by`` (a slice such as ``instrument_id`` or
        ``sector``) one row per group instead.
        """
        from riskplatform.desk.tables import grouped_positions

        leaves = self._scope(node).leaves
        table = self.ledger.positions(self.as_of(as_of), recorded=recorded, portfolio_ids=leaves)
        if by is None:
            return table.to_frame()
        return grouped_positions(table.to_frame(), self.instruments(recorded=recorded), by)

    def lots(
        self,
        portfolio_id: str,
        instrument_id: str,
        as_of: date | None = None,
        *,
        method: str = "fifo",
    ) -> tuple[Lot, ...]:
        """Open lots of one line, by ``fifo``, ``lifo`` or ``average``."""
        self.portfolios().require_leaf(portfolio_id)
        day = self.as_of(as_of)
        return self.ledger.lots(portfolio_id, instrument_id, effective=day, method=method)

    def pnl(
        self, as_of: date | None = None, *, node: str | None = None, method: str = "fifo"
    ) -> PnlReport:
        """Realised, unrealised, income and fees of every line since it began."""
        valuation = self._me.value(as_of, node=node)
        lines = valuation.lines.dropna(subset=["mark"])
        marks = dict(zip(lines["instrument_id"], lines["mark"] + lines["accrued"], strict=True))
        return self.ledger.pnl(
            valuation.provenance.as_of,
            portfolio_ids=self._scope(node).leaves,
            method=method,
            marks=marks,
        )

    def transactions(
        self,
        *,
        node: str | None = None,
        instrument_id: str | None = None,
        start: date | None = None,
        end: date | None = None,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """What happened, newest first."""
        return self.ledger.transactions(
            start=start,
            end=end,
            portfolio_ids=self._scope(node).leaves if node else None,
            instrument_ids=[instrument_id] if instrument_id else None,
            limit=limit,
        )

    def add_transactions(
        self, transactions: Iterable[Transaction], *, reason: str = ""
    ) -> AppendReport:
        """Record what happened: all of it or nothing, and twice is as good as once."""
        return self.ledger.append(transactions, actor=self.settings.actor, reason=reason)

    def correct(self, transaction: Transaction, *, reason: str) -> None:
        """Replace what is recorded under this id; what was known before stays readable."""
        self.ledger.correct(transaction, actor=self.settings.actor, reason=reason)

    def void(self, transaction_id: str, *, reason: str) -> None:
        """Declare that a transaction never happened."""
        self.ledger.void(transaction_id, actor=self.settings.actor, reason=reason)

    def portfolio_table(self) -> pd.DataFrame:
        """The tree as rows: depth, name, level, and the number of positions below."""
        from riskplatform.desk.tables import portfolio_table

        return portfolio_table(self._me)
