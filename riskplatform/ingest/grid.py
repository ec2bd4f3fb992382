"""What a reader hands on: the cells of a file with the line each came from, not yet understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from riskplatform.errors import ImportRefusedError

Cell = str | Decimal | date | datetime | bool | None
"""Text as written, or a value where the format has types. A datetime is checked before a date."""

Cells = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a file is refused before it can cost memory."""

    max_bytes: int = 256 * 1024 * 1024
    max_unpacked_bytes: int = 1024 * 1024 * 1024
    max_rows: int = 1_000_000
    max_columns: int = 5_000
    max_cell_length: int = 32_767


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of one file, read once, with their name and their hash."""

    name: str
    data: bytes
    content_id: str
    limits: Limits = Limits()

    def refuse(self, found: str, hint: str | None = None) -> NoReturn:
        """Refuse the whole file, by name."""
        raise ImportRefusedError(f"{self.name} was not read: {found}.", hint=hint)

    def check_shape(self, rows: int, columns: int) -> None:
        """Refuse a file with more rows or columns than the limits."""
        if rows > self.limits.max_rows:
            self.refuse(
                f"it has more than {self.limits.max_rows:,} rows", "Split it into smaller files."
            )
        if columns > self.limits.max_columns:
            self.refuse(f"it has {columns:,} columns; at most {self.limits.max_columns:,} are read")

    def check_cell(self, text: str, line: int) -> None:
        """Refuse a file with a cell too long to be meant, or with a NUL in it."""
        if len(text) > self.limits.max_cell_length:
            self.refuse(
                f"a cell on line {line} has {len(text):,} characters; "
                f"at most {self.limits.max_cell_length:,} are read",
                "A quotation mark is probably missing there.",
            )
        if "\0" in text:
            self.refuse(f"a cell on line {line} contains a NUL character")


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of one file or sheet, header not yet told from the rest."""

    format: str
    lines: tuple[int, ...]
    rows: tuple[Cells, ...]
    details: Mapping[str, str] = field(default_factory=dict)
    ragged_is_wrong: bool = False
    warnings: tuple[str, ...] = ()


def shown(cell: Cell) -> str:
    """A cell for people, short enough for a report."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= 80 else text[:77] + "..."


def is_blank(row: Cells) -> bool:
    """Whether nothing is written in the row."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def base_name(path: Path | str) -> str:
    """The name by which a file is reported: without its folder, which is nobody's business."""
    return Path(path).name
