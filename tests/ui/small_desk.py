"""A small desk with a bit of everything that the pages show; always the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from riskplatform.desk import Desk
from riskplatform.domain.instruments import Cash, Equity, Tags, cash_id
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.domain.transactions import Transaction, TransactionKind
from tests.ui import modelled_lines as modelled

AS_OF = date(2024, 3, 20)
NOW = datetime(2024, 3, 20, 22, tzinfo=UTC)
START = date(2023, 3, 3)
WITHOUT_PRICE = "NOPRICE"
STALE = "QUIET.DE"
SPIKED = "SPIKY.US"

_EQUITIES = (
    ("ALPHA.US", "Alpha Industries Inc", "USD", "Industrials", "US", "Americas", 120.0),
    ("BETA.US", "Beta Software Corp", "USD", "Technology", "US", "Americas", 310.0),
    (SPIKED, "Spiky Retail Inc", "USD", "Consumer", "US", "Americas", 45.0),
    ("GAMMA.DE", "Gamma Motoren AG", "EUR", "Consumer", "DE", "Europe", 88.0),
    (STALE, "Quiet Chemie SE", "EUR", "Materials", "DE", "Europe", 52.0),
    ("DELTA.UK", "Delta <b>Bank</b> plc", "GBP", "Financials", "GB", "Europe", 6.4),
    ("KAPPA.JP", "Kappa Denki KK", "JPY", "Technology", "JP", "Asia", 2400.0),
    (WITHOUT_PRICE, "Unlisted Holdings", "USD", "Financials", "US", "Americas", 0.0),
)
_FX = {"EUR": 1.09, "GBP": 1.27, "JPY": 0.0067}


def build(folder: Path) -> Desk:
    """Make the desk in ``folder`` and return it, open."""
    desk = Desk.create(folder, name="Small desk", base_currency="USD", clock=lambda: NOW)
    desk.put_portfolios(_portfolios())
    desk.put_instruments([*_instruments(), *modelled.instruments()])
    desk.add_transactions([*_transactions(), *modelled.transactions(_at(START))], reason="opening")
    _write_market(desk)
    return desk


def _portfolios() -> list[PortfolioNode]:
    return [
        PortfolioNode(portfolio_id="FIRM", name="Small firm", level="firm"),
        PortfolioNode(portfolio_id="EQ", name="Equity fund", level="fund", parent_id="FIRM"),
        PortfolioNode(portfolio_id="EQ.US", name="US book", level="book", parent_id="EQ"),
        PortfolioNode(portfolio_id="EQ.INT", name="World book", level="book", parent_id="EQ"),
        PortfolioNode(portfolio_id="LS", name="Long-short fund", level="fund", parent_id="FIRM"),
        PortfolioNode(portfolio_id="LS.1", name="Pairs", level="strategy", parent_id="LS"),
    ]


def _instruments() -> list[Equity | Cash]:
    shares = [
        Equity(
            instrument_id=name, name=title, currency=currency, calendar="WEEKENDS",
            tags=Tags(sector=sector, country=country, region=region),
        )
        for name, title, currency, sector, country, region, _ in _EQUITIES
    ]  # fmt: skip
    cash = [
        Cash(instrument_id=cash_id(code), name=f"Cash {code}", currency=code)
        for code in ("USD", *_FX)
    ]
    return [*shares, *cash]


def _transactions() -> list[Transaction]:
    held = {
        "EQ.US": {"ALPHA.US": 20_000, "BETA.US": 9_000, SPIKED: 30_000, WITHOUT_PRICE: 500},
        "EQ.INT": {"GAMMA.DE": 15_000, STALE: 8_000, "DELTA.UK": 250_000, "KAPPA.JP": 40_000},
        "LS.1": {"ALPHA.US": 12_000, "BETA.US": -5_000},
    }
    rows = [_cash(leaf, "USD", 2_500_000, START, f"cash-{leaf}") for leaf in held]
    rows.append(_cash("EQ.INT", "EUR", 300_000, START, "cash-eur"))
    rows += [
        Transaction(
            transaction_id=f"open-{leaf}-{name}", kind=TransactionKind.OPENING,
            effective_at=_at(START), portfolio_id=leaf, instrument_id=name,
            quantity=Decimal(quantity), source="opening",
        )
        for leaf, lines in held.items()
        for name, quantity in lines.items()
    ]  # fmt: skip
    rows.append(_trade("EQ.US", "ALPHA.US", 1_000, "118.5", "USD"))
    return rows


def _cash(leaf: str, currency: str, amount: int, day: date, name: str) -> Transaction:
    return Transaction(
        transaction_id=name, kind=TransactionKind.CASH, effective_at=_at(day),
        portfolio_id=leaf, currency=currency, amount=Decimal(amount), source="opening",
    )  # fmt: skip


def _trade(leaf: str, name: str, quantity: int, price: str, currency: str) -> Transaction:
    return Transaction(
        transaction_id=f"trade-{leaf}-{name}", kind=TransactionKind.TRADE,
        effective_at=_at(AS_OF), portfolio_id=leaf, instrument_id=name,
        quantity=Decimal(quantity), price=Decimal(price), currency=currency,
        amount=-Decimal(price) * quantity, source="test",
    )  # fmt: skip


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


def _write_market(desk: Desk) -> None:
    days = pd.bdate_range(START - timedelta(days=14), AS_OF)
    rng = np.random.default_rng(7)
    with desk.lake.batch(message="the small market") as batch:
        batch.write("prices", _prices(days, rng))
        batch.write("prices", modelled.prices(days))
        batch.write("fx", _rates(days, rng))
        batch.write("curves", _curves())
        batch.write("credit_curves", _credit())
        batch.write("vol_surfaces", _surface())
        batch.write("carry", modelled.carry(AS_OF))


def _prices(days: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    frames = []
    for name, _, _, _, _, _, first in _EQUITIES:
        close = first * np.exp(np.cumsum(0.012 * rng.standard_normal(len(days))))
        frame = pd.DataFrame({"instrument_id": name, "date": days, "close": close})
        frame["repaired_close"] = np.nan
        frame["repair_rule"] = None
        if name == STALE:
            frame = frame[frame["date"] <= pd.Timestamp(AS_OF) - pd.Timedelta(days=20)]
        if name == SPIKED:
            spike = frame.index[-30]
            frame.loc[spike, "repaired_close"] = frame.loc[spike - 1, "close"]
            frame.loc[spike, "repair_rule"] = "spike"
            frame.loc[spike, "close"] *= 3
        if name != WITHOUT_PRICE:
            frames.append(frame)
    return pd.concat(frames, ignore_index=True).assign(volume=1e6, source="test")


def _rates(days: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "currency": currency,
                "date": days,
                "usd_per_unit": first * np.exp(np.cumsum(0.004 * rng.standard_normal(len(days)))),
            }
        )
        for currency, first in _FX.items()
    ]
    return pd.concat(frames, ignore_index=True).assign(source="test")


def _curves() -> pd.DataFrame:
    times = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0]
    rows = [
        (name, AS_OF, times, [base + 0.004 * np.sqrt(t / 30) for t in times], "linear_zero", "test")
        for name, base in (("USD.OIS", 0.038), ("EUR.OIS", 0.021), ("GBP.OIS", 0.037))
    ]
    names = ["curve_id", "date", "times", "zero_rates", "interpolation", "source"]
    return pd.DataFrame(rows, columns=names)


def _credit() -> pd.DataFrame:
    rows = [
        (name, AS_OF, [1.0, 3.0, 5.0, 10.0], [h, h * 1.2, h * 1.4, h * 1.5], 0.4, "test")
        for name, h in (("ISSUER.ALPHA", 0.008), ("ISSUER.GAMMA", 0.02))
    ]
    names = ["issuer_id", "date", "times", "hazard_rates", "recovery", "source"]
    return pd.DataFrame(rows, columns=names)


def _surface() -> pd.DataFrame:
    expiries, points = [1 / 12, 0.25, 0.5, 1.0, 2.0], [0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2]
    vols = [
        0.18 + 0.25 * (1 - k) ** 2 + 0.12 * max(1 - k, 0) / np.sqrt(t + 0.3)
        for t in expiries
        for k in points
    ]
    names = ["surface_id", "date", "axis", "expiries", "points", "vols", "source"]
    row = ("VOL.ALPHA.US", AS_OF, "moneyness", expiries, points, vols, "test")
    return pd.DataFrame([row], columns=names)
