"""Headline figures and contributions, computed a second way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.ui.book_figures import REST_ID, contributions, day_pnl, headline
from tests.ui.small_desk import AS_OF, WITHOUT_PRICE

DAY_BEFORE = date(2024, 3, 19)


def frame(**values: tuple[str, float, float]) -> pd.DataFrame:
    """Lines: name to (asset class, value, unit value); all in the base currency."""
    rows = [
        (name.replace("_", "."), name, kind, "USD", value, unit, 1.0, False)
        for name, (kind, value, unit) in values.items()
    ]
    columns = ["instrument_id", "name", "asset_class", "currency", "value", "unit_value", "fx"]
    return pd.DataFrame(rows, columns=[*columns, "is_settled"])


def deal(kind: str, name: str | None, quantity: float, amount: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": [kind],
            "instrument_id": [name],
            "quantity": [Decimal(str(quantity))],
            "currency": ["USD"],
            "amount": [Decimal(str(amount))],
        }
    )


def pnl_of(table: pd.DataFrame) -> dict[str, float]:
    return dict(zip(table["instrument_id"], table["pnl"], strict=True))


def test_a_purchase_is_no_gain() -> None:
    """Bought 10 at 9, worth 10 at the end: the line made 10, cash nothing."""
    before = frame(A=("equity", 100.0, 10.0), CASH_USD=("cash", 500.0, 1.0))
    now = frame(A=("equity", 200.0, 10.0), CASH_USD=("cash", 410.0, 1.0))
    table = contributions(now, before, deal("trade", "A", 10, -90), 10.0)
    assert pnl_of(table) == {"A": 10.0, "CASH.USD": 0.0}


def test_a_dividend_belongs_to_its_share() -> None:
    before = frame(A=("equity", 100.0, 10.0), CASH_USD=("cash", 0.0, 1.0))
    now = frame(A=("equity", 98.0, 9.8), CASH_USD=("cash", 3.0, 1.0))
    table = contributions(now, before, deal("dividend", "A", 0, 3), 1.0)
    assert pnl_of(table) == {"A": pytest.approx(1.0), "CASH.USD": 0.0}


def test_money_put_in_is_no_gain() -> None:
    before = frame(CASH_USD=("cash", 100.0, 1.0))
    now = frame(CASH_USD=("cash", 150.0, 1.0))
    table = contributions(now, before, deal("cash", None, 0, 50), 0.0)
    assert pnl_of(table) == {"CASH.USD": 0.0}


def test_securities_put_in_are_no_gain() -> None:
    now = frame(A=("equity", 100.0, 10.0))
    table = contributions(now, frame(), deal("opening", "A", 10, 0), 0.0)
    assert pnl_of(table) == {"A": 0.0}


def test_a_fee_belongs_to_no_line() -> None:
    before = frame(CASH_USD=("cash", 100.0, 1.0))
    now = frame(CASH_USD=("cash", 93.0, 1.0))
    table = contributions(now, before, deal("fee", None, 0, -7), -7.0)
    assert pnl_of(table) == {"CASH.USD": 0.0, REST_ID: -7.0}


@pytest.mark.slow
@pytest.mark.parametrize("node", ["FIRM", "EQ.US", "LS"])
def test_contributions_sum_to_the_pnl_of_the_history(small_desk: Desk, node: str) -> None:
    pnl = float(small_desk.history(node=node).frame["pnl"].iloc[-1])
    table = contributions(
        small_desk.value(AS_OF, node=node).lines,
        small_desk.value(DAY_BEFORE, node=node).lines,
        small_desk.transactions(node=node, start=AS_OF, end=AS_OF),
        pnl,
    )
    assert table["pnl"].sum() == pytest.approx(pnl, abs=1e-6)
    assert REST_ID not in set(table["instrument_id"]), "every line of this desk explains itself"


def test_headline_against_the_lines(small_desk: Desk) -> None:
    valuation = small_desk.value(AS_OF)
    book = headline(valuation)
    lines = valuation.lines.to_dict("records")
    risky = [row for row in lines if not row["instrument_id"].startswith("CASH.")]
    known = [row["value"] for row in risky if row["instrument_id"] != WITHOUT_PRICE]
    assert book.lines == len(risky) == 12
    assert book.instruments == 10
    assert book.net == pytest.approx(sum(known))
    assert book.gross == pytest.approx(sum(abs(value) for value in known))
    assert book.cash + book.net == pytest.approx(valuation.total)
    assert book.times_value(book.value) == 1.0


def test_no_leverage_without_value(small_desk: Desk) -> None:
    book = headline(small_desk.value(date(2022, 1, 1)))
    assert book.times_value(1.0) is None


def test_the_day_needs_a_day_before() -> None:
    pnl, share = day_pnl(pd.DataFrame({"pnl": [float("nan")], "value": [5.0]}))
    assert pnl != pnl
    assert share is None
    pnl, share = day_pnl(pd.DataFrame({"pnl": [float("nan"), 2.0], "value": [100.0, 102.0]}))
    assert (pnl, share) == (2.0, 0.02)
