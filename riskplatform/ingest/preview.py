"""A look at a file before it is imported: what it is, how it would be read, its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskplatform.errors import ImportRefusedError, UnknownNameError, UserInputError
from riskplatform.ingest.batch import WHATS
from riskplatform.ingest.columns import ColumnMap, propose_map
from riskplatform.ingest.conventions import find_conventions
from riskplatform.ingest.grid import Limits, shown
from riskplatform.ingest.importing import choose_map
from riskplatform.ingest.parse import Reader, Row
from riskplatform.ingest.prices import unrolled
from riskplatform.ingest.readers import load_file, read_table
from riskplatform.ingest.saved_maps import find_map
from riskplatform.ingest.table import Table
from riskplatform.ingest.targets import fields_of

_SHOWN_ROWS = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """``rows`` are the first lines as they would be understood; problems are in words."""

    file: str
    what: str
    content_id: str
    format: str
    details: Mapping[str, str]
    headers: tuple[str, ...]
    header_line: int
    column_map: ColumnMap
    rows_read: int
    rows: tuple[Mapping[str, str], ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "what": self.what,
            "content_id": self.content_id,
            "format": self.format,
            "details": dict(self.details),
            "headers": list(self.headers),
            "header_line": self.header_line,
            "column_map": self.column_map.to_dict(),
            "rows_read": self.rows_read,
            "rows": [dict(row) for row in self.rows],
            "problems": list(self.problems),
            "warnings": list(self.warnings),
        }


def preview(
    path: Path | str,
    what: str,
    column_map: ColumnMap | None = None,
    *,
    saved_maps: Sequence[ColumnMap] = (),
    limits: Limits | None = None,
) -> Preview:
    """How the file would be read; only a file that cannot be read at all is refused."""
    if what not in WHATS:
        raise UnknownNameError("import target", what, WHATS)
    content = load_file(path, limits)
    table = read_table(content, what, column_map.sheet if column_map else None)
    chosen = column_map or find_map(saved_maps, table.headers, what)
    proposed = chosen or propose_map(table.headers, what)
    problems = _problems(table, proposed, column_map, saved_maps)
    rows: tuple[Mapping[str, str], ...] = ()
    warnings = table.warnings
    if all(header in table.headers for header in proposed.columns.values()):
        long_table, long_map = (
            unrolled(table, proposed) if proposed.layout == "wide" else (table, proposed)
        )
        rows, found, more = _first_rows(long_table, long_map)
        problems += found
        warnings += more
    return Preview(
        table.file,
        what,
        table.content_id,
        table.format,
        table.details,
        table.headers,
        table.header_line,
        proposed,
        table.rows_read,
        rows,
        problems,
        warnings,
    )


def _problems(
    table: Table, proposed: ColumnMap, given: ColumnMap | None, saved: Sequence[ColumnMap]
) -> tuple[str, ...]:
    """What would stop an import, and what it would rather be told."""
    found = [
        f"{proposed.columns[name]!r} is only guessed to be {name}." for name in proposed.unsure
    ]
    found += [f"Line {bad.line}: {bad.reason}" for bad in table.misshapen[:_SHOWN_ROWS]]
    try:
        choose_map(table, proposed.what, given, saved)
    except ImportRefusedError as error:
        found.append(str(error))
    return tuple(found)


def _first_rows(
    table: Table, column_map: ColumnMap
) -> tuple[tuple[Mapping[str, str], ...], tuple[str, ...], tuple[str, ...]]:
    try:
        conventions = find_conventions(table, column_map)
    except ImportRefusedError as error:
        return (), (str(error),), ()
    reader = Reader.of(table, column_map, conventions)
    problems: list[str] = []
    rows = []
    pairs = zip(table.lines[:_SHOWN_ROWS], table.rows[:_SHOWN_ROWS], strict=True)
    for line, cells in pairs:
        row = Row(line, cells, reader)
        understood = {}
        for name in (*column_map.columns, *column_map.constants):
            try:
                understood[name] = _understood(row, name)
            except UserInputError as error:
                understood[name] = shown(row.cell(name))
                problems.append(f"Line {line}, {row.column(name)}: {error}")
        rows.append(understood)
    return tuple(rows), tuple(problems), conventions.warnings


def _understood(row: Row, name: str) -> str:
    """One cell in our own notation."""
    value: object
    match fields_of(row.reader.column_map.what)[name].type:
        case "decimal":
            value = row.decimal(name)
        case "price":
            value = row.price(name)[0]
        case "rate":
            value = row.rate(name)
        case "integer":
            value = row.integer(name)
        case "date":
            value = row.day(name)
        case "dates":
            days = row.days(name)
            value = "; ".join(map(str, days)) if days else None
        case "moment":
            moment = row.moment(name)
            value = moment[0].isoformat() if moment else None
        case "currency":
            value = row.currency(name)[0]
        case _:
            value = row.text(name)
    return "" if value is None else str(value)
