"""Splits, mergers, spin-offs and transfers: nothing is created and no cost is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskplatform.domain.transactions import Transaction
from riskplatform.errors import UserInputError
from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import (
    FAR,
    Book,
    D,
    day,
    equity,
    said,
    split_of,
    trade,
)

CENT = D("0.01")
Shape = list[tuple[int, Decimal, Decimal]]


def shape(
    book: Book,
    instrument: str = "ACME",
    portfolio: str = "LONG",
    method: str = "fifo",
    at: datetime | None = None,
) -> Shape:
    """Lots as (day on which it was opened, quantity, cost)."""
    lots = book.ledger.lots(portfolio, instrument, effective=at or FAR, method=method)
    return [((x.opened_at - day(0, 0)).days, x.quantity, x.cost) for x in lots]


def leg(kind: str, name: str, quantity: str | int, **terms: object) -> Transaction:
    defaults = {"portfolio_id": "LONG", "instrument_id": "ACME", "group_id": "G"}
    return said(kind, name, day(5), quantity=quantity, **{**defaults, **terms})


def test_a_split_multiplies_what_is_held_before_the_days_trades(book: Book) -> None:
    ex_date = day(5, 0)
    book.add(
        trade("T1", day(1), 100, 30),
        trade("T2", ex_date, 1, 10),
        trade("T3", day(5), 2, 10),
        split_of("S", ex_date, "3"),
        trade("T4", day(1), -7, 30, portfolio_id="OTHER"),
    )
    assert book.held(day(4)) == {"ACME": D(100), "CASH.USD": D(-3000)}
    assert book.held()["ACME"] == 303
    assert book.held(portfolio_id="OTHER")["ACME"] == -21
    assert shape(book) == [(1, D(300), D(3000)), (5, D(1), D(10)), (5, D(2), D(20))]


def test_lots_after_a_split_have_the_unit_cost_divided(book: Book) -> None:
    book.add(trade("T1", day(1), 7, 30), split_of("S", day(5, 0), "1.5"))
    (lot,) = book.ledger.lots("LONG", "ACME", effective=FAR)
    assert (lot.quantity, lot.cost, lot.unit_cost) == (D("10.5"), D(210), D(20))


def test_three_shares_become_one(book: Book) -> None:
    book.add(trade("T1", day(1), 3_000_000, 10), split_of("S", day(5, 0), "0.333333333"))
    assert book.held()["ACME"] == 1_000_000


def test_two_splits_follow_each_other(book: Book) -> None:
    book.add(
        trade("T1", day(1), 10, 30),
        split_of("S1", day(2, 0), "2"),
        trade("T2", day(3), 5, 30),
        split_of("S2", day(4, 0), "0.1"),
        split_of("S3", day(4, 0), "7"),
    )
    assert book.held(day(3))["ACME"] == 25
    assert book.held()["ACME"] == D("17.5")


SHARES = st.decimals("0.000000001", "5000000", places=9).filter(bool)
PRICES = st.decimals("0.01", "5000", places=2)
RATIOS = st.sampled_from(["2", "3", "1.5", "0.1", "0.333333333", "1.142857143", "0.04", "20"])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bought=st.lists(st.tuples(SHARES, PRICES), min_size=1, max_size=8), ratio=RATIOS)
def test_a_split_preserves_value_to_the_cent_and_cost_exactly(
    book: Book, bought: list[tuple[Decimal, Decimal]], ratio: str
) -> None:
    name = f"X{len(book.ledger.instruments())}"
    book.ledger.put_instruments([equity(name)], actor="ann")
    book.add(
        *[
            trade(f"{name}-{n}", day(1), quantity, price, instrument=equity(name))
            for n, (quantity, price) in enumerate(bought)
        ],
        split_of(f"{name}-S", day(5, 0), ratio, name),
    )
    before, after = book.held(day(4))[name], book.held()[name]
    # The exact ratio is that of the quantities of a large round holding.
    price = D(1000)
    exact = {"0.333333333": D(1) / 3, "1.142857143": D(8) / 7}.get(ratio, D(ratio))
    assert abs(after * (price / exact) - before * price) < CENT / 2
    for method in ("fifo", "lifo", "average"):
        costs = [
            sum(cost for _, _, cost in shape(book, name, method=method, at=at))
            for at in (day(4), day(6))
        ]
        assert costs[0] == costs[1]
        assert sum(quantity for _, quantity, _ in shape(book, name, method=method)) == after


def test_a_transfer_carries_lots_with_date_and_cost(book: Book) -> None:
    book.add(trade("T1", day(1), 100, 10), trade("T2", day(2), 100, 12))
    book.add(leg("transfer", "A", -150), leg("transfer", "B", 150, portfolio_id="OTHER"))
    assert shape(book) == [(2, D(50), D(600))]
    assert shape(book, portfolio="OTHER") == [(1, D(100), D(1000)), (2, D(50), D(600))]
    assert book.held(portfolio_id=None)["OTHER/ACME"] == 150


def test_a_short_is_transferred_too(book: Book) -> None:
    book.add(trade("T1", day(1), -100, 10))
    book.add(leg("transfer", "A", 40), leg("transfer", "B", -40, portfolio_id="OTHER"))
    assert shape(book) == [(1, D(-60), D(-600))]
    assert shape(book, portfolio="OTHER") == [(1, D(-40), D(-400))]


def test_money_is_transferred_as_money(book: Book) -> None:
    terms = {"instrument_id": None, "currency": "USD"}
    book.add(
        leg("transfer", "A", 0, amount=-100, **terms),
        leg("transfer", "B", 0, amount=100, portfolio_id="OTHER", **terms),
    )
    assert book.held(portfolio_id=None) == {"LONG/CASH.USD": D(-100), "OTHER/CASH.USD": D(100)}


def test_a_transfer_without_its_other_side_is_refused(book: Book) -> None:
    with pytest.raises(UserInputError, match="10 of ACME has no other side"):
        book.add(leg("transfer", "A", 10))
    with pytest.raises(UserInputError, match=r"0\.000000001 of ACME has no other side"):
        book.add(leg("transfer", "A", "10.000000001"), leg("transfer", "B", -10))
    late = replace(leg("transfer", "B", -10, portfolio_id="OTHER"), effective_at=day(6))
    with pytest.raises(UserInputError, match="legs at different moments"):
        book.add(leg("transfer", "A", 10), late)


def test_the_legs_of_a_transfer_are_corrected_and_voided_together(book: Book) -> None:
    legs = [leg("transfer", "A", -10), leg("transfer", "B", 10, portfolio_id="OTHER")]
    book.add(*legs)
    with pytest.raises(UserInputError, match="has no other side"):
        book.ledger.correct(replace(legs[0], quantity=D(-9)), actor="bob", reason="x")
    with pytest.raises(UserInputError, match="has no other side"):
        book.ledger.void("A", actor="bob", reason="x")
    right = [replace(legs[0], quantity=D(-9)), replace(legs[1], quantity=D(9))]
    book.ledger.correct(right, actor="bob", reason="x")
    assert book.held()["ACME"] == -9
    book.ledger.void(["A", "B"], actor="bob", reason="x")
    assert book.held() == {}


def test_a_merger_carries_the_cost_into_the_new_shares(book: Book) -> None:
    book.add(trade("T1", day(1), 100, 10), trade("T2", day(2), 50, 16))
    # Two old shares give one new share and 1 dollar each: 150 of the cost comes back as cash.
    book.add(
        leg("merger", "A", -150, currency="USD", amount=150),
        leg("merger", "B", 75, instrument_id="BETA"),
    )
    assert book.held() == {"BETA": D(75), "CASH.USD": D(-1650)}
    assert shape(book) == []
    assert shape(book, "BETA") == [(1, D(50), D(900)), (2, D(25), D(750))]


def test_a_merger_into_two_instruments_shares_out_the_cost(book: Book) -> None:
    book.add(trade("T1", day(1), 3, "33.33"))
    book.add(
        leg("merger", "A", -3),
        leg("merger", "B", 3, instrument_id="BETA", ratio="0.333333333"),
        leg("merger", "C", 6, instrument_id="GAMMA", ratio="0.666666667"),
    )
    beta, gamma = shape(book, "BETA"), shape(book, "GAMMA")
    assert beta == [(1, D(3), D("33.33"))]
    assert gamma == [(1, D(6), D("66.66"))]


def test_a_spin_off_shares_the_cost_with_the_child(book: Book) -> None:
    book.add(trade("T1", day(1), 100, 10), trade("T2", day(2), 300, 12))
    book.add(
        leg("spin-off", "A", 0),
        leg("spin-off", "B", 40, instrument_id="BETA", ratio="0.15"),
    )
    assert shape(book) == [(1, D(100), D(850)), (2, D(300), D(3060))]
    assert shape(book, "BETA") == [(1, D(10), D(150)), (2, D(30), D(540))]
    assert book.held()["ACME"] == 400


@pytest.mark.parametrize(
    ("legs", "reason"),
    [
        ([leg("merger", "A", -3)], "one instrument that gives and at least one"),
        (
            [leg("merger", "A", -3), leg("spin-off", "B", 3, instrument_id="BETA", ratio="0.5")],
            "it mixes merger and spin-off",
        ),
        (
            [leg("spin-off", "A", 0), leg("spin-off", "B", 3, instrument_id="BETA")],
            "must say in ratio",
        ),
        (
            [leg("spin-off", "A", 0), leg("spin-off", "B", 3, instrument_id="BETA", ratio="1.5")],
            "more than all of it",
        ),
        (
            [
                leg("merger", "A", -3),
                leg("merger", "B", 3, instrument_id="BETA", ratio="0.3"),
                leg("merger", "C", 3, instrument_id="GAMMA", ratio="0.3"),
            ],
            "should carry all of it",
        ),
    ],
)
def test_legs_that_do_not_make_an_action_are_refused(
    sqlite_ledger: Ledger, legs: list[Transaction], reason: str
) -> None:
    with pytest.raises(UserInputError, match=reason):
        Book(sqlite_ledger).add(*legs)


def test_cash_has_no_lots(book: Book) -> None:
    with pytest.raises(UserInputError, match=r"cash is only an amount.*positions\(\)"):
        book.ledger.lots("LONG", "CASH.USD", effective=FAR)
