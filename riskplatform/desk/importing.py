"""Brings a file into the desk: ingest reads and checks it, the store takes all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from riskplatform.desk.quality import judged
from riskplatform.domain.instruments import FxSpot, Instrument
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.ingest import (
    WHATS,
    ColumnMap,
    ImportBatch,
    ImportContext,
    Preview,
    PriceRow,
    What,
    load_map,
    load_maps,
    read_batch,
)
from riskplatform.ingest import preview as read_preview
from riskplatform.ingest import save_map as write_map

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MAPS = "maps"
"""Folder of the desk in which column maps are kept and found by the headers they fit."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import: rows read, what the store took, and what was left out and why."""

    batch: ImportBatch
    added: int
    unchanged: int

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.batch.warnings

    @property
    def is_complete(self) -> bool:
        """Whether every row of the file is in the store now."""
        return self.batch.is_clean

    def to_dict(self) -> dict[str, Any]:
        return {
            "summary": self.batch.summary(),
            "added": self.added,
            "unchanged": self.unchanged + self.batch.rows_unchanged,
            "refused": len(self.batch.refusals),
            "repeated": len(self.batch.duplicates),
        }


def preview(desk: Desk, path: Path, what: str, column_map: ColumnMap | Path | None) -> Preview:
    """How the file would be read."""
    return read_preview(path, _what(what), _map(column_map), saved_maps=_saved(desk))


def import_file(
    desk: Desk,
    path: Path,
    what: str,
    *,
    column_map: ColumnMap | Path | None = None,
    as_of: date | None = None,
    default_portfolio: str | None = None,
    good_rows_only: bool = False,
    source: str = "file",
) -> ImportReport:
    """Read, check and commit one file. The same file twice changes nothing.

    ``source`` names the sender: rows without an id of their own are told apart by what they say
    and by who says it, so that a renamed file is not booked again.
    """
    kind = _what(what)
    context = _context(desk, kind, as_of, default_portfolio, source)
    batch = read_batch(
        path,
        kind,
        context,
        _map(column_map),
        policy="good rows" if good_rows_only else "all",
        saved_maps=_saved(desk),
    )
    items = batch.require()
    reason = f"import of {batch.file} ({batch.content_id[:12]})"
    if kind == "prices":
        added, unchanged = _write_prices(desk, cast("Iterable[PriceRow]", items), reason)
    elif kind == "instruments":
        report = desk.put_instruments(cast("Iterable[Instrument]", items), reason=reason)
        added, unchanged = report.added, report.unchanged
    else:
        report = desk.add_transactions(cast("Iterable[Transaction]", items), reason=reason)
        added, unchanged = report.added, report.unchanged
    return ImportReport(batch, added, unchanged)


def save_map(desk: Desk, column_map: ColumnMap, name: str) -> Path:
    """Write a map into the desk's folder of maps; a map of that name is replaced."""
    if not re.fullmatch(r"[\w-]+", name):
        raise UserInputError(
            f"{name!r} cannot name a column map.", hint="Use letters, digits, - and _."
        )
    folder = desk.settings.desk / MAPS
    folder.mkdir(exist_ok=True)
    return write_map(column_map, folder / f"{name}.yaml")


def _context(
    desk: Desk, what: What, as_of: date | None, portfolio: str | None, source: str
) -> ImportContext:
    day = as_of or desk.today()
    held = {}
    recorded: frozenset[str] = frozenset()
    if what == "positions":
        rows = desk.ledger.positions(day)
        held = {(leaf, instrument): quantity for leaf, instrument, quantity, _ in rows}
        known = desk.ledger.transactions(kinds=[TransactionKind.OPENING], history=True)
        recorded = frozenset(known["transaction_id"])
    return ImportContext(
        instruments=desk.instruments(),
        portfolios=desk.portfolios(),
        held=held,
        as_of=day,
        default_portfolio=portfolio,
        source=source,
        recorded_ids=recorded,
    )


def _write_prices(desk: Desk, rows: Iterable[PriceRow], reason: str) -> tuple[int, int]:
    """Prices into the lake; those of currency pairs against the dollar become exchange rates."""
    instruments = desk.instruments()
    prices, rates = [], []
    for row in rows:
        instrument = instruments[row.instrument_id]
        if isinstance(instrument, FxSpot) and "USD" in (
            instrument.bought_currency,
            instrument.currency,
        ):
            rates.append(_rate(instrument, row))
        prices.append((row.instrument_id, row.date, row.close, row.volume, row.source))
    frame = pd.DataFrame(prices, columns=["instrument_id", "date", "close", "volume", "source"])
    added = _new_rows(desk, frame)
    if not added:
        return 0, len(frame)
    found = judged(desk, frame)
    marks = found.marks.assign(recorded_at=desk.now())
    with desk.lake.batch(message=reason) as batch:
        batch.write("prices", found.prices, mode="replace_keys")
        batch.write("quality_marks", marks, mode="replace_keys")
        if rates:
            names = ["currency", "date", "usd_per_unit", "source"]
            batch.write("fx", pd.DataFrame(rates, columns=names), mode="replace_keys")
    return added, len(frame) - added


def _rate(pair: FxSpot, row: PriceRow) -> tuple[str, date, float, str]:
    if pair.currency == "USD":
        return pair.bought_currency, row.date, row.close, row.source
    return pair.currency, row.date, 1.0 / row.close, row.source


def _new_rows(desk: Desk, frame: pd.DataFrame) -> int:
    """How many of these prices the lake does not have yet, or has otherwise."""
    known = desk.lake.read(
        "prices",
        where={"instrument_id": sorted(set(frame["instrument_id"]))},
        columns=("instrument_id", "date", "close"),
    )
    days = frame.assign(date=pd.to_datetime(frame["date"]))
    known["date"] = pd.to_datetime(known["date"])
    merged = days.merge(known, how="left", on=["instrument_id", "date"], suffixes=("", "_known"))
    return int((merged["close"] != merged["close_known"]).sum())


def _what(what: str) -> What:
    if what not in WHATS:
        raise UnknownNameError("kind of import", what, WHATS)
    return what


def _map(given: ColumnMap | Path | str | None) -> ColumnMap | None:
    return given if given is None or isinstance(given, ColumnMap) else load_map(given)


def _saved(desk: Desk) -> tuple[ColumnMap, ...]:
    folder = desk.settings.desk / MAPS
    return load_maps(folder) if folder.is_dir() else ()
