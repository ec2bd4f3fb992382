"""A fill in the ledger: quantity, money, fee, accrued interest and settlement, by instrument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from riskplatform.domain.instruments import (
    Equity,
    FixedBond,
    Future,
    FutureFamily,
    FxSpot,
    Instrument,
)
from riskplatform.domain.orders import Side
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.execution.booking import settle_date, transactions_of
from riskplatform.store.ledger import Ledger
from tests.execution.order_builders import D, fill, order

FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
SHARE = Equity(instrument_id="ACME", name="Acme", currency="EUR", calendar="XETR")
BOND = FixedBond(
    instrument_id="GOVT30", name="Government 4% 2030", currency="USD", settlement_days=1,
    multiplier=D("0.01"), issue_date=date(2020, 3, 6), maturity=date(2030, 3, 6),
    coupon_rate=0.04, frequency=1, day_count="Act/365F", discount_curve_id="USD.GOVT",
    is_government=True,
)  # fmt: skip
FUTURE = Future(
    instrument_id="ESM6", name="Index future", currency="USD", multiplier=D(50),
    family=FutureFamily.EQUITY_INDEX, underlying_id="IDX.US", root="ES",
    expiry=date(2026, 6, 19),
)  # fmt: skip
EURO = FxSpot(instrument_id="EURUSD", name="Euro", currency="USD", bought_currency="EUR")


def held(path: Path, instrument: Instrument, side: Side, quantity: int, price: str, fee: str,
         fee_currency: str) -> dict[str, tuple[Decimal, Decimal]]:  # fmt: skip
    """Quantity and balance of every line after one fill, from the ledger itself."""
    asked = order(quantity, side=side, instrument_id=instrument.instrument_id)
    done = fill(asked, "e1", quantity, price, fee=D(fee), fee_currency=fee_currency, at=FRIDAY)
    accrued = {"GOVT30": D("0.0109589041")}
    told = transactions_of(
        asked, done, instrument, "paper", lambda each, _: accrued[each.instrument_id]
    )
    with Ledger.create(f"sqlite:///{path / 'ledger.sqlite'}") as ledger:
        ledger.put_portfolios([PortfolioNode(portfolio_id="LONG", name="Long")], actor="test")
        ledger.put_instruments([instrument], actor="test")
        assert ledger.append(told, actor="test").added == len(told)
        assert ledger.append(told, actor="test").added == 0
        table = ledger.positions(date(2026, 3, 6))
    return {name: (quantity, balance) for _, name, quantity, balance in table}


def test_a_share_bought_with_a_fee_in_its_currency(tmp_path: Path) -> None:
    assert held(tmp_path, SHARE, Side.BUY, 30, "12.5", "1.25", "EUR") == {
        "ACME": (D(30), D(0)), "CASH.EUR": (D("-376.25"), D(0)),
    }  # fmt: skip


def test_a_share_sold_with_a_fee_in_another_currency(tmp_path: Path) -> None:
    assert held(tmp_path, SHARE, Side.SELL, 30, "12.5", "1.25", "USD") == {
        "ACME": (D(-30), D(0)), "CASH.EUR": (D(375), D(0)), "CASH.USD": (D("-1.25"), D(0)),
    }  # fmt: skip


def test_a_bond_pays_accrued_interest(tmp_path: Path) -> None:
    """98.5 % of 100,000, and a day of 4 % on 100,000: 4,000 / 365 = 10.96 a hundredth of it."""
    found = held(tmp_path, BOND, Side.BUY, 100_000, "98.5", "0", "USD")
    assert found["CASH.USD"][0] == -(D(98_500) + D("1095.89041"))


def test_a_future_moves_no_cash_but_its_line_owes_the_price(tmp_path: Path) -> None:
    found = held(tmp_path, FUTURE, Side.SELL, 2, "5000", "4", "USD")
    assert found == {"ESM6": (D(-2), D(2 * 5000 * 50 - 4))}


def test_a_currency_pair_exchanges_cash(tmp_path: Path) -> None:
    assert held(tmp_path, EURO, Side.BUY, 1_000, "1.1", "2", "USD") == {
        "CASH.EUR": (D(1_000), D(0)), "CASH.USD": (D("-1102"), D(0)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("instrument", "day", "expected"),
    [
        (SHARE, date(2026, 3, 6), date(2026, 3, 10)),
        # Good Friday and Easter Monday 2026 are the 3rd and the 6th of April.
        (SHARE, date(2026, 4, 2), date(2026, 4, 8)),
        (BOND, date(2026, 3, 6), date(2026, 3, 9)),
        (SHARE, date(2080, 3, 6), None),
    ],
)
def test_trades_settle_on_business_days(
    instrument: Instrument, day: date, expected: date | None
) -> None:
    assert settle_date(instrument, day) == expected
