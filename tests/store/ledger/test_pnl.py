"""Profit and loss: each part by hand, and the whole as change of value plus cash."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskplatform.domain.instruments import FixedBond
from riskplatform.domain.transactions import Transaction
from riskplatform.store.ledger import PnlLine
from tests.store.ledger.ledger_builders import (
    FAR,
    Book,
    D,
    day,
    equity,
    future,
    said,
    split_of,
    trade,
)

LINE: dict[str, Any] = {"portfolio_id": "LONG", "instrument_id": "ACME", "currency": "USD"}


def line_of(book: Book, instrument: str = "ACME", **asked: Any) -> PnlLine:
    report = book.ledger.pnl(FAR, **asked)
    (found,) = [
        x for x in report.lines if (x.portfolio_id, x.instrument_id) == ("LONG", instrument)
    ]
    return found


def test_each_part_is_told_apart(book: Book) -> None:
    book.add(
        trade("T1", day(1), 100, 10, fees=5),
        trade("T2", day(2), 100, 12, fees=5),
        trade("T3", day(3), -150, 20, fees=7),
        said("dividend", "D", day(4), **LINE, amount=34, fees=6),
        said("fee", "F", day(5), **LINE, amount=-3),
    )
    line = line_of(book, marks={"ACME": 21.5})
    assert (line.quantity, line.cost) == (50, 600)
    assert line.realised == 150 * 20 - (100 * 10 + 50 * 12)
    assert line.unrealised == 50 * D("21.5") - 600
    assert (line.income, line.fees) == (40, 26)
    assert line.unit_cost == 12
    assert line.total == line.realised + D(475) + 40 - 26


@pytest.mark.parametrize(("method", "realised"), [("fifo", 1400), ("lifo", 900), ("average", 1150)])
def test_the_method_decides_what_is_realised(book: Book, method: str, realised: int) -> None:
    prices = enumerate((10, 12, 15))
    book.add(*[trade(f"T{n}", day(n), 100, price) for n, price in prices])
    book.add(trade("S", day(9), -150, 20))
    assert line_of(book, method=method).realised == realised
    frame = book.ledger.cost_basis(FAR, method=method)
    assert frame.cost[0] == 3700 - (3000 - realised)


def test_accrued_interest_is_income_not_cost(book: Book) -> None:
    bond = FixedBond(
        instrument_id="BOND",
        name="Bond",
        currency="USD",
        issue_date=day(0).date(),
        maturity=day(3650).date(),
        discount_curve_id="USD.OIS",
        coupon_rate=0.05,
    )
    book.ledger.put_instruments([bond], actor="ann")
    line = {**LINE, "instrument_id": "BOND"}
    book.add(
        trade("T1", day(1), 10_000, 98, instrument=bond, accrued=120, fees=10),
        said("coupon", "C", day(2), **line, amount=250),
    )
    found = line_of(book, "BOND", marks={"BOND": D(99)})
    assert (found.cost, found.unrealised, found.income, found.fees) == (9800, 100, 130, 10)


def test_a_future_earns_by_its_price_however_it_is_settled(book: Book) -> None:
    book.add(trade("T1", day(1), 2, 5000, instrument=future(), fees=4))
    before = line_of(book, "ESZ5", marks={"ESZ5": 5010})
    book.add(said("settlement", "S", day(1), **{**LINE, "instrument_id": "ESZ5"}, amount=996))
    after = line_of(book, "ESZ5", marks={"ESZ5": 5010})
    assert before == after
    assert (after.unrealised, after.fees, after.total) == (1000, 4, 996)


def test_a_line_without_a_mark_is_counted_as_missing(book: Book) -> None:
    book.add(
        trade("T1", day(1), 1, 10),
        trade("T2", day(1), 1, 10, instrument=equity("BETA")),
        trade("T3", day(2), -1, 11, instrument=equity("BETA")),
    )
    report = book.ledger.pnl(FAR, marks={"GAMMA": 1})
    assert [(f.subject, f.reason.value) for f in report.coverage.failures] == [
        ("ACME", "missing data")
    ]
    assert report.coverage.share == 0.5
    values = {line.instrument_id: (line.unrealised, line.total) for line in report.lines}
    # What is closed needs no mark.
    assert values == {"ACME": (None, None), "BETA": (0, 1)}
    assert book.ledger.pnl(FAR).coverage.is_complete
    assert report.to_dict()["lines"][1]["realised"] == "1"
    assert list(report.to_frame().unrealised) == [None, 0]


def test_fees_and_interest_without_an_instrument_belong_to_cash(book: Book) -> None:
    cash = {"portfolio_id": "LONG", "currency": "USD"}
    book.add(
        said("fee", "F", day(1), **cash, amount=-20),
        said("coupon", "I", day(1), **cash, instrument_id="CASH.USD", amount=3),
        said("cash", "C", day(1), **cash, amount=1000),
        said("fx", "X", day(1), **cash, instrument_id="CASH.EUR", quantity=9, amount=-11, fees=1),
    )
    # A fee of an exchange is paid in the currency that was sold; bought euros carry it.
    lines = {(x.instrument_id, x.currency): x for x in book.ledger.pnl(FAR).lines}
    assert lines["CASH.USD", "USD"].fees == 20
    assert lines["CASH.USD", "USD"].income == 3
    assert lines["CASH.EUR", "USD"].fees == 1


def test_a_dividend_in_another_currency_has_a_line_of_its_own(book: Book) -> None:
    book.add(
        trade("T1", day(1), 1, 10),
        said("dividend", "D", day(2), **{**LINE, "currency": "EUR"}, amount=2),
    )
    lines = [
        (x.instrument_id, x.currency, x.income, x.quantity) for x in book.ledger.pnl(FAR).lines
    ]
    assert lines == [("ACME", "EUR", 2, 0), ("ACME", "USD", 0, 1)]


def test_a_portfolio_alone_knows_the_cost_of_what_it_was_given(book: Book) -> None:
    terms = {"instrument_id": "ACME", "group_id": "G"}
    book.add(
        trade("T1", day(1), 10, 7),
        said("transfer", "A", day(2), portfolio_id="LONG", quantity=-10, **terms),
        said("transfer", "B", day(2), portfolio_id="OTHER", quantity=10, **terms),
        trade("T2", day(3), -10, 9, portfolio_id="OTHER"),
    )
    report = book.ledger.pnl(FAR, portfolio_ids=["OTHER"])
    assert [(x.portfolio_id, x.realised) for x in report.lines] == [("OTHER", 20)]
    assert [x.realised for x in book.ledger.pnl(FAR, portfolio_ids=["LONG"]).lines] == [0]


KINDS = ["trade", "opening", "dividend", "fee", "redemption", "split", "settlement", "transfer"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.booleans(),
        st.integers(-300, 300).filter(bool),
        st.decimals("1", "500", places=2),
        st.decimals("0", "9", places=2),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=14,
)


def happened(
    name: str, contract: str, number: int, step: tuple[str, bool, int, Decimal, Decimal, int]
) -> list[Transaction]:
    """One step as transactions of a share or of a contract."""
    kind, on_contract, quantity, price, fees, when = step
    terms = future(contract) if on_contract else equity(name)
    key, at = f"{name}-{number}", day(when)
    line = {**LINE, "instrument_id": terms.instrument_id}
    held = {"portfolio_id": "LONG", "instrument_id": terms.instrument_id}
    match kind:
        case "trade":
            return [trade(key, at, quantity, price, instrument=terms, fees=fees, accrued=fees / 2)]
        case "opening":
            return [said(kind, key, at, **held, quantity=quantity, price=price)]
        case "redemption":
            amount = -quantity * price * terms.multiplier
            return [said(kind, key, at, **line, quantity=quantity, amount=amount)]
        case "dividend":
            return [said(kind, key, at, **line, amount=price)]
        case "fee":
            return [said(kind, key, at, **line, amount=-fees)] if fees else []
        case "split":
            return [split_of(key, day(when, 0), "2", name)]
        case "settlement":
            return [said(kind, key, at, **{**line, "instrument_id": contract}, amount=price)]
    moves = [("LONG", quantity), ("OTHER", -quantity)]
    return [
        said("transfer", f"{key}-{p}", at, **{**held, "portfolio_id": p}, quantity=q, group_id=key)
        for p, q in moves
    ]


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, method=st.sampled_from(["fifo", "lifo", "average"]))
def test_gains_are_change_of_value_plus_cash(
    book: Book, steps: list[tuple[str, bool, int, Decimal, Decimal, int]], method: str
) -> None:
    """Over both portfolios: value at the end + cash paid out - value brought in = total gain."""
    number = len(book.ledger.instruments())
    name, contract = f"X{number}", f"F{number}"
    book.ledger.put_instruments([equity(name), future(contract)], actor="ann")
    cash_before = sum(q for i, q in _cash(book).items())
    told = [t for n, step in enumerate(steps) for t in happened(name, contract, n, step)]
    book.add(*told)
    marks = {name: D("101.5"), contract: D("203.25")}
    units = {name: D("101.5"), contract: D("203.25") * 50}
    value = sum(
        quantity * units[i] + balance
        for _, i, quantity, balance in book.ledger.positions(FAR)
        if i in units
    )
    brought_in = sum(
        t.quantity * t.price for t in told if t.kind == "opening" and t.instrument_id == name
    )
    paid_out = sum(q for i, q in _cash(book).items()) - cash_before
    report = book.ledger.pnl(FAR, method=method, marks=marks)
    gains = [line.total for line in report.lines if line.instrument_id in marks]
    assert sum(gain for gain in gains if gain is not None) == value + paid_out - brought_in
    assert None not in gains
    for line in report.lines:
        if line.instrument_id in marks:
            lots = book.ledger.lots(
                line.portfolio_id, line.instrument_id, effective=FAR, method=method
            )
            assert sum(lot.cost for lot in lots) == line.cost
            assert sum(lot.quantity for lot in lots) == line.quantity
            held = book.held(portfolio_id=None)
            assert held.get(f"{line.portfolio_id}/{line.instrument_id}", 0) == line.quantity


def _cash(book: Book) -> dict[str, Decimal]:
    held = book.held(portfolio_id=None)
    return {name: quantity for name, quantity in held.items() if "/CASH." in name}
