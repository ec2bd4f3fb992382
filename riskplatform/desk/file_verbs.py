"""Verbs of files: preview, column maps, imports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.importing import ImportReport
    from riskplatform.ingest import ColumnMap, Preview


class FileVerbs(DeskCore):
    """From a file into the desk."""

    def preview(
        self,
        path: str | Path,
        what: str = "positions",
        *,
        column_map: ColumnMap | Path | None = None,
    ) -> Preview:
        """How a file would be read; nothing is changed."""
        from riskplatform.desk.importing import preview

        return preview(self._me, Path(path), what, column_map)

    def save_map(self, column_map: ColumnMap, name: str) -> Path:
        """Keep a column map with the desk; files with its headers will be read by it."""
        from riskplatform.desk.importing import save_map

        return save_map(self._me, column_map, name)

    def import_file(self, path: str | Path, what: str, **options: Any) -> ImportReport:
        """Import positions, transactions, instruments or prices: all of the file or nothing."""
        from riskplatform.desk.importing import import_file

        return import_file(self._me, Path(path), what, **options)

    def import_positions(self, path: str | Path, **options: Any) -> ImportReport:
        """Import a statement of holdings; see :meth:`import_file`."""
        return self.import_file(path, "positions", **options)
