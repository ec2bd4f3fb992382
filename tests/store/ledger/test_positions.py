"""What each kind of transaction does to positions, cash and unsettled balances."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskplatform.domain.transactions import end_of
from riskplatform.errors import UnknownNameError
from tests.store.ledger.ledger_builders import FAR, Book, D, day, future, said, trade

CASH_LINE = {"portfolio_id": "LONG", "currency": "USD"}


def test_money_comes_and_goes(book: Book) -> None:
    book.add(
        said("opening", "O", day(0), portfolio_id="LONG", instrument_id="CASH.USD", quantity=1000),
        said("cash", "C", day(1), **CASH_LINE, amount=500),
        said("dividend", "D", day(2), **CASH_LINE, instrument_id="ACME", amount="12.5"),
        said("coupon", "I", day(2), **CASH_LINE, instrument_id="CASH.USD", amount="0.05"),
        said("fee", "F", day(3), **CASH_LINE, amount=-20),
    )
    assert book.held() == {"CASH.USD": D("1492.55")}
    assert book.held(day(2).date()) == {"CASH.USD": D("1512.55")}


def test_an_opening_brings_a_position_without_money(book: Book) -> None:
    line = {"portfolio_id": "LONG", "instrument_id": "ACME"}
    book.add(said("opening", "O", day(0), **line, quantity=100, price=9))
    assert book.held() == {"ACME": D(100)}


def test_redemption_and_expiry_take_the_position_away(book: Book) -> None:
    line = {**CASH_LINE, "instrument_id": "ACME"}
    book.add(
        trade("T", day(1), 100, 10),
        said("redemption", "R", day(2), **line, quantity=-60, amount=600),
        said("expiry", "E", day(3), **line, quantity=-40),
    )
    assert book.held() == {"CASH.USD": D(-400)}


def test_a_future_keeps_its_money_on_the_line_until_it_is_settled(book: Book) -> None:
    """Worth of the line = quantity × multiplier × mark + balance, exactly, at every step."""
    contract = future(multiplier=50)

    def worth(mark: str) -> Decimal:
        held = book.held().get("ESZ5", D(0))
        return held * 50 * D(mark) + book.balances().get("ESZ5", D(0))

    book.add(trade("T1", day(1), 2, "5000.25", instrument=contract, fees="4.20"))
    assert book.held() == {"ESZ5": D(2)}
    assert book.balances() == {"ESZ5": D("-500029.20")}
    assert worth("5010.25") == D("1000") - D("4.20")
    book.add(said("settlement", "S1", day(1), **CASH_LINE, instrument_id="ESZ5", amount="995.80"))
    assert book.held()["CASH.USD"] == D("995.80")
    assert worth("5010.25") == 0
    # Half is sold, the market falls: a payment.
    book.add(trade("T2", day(2), -1, "5000.25", instrument=contract))
    assert worth("4990.25") == D("-1500")
    book.add(said("settlement", "S2", day(2), **CASH_LINE, instrument_id="ESZ5", amount=-1500))
    assert book.held()["CASH.USD"] == D("-504.20")
    assert worth("4990.25") == 0
    # At expiry the line is closed at the final price; settled, nothing is left of it.
    line = {**CASH_LINE, "instrument_id": "ESZ5"}
    book.add(
        said("expiry", "E", day(3), **line, quantity=-1, price=5000, amount=250_000),
        said("settlement", "S3", day(3), **line, amount="487.5"),
    )
    assert book.held() == {"CASH.USD": D("-16.70")}
    assert book.balances() == {}


def test_a_contract_taken_over_at_a_price_has_paid_it(book: Book) -> None:
    line = {"portfolio_id": "LONG", "instrument_id": "ESZ5"}
    book.add(said("opening", "O", day(0), **line, quantity=-3, price="5000.5"))
    assert book.held() == {"ESZ5": D(-3)}
    assert book.balances() == {"ESZ5": D("750075")}


def test_funding_and_fees_of_a_contract_are_cash(book: Book) -> None:
    line = {**CASH_LINE, "instrument_id": "ESZ5"}
    book.add(
        said("coupon", "F", day(1), **line, amount="-2.5"),
        said("fee", "X", day(1), **line, amount=-1),
    )
    assert book.held() == {"CASH.USD": D("-3.5")}
    assert book.balances() == {}


def test_a_date_means_with_all_of_that_day(book: Book) -> None:
    last = end_of(day(1).date())
    book.add(trade("T1", last, 1, 10), trade("T2", day(2, 0), 2, 10))
    assert book.held(day(1).date())["ACME"] == 1
    assert book.held(day(2).date())["ACME"] == 3


def test_portfolios_can_be_picked(book: Book) -> None:
    book.add(trade("T1", day(1), 1, 10), trade("T2", day(1), 2, 10, portfolio_id="OTHER"))
    picked = book.ledger.positions(FAR, portfolio_ids=["OTHER"])
    assert [(p, i, q) for p, i, q, _ in picked] == [
        ("OTHER", "ACME", 2),
        ("OTHER", "CASH.USD", -20),
    ]
    assert len(book.ledger.positions(FAR, portfolio_ids=[])) == 0
    with pytest.raises(UnknownNameError, match=r"'OTTER'.*Did you mean OTHER"):
        book.ledger.positions(FAR, portfolio_ids=["OTTER"])


def test_the_smallest_and_the_largest_numbers_are_exact(book: Book) -> None:
    book.add(
        trade("T1", day(1), "0.000000001", 1),
        trade("T2", day(1), "900000000000000000.999999999", "0.01"),
    )
    assert book.held()["ACME"] == D("900000000000000001")
