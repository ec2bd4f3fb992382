"""A transaction says all that its kind needs, exactly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.transactions import (
    Transaction,
    TransactionKind,
    end_of,
    start_of,
    trade_amount,
)
from riskplatform.errors import UserInputError

MOMENT = datetime(2026, 3, 31, 15, tzinfo=UTC)
COMPLETE: dict[str, Any] = {
    "transaction_id": "T",
    "effective_at": MOMENT,
    "portfolio_id": "LONG",
    "instrument_id": "ACME",
    "quantity": Decimal(10),
    "price": Decimal("2.5"),
    "currency": "USD",
    "amount": Decimal(-25),
    "group_id": "G",
    "ratio": Decimal(2),
}
NEEDED = {
    "split": {"instrument_id", "ratio"},
    "merger": {"portfolio_id", "instrument_id", "group_id"},
    "spin-off": {"portfolio_id", "instrument_id", "group_id"},
    "opening": {"portfolio_id", "instrument_id", "quantity"},
    "cash": {"portfolio_id", "currency", "amount"},
    "transfer": {"portfolio_id", "group_id"},
    "fx": {"portfolio_id", "instrument_id", "quantity", "amount"},
    "trade": {"portfolio_id", "instrument_id", "quantity", "price"},
    "dividend": {"portfolio_id", "instrument_id", "currency", "amount"},
    "coupon": {"portfolio_id", "instrument_id", "currency", "amount"},
    "redemption": {"portfolio_id", "instrument_id", "quantity"},
    "expiry": {"portfolio_id", "instrument_id", "quantity"},
    "settlement": {"portfolio_id", "instrument_id", "currency", "amount"},
    "fee": {"portfolio_id", "currency", "amount"},
}


def complete(kind: str, **changes: Any) -> Transaction:
    terms = {**COMPLETE, **changes}
    if kind == "split":
        terms |= {"quantity": Decimal(0), "amount": Decimal(0)}
    return Transaction(kind=TransactionKind(kind), **terms)


def test_every_kind_is_covered() -> None:
    assert set(NEEDED) == set(TransactionKind)


@pytest.mark.parametrize("kind", sorted(NEEDED))
def test_each_kind_needs_its_fields(kind: str) -> None:
    complete(kind)
    for name in NEEDED[kind]:
        nothing = Decimal(0) if name in ("quantity", "amount") else None
        changes: dict[str, Any] = {name: nothing}
        if name == "currency":
            changes["amount"] = Decimal(0)
        with pytest.raises(UserInputError, match=rf"'T': it lacks .*{name}"):
            complete(kind, **changes)


def test_a_price_may_be_zero() -> None:
    assert complete("trade", price=Decimal(0)).price == 0


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("trade", {"transaction_id": " "}, "no transaction_id"),
        ("trade", {"effective_at": datetime(2026, 3, 31)}, "no time zone"),
        ("trade", {"currency": None}, "its amount has no currency"),
        ("trade", {"currency": "usd"}, "not a currency code"),
        ("split", {"ratio": Decimal(-2)}, "ratio -2 is not positive"),
        ("split", {"ratio": Decimal("NaN")}, "ratio NaN is not a number"),
        ("trade", {"price": Decimal("Infinity")}, "price Infinity is not a number"),
        ("trade", {"quantity": Decimal("1E-10")}, "more than nine decimals"),
        ("trade", {"fees": Decimal("NaN")}, "not a finite number"),
        ("trade", {"amount": Decimal(10) ** 20}, "too large"),
    ],
)
def test_what_cannot_be_is_refused(kind: str, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UserInputError, match=reason):
        complete(kind, **changes)


def test_a_split_moves_nothing_by_itself() -> None:
    with pytest.raises(UserInputError, match="moves no quantity and no money"):
        Transaction(kind=TransactionKind.SPLIT, **COMPLETE)


def test_corporate_actions_come_before_trades_of_the_same_instant() -> None:
    order = list(TransactionKind)
    assert order[0] == "split"
    assert order.index(TransactionKind.MERGER) < order.index(TransactionKind.TRADE)
    assert order.index(TransactionKind.TRADE) < order.index(TransactionKind.SETTLEMENT)


def test_a_day_begins_and_ends() -> None:
    day = date(2026, 3, 31)
    assert start_of(day) == datetime(2026, 3, 31, tzinfo=UTC)
    assert end_of(day) == datetime(2026, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def test_the_amount_of_a_trade_by_hand() -> None:
    # 10,000 face at 98.5 with 120 of accrued interest and a fee of 10: 9,850 + 120 + 10.
    bought = trade_amount(
        Decimal(10_000), Decimal("98.5"), Decimal("0.01"), accrued=Decimal(120), fees=Decimal(10)
    )
    assert bought == Decimal(-9980)
    assert trade_amount(Decimal(-2), Decimal("5000.25"), Decimal(50)) == Decimal(500_025)


@given(
    quantity=st.decimals(-(10**6), 10**6, places=4),
    price=st.decimals(0, 10**4, places=4),
    fees=st.decimals(0, 100, places=2),
)
def test_buying_and_selling_back_costs_the_fees(
    quantity: Decimal, price: Decimal, fees: Decimal
) -> None:
    one = Decimal(1)
    there = trade_amount(quantity, price, one, fees=fees)
    back = trade_amount(-quantity, price, one, fees=fees)
    assert there + back == -2 * fees
