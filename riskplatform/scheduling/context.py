"""What a job is told about its run, and how it tells what it did."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskplatform.errors import MissingDataError

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.domain.outcome import Coverage

Tell = Callable[[str, str, Any], None]
_FAILURES_TOLD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One attempt at one run; it travels to the process that does the work."""

    run_id: str
    job_id: str
    kind: str
    parameters: dict[str, Any]
    script: Path
    scheduled_at: datetime
    day: date
    attempt: int


@dataclass(frozen=True, slots=True)
class RunContext:
    """In the hands of the job: ``day`` is that of the scheduled time in the job's time zone."""

    assignment: Assignment
    _tell: Tell = field(repr=False)

    @property
    def run_id(self) -> str:
        return self.assignment.run_id

    @property
    def job_id(self) -> str:
        return self.assignment.job_id

    @property
    def scheduled_at(self) -> datetime:
        return self.assignment.scheduled_at

    @property
    def day(self) -> date:
        return self.assignment.day

    def log(self, text: str) -> None:
        """A line for the run's log."""
        self._tell("log", "", f"{text}\n")

    def input(self, name: str, value: Any) -> None:
        """What the work was done from; kept with the run."""
        self._tell("input", name, _plain(value))

    def output(self, name: str, value: Any) -> None:
        """What came of it; kept with the run."""
        self._tell("output", name, _plain(value))

    def coverage(self, found: Coverage) -> None:
        """How much was covered, and the first reasons why the rest was not."""
        self.output("coverage", str(found))
        for failure in found.failures[:_FAILURES_TOLD]:
            self.log(f"not covered: {failure.message}")

    def as_of(self, desk: Desk) -> date:
        """The last day with prices up to the run's day: a late run answers for its own day."""
        found = desk.lake.last_date("prices", on_or_before=self.day)
        if found is None:
            raise MissingDataError(
                f"The desk has no prices up to {self.day}.", hint="Import some, or run it later."
            )
        self.input("as_of", found)
        return found


def _plain(value: Any) -> Any:
    """What JSON can hold; anything else as its text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
