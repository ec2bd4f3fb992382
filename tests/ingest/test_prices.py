"""Price files, long and wide."""

from __future__ import annotations

from datetime import date

import pytest

from riskplatform.ingest import PriceRow, read_batch


def test_long(write, context) -> None:
    text = "Date,Ticker,PX_LAST,Volume\n2026-03-30,AAPL,150.25,1000\n2026-03-31,NESN,98,\n"
    batch = read_batch(write(text), "prices", context())
    assert batch.items == (
        PriceRow("AAPL", date(2026, 3, 30), 150.25, 1000.0, "custodian"),
        PriceRow("NESN", date(2026, 3, 31), 98.0, None, "custodian"),
    )


def test_wide_each_filled_cell_is_a_price(write, context) -> None:
    text = "Date,AAPL,NESN,XXXX\n2026-03-30,150.25,98,\n2026-03-31,,99,5\n"
    batch = read_batch(write(text), "prices", context(), policy="good rows")
    assert [(p.instrument_id, p.close) for p in batch.items] == [
        ("AAPL", 150.25),
        ("NESN", 98.0),
        ("NESN", 99.0),
    ]
    (refusal,) = batch.refusals
    assert (refusal.line, refusal.value) == (3, "XXXX")
    assert batch.rows_read == 4


def test_pence(write, context) -> None:
    text = "date,symbol,currency,close\n2026-03-30,VOD.L,GBX,7250\n"
    assert read_batch(write(text), "prices", context()).items[0].close == 72.5


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("2026-03-30,AAPL,0,", "close", "not positive"),
        ("2026-03-30,AAPL,-1,", "close", "not positive"),
        ("2026-03-30,AAPL,NaN,", "close", "empty"),
        ("2026-03-30,AAPL,inf,", "close", "not a number"),
        ("2026-13-30,AAPL,1,", "date", "no day"),
        ("yesterday,AAPL,1,", "date", "not a date"),
        ("2026-03-30,AAPL,1,-5", "volume", "negative"),
        ("2026-03-30,NOBODY,1,", "symbol", "No known"),
    ],
)
def test_refused_by_row(write, context, line, column, words) -> None:
    batch = read_batch(write(f"date,symbol,close,volume\n{line}\n"), "prices", context())
    (refusal,) = batch.refusals
    assert refusal.column == column
    assert words in refusal.reason


def test_repeats_are_left_out_and_contradictions_refused(write, context) -> None:
    text = "date,symbol,close\n2026-03-30,AAPL,1\n2026-03-30,AAPL,1.0\n2026-03-30,AAPL,2\n"
    batch = read_batch(write(text), "prices", context())
    assert [d.line for d in batch.duplicates] == [3]
    assert [r.line for r in batch.refusals] == [4]


def test_prices_after_the_as_of_date_are_said(write, context) -> None:
    batch = read_batch(write("date,symbol,close\n2026-04-01,AAPL,1\n"), "prices", context())
    assert batch.is_clean
    assert any("after 2026-03-31" in warning for warning in batch.warnings)
