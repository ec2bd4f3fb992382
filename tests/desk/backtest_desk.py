"""A desk with three shares and three years of days, whose P&L can be worked out in one line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from riskplatform.desk import Desk
from riskplatform.domain.instruments import Cash, Equity
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.domain.transactions import Transaction, TransactionKind

NAMES = ("ALFA", "BETA", "GAMA")
QUANTITIES = {"ALFA": 1_000, "BETA": -400, "GAMA": 250}
DAYS = tuple(day.date() for day in pd.bdate_range("2023-04-03", periods=780))
LAST = DAYS[-1]
WINDOW = 250


def clock() -> datetime:
    return datetime(LAST.year, LAST.month, LAST.day, 22, tzinfo=UTC)


def closes(*, storm: int = 0) -> np.ndarray:
    """[day, share], about 1 % a day; in the last ``storm`` days wilder and wilder."""
    rng = np.random.default_rng(3)
    moves = 0.01 * rng.standard_t(5, (len(DAYS), len(NAMES)))
    moves[0] = 0.0
    if storm:
        moves[-storm:] *= np.linspace(2.0, 10.0, storm)[:, None]
    table = np.array([100.0, 40.0, 250.0]) * np.exp(moves.cumsum(axis=0))
    return np.asarray(np.round(table, 4))


def price_rows(table: np.ndarray, first: int = 0, last: int = len(DAYS)) -> pd.DataFrame:
    """Rows of the lake for days from ``first`` to before ``last``."""
    return pd.DataFrame(
        [
            (name, DAYS[day], table[day, column], None, "test")
            for day in range(first, last)
            for column, name in enumerate(NAMES)
        ],
        columns=["instrument_id", "date", "close", "volume", "source"],
    )


def make(folder: Path, prices: np.ndarray | None = None) -> Desk:
    """Firm → growth and value, where value has nothing but money; and spare, which never began."""
    table = closes() if prices is None else prices
    desk = Desk.create(folder, name="Backtests", clock=clock)
    desk.put_portfolios(
        [
            PortfolioNode(portfolio_id=name, name=name, parent_id=parent, level=level)
            for name, parent, level in (
                ("firm", None, "firm"), ("fund", "firm", "fund"), ("growth", "fund", "book"),
                ("value", "firm", "book"), ("spare", "firm", "book"),
            )
        ]
    )  # fmt: skip
    shares = [Equity(instrument_id=name, name=name, currency="USD") for name in NAMES]
    desk.put_instruments([*shares, Cash.of("USD")])
    desk.add_transactions([*_trades(table), *_money()])
    fx = pd.DataFrame({"currency": "EUR", "date": list(DAYS), "usd_per_unit": 1.1, "source": "t"})
    with desk.lake.batch() as batch:
        batch.write("prices", price_rows(table))
        batch.write("fx", fx)
    return desk


def _trades(table: np.ndarray) -> list[Transaction]:
    return [
        Transaction(
            transaction_id=f"t{column}",
            kind=TransactionKind.TRADE,
            effective_at=_at(DAYS[0]),
            portfolio_id="growth",
            instrument_id=name,
            quantity=Decimal(QUANTITIES[name]),
            price=Decimal(str(table[0, column])),
            currency="USD",
            amount=-Decimal(QUANTITIES[name]) * Decimal(str(table[0, column])),
        )
        for column, name in enumerate(NAMES)
    ]


def _money() -> list[Transaction]:
    """What comes from outside in the middle, and is no gain."""
    return [
        Transaction(
            transaction_id=f"c{portfolio}{day}",
            kind=TransactionKind.CASH,
            effective_at=_at(DAYS[day]),
            portfolio_id=portfolio,
            currency="USD",
            amount=Decimal(500_000),
        )
        for portfolio, day in (("growth", 0), ("growth", 400), ("value", 10))
    ]


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


def actual_pnl(table: np.ndarray) -> np.ndarray:
    """Of growth, from the second day on: quantities times the change of closes."""
    held = np.array(list(QUANTITIES.values()), dtype=np.float64)
    return np.asarray(np.diff(table, axis=0) @ held)


def hypothetical_pnl(table: np.ndarray, last: int = len(DAYS) - 1, span: int = 1) -> np.ndarray:
    """Of growth: quantities and prices of day ``last``, and what prices did over ``span`` days."""
    worth = np.array(list(QUANTITIES.values())) * table[last]
    known = table[: last + 1]
    return np.asarray((known[span:] / known[:-span] - 1.0) @ worth)
