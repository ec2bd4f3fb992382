"""Reads a file once, finds out what it is, and hands on its table; the only effect of ingest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from riskplatform.errors import ImportRefusedError
from riskplatform.ingest.grid import FileContent, Grid, Limits, base_name
from riskplatform.ingest.sniff import format_of
from riskplatform.ingest.table import Table, pick_grid, tabulate


def load_file(path: Path | str, limits: Limits | None = None) -> FileContent:
    """The bytes of a file, its size checked first."""
    limits = limits or Limits()
    file, name = Path(path), base_name(path)
    try:
        if not file.is_file():
            found = "it is a folder" if file.is_dir() else "there is no such file"
            raise ImportRefusedError(f"{name} was not read: {found}.")
        size = file.stat().st_size
        if size > limits.max_bytes:
            raise ImportRefusedError(
                f"{name} was not read: it has {size / 1e6:,.0f} MB and at most "
                f"{limits.max_bytes / 1e6:,.0f} MB are read.",
                hint="Split it into smaller files.",
            )
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImportRefusedError(f"{name} was not read: {reason}.") from None
    return FileContent(name, data, hashlib.sha256(data).hexdigest(), limits)


def read_table(content: FileContent, what: str, sheet: str | None = None) -> Table:
    """The table of the file that fits the target ``what``."""
    grids = _grids(content, what)
    grid = pick_grid(grids, what, sheet)
    if grid is None:
        names = ", ".join(repr(g.details["sheet"]) for g in grids if "sheet" in g.details)
        content.refuse(f"it has no sheet {sheet!r}", f"Sheets: {names or 'none'}.")
    return tabulate(content, grid, what)


def _grids(content: FileContent, what: str) -> tuple[Grid, ...]:
    match format_of(content):
        case "xlsx":
            from riskplatform.ingest.excel_reader import read_excel

            return read_excel(content)
        case "parquet":
            from riskplatform.ingest.parquet_reader import read_parquet

            return (read_parquet(content),)
        case "flex":
            from riskplatform.ingest.flex_reader import read_flex

            return (read_flex(content, what),)
    from riskplatform.ingest.csv_reader import read_csv

    return (read_csv(content),)
