"""Recording transactions: once, all or nothing, and only what can be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskplatform.domain.instruments import EquityIndex
from riskplatform.domain.portfolio import PortfolioNode
from riskplatform.domain.transactions import Transaction
from riskplatform.errors import ConflictError, UnknownNameError, UserInputError
from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import FAR, Book, D, day, future, said, split_of, trade

HOSTILE = [
    "'; DROP TABLE transactions; --",
    '"; DELETE FROM audit; --',
    "%(x)s %s ? :name {0} \\ \\u0000",
    "=HYPERLINK(1)",
    "日本語 🙂 \u202e\n\t",
]


def test_what_is_appended_is_read_back_whole(book: Book) -> None:
    told = trade(
        "T1",
        day(3),
        "10.000000001",
        "12.50",
        fees="1.25",
        accrued="0.75",
        group_id="G",
        source="file.csv",
        note="first",
        labels=("a", "b"),
        settle_date=day(5).date(),
    )
    report = book.add(told)
    assert (report.added, report.unchanged) == (1, 0)
    assert book.ledger.get("T1") == replace(told, price=Decimal("12.5"))


def test_quantity_and_cash_move_together(book: Book) -> None:
    book.add(trade("T1", day(1), 10, "12.50", fees=1), trade("T2", day(2), -4, 13))
    assert book.held() == {"ACME": D(6), "CASH.USD": D("-74")}
    assert book.held(day(1)) == {"ACME": D(10), "CASH.USD": D(-126)}
    assert book.held(day(0)) == {}


def test_telling_the_same_again_changes_nothing(book: Book) -> None:
    told = [trade(f"T{n}", day(n), n, 10) for n in range(1, 6)]
    first = book.add(*told)
    entries = book.ledger.audit.entries()
    again = book.add(*told, told[0])
    assert (again.added, again.unchanged, again.recorded_at) == (0, 6, first.recorded_at)
    assert book.ledger.audit.entries() == entries
    more = book.add(*told, trade("T9", day(9), 1, 10))
    assert (more.added, more.unchanged) == (1, 5)


def test_the_same_number_spelt_otherwise_is_the_same(book: Book) -> None:
    told = trade("T1", day(1), "10", "12.5")
    book.add(told)
    spelt = replace(told, price=Decimal("12.500"), quantity=Decimal("1E+1"))
    assert book.add(spelt).unchanged == 1


def test_other_content_under_the_same_id_is_a_conflict(book: Book) -> None:
    book.add(trade("T1", day(1), 10, 12))
    with pytest.raises(ConflictError, match=r"'T1'.*correct\(\)"):
        book.add(trade("T1", day(1), 11, 12))
    with pytest.raises(ConflictError, match="twice in one batch"):
        book.add(trade("T2", day(1), 1, 12), trade("T2", day(1), 2, 12))


def test_one_bad_row_keeps_out_the_whole_batch(book: Book) -> None:
    good = [trade(f"T{n}", day(n), 1, 10) for n in range(5)]
    with pytest.raises(UnknownNameError, match=r"'ACNE'.*Did you mean ACME"):
        book.add(*good, replace(good[0], transaction_id="X", instrument_id="ACNE"))
    assert len(book.ledger.positions(FAR)) == 0
    assert book.ledger.transactions().empty


def test_only_leaves_that_exist_hold_positions(book: Book) -> None:
    with pytest.raises(UnknownNameError, match=r"'LONGG'.*Did you mean LONG"):
        book.add(trade("T1", day(1), 1, 10, portfolio_id="LONGG"))
    with pytest.raises(UserInputError, match="FIRM has books below it"):
        book.add(trade("T1", day(1), 1, 10, portfolio_id="FIRM"))
    book.add(trade("T1", day(1), 1, 10))
    with pytest.raises(ConflictError, match="LONG has transactions of its own"):
        book.ledger.put_portfolios(
            [PortfolioNode(portfolio_id="BELOW", name="B", parent_id="LONG")], actor="ann"
        )
    assert "BELOW" not in book.ledger.portfolios()


CASH_LINE: dict[str, Any] = {"portfolio_id": "LONG", "currency": "USD"}
LINE: dict[str, Any] = {**CASH_LINE, "instrument_id": "ACME"}


def bad(kind: str, instrument_id: str = "ACME", currency: str = "USD", **terms: Any) -> Transaction:
    line = {"portfolio_id": "LONG", "instrument_id": instrument_id, "currency": currency}
    return said(kind, "X", day(1), **{**line, **terms})


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (bad("dividend", quantity=1, amount=5), "moves money, not"),
        (said("cash", "X", day(1), **CASH_LINE, quantity=1, amount=5), "no instrument"),
        (bad("trade", quantity=1, price=5), "moves no money"),
        (bad("trade", currency="EUR", quantity=1, price=5, amount=-5), "record the exchange"),
        (bad("trade", "CASH.USD", quantity=1, price=1), "exchanged by an fx"),
        (bad("fx", "CASH.USD", quantity=5, amount=-5), "pays in another currency"),
        (bad("settlement", amount=5), "not settled day by day"),
        (bad("settlement", "ESZ5", "EUR", amount=5), "settled in USD"),
        (bad("opening", "ESZ5", quantity=1), "without a price"),
        (bad("split", ratio=2), "leave portfolio_id out"),
        (bad("split", "CASH.USD", portfolio_id=None, ratio=2), "never split"),
        (bad("transfer", group_id="G"), "transfers nothing"),
        (bad("trade", "SPX", quantity=1, price=0), "cannot be held"),
        (bad("opening", "CASH.USD", quantity=1, amount=1), "cash is its quantity"),
    ],
)
def test_what_contradicts_the_instrument_is_refused(
    sqlite_ledger: Ledger, told: Transaction, reason: str
) -> None:
    book = Book(sqlite_ledger)
    index = EquityIndex(instrument_id="SPX", name="S&P 500", currency="USD")
    book.ledger.put_instruments([index], actor="ann")
    with pytest.raises(UserInputError, match=reason):
        book.add(told)


def test_a_refusal_names_some_problems_and_counts_the_rest(book: Book) -> None:
    told = [said("settlement", f"X{n}", day(1), **LINE, amount=5) for n in range(8)]
    with pytest.raises(UserInputError, match=r"Nothing of 8 transactions.*X4.*and 3 more"):
        book.add(*told)


def test_nobody_writes_without_a_name(book: Book) -> None:
    with pytest.raises(UserInputError, match="no actor"):
        book.ledger.append([trade("T1", day(1), 1, 1)], actor=" ")


def test_cash_of_a_new_currency_introduces_itself(book: Book) -> None:
    fields = {"portfolio_id": "LONG", "currency": "USD", "amount": "-110"}
    book.add(said("fx", "F", day(1), instrument_id="CASH.EUR", quantity=100, **fields))
    assert book.held() == {"CASH.EUR": D(100), "CASH.USD": D(-110)}
    assert book.ledger.instruments()["CASH.EUR"].currency == "EUR"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_plain_data(book: Book, text: str) -> None:
    name = text.replace("\n", " ").strip()
    book.ledger.put_portfolios(
        [PortfolioNode(portfolio_id=name, name=text, parent_id="FIRM")], actor=text
    )
    told = trade(text, day(1), 1, 10, portfolio_id=name, note=text, source=text, labels=(text,))
    book.ledger.append([told], actor=text, reason=text)
    assert book.ledger.get(text) == told
    assert book.held(portfolio_id=name) == {"ACME": D(1), "CASH.USD": D(-10)}
    frame = book.ledger.transactions(portfolio_ids=[name])
    assert list(frame.note) == [text]
    assert book.ledger.audit.entries()[-1].payload == {"reason": text}
    assert book.ledger.audit.verify().is_intact


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("field", ["transaction_id", "note", "instrument_id", "portfolio_id"])
def test_text_that_no_database_keeps_is_refused(
    sqlite_ledger: Ledger, field: str, text: str
) -> None:
    with pytest.raises(UserInputError, match=r"NUL|Unicode"):
        Book(sqlite_ledger).add(replace(trade("T", day(1), 1, 1), **{field: text}))


def test_history_is_filtered_by_what_is_asked(book: Book) -> None:
    book.add(*[trade(f"T{n}", day(n), 1, 10) for n in range(10)])
    book.add(trade("O", day(4, 13), 2, 10, portfolio_id="OTHER"), split_of("S", day(6, 0), "2"))

    def ids(**wanted: Any) -> list[str]:
        return list(book.ledger.transactions(**wanted).transaction_id)

    assert ids(start=day(3).date(), end=day(5).date()) == ["T3", "T4", "O", "T5"]
    assert ids(start=day(9)) == ["T9"]
    assert ids(portfolio_ids=["OTHER"]) == ["O"]
    assert ids(instrument_ids=["ACME"], limit=2) == ["T8", "T9"]
    assert ids(instrument_ids=["BETA"]) == []
    frame = book.ledger.transactions(limit=1)
    assert frame.amount[0] == D(-10)
    assert frame.effective_at[0] == pd.Timestamp(day(9))
    with pytest.raises(UnknownNameError, match="'OTTER'"):
        ids(portfolio_ids=["OTTER"])


def test_a_linked_write_stands_or_falls_together(book: Book) -> None:
    def write_and_fail() -> None:
        with book.ledger.transaction():
            book.add(trade("T1", day(1), 1, 10))
            book.ledger.audit.add("approve", "order 7", {"limit": "ok"}, "bob")
            raise RuntimeError("the gateway said no")

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert book.held() == {}
    with book.ledger.transaction():
        book.add(trade("T1", day(1), 1, 10))
        entry = book.ledger.audit.add("approve", "order 7", {"limit": "ok"}, "bob")
        assert book.held() == {"ACME": D(1), "CASH.USD": D(-10)}
    assert book.ledger.audit.entries(action="approve") == [entry]
    assert book.ledger.audit.verify().is_intact


def test_a_part_that_fails_inside_a_linked_write_leaves_nothing(book: Book) -> None:
    with book.ledger.transaction():
        book.add(trade("T1", day(1), 1, 10))
        with pytest.raises(UnknownNameError):
            book.ledger.put_portfolios(
                [PortfolioNode(portfolio_id="X", name="X", parent_id="NOBODY")], actor="ann"
            )
        book.add(trade("T2", day(1), 1, 10))
    assert book.held()["ACME"] == 2
    assert "X" not in book.ledger.portfolios()
    assert book.ledger.audit.verify().is_intact


QUANTITIES = st.decimals("-1000000", "1000000", places=9).filter(bool)
PRICES = st.decimals("0.01", "10000", places=2)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deals=st.lists(st.tuples(QUANTITIES, PRICES, st.booleans()), min_size=1, max_size=20))
def test_cash_and_quantity_always_balance(
    book: Book, deals: list[tuple[Decimal, Decimal, bool]]
) -> None:
    """Per line and in cash, positions are the sums of what was told, to the last billionth."""
    before = book.held()
    start = len(book.ledger.transactions())
    told = [
        trade(f"T{start + n}", day(n), q, p, instrument=future() if is_future else None)
        for n, (q, p, is_future) in enumerate(deals)
    ]
    book.add(*told)
    after = book.held()
    for name in ("ACME", "ESZ5"):
        moved = sum(t.quantity for t in told if t.instrument_id == name)
        assert after.get(name, 0) - before.get(name, 0) == moved
    paid = sum(t.amount for t in told if t.instrument_id == "ACME")
    assert after.get("CASH.USD", 0) - before.get("CASH.USD", 0) == paid
    frame = book.ledger.transactions(instrument_ids=["ESZ5"])
    assert book.balances().get("ESZ5", 0) == sum(frame.amount)
