"""A small desk to import into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from riskplatform.domain.identifiers import Identifier
from riskplatform.domain.instruments import (
    Equity,
    FixedBond,
    Future,
    FutureFamily,
    Tags,
)
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.ingest import ImportContext

AS_OF = date(2026, 3, 31)


def equity(name: str, currency: str, exchange: str, *identifiers: str) -> Equity:
    return Equity(
        instrument_id=name,
        name=name,
        currency=currency,
        identifiers=tuple(Identifier.parse(i) for i in identifiers),
        tags=Tags(exchange=exchange),
    )


INSTRUMENTS = (
    equity("AAPL", "USD", "XNAS", "FIGI:BBG000B9XRY4", "ISIN:US0378331005", "CUSIP:037833100"),
    equity("NESN", "CHF", "XSWX", "ISIN:CH0038863350"),
    equity("SAP.DE", "EUR", "XETR", "ISIN:DE0007164600", "INTERNAL:SAP"),
    equity("SAP.US", "USD", "XNYS", "ISIN:DE0007164600", "INTERNAL:SAP"),
    equity("VOD.L", "GBP", "XLON", "ISIN:GB00BH4HKS39", "SEDOL:BH4HKS3"),
    FixedBond(
        instrument_id="BUND34",
        name="Bund 2.6% 2034",
        currency="EUR",
        issue_date=date(2024, 8, 15),
        maturity=date(2034, 8, 15),
        discount_curve_id="EUR.GOVT",
        coupon_rate=0.026,
        identifiers=(Identifier.parse("ISIN:DE000BU2Z031"),),
    ),
    Future(
        instrument_id="ESM6",
        name="E-mini S&P June 2026",
        currency="USD",
        multiplier=Decimal(50),
        family=FutureFamily.EQUITY_INDEX,
        underlying_id="SPX",
        root="ES",
        expiry=date(2026, 6, 19),
    ),
)

TREE = PortfolioTree(
    [
        PortfolioNode(portfolio_id="FIRM", name="Firm", level="firm"),
        PortfolioNode(portfolio_id="EQ", name="Equity", parent_id="FIRM"),
        PortfolioNode(portfolio_id="MACRO", name="Macro", parent_id="FIRM"),
    ]
)

ContextMaker = Callable[..., ImportContext]


@pytest.fixture
def context() -> ContextMaker:
    """A context of the small desk, with what is named changed."""
    base = ImportContext(
        instruments={i.instrument_id: i for i in INSTRUMENTS},
        portfolios=TREE,
        held={},
        as_of=AS_OF,
        default_portfolio="EQ",
        source="custodian",
    )
    return lambda **changes: replace(base, **changes)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of text or bytes into a folder of this test."""

    def written(content: str | bytes, name: str = "file.csv") -> Path:
        file = tmp_path / name
        data = content.encode("utf-8") if isinstance(content, str) else content
        file.write_bytes(data)
        return file

    return written
