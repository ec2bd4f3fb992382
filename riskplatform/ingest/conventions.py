"""How a file writes numbers and dates: found by looking at whole columns, stated in warnings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from riskplatform.errors import ImportRefusedError
from riskplatform.ingest.columns import ColumnMap
from riskplatform.ingest.dates import DateReader, proven_order, zone_named
from riskplatform.ingest.numbers import decimal_marks
from riskplatform.ingest.table import Table
from riskplatform.ingest.targets import fields_of

_NUMBERS = frozenset({"decimal", "price", "rate", "integer"})
_BARE_CLOCK = re.compile(r"[0-9][T; ]+[0-9]{1,2}:?[0-9]{2}(:?[0-9]{2})?([.,][0-9]+)?\s*$")
_DATES = frozenset({"date", "moment"})


@dataclass(frozen=True, slots=True)
class Conventions:
    """The decimal mark of the file and how each of its date columns is read."""

    decimal_mark: str
    by_column: Mapping[str, DateReader]
    default: DateReader
    warnings: tuple[str, ...] = field(default=())

    def dates(self, name: str) -> DateReader:
        return self.by_column.get(name, self.default)


def find_conventions(table: Table, column_map: ColumnMap) -> Conventions:
    """What the map says; where it is silent, what the columns prove."""
    warnings: list[str] = []
    mark = column_map.decimal or _decimal_mark(table, column_map, warnings)
    zone = zone_named(column_map.time_zone)
    epoch = date.fromisoformat(table.details["epoch"]) if "epoch" in table.details else None
    default = DateReader(column_map.date_format, zone, epoch)
    by_column = {}
    if column_map.date_format is None:
        for name, at in _columns(table, column_map, _DATES).items():
            order = proven_order(row[at] for row in table.rows)
            if order is not None:
                by_column[name] = DateReader(order, zone, epoch)
                warnings.append(
                    f"Dates of column {column_map.columns[name]!r} are read as {order}, "
                    "because some of them can only be so."
                )
    if _has_bare_clock(table, column_map):
        warnings.append(
            f"Times of day without a zone are read in {column_map.time_zone} "
            "(time_zone in the column map)."
        )
    return Conventions(mark, by_column, default, tuple(warnings))


def _columns(table: Table, column_map: ColumnMap, types: frozenset[str]) -> dict[str, int]:
    kinds = fields_of(column_map.what)
    at = {header: i for i, header in enumerate(table.headers)}
    return {
        name: at[header]
        for name, header in column_map.columns.items()
        if kinds[name].type in types and header in at
    }


def _has_bare_clock(table: Table, column_map: ColumnMap) -> bool:
    """Whether a moment is written with a time of day and without its zone."""
    for at in _columns(table, column_map, frozenset({"moment"})).values():
        for row in table.rows:
            cell = row[at]
            if isinstance(cell, datetime) and cell.tzinfo is None and cell.time() != time.min:
                return True
            if isinstance(cell, str) and _BARE_CLOCK.search(cell):
                return True
    return False


def _decimal_mark(table: Table, column_map: ColumnMap, warnings: list[str]) -> str:
    point = comma = False
    sample = None
    for at in _columns(table, column_map, _NUMBERS).values():
        texts = (cell for row in table.rows if isinstance(cell := row[at], str))
        proves_point, proves_comma, undecided = decimal_marks(texts)
        point, comma = point or proves_point, comma or proves_comma
        sample = sample or undecided
    if point and comma:
        raise ImportRefusedError(
            f"{table.file} was not read: some of its numbers use a decimal point and some a "
            "decimal comma.",
            hint='Set decimal to "." or "," in the column map; the others are then refused by row.',
        )
    mark = "," if comma else "."
    if comma:
        warnings.append("Numbers are read with a decimal comma.")
    elif sample is not None and not point:
        meant = sample.replace(",", "") if "," in sample else sample
        warnings.append(
            f"Nothing proves which mark is decimal; {sample!r} is read as {meant}. "
            "Set decimal in the column map if it means otherwise."
        )
    return mark
