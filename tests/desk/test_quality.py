"""Marks on the desk's prices: what the ledger explains is no error."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.instruments import OvernightSwap, Side
from riskplatform.domain.transactions import Transaction, TransactionKind

DAYS = [day.date() for day in pd.bdate_range("2025-09-01", "2026-02-27")]
SPLIT = DAYS[100]


def halved(desk: Desk) -> None:
    """BETA trades near 50 until the split, near 25 from then on."""
    closes = [(50 + (i % 5) * 0.2) / (1 if day < SPLIT else 2) for i, day in enumerate(DAYS)]
    frame = pd.DataFrame(
        {"instrument_id": "BETA.XETR", "date": DAYS, "close": closes, "source": "test"}
    )
    desk.lake.write("prices", frame)


def split_like(desk: Desk) -> list[date]:
    marks = desk.quality(DAYS[-1])
    return [day.date() for day in marks.loc[marks["rule"] == "split_like", "date"]]


@pytest.mark.slow
def test_a_jump_near_a_ratio_is_an_error_until_the_ledger_has_the_split(desk: Desk) -> None:
    halved(desk)
    assert split_like(desk) == [SPLIT]
    desk.add_transactions(
        [
            Transaction(
                transaction_id="beta-split",
                kind=TransactionKind.SPLIT,
                effective_at=datetime.combine(SPLIT, datetime.min.time(), tzinfo=UTC),
                instrument_id="BETA.XETR",
                ratio=Decimal(2),
            )
        ]
    )
    assert split_like(desk) == []


@pytest.mark.slow
def test_present_values_may_be_negative(desk: Desk) -> None:
    """Only marks that are prices are judged as prices."""
    swap = OvernightSwap(
        instrument_id="OIS.USD",
        name="Pay 4%",
        currency="USD",
        effective=DAYS[0],
        maturity=date(2035, 9, 1),
        fixed_rate=0.04,
        side=Side.PAYER,
        index_id="SOFR",
        discount_curve_id="USD.OIS",
    )
    desk.put_instruments([swap])
    desk.lake.write(
        "prices",
        pd.DataFrame({"instrument_id": "OIS.USD", "date": DAYS, "close": -0.01, "source": "test"}),
    )
    halved(desk)
    judged = set(desk.quality(DAYS[-1])["subject_id"])
    assert "BETA.XETR" in judged
    assert "OIS.USD" not in judged
