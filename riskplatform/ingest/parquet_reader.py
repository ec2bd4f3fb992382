"""Parquet through pyarrow: flat columns only, sizes checked against the footer before reading."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from riskplatform.ingest.grid import Cell, FileContent, Grid
from riskplatform.ingest.numbers import decimal_of_float


def read_parquet(content: FileContent) -> Grid:
    """The rows of a Parquet file; line 1 is the header, so the first row is line 2."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content.data))
        _check(content, file.metadata)
        nested = [f.name for f in file.schema_arrow if pa.types.is_nested(f.type)]
        if nested:
            content.refuse(f"column {nested[0]} holds lists or records, not values")
        table = file.read()
        names = [str(name) for name in table.column_names]
        columns = [_cells(column) for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        content.refuse(f"its Parquet content is damaged ({type(error).__name__})")
    content.check_shape(table.num_rows, len(names))
    rows = tuple(zip(*columns, strict=True))
    for line, row in enumerate(rows, 2):
        for cell in row:
            if isinstance(cell, str):
                content.check_cell(cell, line)
    return Grid(
        "parquet", tuple(range(1, len(rows) + 2)), (tuple(names), *rows), {"encoding": "utf-8"}
    )


def _check(content: FileContent, metadata: Any) -> None:
    content.check_shape(metadata.num_rows, metadata.num_columns)
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if unpacked > content.limits.max_unpacked_bytes:
        content.refuse(f"it would unpack to {unpacked / 1e6:,.0f} MB")


def _cells(column: Any) -> list[Cell]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind):
        # Nanoseconds do not fit a datetime; a microsecond is finer than any desk's clock.
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    return [_cell(value) for value in column.to_pylist()]


def _cell(value: Any) -> Cell:
    match value:
        case None | bool() | str() | Decimal():
            return value
        case datetime():
            return value.astimezone(UTC) if value.tzinfo else value
        case date():
            return value
        case int():
            return Decimal(value)
        case float():
            return decimal_of_float(value)
        case bytes():
            return value.decode("utf-8", errors="replace")
    return str(value)
