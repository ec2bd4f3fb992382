"""What every test of this room answers with: one frozen type, in plain words."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

LEVEL = 0.05


class PValueKind(StrEnum):
    """Where a p-value comes from."""

    EXACT = "exact"
    SIMULATED = "simulated"
    ASYMPTOTIC = "asymptotic"


class Zone(StrEnum):
    """The colours of Basel."""

    GREEN = "green"
    YELLOW = "yellow"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class PValue:
    """The chance, if the null holds, of a statistic at least as extreme as the one found.

    ``ties`` is the part of it that belongs to statistics equal to the one found. Counts of
    exceptions are few whole numbers, so that a test which counts all ties against rejecting has a
    size below its level; ``randomised`` breaks the ties by lot and has exactly that size.
    """

    value: float
    kind: PValueKind
    how: str
    ties: float = 0.0

    def randomised(self, uniform: float) -> float:
        """The p-value with ties broken by ``uniform``, a number from 0 to 1 drawn by the caller."""
        return self.value - uniform * self.ties

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value, "kind": self.kind.value, "how": self.how, "ties": self.ties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of one test on one sample.

    ``p_values``: the first one decides; it is empty when the sample says nothing, and ``notes``
    then say why. ``zone`` is there for the tests that Basel colours. ``details`` are further
    numbers by name.
    """

    name: str
    null: str
    alternative: str
    statistic: float | None
    p_values: tuple[PValue, ...] = ()
    level: float = LEVEL
    sample_size: int
    exceptions: int | None = None
    zone: Zone | None = None
    details: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def p_value(self) -> float | None:
        """The p-value that decides."""
        return self.p_values[0].value if self.p_values else None

    @property
    def method(self) -> str:
        """How the p-value that decides was found."""
        if not self.p_values:
            return "no p-value"
        return f"{self.p_values[0].kind.value}: {self.p_values[0].how}"

    @property
    def is_conclusive(self) -> bool:
        """Whether there is a p-value at all."""
        return bool(self.p_values)

    @property
    def is_rejected(self) -> bool:
        """Whether the null is rejected at ``level``; never where there is no p-value."""
        return self.is_rejected_at(self.level)

    def is_rejected_at(self, level: float) -> bool:
        return bool(self.p_values) and self.p_values[0].value <= level

    def p_value_of(self, kind: PValueKind) -> float | None:
        """The first p-value of this kind."""
        return next((one.value for one in self.p_values if one.kind is kind), None)

    def detail(self, name: str) -> float:
        return dict(self.details)[name]

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "null": self.null,
            "alternative": self.alternative,
            "statistic": self.statistic,
            "p_value": self.p_value,
            "method": self.method,
            "p_values": [one.to_dict() for one in self.p_values],
            "level": self.level,
            "is_rejected": self.is_rejected,
            "sample_size": self.sample_size,
            "exceptions": self.exceptions,
            "zone": None if self.zone is None else self.zone.value,
            "details": dict(self.details),
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return verdict_table([self])

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>"

    def __str__(self) -> str:
        notes = " ".join(("", *self.notes))
        if self.p_value is None:
            colour = f": {self.zone.value}" if self.zone is not None else ": no verdict"
            return f"{self.name}{colour}.{notes}"
        found = "rejected" if self.is_rejected else "not rejected"
        colour = f" ({self.zone.value})" if self.zone is not None else ""
        return (
            f"{self.name}{colour}: {found} at {self.level:.0%} that {self.null} "
            f"(p = {self.p_value:.3g}, {self.method}).{notes}"
        )


def verdict_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """One row per test: name, statistic, p_value, is_rejected, zone, method, null, notes."""
    columns = ("name", "statistic", "p_value", "is_rejected", "zone", "sample_size", "exceptions",
               "method", "null", "alternative", "notes")  # fmt: skip
    rows = [one.to_dict() for one in verdicts]
    table = pd.DataFrame([[row[name] for name in columns] for row in rows], columns=list(columns))
    table["notes"] = [" ".join(notes) for notes in table["notes"]]
    return table
