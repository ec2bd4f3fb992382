"""Partial failure as a value: a book with three broken lines still has a number, and says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FailureReason(StrEnum):
    """Why one item could not be done. The list is closed so that reports can group by it."""

    MISSING_DATA = "missing data"
    STALE_DATA = "stale data"
    INVALID_TERMS = "invalid terms"
    INVALID_DATA = "invalid data"
    NOT_SUPPORTED = "not supported"
    CALCULATION_FAILED = "calculation failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """One item that could not be done: why, in words, and which item it is."""

    reason: FailureReason
    message: str
    subject: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"reason": self.reason.value, "message": self.message, "subject": self.subject}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what was asked is in the number, and what is not and why."""

    done: int
    failures: tuple[Failure, ...] = field(default=())

    @property
    def total(self) -> int:
        return self.done + len(self.failures)

    @property
    def is_complete(self) -> bool:
        return not self.failures

    @property
    def share(self) -> float:
        """Done over total by count; an empty book is completely covered."""
        return self.done / self.total if self.total else 1.0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(self.done + other.done, self.failures + other.failures)

    def by_reason(self) -> dict[str, int]:
        return dict(Counter(failure.reason.value for failure in self.failures))

    def to_dict(self) -> dict[str, Any]:
        return {
            "done": self.done,
            "total": self.total,
            "failures": [failure.to_dict() for failure in self.failures],
        }

    def __str__(self) -> str:
        if self.is_complete:
            return f"{self.done:,} of {self.total:,} (complete)"
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.by_reason().items())
        return f"{self.done:,} of {self.total:,} ({reasons})"


def coverage_of(done: int, failures: Iterable[Failure]) -> Coverage:
    """Coverage from a count and any iterable of failures."""
    return Coverage(done, tuple(failures))
