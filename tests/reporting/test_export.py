"""Exports: no text acts as a formula, numbers stay numbers, text comes back as it was."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.reporting.export import (
    csv_text,
    original_text,
    safe_text,
    write_csv,
    write_excel,
)

ACTING = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("sign", ACTING)
def test_text_that_starts_with_an_acting_sign_is_neutralised(sign: str) -> None:
    assert safe_text(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", [-5, 5.5, Decimal("-1.25"), True, None, date(2026, 3, 31)])
def test_what_is_not_text_is_untouched(value: object) -> None:
    assert safe_text(value) is value


@given(st.text())
def test_any_text_comes_back_and_never_starts_with_an_acting_sign(text: str) -> None:
    guarded = safe_text(text)
    assert original_text(guarded) == text
    assert not guarded.startswith(ACTING)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "=name": ["=HYPERLINK(1)", "plain; text", None],
            "number": [-1.5, float("nan"), 2.0],
            "exact": [Decimal("-0.10"), Decimal(3), Decimal("1e-3")],
            "day": [date(2026, 3, 31)] * 3,
            "at": [datetime(2026, 3, 31, 12, tzinfo=UTC)] * 3,
        }
    )


def test_csv_guards_cells_and_headers_and_keeps_numbers() -> None:
    rows = list(csv.reader(io.StringIO(csv_text(frame()))))
    assert rows[0][0] == "'=name"
    assert rows[1] == [
        "'=HYPERLINK(1)",
        "-1.5",
        "-0.10",
        "2026-03-31",
        "2026-03-31T12:00:00+00:00",
    ]
    assert rows[2][:2] == ["plain; text", ""]


def test_csv_quotes_text_so_that_no_other_delimiter_cuts_it() -> None:
    assert '"plain; text"' in csv_text(frame())


def test_csv_file_is_utf8(tmp_path) -> None:
    file = write_csv(pd.DataFrame({"name": ["Zürich"]}), tmp_path / "out.csv")
    assert "Zürich" in file.read_bytes().decode("utf-8")


def test_excel_holds_text_and_numbers_and_no_formula(tmp_path) -> None:
    file = write_excel(frame(), tmp_path / "out.xlsx", sheet="a/b")
    sheet = openpyxl.load_workbook(file)["a-b"]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "d", "s"]
    assert sheet["A2"].value == "'=HYPERLINK(1)"
    assert sheet["B2"].value == -1.5
    assert sheet["B3"].value is None


def test_excel_takes_control_characters_and_endless_text(tmp_path) -> None:
    odd = pd.DataFrame({"text": ["a\x00b", "x" * 40_000]})
    sheet = openpyxl.load_workbook(write_excel({"one": odd}, tmp_path / "o.xlsx"))["one"]
    assert sheet["A2"].value == "a�b"
    assert len(sheet["A3"].value) == 32_767
