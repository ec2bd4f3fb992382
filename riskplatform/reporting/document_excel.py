"""A document as a workbook: a first sheet that says what is said, then one sheet for each table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from riskplatform.reporting import palette
from riskplatform.reporting.columns import FORMATS
from riskplatform.reporting.document import Document, Facts, Grid, Picture, Remark
from riskplatform.reporting.export import excel_cell, plain_value, sheet_name

_NUMBER_FORMATS = {
    "amount": "#,##0", "amount_2": "#,##0.00", "price": "#,##0.0000", "rate": "0.000000",
    "signed": "+#,##0;[Red]-#,##0;0", "change": "+#,##0;-#,##0;0", "percent": "0.0%",
    "signed_percent": "+0.00%;[Red]-0.00%",
    "count": "#,##0", "exposure": "#,##0", "multiple": "0.00×", "quantity": "#,##0.########",
}  # fmt: skip
_TONES = {"good": palette.GAIN, "caution": palette.CAUTION, "bad": palette.LOSS}
_WIDEST = 60


def write_workbook(document: Document, path: Path | str) -> Path:
    """Numbers stay numbers, text that could act as a formula does not."""
    workbook = Workbook()
    first: Any = workbook.active
    first.title = "Report"
    _cover(first, document)
    taken = {"report"}
    for grid in document.grids():
        name = _free(sheet_name(grid.title), taken)
        _sheet(workbook.create_sheet(name), grid)
    file = Path(path)
    workbook.save(file)
    return file


def _cover(page: Worksheet, document: Document) -> None:
    page.append([excel_cell(document.title)])
    page["A1"].font = Font(bold=True, size=16)
    page.append([excel_cell(document.subtitle)])
    for section in document.sections:
        page.append([])
        page.append([excel_cell(section.title), excel_cell(section.note)])
        page.cell(page.max_row, 1).font = Font(bold=True, size=12)
        for row, tone in _lines(section.blocks):
            page.append([excel_cell(cell) for cell in row])
            if tone:
                page.cell(page.max_row, 1).font = Font(color=_argb(_TONES[tone]))
    page.append([])
    for line in document.footer:
        page.append([excel_cell(line)])
        page.cell(page.max_row, 1).font = Font(color=_argb(palette.MUTED), size=9)
    for letter, width in (("A", 34), ("B", 22), ("C", _WIDEST)):
        page.column_dimensions[letter].width = width


def _lines(blocks: tuple[Any, ...]) -> Iterator[tuple[list[str], str]]:
    for block in blocks:
        match block:
            case Remark(text, tone):
                yield [text], tone
            case Facts(facts):
                for fact in facts:
                    yield [fact.label, fact.figure, fact.note], fact.tone
            case Grid():
                yield [f"Table: {block.title}", f"{len(block.frame):,} rows", block.note], ""
            case Picture(title, _, _, lines):
                for line in lines and (title, *lines):
                    yield [line], ""


def _sheet(page: Worksheet, grid: Grid) -> None:
    page.append([excel_cell(column.label) for column in grid.columns])
    for cell in page[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=_argb(palette.WASH))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    frame = grid.frame[[column.name for column in grid.columns]]
    for place, values in enumerate(frame.itertuples(index=False, name=None)):
        page.append([excel_cell(plain_value(value)) for value in values])
        tone = grid.tone(place)
        if tone:
            page.cell(page.max_row, 1).font = Font(color=_argb(_TONES[tone]), bold=True)
    for number, column in enumerate(grid.columns, start=1):
        letter = get_column_letter(number)
        cells = page[letter][1:]
        if column.kind in FORMATS:
            for cell in cells:
                cell.number_format = _NUMBER_FORMATS[column.kind]
        longest = max([len(column.label), *(_width(cell.value) for cell in cells)])
        page.column_dimensions[letter].width = min(longest + 3, _WIDEST)
    page.freeze_panes = "B2"
    if grid.columns and len(frame):
        page.auto_filter.ref = page.dimensions


def _width(value: Any) -> int:
    return len(f"{value:,.0f}") if isinstance(value, float) else len(str(value or ""))


def _free(name: str, taken: set[str]) -> str:
    """A sheet's name that is not taken; Excel does not tell capitals apart."""
    found, number = name, 2
    while found.lower() in taken:
        found = f"{name[:27]} {number}"
        number += 1
    taken.add(found.lower())
    return found


def _argb(colour: str) -> str:
    return "FF" + colour.removeprefix("#").upper()
