"""Blotters and account statements: signs, money, ids and repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from riskplatform.domain.transactions import TransactionKind
from riskplatform.errors import ImportRefusedError
from riskplatform.ingest import propose_map, read_batch

HEADER = "Trade ID,Date,Type,Symbol,Quantity,Price,Currency,Fees,Net Amount,Portfolio\n"


def read(write, context, *lines: str, header: str = HEADER, **options):
    file = write(header + "".join(f"{line}\n" for line in lines))
    made = propose_map(header.strip().split(","), "transactions")
    return read_batch(file, "transactions", context(), replace(made, **options))


def only(batch):
    assert batch.refusals == ()
    (transaction,) = batch.items
    return transaction


def test_a_purchase_is_computed_when_no_amount_is_given(write, context) -> None:
    t = only(read(write, context, "T1,2026-03-02,Buy,AAPL,100,150.25,USD,1.50,,EQ"))
    assert t.transaction_id == "T1"
    assert (t.quantity, t.price, t.fees) == (Decimal(100), Decimal("150.25"), Decimal("1.50"))
    # 100 × 150.25 and 1.50 of fees go out.
    assert t.amount == Decimal("-15026.5")
    assert t.effective_at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "quantity", "amount", "fees"),
    [
        # Unsigned quantities, signed and unsigned amounts, costs with either sign.
        ("S1,2026-03-02,Sell,AAPL,100,150.25,USD,1.50,15023.50,EQ", "-100", "15023.50", "1.50"),
        ("S1,2026-03-02,Sell,AAPL,-100,150.25,USD,-1.50,15023.50,EQ", "-100", "15023.50", "1.50"),
        ("S1,2026-03-02,Verkauf,AAPL,100,150.25,USD,,15025,EQ", "-100", "15025", "0"),
        ("S1,2026-03-02,Achat,AAPL,100,150.25,USD,,15025,EQ", "100", "-15025", "0"),
        ("S1,2026-03-02,Buy,AAPL,100,150.25,USD,-1.50,-15023.50,EQ", "100", "-15023.50", "-1.50"),
        # The price is rounded to a cent, the amount is exact: within half a cent a share.
        ("S1,2026-03-02,Buy,AAPL,300,33.33,USD,,-9999.90,EQ", "300", "-9999.90", "0"),
        ("S1,2026-03-02,trade,AAPL,-100,150.25,USD,,15025,EQ", "-100", "15025", "0"),
        # A bond counts by face and is quoted per 100.
        ("S1,2026-03-02,Buy,BUND34,1000000,99.5%,EUR,,-995000,EQ", "1000000", "-995000", "0"),
        # Brokers book only the costs of a future; the ledger keeps the price on the line.
        ("S1,2026-03-02,Buy,ESM6,2,5000,USD,4.20,-4.20,EQ", "2", "-500004.2", "4.20"),
        ("S1,2026-03-02,Buy,VOD.L,1000,7250,GBX,,-7250000,EQ", "1000", "-72500", "0"),
    ],
)
def test_signs_and_money(write, context, line, quantity, amount, fees) -> None:
    t = only(read(write, context, line))
    assert (t.quantity, t.amount, t.fees) == (Decimal(quantity), Decimal(amount), Decimal(fees))


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("T,2026-03-02,Buy,AAPL,100,150,USD,0,-14000,EQ", "Net Amount", "come to -15000"),
        ("T,2026-03-02,trade,AAPL,100,150,USD,0,15000,EQ", "Net Amount", "disagree"),
        ("T,2026-03-02,Buy,AAPL,,150,USD,0,,EQ", "Quantity", "needs a quantity"),
        ("T,2026-03-02,Buy,AAPL,100,,USD,0,,EQ", "Price", "needs a price"),
        ("T,2026-03-02,Bye,AAPL,100,150,USD,0,,EQ", "Type", "'Bye'"),
        ("T,03/04/2026,Buy,AAPL,100,150,USD,0,,EQ", "Date", "day/month"),
        ("T,,Buy,AAPL,100,150,USD,0,,EQ", "Date", "empty"),
        ("T,2026-03-02,Buy,AAPL,100,150,EUR,0,,EQ", "Currency", "not in EUR"),
        ("T,2026-03-02,Buy,CASH.EUR,100,1,EUR,0,,EQ", "Type", "exchanged"),
        ("T,2026-03-02,Withdrawal,,,,USD,,100,EQ", "Net Amount", "the other way"),
        ("T,2026-03-02,Fee,,,,,,-5,EQ", "Currency", "no currency"),
        ("T,2026-03-02,Fee,,,,USD,,,EQ", None, "lacks amount"),
        ("T,2026-03-02,Buy,AAPL,1e17,1e17,USD,0,,EQ", "Quantity", "too large"),
        ("T\x07,2026-03-02,Buy,AAPL,1,1,USD,0,,EQ", "Trade ID", "control"),
    ],
)
def test_refused_by_row(write, context, line, column, words) -> None:
    batch = read(write, context, line)
    (refusal,) = batch.refusals
    assert refusal.line == 2
    assert refusal.column == column
    assert words in refusal.reason


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("T,2026-03-02,Dividend,AAPL,100,,USD,,24,EQ", "dividend", {"amount": Decimal(24)}),
        ("T,2026-03-02,Dividende,NESN,,,EUR,,24,EQ", "dividend", {"currency": "EUR"}),
        ("T,2026-03-02,Coupon,BUND34,,,EUR,,26000,EQ", "coupon", {"amount": Decimal(26000)}),
        ("T,2026-03-02,Deposit,,,,USD,,1000,EQ", "cash", {"amount": Decimal(1000)}),
        ("T,2026-03-02,Fee,,,,USD,,-5,EQ", "fee", {"amount": Decimal(-5)}),
        ("T,2026-03-02,fx,EUR.USD,1000,1.1,,,,EQ", "fx", {"amount": Decimal(-1100)}),
        ("T,2026-03-02,fx,CASH.EUR,1000,,USD,,-1100,EQ", "fx", {"instrument_id": "CASH.EUR"}),
        ("T,2026-03-02,Expiration,ESM6,-2,5000,USD,,500000,EQ", "expiry", {"quantity": -2}),
        ("T,2026-03-02,Transfer in,AAPL,100,150,USD,,,EQ", "transfer", {"group_id": "T"}),
    ],
)
def test_kinds(write, context, line, kind, expected) -> None:
    t = only(read(write, context, line))
    assert t.kind == kind
    for name, value in expected.items():
        assert getattr(t, name) == value


def test_unsigned_amounts_take_the_sign_of_the_word(write, context) -> None:
    lines = ("A,2026-03-02,Withdrawal,,,,USD,,100,EQ", "B,2026-03-02,Fee,,,,USD,,5,EQ")
    batch = read(write, context, *lines, amount_sign="unsigned")
    assert [t.amount for t in batch.items] == [Decimal(-100), Decimal(-5)]


def test_a_split_reported_by_two_accounts_multiplies_once(write, context) -> None:
    header = "Trade ID,Date,Type,Symbol,Ratio,Portfolio\n"
    lines = ("A,2026-03-02,Split,AAPL,4,EQ", "B,2026-03-02,Stock Split,AAPL,4,MACRO")
    batch = read(write, context, *lines, header=header)
    assert only(batch).ratio == 4
    assert batch.items[0].portfolio_id is None
    assert len(batch.duplicates) == 1


def test_an_id_of_its_own_keeps_equal_lines_and_repeats_are_reported(write, context) -> None:
    line = "2026-03-02,Buy,AAPL,100,150,USD,0,,EQ"
    batch = read(write, context, f"A,{line}", f"B,{line}", f"A,{line}")
    assert [t.transaction_id for t in batch.items] == ["A", "B"]
    assert [d.line for d in batch.duplicates] == [4]


def test_one_id_for_two_stories_is_refused(write, context) -> None:
    batch = read(
        write,
        context,
        "A,2026-03-02,Buy,AAPL,100,150,USD,0,,EQ",
        "A,2026-03-02,Buy,AAPL,200,150,USD,0,,EQ",
    )
    assert [r.line for r in batch.refusals] == [3]
    assert batch.to_commit == ()


def test_lines_without_id_are_named_by_content(write, context) -> None:
    header = "Date,Side,Symbol,Quantity,Price,Portfolio,Venue\n"
    line = "2026-03-02,BUY,AAPL,100,150"
    lines = (f"{line},EQ,X", f"{line},EQ,Y", f"{line}.0,EQ,X", f"{line},EQ,X")
    first = read(write, context, *lines, header=header)
    # Lines 2, 3 and 4 differ as lines, though not in what we keep; line 5 repeats line 2.
    assert len({t.transaction_id for t in first.items}) == 3
    assert [(d.line, d.first_line) for d in first.duplicates] == [(5, 2)]
    assert read(write, context, *lines, header=header).items == first.items
    kept = read(write, context, *lines, header=header, true_duplicates=True)
    assert len({t.transaction_id for t in kept.items}) == 4


def test_content_ids_do_not_depend_on_what_stands_before(write, context) -> None:
    header = "Date,Side,Symbol,Quantity,Price,Portfolio\n"
    a, b = "2026-03-02,BUY,AAPL,100,150,EQ", "2026-03-02,BUY,NESN,10,90,EQ"
    ids = {
        t.instrument_id: t.transaction_id for t in read(write, context, a, b, header=header).items
    }
    turned = {
        t.instrument_id: t.transaction_id for t in read(write, context, b, a, header=header).items
    }
    assert ids == turned


def test_times_are_of_the_zone_and_stay_on_the_trade_date(write, context) -> None:
    header = "ID,Execution Time,trade_date,Side,Symbol,Quantity,Price,Portfolio\n"
    made = {"columns": {**propose_map(header.strip().split(","), "transactions").columns}}
    made["columns"]["transaction_id"] = "ID"
    batch = read(
        write,
        context,
        "A,2026-03-02 09:30:00,2026-03-02,BUY,AAPL,1,1,EQ",
        "B,2026-03-02 20:30:00,2026-03-02,BUY,AAPL,1,1,EQ",
        header=header,
        time_zone="America/New_York",
        **made,
    )
    assert [t.effective_at.date() for t in batch.items] == [date(2026, 3, 2)] * 2
    assert batch.items[0].effective_at == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert any("America/New_York" in warning for warning in batch.warnings)


def test_mixed_decimal_marks_need_a_word(write, context) -> None:
    header = "Date;Side;Symbol;Quantity;Price;Portfolio\n"
    text = header + "2026-03-02;BUY;AAPL;1.234,50;1,5;EQ\n2026-03-02;BUY;AAPL;1,234.50;1.5;EQ\n"
    with pytest.raises(ImportRefusedError, match="decimal point and some"):
        read_batch(write(text), "transactions", context())
    german = replace(propose_map(header.strip().split(";"), "transactions"), decimal=",")
    batch = read_batch(write(text), "transactions", context(), german)
    assert [t.quantity for t in batch.items] == [Decimal("1234.50")]
    assert [r.line for r in batch.refusals] == [3]


def test_every_kind_has_a_word() -> None:
    from riskplatform.ingest.activity import ACTIVITIES

    assert {activity.kind for activity in ACTIVITIES.values()} == set(TransactionKind)
