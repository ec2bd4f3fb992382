"""A desk whose every day is about one thing, with marks that are worked out by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd

from riskplatform.desk import Desk
from riskplatform.domain.instruments import (
    Cash,
    Equity,
    FixedBond,
    Instrument,
    Option,
    Right,
    Tags,
    Underlying,
)
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.domain.transactions import Transaction, TransactionKind

ALFA, BETA, BOND, CALL = "ALFA", "BETA", "BOND27", "ALFA.C100"
RATE = 0.03
EXPIRY, MATURITY = date(2026, 9, 4), date(2027, 3, 4)
COUPON = 4.0
SHARES, EURO_SHARES, FACE, CALLS = 1_000, 2_000, 1_000_000, 50


@dataclass(frozen=True)
class Day:
    day: date
    alfa: float
    vol: float
    zero: float
    euro: float
    beta: float = 50.0


DAYS = [
    Day(date(2026, 3, 2), 100.0, 0.20, 0.030, 1.10),
    # The share and its volatility move.
    Day(date(2026, 3, 3), 103.0, 0.22, 0.030, 1.10),
    # A coupon and a dividend are paid; rates rise.
    Day(date(2026, 3, 4), 102.0, 0.22, 0.032, 1.10),
    # Only the euro moves.
    Day(date(2026, 3, 5), 102.0, 0.22, 0.032, 1.12),
    # Shares are bought and the calls sold.
    Day(date(2026, 3, 6), 101.5, 0.22, 0.032, 1.12),
    # After a weekend each share has become two.
    Day(date(2026, 3, 9), 51.0, 0.22, 0.032, 1.12),
]


def now() -> datetime:
    return datetime(2026, 3, 9, 22, 0, tzinfo=UTC)


def normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def call_value(spot: float, vol: float, years: float, strike: float = 100.0) -> float:
    """Black and Scholes without dividends, from the textbook."""
    deviation = vol * math.sqrt(years)
    one = (math.log(spot / strike) + RATE * years) / deviation + deviation / 2.0
    return spot * normal(one) - strike * math.exp(-RATE * years) * normal(one - deviation)


def years_to(day: date, last: date) -> float:
    return (last - day).days / 365.0


def bond_value(day: date, zero: float) -> float:
    """Dirty, per 100: the coupons of 4 March and the redemption, discounted continuously."""
    left = [each for each in (date(2026, 3, 4), MATURITY) if each > day]
    coupons = sum(COUPON * math.exp(-zero * years_to(day, each)) for each in left)
    return coupons + 100.0 * math.exp(-zero * years_to(day, MATURITY))


def accrued(day: date) -> float:
    """Act/365F since the last 4 March."""
    start = date(2026, 3, 4) if day >= date(2026, 3, 4) else date(2025, 3, 4)
    return COUPON * (day - start).days / 365.0


INSTRUMENTS: list[Instrument] = [
    Equity(instrument_id=ALFA, name="Alfa Inc", currency="USD", calendar="WEEKENDS",
           tags=Tags(sector="Energy", country="US")),
    Equity(instrument_id=BETA, name="Beta AG", currency="EUR", calendar="WEEKENDS",
           tags=Tags(sector="Health", country="DE")),
    FixedBond(instrument_id=BOND, name="Government 4% 2027", currency="USD",
              issue_date=date(2024, 3, 4), maturity=MATURITY, coupon_rate=COUPON / 100.0,
              frequency=1, day_count="Act/365F", discount_curve_id="USD.GOVT",
              is_government=True, calendar="WEEKENDS"),
    Option(instrument_id=CALL, name="Alfa Sep 2026 100 call", currency="USD",
           multiplier=Decimal(100), underlying_id=ALFA, underlying_type=Underlying.EQUITY,
           right=Right.CALL, strike=100.0, expiry=EXPIRY, discount_curve_id="USD.OIS",
           surface_id="VOL.ALFA", calendar="WEEKENDS"),
    Cash.of("USD"),
    Cash.of("EUR"),
]  # fmt: skip


def told(name: str, kind: str, day: int, leaf: str, hour: int = 15, **terms: object) -> Transaction:
    values = {k: Decimal(str(v)) if isinstance(v, int | float) else v for k, v in terms.items()}
    return Transaction(
        transaction_id=name, kind=TransactionKind(kind), portfolio_id=leaf,
        effective_at=datetime(2026, 3, day, hour, tzinfo=UTC), **values,  # type: ignore[arg-type]
    )  # fmt: skip


TRANSACTIONS = [
    told("c1", "cash", 2, "shares", currency="USD", amount=500_000),
    told("c2", "cash", 2, "shares", currency="EUR", amount=30_000),
    told("o1", "opening", 2, "shares", instrument_id=ALFA, quantity=SHARES),
    told("o2", "opening", 2, "shares", instrument_id=BETA, quantity=EURO_SHARES),
    told("o3", "opening", 2, "bonds", instrument_id=BOND, quantity=FACE),
    told("o4", "opening", 2, "options", instrument_id=CALL, quantity=CALLS),
    told("o5", "opening", 2, "index", instrument_id=ALFA, quantity=10_000),
    told("o6", "opening", 2, "index", instrument_id=BETA, quantity=10_000),
    told("d1", "dividend", 4, "shares", 1, instrument_id=ALFA, currency="USD", amount=SHARES),
    told("k1", "coupon", 4, "bonds", 1, instrument_id=BOND, currency="USD",
         amount=FACE * COUPON / 100.0),
    told("t1", "trade", 6, "shares", instrument_id=ALFA, quantity=100, price=101, currency="USD",
         amount=-10_105, fees=5),
    told("t2", "trade", 6, "options", instrument_id=CALL, quantity=-CALLS, price=8,
         currency="USD", amount=40_000),
    told("f1", "fee", 6, "shares", currency="USD", amount=-250),
    told("w1", "cash", 9, "shares", currency="USD", amount=-100_000),
    Transaction(
        transaction_id="s1", kind=TransactionKind.SPLIT, instrument_id=ALFA, ratio=Decimal(2),
        effective_at=datetime(2026, 3, 9, tzinfo=UTC),
    ),
]  # fmt: skip


def build(folder: Path, *, without: str | None = None) -> Desk:
    """Make the desk in ``folder``, perhaps without one table of its market; it is open."""
    desk = Desk.create(folder, name="Explained", clock=now)
    nodes = [("firm", None, "firm"), ("shares", "firm", "book"), ("bonds", "firm", "book"),
             ("options", "firm", "book"), ("index", None, "benchmark")]  # fmt: skip
    desk.put_portfolios(
        PortfolioNode(
            portfolio_id=name, name=f"The {name}", parent_id=parent, level=level,
            benchmark_id="index" if name == "shares" else None,
        )
        for name, parent, level in nodes
    )  # fmt: skip
    desk.put_instruments(INSTRUMENTS)
    desk.add_transactions(TRANSACTIONS, reason="the explained book")
    with desk.lake.batch() as batch:
        for table, rows in market().items():
            if table != without:
                batch.write(table, rows)
    return desk


def market() -> dict[str, pd.DataFrame]:
    prices, curves = [], []
    for each in DAYS:
        day = each.day
        # After the split a call is one on two shares; nobody holds it by then.
        spot = each.alfa * (2.0 if day == date(2026, 3, 9) else 1.0)
        marks = {
            ALFA: each.alfa,
            BETA: each.beta,
            BOND: bond_value(day, each.zero) - accrued(day),
            CALL: call_value(spot, each.vol, years_to(day, EXPIRY)),
        }
        prices += [(name, day, mark, None, "test") for name, mark in marks.items()]
        curves += [("USD.OIS", day, RATE), ("USD.GOVT", day, each.zero)]
    days = [each.day for each in DAYS]
    return {
        "prices": pd.DataFrame(
            prices, columns=["instrument_id", "date", "close", "volume", "source"]
        ),
        "fx": pd.DataFrame(
            [("EUR", each.day, each.euro, "test") for each in DAYS],
            columns=["currency", "date", "usd_per_unit", "source"],
        ),
        "curves": pd.DataFrame(
            [(name, day, [0.25, 1.0, 5.0], [rate] * 3, "linear_zero", "test")
             for name, day, rate in curves],
            columns=["curve_id", "date", "times", "zero_rates", "interpolation", "source"],
        ),
        "vol_surfaces": pd.DataFrame(
            [("VOL.ALFA", each.day, "moneyness", [0.25, 1.0], [0.8, 1.0, 1.2], [each.vol] * 6,
              "test") for each in DAYS],
            columns=["surface_id", "date", "axis", "expiries", "points", "vols", "source"],
        ),
        "carry": pd.DataFrame(
            [("DIV.ALFA", day, [1.0], [0.0], "test") for day in days],
            columns=["underlying_id", "date", "times", "yields", "source"],
        ),
    }  # fmt: skip
