"""Excel .xlsx, read as values. Macros, encryption and archives that swell are refused unopened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from riskplatform.ingest.grid import Cell, Cells, FileContent, Grid, is_blank
from riskplatform.ingest.numbers import decimal_of_float

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

_MAX_SWELL = 200
_SMALL = 20 * 1024 * 1024


def read_excel(content: FileContent) -> tuple[Grid, ...]:
    """One grid per sheet that has something in it."""
    check_archive(content)
    workbook = _open(content)
    try:
        grids = tuple(_sheet(content, workbook, name) for name in workbook.sheetnames)
    finally:
        workbook.close()
    filled = tuple(grid for grid in grids if grid.rows)
    if not filled:
        content.refuse("its sheets are empty")
    return filled


def check_archive(content: FileContent) -> None:
    """Refuse what is not a plain workbook, from the archive's directory alone."""
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        content.refuse("it begins like an Excel file but is damaged or cut short")
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        content.refuse("it is an encrypted archive", "Save a copy without the password.")
    if "xl/workbook.xml" not in names:
        known = "an OpenDocument file" if "mimetype" in names else "a ZIP archive"
        content.refuse(f"it is {known}, not an Excel file", "Save it as .xlsx or as CSV.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        content.refuse("it contains macros", "Save it as .xlsx without macros.")
    unpacked = sum(member.file_size for member in members)
    swell = unpacked / max(len(content.data), 1)
    if unpacked > content.limits.max_unpacked_bytes or (unpacked > _SMALL and swell > _MAX_SWELL):
        content.refuse(
            f"it would unpack to {unpacked / 1e6:,.0f} MB, {swell:,.0f} times its size",
            "Save it as CSV.",
        )


def _open(content: FileContent) -> Workbook:
    import openpyxl

    try:
        return openpyxl.load_workbook(
            io.BytesIO(content.data), read_only=True, data_only=True, keep_links=False
        )
    except Exception as error:
        # openpyxl lets through whatever its parts raise: KeyError, TypeError, zlib.error, ...
        _damaged(content, error)


def _damaged(content: FileContent, error: Exception) -> NoReturn:
    content.refuse(
        f"its workbook is damaged ({type(error).__name__})", "Open it in Excel and save it again."
    )


def _sheet(content: FileContent, workbook: Workbook, name: str) -> Grid:
    lines: list[int] = []
    rows: list[Cells] = []
    for line, row in _rows(content, workbook, name):
        content.check_shape(line, 0)
        if is_blank(row):
            continue
        width = max(i for i, cell in enumerate(row, 1) if cell is not None)
        content.check_shape(0, width)
        for cell in row:
            if isinstance(cell, str):
                content.check_cell(cell, line)
        lines.append(line)
        rows.append(row[:width])
    epoch = getattr(workbook, "epoch", datetime(1899, 12, 30))
    return Grid("xlsx", tuple(lines), tuple(rows), {"sheet": name, "epoch": f"{epoch:%Y-%m-%d}"})


def _rows(content: FileContent, workbook: Workbook, name: str) -> Iterator[tuple[int, Cells]]:
    try:
        sheet = workbook[name]
        if not hasattr(sheet, "reset_dimensions"):
            return  # a sheet that holds only a chart
        # The stated size of a sheet is often wrong; the cells themselves are right.
        sheet.reset_dimensions()
        for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
            yield line, tuple(_cell(value) for value in row)
    except (GeneratorExit, MemoryError):
        raise
    except Exception as error:
        # Damage inside a sheet shows only while it is read.
        _damaged(content, error)


def _cell(value: Any) -> Cell:
    match value:
        case None | bool() | str() | datetime() | date():
            return value
        case int():
            return Decimal(value)
        case float():
            return decimal_of_float(value)
        case time() | timedelta():
            return str(value)
    return str(value)
