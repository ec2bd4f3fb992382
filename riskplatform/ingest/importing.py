"""The use case: a file and what it holds in, an immutable batch out. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from riskplatform.errors import ImportRefusedError, UnknownNameError
from riskplatform.ingest.batch import WHATS, ImportBatch, Policy, What
from riskplatform.ingest.columns import ColumnMap, propose_map
from riskplatform.ingest.context import ImportContext
from riskplatform.ingest.conventions import find_conventions
from riskplatform.ingest.grid import Limits
from riskplatform.ingest.instruments import read_instruments
from riskplatform.ingest.parse import Parsed, Reader
from riskplatform.ingest.positions import read_positions
from riskplatform.ingest.prices import read_prices, unrolled
from riskplatform.ingest.readers import load_file, read_table
from riskplatform.ingest.saved_maps import find_map
from riskplatform.ingest.table import Table
from riskplatform.ingest.transactions import read_transactions

_FLEX_ZONE = "America/New_York"

_READERS: dict[str, Callable[[Table, Reader, ImportContext], Parsed]] = {
    "positions": read_positions,
    "transactions": read_transactions,
    "instruments": read_instruments,
    "prices": read_prices,
}


def read_batch(
    path: Path | str,
    what: What,
    context: ImportContext,
    column_map: ColumnMap | None = None,
    *,
    policy: Policy = "all",
    saved_maps: Sequence[ColumnMap] = (),
    limits: Limits | None = None,
) -> ImportBatch:
    """Read a file for the desk to commit.

    Without ``column_map`` a saved map with the file's headers is used, or else the proposal,
    as far as it is sure.
    """
    if what not in WHATS:
        raise UnknownNameError("import target", what, WHATS)
    table = read_table(load_file(path, limits), what, column_map.sheet if column_map else None)
    chosen, warnings = choose_map(table, what, column_map, saved_maps)
    if chosen.layout == "wide":
        table, chosen = unrolled(table, chosen)
    conventions = find_conventions(table, chosen)
    parsed = _READERS[what](table, Reader.of(table, chosen, conventions), context)
    return ImportBatch(
        what=what,
        file=table.file,
        content_id=table.content_id,
        rows_read=table.rows_read,
        items=tuple(parsed.items),
        rows_taken=parsed.rows_taken,
        rows_unchanged=parsed.rows_unchanged,
        refusals=tuple(sorted(parsed.refusals, key=lambda refusal: refusal.line)),
        duplicates=tuple(parsed.duplicates),
        warnings=(*table.warnings, *warnings, *conventions.warnings, *parsed.warnings),
        policy=policy,
        details={"format": table.format, **table.details},
    )


def choose_map(
    table: Table, what: str, given: ColumnMap | None, saved_maps: Sequence[ColumnMap]
) -> tuple[ColumnMap, list[str]]:
    """The map to read by and what to say about it; refused when it does not fit the file."""
    warnings: list[str] = []
    chosen = given or find_map(saved_maps, table.headers, what)
    if chosen is None:
        chosen = _proposal(table, what)
        warnings += [
            f"{chosen.columns[name]!r} is read as {name}; {' and '.join(map(repr, others))} "
            "would also fit."
            for name, others in chosen.ambiguous.items()
        ]
    if chosen.what != what:
        raise ImportRefusedError(
            f"{table.file} was not read: the column map is for {chosen.what}, not for {what}."
        )
    absent = [h for h in chosen.columns.values() if h not in table.headers]
    if absent:
        raise ImportRefusedError(
            f"{table.file} was not read: it has no column {absent[0]!r}, which the map names.",
            hint=f"It has {', '.join(table.headers[:40])}.",
        )
    if chosen.missing:
        raise ImportRefusedError(
            f"{table.file} was not read as {what}: no column was found for "
            f"{', '.join(chosen.missing)}. It has {', '.join(table.headers[:40])}.",
            hint="Preview it, complete the column map, and import with that.",
        )
    return chosen, warnings


def _proposal(table: Table, what: str) -> ColumnMap:
    """What the headers suggest; guesses are dropped, because an import does not act on them."""
    proposed = propose_map(table.headers, what)
    sure = {n: h for n, h in proposed.columns.items() if n not in proposed.unsure}
    zone = _FLEX_ZONE if table.format == "flex" else proposed.time_zone
    return replace(proposed, columns=sure, time_zone=zone)
