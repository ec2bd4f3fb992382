"""A limit: how much of what a portfolio may have, from when until when, and who answers for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from riskplatform.errors import UserInputError


class LimitTermError(UserInputError):
    """A term of a limit that cannot be; ``term`` names it, so that a file's line can be found."""

    def __init__(self, limit_id: str, term: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(f"Limit {limit_id}: {message}", hint=hint)
        self.limit_id = limit_id
        self.term = term
        self.what = message


class Direction(StrEnum):
    """Which values are within a limit: at most so much, at least, or at most on either side."""

    MAX = "max"
    MIN = "min"
    ABSOLUTE = "absolute"


SCOPE = (
    "factor_id",
    "gross",
    "by",
    "group",
    "scenarios",
    "scenario",
    "confidence",
    "horizon_days",
    "share",
    "participation",
)
"""The terms that say of what a measure is; which of them a measure takes it knows itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``hard`` is what must not be passed, ``soft`` where warning begins.

    ``direction`` and ``unit`` are those of the measure where they are not given. A limit is in
    force from ``valid_from`` to ``valid_until``, both days included.
    """

    limit_id: str
    node: str
    measure: str
    hard: float
    soft: float | None = None
    direction: Direction | None = None
    unit: str | None = None
    factor_id: str | None = None
    gross: bool | None = None
    by: str | None = None
    group: str | None = None
    scenarios: str | None = None
    scenario: str | None = None
    confidence: float | None = None
    horizon_days: float | None = None
    share: float | None = None
    participation: float | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    owner: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        for term in ("limit_id", "node", "measure"):
            value = getattr(self, term)
            if not value or value != value.strip():
                hint = "Give a name without surrounding spaces."
                raise LimitTermError(self.limit_id, term, f"the {term} is {value!r}.", hint=hint)
        for term in ("hard", "soft"):
            value = getattr(self, term)
            if value is not None and not math.isfinite(value):
                raise LimitTermError(self.limit_id, term, f"{term} is {value}, which is no number.")
            if value is not None:
                # A NumPy number is written to the ledger as a plain one.
                object.__setattr__(self, term, float(value))
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            message = f"valid_until, {self.valid_until}, is before valid_from, {self.valid_from}."
            raise LimitTermError(self.limit_id, "valid_until", message)
        self._check_sides()

    def _check_sides(self) -> None:
        if self.direction is Direction.ABSOLUTE and self.hard < 0.0:
            raise LimitTermError(
                self.limit_id,
                "hard",
                f"hard is {self.hard:,.12g}; an absolute value is never below 0.",
                hint="Give a number of at least 0, or the direction max or min.",
            )
        if self.direction is None or self.soft is None:
            return
        if self.excess(self.soft, self.hard) > 0.0:
            side = "below" if self.direction is Direction.MIN else "above"
            raise LimitTermError(
                self.limit_id,
                "soft",
                f"soft, {self.soft:,.12g}, is beyond hard, {self.hard:,.12g}: it would warn too "
                "late.",
                hint=f"With direction {self.direction.value} it is not {side} the hard one.",
            )

    def excess(self, value: float, bound: float) -> float:
        """By how much a value is beyond a bound; what is left, with a minus, where it is not."""
        if self.direction is Direction.MIN:
            return bound - value
        return (abs(value) if self.direction is Direction.ABSOLUTE else value) - bound

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)
