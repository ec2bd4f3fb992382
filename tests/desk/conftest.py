"""A small desk whose every number can be worked out by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.instruments import (
    Cash,
    Equity,
    FixedBond,
    Future,
    FutureFamily,
    FxSpot,
    Tags,
)
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.domain.transactions import Transaction, TransactionKind

DAYS = [date(2026, 3, day) for day in (2, 3, 4, 5, 6)]
CLOSES = {
    "ALFA.XNYS": [100.0, 101.0, 102.0, 51.5, 52.0],
    "BETA.XETR": [50.0, 49.0, 51.0, 50.0, 50.0],
    "GOVT30": [98.0, 98.5, 98.25, 98.0, 99.0],
    "ESM6": [5000.0, 5010.0, 4990.0, 5020.0, 5030.0],
}
EUR = [1.10, 1.11, 1.12, 1.10, 1.20]


def now() -> datetime:
    return datetime(2026, 3, 6, 22, 0, tzinfo=UTC)


def node(name: str, parent: str | None, level: str) -> PortfolioNode:
    return PortfolioNode(portfolio_id=name, name=f"The {name}", parent_id=parent, level=level)


def move(name: str, kind: str, day: int, **terms: object) -> Transaction:
    values: dict[str, object] = {
        "transaction_id": name,
        "kind": TransactionKind(kind),
        "effective_at": datetime(2026, 3, day, 15, tzinfo=UTC),
        "portfolio_id": "growth",
        **{k: Decimal(v) if isinstance(v, int | float) else v for k, v in terms.items()},
    }
    return Transaction(**values)  # type: ignore[arg-type]


INSTRUMENTS = [
    Equity(
        instrument_id="ALFA.XNYS",
        name="Alfa Inc",
        currency="USD",
        calendar="XNYS",
        tags=Tags(sector="Energy", country="US"),
    ),
    Equity(
        instrument_id="BETA.XETR",
        name="Beta AG",
        currency="EUR",
        calendar="XETR",
        tags=Tags(sector="Health", country="DE"),
    ),
    FixedBond(
        instrument_id="GOVT30",
        name="Government 4% 2030",
        currency="USD",
        issue_date=date(2020, 3, 6),
        maturity=date(2030, 3, 6),
        coupon_rate=0.04,
        frequency=1,
        day_count="Act/365F",
        discount_curve_id="USD.GOVT",
        is_government=True,
    ),
    Future(
        instrument_id="ESM6",
        name="Index future",
        currency="USD",
        multiplier=Decimal(50),
        family=FutureFamily.EQUITY_INDEX,
        underlying_id="IDX.US",
        root="ES",
        expiry=date(2026, 6, 19),
    ),
    Equity(instrument_id="GHOST", name="Unlisted", currency="USD"),
    FxSpot(instrument_id="EURUSD", name="Euro", currency="USD", bought_currency="EUR"),
    Cash.of("USD"),
    Cash.of("EUR"),
]

TRANSACTIONS = [
    move("c1", "cash", 2, currency="USD", amount=1_000_000),
    move("x1", "fx", 2, instrument_id="CASH.EUR", quantity=10_000, currency="USD", amount=-11_000),
    move("t1", "trade", 2, instrument_id="ALFA.XNYS", quantity=1_000, price=100, currency="USD",
         amount=-100_000),
    move("t2", "trade", 3, instrument_id="BETA.XETR", quantity=100, price=49, currency="EUR",
         amount=-4_900),
    move("t3", "trade", 3, portfolio_id="macro", instrument_id="ESM6", quantity=-2, price=5_005,
         currency="USD", amount=500_500),
    move("t4", "trade", 4, portfolio_id="macro", instrument_id="GOVT30", quantity=100_000,
         price=98.25, currency="USD", amount=-98_250),
    move("c2", "cash", 4, portfolio_id="macro", currency="USD", amount=200_000),
    Transaction(
        transaction_id="s1",
        kind=TransactionKind.SPLIT,
        effective_at=datetime(2026, 3, 5, tzinfo=UTC),
        instrument_id="ALFA.XNYS",
        ratio=Decimal(2),
    ),
]  # fmt: skip


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty and a filled desk, made once and copied for each test, which is much faster."""
    folder = tmp_path_factory.mktemp("desks")
    Desk.create(folder / "empty", name="Small desk", clock=now).close()
    with Desk.create(folder / "filled", name="Small desk", clock=now) as desk:
        fill(desk)
    return folder


@pytest.fixture
def empty_desk(templates: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(templates / "empty", tmp_path / "empty")
    with Desk.open(tmp_path / "empty", clock=now) as desk:
        yield desk


@pytest.fixture
def desk(templates: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(templates / "filled", tmp_path / "filled")
    with Desk.open(tmp_path / "filled", clock=now) as desk:
        yield desk


def fill(desk: Desk) -> None:
    """Put the small book and its market into an empty desk."""
    desk.put_portfolios(
        [
            node("firm", None, "firm"),
            node("fund", "firm", "fund"),
            node("growth", "fund", "book"),
            node("macro", "firm", "book"),
            node("index", None, "benchmark"),
        ]
    )
    desk.put_instruments(INSTRUMENTS)
    desk.add_transactions(TRANSACTIONS, reason="the small book")
    write_market(desk)


def write_market(desk: Desk) -> None:
    prices = pd.DataFrame(
        [
            (name, day, close, None, "test")
            for name, closes in CLOSES.items()
            for day, close in zip(DAYS, closes, strict=True)
        ],
        columns=["instrument_id", "date", "close", "volume", "source"],
    )
    rates = [("EUR", day, rate, "test") for day, rate in zip(DAYS, EUR, strict=True)]
    with desk.lake.batch() as batch:
        batch.write("prices", prices)
        batch.write(
            "fx", pd.DataFrame(rates, columns=["currency", "date", "usd_per_unit", "source"])
        )
