"""Price files, long (one price a line) or wide (one instrument a column), into lake rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from riskplatform.domain.instruments import (
    CapFloor,
    CreditDefaultSwap,
    FxForward,
    InterestRateSwap,
    OvernightSwap,
    Swaption,
)
from riskplatform.errors import UserInputError
from riskplatform.ingest.batch import PriceRow
from riskplatform.ingest.columns import ColumnMap
from riskplatform.ingest.context import ImportContext
from riskplatform.ingest.grid import Cells
from riskplatform.ingest.identify import Identification
from riskplatform.ingest.parse import Parsed, Reader, Row, good_rows
from riskplatform.ingest.positions import unit_price
from riskplatform.ingest.table import Table

_PRESENT_VALUES = (
    CapFloor,
    CreditDefaultSwap,
    FxForward,
    InterestRateSwap,
    OvernightSwap,
    Swaption,
)
"""Their mark is the value of a contract, which may be nothing or a loss."""

_WIDE_HEADERS = ("date", "symbol", "close")


def unrolled(table: Table, column_map: ColumnMap) -> tuple[Table, ColumnMap]:
    """A wide table as a long one: each filled cell becomes a row on the line it stands on."""
    at = table.headers.index(column_map.columns["date"])
    columns = [(i, header) for i, header in enumerate(table.headers) if i != at and header]
    lines: list[int] = []
    rows: list[Cells] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        for i, header in columns:
            if row[i] is not None and row[i] != "":
                lines.append(line)
                rows.append((row[at], header, row[i]))
    long_table = replace(table, headers=_WIDE_HEADERS, lines=tuple(lines), rows=tuple(rows))
    long_map = replace(
        column_map, layout="long", columns={name: name for name in _WIDE_HEADERS}, sheet=None
    )
    return long_table, long_map


def read_prices(table: Table, reader: Reader, context: ImportContext) -> Parsed:
    """One price row per good line; a second, different price for a day is refused."""
    parsed = Parsed(table.file)
    identification = Identification(context.instruments)
    first: dict[tuple[str, date], tuple[int, PriceRow]] = {}
    late = 0
    for row, price in good_rows(
        table, reader, parsed, lambda row: _price(row, context, identification)
    ):
        key = (price.instrument_id, price.date)
        if key not in first:
            first[key] = (row.line, price)
            parsed.items.append(price)
            parsed.rows_taken += 1
            late += price.date > context.as_of
        elif first[key][1] == price:
            parsed.duplicate(row.line, first[key][0], "It repeats an earlier line.")
        else:
            parsed.refuse(row.line, _contradiction(row, price, *first[key]))
    if late:
        parsed.warnings.append(f"{late:,} prices are dated after {context.as_of}.")
    return parsed


def _contradiction(row: Row, price: PriceRow, line: int, earlier: PriceRow) -> UserInputError:
    return row.bad(
        "close",
        f"{price.instrument_id} on {price.date} has another price, {earlier.close}, "
        f"on line {line}.",
        "Keep one of them.",
    )


def _price(row: Row, context: ImportContext, identification: Identification) -> PriceRow:
    day = row.day("date")
    instrument = identification.resolve(row)
    close = unit_price(row, instrument, "close")
    if day is None or close is None:
        raise row.bad("close", "The cell is empty and is needed.")
    if close <= 0 and not isinstance(instrument, _PRESENT_VALUES):
        raise row.bad("close", f"The price {close} is not positive.")
    volume = row.decimal("volume")
    if volume is not None and volume < 0:
        raise row.bad("volume", f"The volume {volume} is negative.")
    return PriceRow(
        instrument.instrument_id,
        day,
        float(close),
        None if volume is None else float(volume),
        context.source,
    )
