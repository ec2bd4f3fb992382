"""The bar of a build, on standard error; silent in a pipe, counting in any case."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from riskplatform.cli.output import err


class Watch:
    """Told by a build how many rows are done, of how many."""

    def __init__(self) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task = self._bar.add_task("Making the scenarios", total=None)
        self._began: float | None = None
        self._first = self._done = self._total = 0
        self._seconds = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def tell(self, done: int, total: int) -> None:
        """After each block of rows."""
        now = time.monotonic()
        if self._began is None:
            self._began, self._first = now, done
        self._done, self._total, self._seconds = done, total, now - self._began
        self._bar.update(self._task, description="Pricing units", completed=done, total=total)

    @property
    def rows(self) -> int:
        """Rows that this build made."""
        return self._done - self._first

    def facts(self) -> dict[str, Any]:
        """What this build did, and how fast."""
        speed = self.rows / self._seconds if self._seconds > 0 else None
        return {"rows_built": self.rows, "rows_per_second": speed and round(speed, 1)}

    def kept(self) -> str:
        """What an interrupted build leaves behind."""
        if not self._done:
            return "No rows were done yet; scenarios that were made are kept."
        return f"{self._done:,} of {self._total:,} rows are done and kept."
