"""A grid whose header line has been found: rows that may be mapped, and rows that are misshapen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riskplatform.ingest.columns import header_score
from riskplatform.ingest.grid import Cell, Cells, FileContent, Grid, is_blank, shown

_HEADER_SEARCH_ROWS = 30
_TOTAL = re.compile(
    r"(grand |sub ?|sous[- ])?(totals?|totaux|summe|gesamt|gesamtsumme)\b.{0,40}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Misshapen:
    """A line that cannot be laid under the header."""

    line: int
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """Headers and rows of equal width."""

    file: str
    content_id: str
    format: str
    headers: tuple[str, ...]
    header_line: int
    lines: tuple[int, ...]
    rows: tuple[Cells, ...]
    misshapen: tuple[Misshapen, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def rows_read(self) -> int:
        return len(self.rows) + len(self.misshapen)


def pick_grid(grids: Sequence[Grid], what: str, sheet: str | None) -> Grid | None:
    """The sheet that is named, or else the one whose header is best understood."""
    if sheet is not None:
        return next((grid for grid in grids if grid.details.get("sheet") == sheet), None)
    return max(grids, key=lambda grid: _best_header(grid, what)[0])


def tabulate(content: FileContent, grid: Grid, what: str) -> Table:
    """Find the header, and lay the rows under it."""
    if not grid.rows:
        content.refuse("it holds no rows")
    _, at = _best_header(grid, what)
    headers = tuple(shown(cell).strip() for cell in grid.rows[at])
    while headers and not headers[-1]:
        headers = headers[:-1]
    repeated = sorted({h for h in headers if h and headers.count(h) > 1})
    if repeated:
        content.refuse(f"its header names {repeated[0]!r} more than once", "Rename one of them.")
    lines, rows, misshapen, warnings = _under(grid, at, len(headers))
    if at:
        warnings.insert(0, f"The header was found on line {grid.lines[at]}; what is above is left.")
    return Table(
        content.name,
        content.content_id,
        grid.format,
        headers,
        grid.lines[at],
        tuple(lines),
        tuple(rows),
        tuple(misshapen),
        grid.details,
        (*grid.warnings, *warnings),
    )


def _best_header(grid: Grid, what: str) -> tuple[int, int]:
    """(score, index) of the line that looks most like a header; the first of equals."""
    best = (0, 0)
    for index, row in enumerate(grid.rows[:_HEADER_SEARCH_ROWS]):
        score = header_score((cell for cell in row if isinstance(cell, str)), what)
        if score > best[0]:
            best = (score, index)
    return best


def _under(
    grid: Grid, at: int, width: int
) -> tuple[list[int], list[Cells], list[Misshapen], list[str]]:
    lines: list[int] = []
    rows: list[Cells] = []
    misshapen: list[Misshapen] = []
    totals: list[int] = []
    for line, row in zip(grid.lines[at + 1 :], grid.rows[at + 1 :], strict=True):
        if _is_total(row):
            totals.append(line)
        elif not is_blank(row[width:]) or (grid.ragged_is_wrong and len(row) < width):
            misshapen.append(_misfit(line, row, width))
        else:
            lines.append(line)
            rows.append((*row[:width], *(None,) * (width - len(row))))
    warnings = []
    if totals:
        shown_lines = ", ".join(map(str, totals[:5])) + (", ..." if len(totals) > 5 else "")
        warnings.append(f"{len(totals)} lines of totals were left out (line {shown_lines}).")
    return lines, rows, misshapen, warnings


def _misfit(line: int, row: Cells, width: int) -> Misshapen:
    why = (
        "a delimiter inside a cell is probably not quoted"
        if len(row) > width
        else "the line is probably cut short"
    )
    first: Cell = next((cell for cell in row if cell not in (None, "")), None)
    return Misshapen(
        line, f"It has {len(row)} cells where the header has {width}: {why}.", shown(first)
    )


def _is_total(row: Cells) -> bool:
    """A line of sums: it begins by saying so, and has no other cell with a letter in it."""
    filled = [cell for cell in row if cell is not None and cell != ""]
    if not filled or not isinstance(filled[0], str) or not _TOTAL.fullmatch(filled[0].strip()):
        return False
    return not any(isinstance(cell, str) and re.search(r"[^\W\d_]", cell) for cell in filled[1:])
