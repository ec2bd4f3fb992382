"""Lines of the small desk that need a model: a bond of an issuer and an option on a share."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pandas as pd

from riskplatform.domain.instruments import FixedBond, Option, Right, Tags, Underlying
from riskplatform.domain.transactions import Transaction, TransactionKind

BOND, OPTION = "ALPHA.2029", "ALPHA.US.C72"
LEAF = "LS.1"
_HELD = {BOND: 2_000_000, OPTION: -400}
_MARKS = {BOND: 99.5, OPTION: 5.1}


def instruments() -> list[FixedBond | Option]:
    """Their curves and surface are in the small market on its last day only."""
    bond = FixedBond(
        instrument_id=BOND, name="Alpha 4% 2029", currency="USD", coupon_rate=0.04,
        issue_date=date(2022, 3, 15), maturity=date(2029, 3, 15), discount_curve_id="USD.OIS",
        credit_curve_id="ISSUER.ALPHA",
        tags=Tags(sector="Industrials", country="US", issuer_id="ISSUER.ALPHA", rating="A"),
    )  # fmt: skip
    option = Option(
        instrument_id=OPTION, name="Alpha Sep 2024 72 call", currency="USD",
        multiplier=Decimal(100), underlying_id="ALPHA.US", underlying_type=Underlying.EQUITY,
        right=Right.CALL, strike=72.0, expiry=date(2024, 9, 20), discount_curve_id="USD.OIS",
        surface_id="VOL.ALPHA.US", tags=Tags(sector="Industrials", country="US"),
    )  # fmt: skip
    return [bond, option]


def transactions(at: datetime) -> list[Transaction]:
    """Held from the beginning."""
    return [
        Transaction(
            transaction_id=f"open-{LEAF}-{name}", kind=TransactionKind.OPENING, effective_at=at,
            portfolio_id=LEAF, instrument_id=name, quantity=Decimal(quantity), source="opening",
        )
        for name, quantity in _HELD.items()
    ]  # fmt: skip


def prices(days: pd.DatetimeIndex) -> pd.DataFrame:
    """The same mark every day."""
    frames = [
        pd.DataFrame({"instrument_id": name, "date": days, "close": mark})
        for name, mark in _MARKS.items()
    ]
    return pd.concat(frames, ignore_index=True).assign(volume=1e3, source="test")


def carry(day: date) -> pd.DataFrame:
    """A dividend yield of 1 % at all times."""
    row = ("DIV.ALPHA.US", day, [0.5, 2.0], [0.01, 0.01], "test")
    return pd.DataFrame([row], columns=["underlying_id", "date", "times", "yields", "source"])
