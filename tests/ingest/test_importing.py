"""The whole way from a file to a batch: maps chosen, previews shown, Excel and Parquet read."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest

from riskplatform.errors import ImportRefusedError, UnknownNameError
from riskplatform.ingest import ColumnMap, find_map, preview, propose_map, read_batch


def excel(rows: list[list[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


ROWS = [
    ["Ticker", "Quantity", "Cost Price", "Date"],
    ["AAPL", 100, 150.1, 46112],  # a date as Excel stores it, its format lost
    ["NESN", 50.5, 98, datetime(2026, 3, 31)],
    ["VOD.L", "1,000", "7.25", "31 Mar 2026"],
]


def test_excel_with_dates_as_numbers(write, context) -> None:
    batch = read_batch(write(excel(ROWS), "book.xlsx"), "positions", context())
    assert batch.refusals == ()
    assert [(t.quantity, t.price) for t in batch.items] == [
        (Decimal(100), Decimal("150.1")),
        (Decimal("50.5"), Decimal(98)),
        (Decimal(1000), Decimal("7.25")),
    ]
    assert batch.details["sheet"] == "Sheet"


def test_one_content_in_three_formats_gives_the_same_transactions(write, context) -> None:
    frame = pd.DataFrame(
        {
            "trade_id": ["A", "B"],
            "date": [date(2026, 3, 2), date(2026, 3, 3)],
            "side": ["BUY", "SELL"],
            "symbol": ["AAPL", "NESN"],
            "quantity": [100.0, 20.0],
            "price": [150.25, 98.4],
        }
    )
    text, parquet, book = io.StringIO(), io.BytesIO(), io.BytesIO()
    frame.to_csv(text, index=False)
    frame.to_parquet(parquet)
    frame.to_excel(book, index=False)
    batches = [
        read_batch(write(text.getvalue(), "a.csv"), "transactions", context()),
        read_batch(write(parquet.getvalue(), "a.parquet"), "transactions", context()),
        read_batch(write(book.getvalue(), "a.xlsx"), "transactions", context()),
    ]
    assert [batch.details["format"] for batch in batches] == ["csv", "parquet", "xlsx"]
    assert batches[0].items == batches[1].items == batches[2].items
    assert len(batches[0].items) == 2
    assert len({batch.content_id for batch in batches}) == 3


def test_a_saved_map_is_used_for_its_headers(write, context) -> None:
    file = write("Was,Wieviel\nAAPL,5\n")
    with pytest.raises(ImportRefusedError, match="no column was found for"):
        read_batch(file, "positions", context())
    saved = ColumnMap(
        what="positions",
        columns={"symbol": "Was", "quantity": "Wieviel"},
        fingerprint=propose_map(["Was", "Wieviel"], "positions").fingerprint,
    )
    assert find_map([saved], ["Was", "Wieviel"], "positions") is saved
    batch = read_batch(file, "positions", context(), saved_maps=[saved])
    assert [t.quantity for t in batch.items] == [Decimal(5)]


def test_a_guess_is_shown_and_not_acted_on(write, context) -> None:
    file = write("symbol,quantiy\nAAPL,5\n")
    assert any("guessed" in problem for problem in preview(file, "positions").problems)
    with pytest.raises(ImportRefusedError, match="quantity"):
        read_batch(file, "positions", context())
    confirmed = preview(file, "positions").column_map
    assert len(read_batch(file, "positions", context(), confirmed).items) == 1


def test_ambiguities_are_said(write, context) -> None:
    file = write("symbol,ticker,quantity\nAAPL,x,5\n")
    batch = read_batch(file, "positions", context())
    assert any("would also fit" in warning for warning in batch.warnings)


def test_constants_fill_what_the_file_leaves_out(write, context) -> None:
    made = ColumnMap(
        what="positions",
        columns={"isin": "isin", "quantity": "quantity"},
        constants={"currency": "USD", "portfolio": "MACRO"},
    )
    batch = read_batch(write("isin,quantity\nDE0007164600,5\n"), "positions", context(), made)
    assert [(t.portfolio_id, t.instrument_id) for t in batch.items] == [("MACRO", "SAP.US")]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (ColumnMap(what="prices", columns={}), "is for prices"),
        (ColumnMap(what="positions", columns={"isin": "ISN"}), "no column 'ISN'"),
        (ColumnMap(what="positions", columns={"isin": "isin"}), "quantity"),
    ],
)
def test_maps_that_do_not_fit(write, context, made: ColumnMap, words: str) -> None:
    with pytest.raises(ImportRefusedError, match=words):
        read_batch(write("isin,quantity\nX,5\n"), "positions", context(), made)


def test_unknown_target(write, context) -> None:
    with pytest.raises(UnknownNameError):
        read_batch(write("a,b\n1,2\n"), "trades", context())
    with pytest.raises(UnknownNameError):
        preview(write("a,b\n1,2\n"), "trades")


def test_preview_shows_how_it_would_be_read(write) -> None:
    text = "Depot;ISIN;Anzahl;Kurs;Wert\nEQ;US0378331005;1.250,5;;x\nEQ;;abc;;y\n"
    seen = preview(write(text), "positions").to_dict()
    assert (seen["format"], seen["rows_read"], seen["header_line"]) == ("csv", 2, 1)
    assert seen["details"] == {"encoding": "utf-8", "delimiter": "semicolon"}
    assert seen["rows"][0] == {"portfolio": "EQ", "isin": "US0378331005", "quantity": "1250.5"}
    assert seen["column_map"]["unmapped"] == ["Kurs", "Wert"]
    assert any("Line 3, Anzahl" in problem for problem in seen["problems"])


def test_preview_of_wide_prices(write) -> None:
    seen = preview(write("Date,AAPL\n2026-03-31,150\n"), "prices")
    assert seen.column_map.layout == "wide"
    assert seen.rows == ({"date": "2026-03-31", "symbol": "AAPL", "close": "150"},)


def test_the_report_names_no_folder(write, context, tmp_path) -> None:
    batch = read_batch(write("symbol,quantity\nAAPL,x\n"), "positions", context())
    assert str(tmp_path) not in str(batch.to_dict())
    assert batch.to_frame().iloc[0]["file"] == "file.csv"
