"""Tables for spreadsheets in which no text can act as a formula; numbers stay numbers.

A text cell that starts with ``= + - @``, tab, carriage return or line feed gets an apostrophe in
front. Text that already starts with apostrophes before such a sign gets one more, so that
:func:`original_text` gives back exactly what was exported, for any text.

    safe_text("=1+1")        "'=1+1"       original_text("'=1+1")   "=1+1"
    safe_text("'=1+1")       "''=1+1"      original_text("''=1+1")  "'=1+1"
    safe_text("it's")        "it's"        safe_text(-5)            -5
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# The full-width signs are read as formulas by spreadsheets in East Asian locales.
_ACTS = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_EXCEL_TEXT = 32_767
_LONGEST_SHEET_NAME = 31


def safe_text(value: Any) -> Any:
    """``value``, with an apostrophe in front when it is text that could act as a formula."""
    return "'" + value if isinstance(value, str) and _ACTS.match(value) else value


def original_text(value: Any) -> Any:
    """What :func:`safe_text` was given."""
    return value[1:] if isinstance(value, str) and _GUARDED.match(value) else value


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV: all text is quoted, so that no other delimiter can cut a cell in two."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([safe_text(str(column)) for column in frame.columns])
    for row in _rows(frame):
        writer.writerow([safe_text(plain_value(value)) for value in row])
    return out.getvalue()


def write_csv(frame: pd.DataFrame, path: Path | str) -> Path:
    """Write the frame as UTF-8 CSV; the index is not written."""
    file = Path(path)
    text = csv_text(frame).encode("utf-8", errors="replace")
    file.write_bytes(text)
    return file


def write_excel(
    frames: pd.DataFrame | dict[str, pd.DataFrame], path: Path | str, sheet: str = "data"
) -> Path:
    """Write one frame, or several by sheet name. Excel keeps 15 digits of a number."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for name, frame in (frames if isinstance(frames, dict) else {sheet: frames}).items():
        page = workbook.create_sheet(sheet_name(name))
        page.append([excel_cell(str(column)) for column in frame.columns])
        for row in _rows(frame):
            page.append([excel_cell(plain_value(value)) for value in row])
    file = Path(path)
    workbook.save(file)
    return file


def _rows(frame: pd.DataFrame) -> Iterator[Sequence[Any]]:
    columns: Iterable[list[Any]] = (frame.iloc[:, i].tolist() for i in range(frame.shape[1]))
    return zip(*columns, strict=True) if frame.shape[1] else iter(())


def plain_value(value: Any) -> Any:
    """Missing values are empty; what spreadsheets have no type for becomes text."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int | str | date) else str(value)


def excel_cell(value: Any) -> Any:
    """A value as a cell of Excel takes it: guarded, printable, not too long."""
    if not isinstance(value, str):
        return value
    printable = _UNPRINTABLE.sub("�", safe_text(value))
    return printable[:_LONGEST_EXCEL_TEXT]


def sheet_name(name: str) -> str:
    """Excel allows 31 characters and none of these."""
    return re.sub(r"[\\/*?:\[\]]", "-", name)[:_LONGEST_SHEET_NAME] or "data"
