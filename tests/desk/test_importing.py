"""Files into the desk: all or nothing, and the same file twice changes nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.errors import ImportRefusedError, UnknownNameError, UserInputError

POSITIONS = """portfolio,symbol,quantity,price
growth,ALFA.XNYS,500,40
growth,BETA.XETR,70,45
"""
PRICES = """instrument_id,date,close
ALFA.XNYS,2026-03-06,53.5
EURUSD,2026-03-06,1.25
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def held(desk: Desk) -> dict[tuple[str, str], Decimal]:
    table = desk.ledger.positions(desk.today())
    return {(leaf, name): quantity for leaf, name, quantity, _ in table}


def test_a_statement_of_holdings_makes_the_book_hold_what_it_states(
    desk: Desk, tmp_path: Path
) -> None:
    file = write(tmp_path, "statement.csv", POSITIONS)
    before = held(desk)
    report = desk.import_positions(file)
    assert report.added == 2
    after = held(desk)
    assert after[("growth", "ALFA.XNYS")] == 500
    assert after[("growth", "BETA.XETR")] == 70
    assert {k: v for k, v in after.items() if "CASH" in k[1]} == {
        k: v for k, v in before.items() if "CASH" in k[1]
    }


def test_the_same_file_twice_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    file = write(tmp_path, "statement.csv", POSITIONS)
    desk.import_positions(file)
    known, state = desk.ledger.last_recorded_at(), held(desk)
    again = desk.import_positions(file)
    assert (again.added, held(desk)) == (0, state)
    assert desk.ledger.last_recorded_at() == known


def test_the_same_blotter_under_another_name_is_not_booked_twice(
    desk: Desk, tmp_path: Path
) -> None:
    text = (
        "date,portfolio,symbol,quantity,price,currency,kind\n"
        "2026-03-05,growth,ALFA.XNYS,10,50,USD,trade\n"
    )
    assert desk.import_file(write(tmp_path, "monday.csv", text), "transactions").added == 1
    assert desk.import_file(write(tmp_path, "copy.csv", text), "transactions").added == 0
    assert (
        desk.import_file(
            write(tmp_path, "other.csv", text), "transactions", source="second broker"
        ).added
        == 1
    )


def test_one_bad_row_keeps_the_whole_file_out_and_is_named(desk: Desk, tmp_path: Path) -> None:
    text = POSITIONS.replace("500", "2500").replace("70", "170") + "growth,ALPHA,10,1\n"
    file = write(tmp_path, "bad.csv", text)
    before = held(desk)
    with pytest.raises(ImportRefusedError) as refused:
        desk.import_positions(file)
    (refusal,) = refused.value.refusals
    assert (refusal.file, refusal.line, refusal.value) == ("bad.csv", 4, "ALPHA")  # type: ignore[attr-defined]
    assert held(desk) == before
    report = desk.import_positions(file, good_rows_only=True)
    assert (report.added, report.is_complete) == (2, False)


def test_prices_become_marks_and_pairs_become_rates(desk: Desk, tmp_path: Path) -> None:
    file = write(tmp_path, "prices.csv", PRICES)
    report = desk.import_file(file, "prices")
    assert (report.added, report.unchanged) == (2, 0)
    lines = desk.value().lines.set_index(["portfolio_id", "instrument_id"])
    assert lines.loc[("growth", "ALFA.XNYS"), "mark"] == 53.5
    assert lines.loc[("growth", "CASH.EUR"), "fx"] == 1.25
    snapshot = desk.lake.latest_snapshot()
    assert desk.import_file(file, "prices").added == 0
    assert desk.lake.latest_snapshot() == snapshot


def test_instruments_come_from_files_too(desk: Desk, tmp_path: Path) -> None:
    text = "kind,instrument_id,name,currency\nequity,NEW.XNYS,New Inc,USD\n"
    file = write(tmp_path, "instruments.csv", text)
    assert desk.import_file(file, "instruments").added == 1
    assert desk.instruments()["NEW.XNYS"].name == "New Inc"
    assert desk.import_file(file, "instruments").added == 0


def test_a_preview_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    file = write(tmp_path, "statement.csv", POSITIONS)
    known = desk.ledger.last_recorded_at()
    seen = desk.preview(file, "positions")
    assert seen.rows_read == 2
    assert desk.ledger.last_recorded_at() == known


def test_an_unknown_kind_of_import_suggests_the_right_one(desk: Desk, tmp_path: Path) -> None:
    file = write(tmp_path, "statement.csv", POSITIONS)
    with pytest.raises(UnknownNameError, match="positions"):
        desk.import_file(file, "position")


def test_a_saved_map_reads_the_next_file_with_the_same_headers(desk: Desk, tmp_path: Path) -> None:
    text = "Book;Ticker;How many\ngrowth;ALFA.XNYS;500\n"
    file = write(tmp_path, "own.csv", text)
    with pytest.raises(ImportRefusedError, match="quantity"):
        desk.import_positions(file)
    proposed = desk.preview(file, "positions").column_map
    columns = {**proposed.columns, "quantity": "How many"}
    desk.save_map(replace(proposed, columns=columns), "own-statement")
    assert desk.import_positions(file).added == 1
    with pytest.raises(UserInputError, match="cannot name"):
        desk.save_map(proposed, "../elsewhere")


def test_a_spike_is_flagged_and_repaired_beside_the_raw_price(desk: Desk, tmp_path: Path) -> None:
    days = [day.date() for day in pd.bdate_range("2025-06-02", periods=120)]
    closes = [100 + (i % 7) * 0.3 for i in range(120)]
    closes[100] = 1_000.0
    rows = [f"BETA.XETR,{day},{close}" for day, close in zip(days, closes, strict=True)]
    file = write(tmp_path, "long.csv", "\n".join(["instrument_id,date,close", *rows]) + "\n")
    desk.import_file(file, "prices")
    history = desk.lake.price_history("BETA.XETR").set_index("date")
    spike = history.loc[pd.Timestamp(days[100])]
    assert (spike["close"], spike["repaired_close"]) == (1_000.0, closes[99])
    assert spike["repair_rule"] == "spike"
    assert history["repair_rule"].notna().sum() == 1
    marks = desk.lake.read("quality_marks", where={"rule": "spike"})
    assert [day.date() for day in marks["date"]] == [days[100]]
    assert desk.market(days[100]).price("BETA.XETR") == closes[99]
