"""Rows under a column map: typed access to one row's cells, and the loop that reports bad rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from riskplatform.domain.money import currency_code
from riskplatform.errors import UserInputError
from riskplatform.ingest.batch import Duplicate, Item, Refusal
from riskplatform.ingest.columns import ColumnMap
from riskplatform.ingest.conventions import Conventions
from riskplatform.ingest.grid import Cell, Cells, shown
from riskplatform.ingest.numbers import ABSENT, bounded, decimal_from
from riskplatform.ingest.table import Table
from riskplatform.ingest.targets import TARGETS

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_MAX_TEXT = 2_000

PENCE = {"GBX": "GBP", "GBp": "GBP", "ZAc": "ZAR", "ZAX": "ZAR", "ILA": "ILS", "ILX": "ILS"}
"""Quotation in hundredths, as exchanges and data vendors write it, to the currency meant."""


_ONE, _HUNDREDTH = Decimal(1), Decimal("0.01")


@lru_cache(maxsize=1024)
def _currency(text: str) -> str:
    # Only ASCII is raised to capitals: other scripts have letters that become ASCII ones.
    return currency_code(text.upper() if text.isascii() else text)


class BadCellError(UserInputError):
    """One cell cannot be taken; becomes the refusal of its row."""

    def __init__(
        self, column: str | None, cell: Cell, reason: str, hint: str | None = None
    ) -> None:
        super().__init__(reason, hint=hint)
        self.column = column
        self.value = shown(cell)


@dataclass(frozen=True, slots=True)
class Reader:
    """What is common to all rows of a table: where each field is and how it is written."""

    positions: Mapping[str, int]
    constants: Mapping[str, str]
    column_map: ColumnMap
    conventions: Conventions
    needed: frozenset[str]

    @classmethod
    def of(cls, table: Table, column_map: ColumnMap, conventions: Conventions) -> Reader:
        """For a table whose headers the map names."""
        at = {header: i for i, header in enumerate(table.headers)}
        return cls(
            {name: at[header] for name, header in column_map.columns.items()},
            column_map.constants,
            column_map,
            conventions,
            frozenset(f.name for f in TARGETS[column_map.what] if f.needed),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Each getter returns None for an absent optional cell or raises BadCellError."""

    line: int
    cells: Cells
    reader: Reader

    def cell(self, name: str) -> Cell:
        """As written; the map's constant where the file has no such cell."""
        reader = self.reader
        at = reader.positions.get(name)
        if at is None:
            return reader.constants.get(name)
        value = self.cells[at]
        if isinstance(value, str):
            value = value.strip()
        return reader.constants.get(name) if value is None or value == "" else value

    def column(self, name: str) -> str:
        """The header of the field in this file, for reports."""
        return self.reader.column_map.columns.get(name, name)

    def bad(self, name: str, reason: str, hint: str | None = None) -> BadCellError:
        """The refusal of this row for one of its cells."""
        return BadCellError(self.column(name), self.cell(name), reason, hint)

    def text(self, name: str) -> str | None:
        value = self.cell(name)
        if value is None:
            self._check_absent(name)
            return None
        if isinstance(value, Decimal):
            # Excel stores 00123 or an account number as a number; a fraction is never a name.
            value = format(value, "f")
        text = str(value)
        if len(text) > _MAX_TEXT:
            raise self.bad(name, f"The text has {len(text):,} characters.")
        if not text.isprintable() and _CONTROL.search(text):
            raise self.bad(name, "The text contains control characters.")
        return text

    def decimal(self, name: str) -> Decimal | None:
        value, percent = self._number(name)
        if percent:
            raise self.bad(name, "A percentage is not expected here.")
        return value

    def price(self, name: str) -> tuple[Decimal | None, bool]:
        """(number, whether it was written with %)."""
        return self._number(name)

    def rate(self, name: str) -> Decimal | None:
        """As a fraction: 4.25% is 0.0425; a bare 4.25 is refused as unclear."""
        value, percent = self._number(name)
        if value is None or percent:
            return value if value is None else value / 100
        if abs(value) > 1:
            raise self.bad(
                name, f"A rate of {value} is unclear.", f"Write {value}% or {value / 100}."
            )
        return value

    def integer(self, name: str) -> int | None:
        value = self.decimal(name)
        if value is not None and value != value.to_integral_value():
            raise self.bad(name, f"{value} is not a whole number.")
        return None if value is None else int(value)

    def day(self, name: str) -> date | None:
        value = self.cell(name)
        if value is None:
            self._check_absent(name)
            return None
        return self._try(name, lambda: self.reader.conventions.dates(name).day(value))

    def days(self, name: str) -> list[date] | None:
        """Dates between semicolons."""
        value = self.cell(name)
        if not isinstance(value, str):
            day = self.day(name)
            return None if day is None else [day]
        parts = [part for text in value.split(";") if (part := text.strip())]
        dates = self.reader.conventions.dates(name)
        return self._try(name, lambda: [dates.day(part) for part in parts]) or None

    def moment(self, name: str) -> tuple[datetime, bool] | None:
        """(UTC moment, whether a time of day was given)."""
        value = self.cell(name)
        if value is None:
            self._check_absent(name)
            return None
        return self._try(name, lambda: self.reader.conventions.dates(name).moment(value))

    def currency(self, name: str = "currency") -> tuple[str | None, Decimal]:
        """(ISO code, what one unit as written is worth in it): GBX is 0.01 GBP."""
        text = self.text(name)
        if text is None:
            return None, _ONE
        if text in PENCE:
            return PENCE[text], _HUNDREDTH
        return self._try(name, lambda: _currency(text)), _ONE

    def _number(self, name: str) -> tuple[Decimal | None, bool]:
        value = self.cell(name)
        if isinstance(value, str):
            if value.casefold() in ABSENT:
                self._check_absent(name)
                return None, False
            percent = value.endswith("%")
            body = value[:-1].rstrip() if percent else value
            mark = self.reader.conventions.decimal_mark
            return self._try(name, lambda: decimal_from(body, mark)), percent
        if value is None:
            self._check_absent(name)
            return None, False
        if isinstance(value, Decimal):
            return self._try(name, lambda: bounded(value, shown(value))), False
        raise self.bad(name, f"{shown(value)!r} is not a number.")

    def _check_absent(self, name: str) -> None:
        if name in self.reader.needed:
            raise self.bad(name, "The cell is empty and is needed.")

    def _try(self, name: str, read: Callable[[], T]) -> T:
        try:
            return read()
        except UserInputError as error:
            raise self.bad(name, error.message, error.hint) from None


@dataclass(slots=True)
class Parsed:
    """What came of the rows so far. Filled by one loop, then frozen into a batch."""

    file: str
    items: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows_taken: int = 0
    rows_unchanged: int = 0

    def refuse(self, line: int, error: UserInputError) -> None:
        column = error.column if isinstance(error, BadCellError) else None
        value = error.value if isinstance(error, BadCellError) else ""
        self.refusals.append(Refusal(self.file, line, column, value, error.message, error.hint))

    def duplicate(self, line: int, first_line: int, reason: str) -> None:
        self.duplicates.append(Duplicate(self.file, line, first_line, reason))


def good_rows(
    table: Table, reader: Reader, parsed: Parsed, read: Callable[[Row], T]
) -> Iterator[tuple[Row, T]]:
    """Each row with what ``read`` makes of it; misshapen and refused rows go to ``parsed``."""
    for bad in table.misshapen:
        parsed.refusals.append(Refusal(table.file, bad.line, None, bad.value, bad.reason))
    for line, cells in zip(table.lines, table.rows, strict=True):
        row = Row(line, cells, reader)
        try:
            value = read(row)
        except UserInputError as error:
            parsed.refuse(line, error)
            continue
        yield row, value


class Repeats:
    """Notices lines that repeat an earlier line exactly; keeps them when the map says so."""

    def __init__(self, parsed: Parsed, kept: bool) -> None:
        self._parsed = parsed
        self._kept = kept
        self._first: dict[Cells, int] = {}

    def is_left_out(self, row: Row) -> bool:
        """Whether the row repeats one and is now reported instead of taken."""
        first = self._first.setdefault(row.cells, row.line)
        if first == row.line or self._kept:
            return False
        self._parsed.duplicate(
            row.line,
            first,
            "It repeats an earlier line; say true_duplicates in the column map to keep both.",
        )
        return True


def content_hash(prefix: str, *parts: object) -> str:
    """A short deterministic id of some values."""
    text = "\x1f".join("" if part is None else plain(part) for part in parts)
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def plain(part: object) -> str:
    """A value as text that is the same however it was written: 10, 10.0 and 1E+1 are one."""
    if isinstance(part, Decimal):
        return format(part.normalize(), "f") if part else "0"
    return part.isoformat() if isinstance(part, date) else str(part)
