"""Statements of holdings: what is moved is stated minus held, lot by lot, once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskplatform.domain.transactions import TransactionKind, end_of
from riskplatform.errors import ImportRefusedError
from riskplatform.ingest import ColumnMap, propose_map, read_batch

# A Swiss custodian: semicolons, decimal commas, apostrophes, German words, a preamble, a total.
CUSTODIAN = """Depotauszug per 31.03.2026
Kunde: Muster AG

Depot;ISIN;Bezeichnung;Whg;Währung;Stück/Nominal;Einstandskurs;Stichtag
4711;CH0038863350;Nestlé N;x;CHF;1'250;98,40;31.03.2026
4711;DE0007164600;SAP SE;x;EUR;300;121,055;31.03.2026
4712;DE000BU2Z031;2,6% Bund;x;EUR;500.000;99,12%;31.03.2026
Total;;;;;501.550;;
"""


def held_after(batch, held: dict) -> dict:
    """The second way: add what the transactions say to what was held."""
    after = defaultdict(Decimal, held)
    for t in batch.to_commit:
        after[t.portfolio_id, t.instrument_id] += t.quantity
    return {key: quantity for key, quantity in after.items() if quantity}


def custodian_map() -> ColumnMap:
    headers = CUSTODIAN.splitlines()[3].split(";")
    return replace(propose_map(headers, "positions"), portfolios={"4711": "EQ", "4712": "MACRO"})


def test_custodian_statement(write, context) -> None:
    batch = read_batch(write(CUSTODIAN), "positions", context(), custodian_map())
    assert batch.refusals == ()
    assert [(t.portfolio_id, t.instrument_id, t.quantity, t.price) for t in batch.items] == [
        ("EQ", "NESN", Decimal(1250), Decimal("98.40")),
        ("EQ", "SAP.DE", Decimal(300), Decimal("121.055")),
        ("MACRO", "BUND34", Decimal(500000), Decimal("99.12")),
    ]
    assert {t.kind for t in batch.items} == {TransactionKind.OPENING}
    assert {t.effective_at for t in batch.items} == {end_of(date(2026, 3, 31))}
    assert any("decimal comma" in warning for warning in batch.warnings)


def test_the_same_statement_twice_moves_nothing(write, context) -> None:
    file = write(CUSTODIAN)
    first = read_batch(file, "positions", context(), custodian_map())
    second = read_batch(file, "positions", context(held=held_after(first, {})), custodian_map())
    assert second.items == ()
    assert second.rows_unchanged == 3
    assert first == read_batch(file, "positions", context(), custodian_map())


def test_lots_stay_separate_with_their_own_cost(write, context) -> None:
    text = "symbol,quantity,price,lot\nAAPL,100,150,a\nAAPL,100,150,b\nAAPL,50,180,c\n"
    batch = read_batch(write(text), "positions", context())
    assert [(t.quantity, t.price) for t in batch.items] == [
        (Decimal(100), Decimal(150)),
        (Decimal(100), Decimal(150)),
        (Decimal(50), Decimal(180)),
    ]
    assert len({t.transaction_id for t in batch.items}) == 3


def test_a_repeated_line_without_lot_is_reported_or_kept_when_meant(write, context) -> None:
    file = write("symbol,quantity,price\nAAPL,100,150\nAAPL,100,150\n")
    left_out = read_batch(file, "positions", context())
    assert (len(left_out.items), len(left_out.duplicates)) == (1, 1)
    assert left_out.duplicates[0].first_line == 2
    meant = replace(propose_map(["symbol", "quantity", "price"], "positions"), true_duplicates=True)
    kept = read_batch(file, "positions", context(), meant)
    assert (len(kept.items), len(kept.duplicates)) == (2, 0)
    assert len({t.transaction_id for t in kept.items}) == 2


@given(
    lots=st.lists(st.integers(-50, 50).filter(bool), min_size=1, max_size=6),
    before=st.integers(-120, 120),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_afterwards_exactly_what_is_stated_is_held(write, context, lots, before) -> None:
    lines = [f"AAPL,{quantity},{100 + i},{i}" for i, quantity in enumerate(lots)]
    file = write("symbol,quantity,price,lot\n" + "\n".join(lines) + "\n")
    held = {("EQ", "AAPL"): Decimal(before)}
    batch = read_batch(file, "positions", context(held=held))
    after = held_after(batch, held)
    assert after.get(("EQ", "AAPL"), Decimal(0)) == sum(lots)
    assert batch.rows_taken + batch.rows_unchanged == batch.rows_read
    assert read_batch(file, "positions", context(held=after)).items == ()


def test_a_statement_that_returns_gets_ids_of_its_own(write, context) -> None:
    """State 100, 120, 100, 120: the fourth move is the second again and must not be ignored."""
    held, recorded = {}, set()
    for stated in (100, 120, 100, 120):
        file = write(f"symbol,quantity\nAAPL,{stated}\n")
        batch = read_batch(file, "positions", context(held=held, recorded_ids=frozenset(recorded)))
        ids = {t.transaction_id for t in batch.items}
        assert len(ids) == 1
        assert not ids & recorded
        recorded |= ids
        held = held_after(batch, held)
    assert held == {("EQ", "AAPL"): Decimal(120)}


def test_what_is_held_and_not_stated_is_warned_about_and_kept(write, context) -> None:
    held = {("EQ", "NESN"): Decimal(5), ("MACRO", "NESN"): Decimal(7)}
    batch = read_batch(write("symbol,quantity\nAAPL,1\n"), "positions", context(held=held))
    assert len(batch.items) == 1
    (warning,) = [w for w in batch.warnings if "left as they are" in w]
    assert "NESN in EQ" in warning
    assert "MACRO" not in warning


def test_cash_is_a_position(write, context) -> None:
    batch = read_batch(write("symbol,quantity\nCASH.EUR,-1500.25\n"), "positions", context())
    assert [(t.instrument_id, t.quantity, t.price) for t in batch.items] == [
        ("CASH.EUR", Decimal("-1500.25"), None)
    ]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("AAPL,,1,EQ,2026-03-31", "quantity", "empty"),
        ("AAPL,ten,1,EQ,2026-03-31", "quantity", "not a number"),
        ("AAPL,0.0000000001,1,EQ,2026-03-31", None, "nine decimals"),
        ("AAPL,10%,1,EQ,2026-03-31", "quantity", "percentage"),
        ("AAPL,10,1%,EQ,2026-03-31", "price", "no price in %"),
        ("AAPL,10,1,FIRM,2026-03-31", "portfolio", "cannot hold positions"),
        ("AAPL,10,1,EQQ,2026-03-31", "portfolio", "no portfolio named"),
        ("AAPL,10,1,EQ,2026-03-30", "as_of", "being imported"),
        ("AAPLE,10,1,EQ,2026-03-31", "symbol", "No known instrument"),
        ("ESM6,10,,EQ,2026-03-31", "price", "settled day by day"),
    ],
)
def test_refused_by_row(write, context, line, column, reason) -> None:
    file = write(f"symbol,quantity,price,portfolio,as_of\n{line}\nNESN,1,1,EQ,2026-03-31\n")
    batch = read_batch(file, "positions", context())
    (refusal,) = batch.refusals
    assert (refusal.file, refusal.line, refusal.column) == ("file.csv", 2, column)
    assert reason in refusal.reason
    assert batch.to_commit == ()
    assert "Nothing is committed" in batch.summary()
    with pytest.raises(ImportRefusedError) as caught:
        batch.require()
    assert caught.value.refusals == batch.refusals
    good = read_batch(file, "positions", context(), policy="good rows")
    assert len(good.require()) == 1
    assert good.to_frame()["line"].tolist() == [2]


def test_one_bad_lot_refuses_its_holding(write, context) -> None:
    text = "symbol,quantity,lot\nAAPL,1,a\nAAPL,0.0000000001,b\nNESN,1,c\n"
    batch = read_batch(write(text), "positions", context(), policy="good rows")
    assert [t.instrument_id for t in batch.items] == ["NESN"]
    assert [refusal.line for refusal in batch.refusals] == [2, 3]


def test_a_refused_line_never_turns_into_a_sale(write, context) -> None:
    """Held 200 in two lots, one of which is misspelt: the other 100 are not sold for it."""
    text = "symbol,quantity,lot\nAAPL,100,a\nAAPL,1oo,b\nNESN,1,c\n"
    held = {("EQ", "AAPL"): Decimal(200)}
    batch = read_batch(write(text), "positions", context(held=held), policy="good rows")
    assert [t.instrument_id for t in batch.items] == ["NESN"]
    assert [refusal.line for refusal in batch.refusals] == [2, 3]


def test_less_than_is_held_is_a_reduction(write, context) -> None:
    held = {("EQ", "AAPL"): Decimal(200)}
    batch = read_batch(write("symbol,quantity\nAAPL,150\n"), "positions", context(held=held))
    assert [t.quantity for t in batch.items] == [Decimal(-50)]
