"""Brings a file into the desk: ingest reads and checks it, the store takes all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.transactions import Transaction
from riskplatform.errors import UnknownNameError
from riskplatform.ingest.batch import WHATS, ImportBatch, PriceRow, What
from riskplatform.ingest.context import ImportContext
from riskplatform.ingest.parse import parse_file
from riskplatform.ingest.preview import Preview, preview_file

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


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


def preview(desk: Desk, path: Path, what: str, column_map: str | Path | None) -> Preview:
    """How the file would be read."""
    return preview_file(path, _what(what), column_map=column_map, maps=_maps(desk))
