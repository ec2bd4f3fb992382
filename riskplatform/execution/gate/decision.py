"""What the gate says of an order: one outcome per check, and what may be sent of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Verdict(StrEnum):
    """``trim`` allows less than was asked."""

    ALLOW = "allow"
    TRIM = "trim"
    BLOCK = "block"


class Found(StrEnum):
    """How one check ended. ``eased`` is a limit that is broken and not worsened by the order."""

    PASSED = "passed"
    EASED = "eased"
    WARNED = "warned"
    TRIMMED = "trimmed"
    BLOCKED = "blocked"


PASSED = Found.PASSED


class Outcome(NamedTuple):
    """One check: the ``figure`` it read, the ``bound`` it was held to, and their unit.

    ``subject`` is the limit, the instrument or the person that it is about. ``most`` is the
    quantity that the check allows where it allows less than was asked.
    """

    check: str
    found: Found
    figure: float | None = None
    bound: float | None = None
    unit: str = ""
    reason: str = ""
    subject: str | None = None
    most: Decimal | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; a figure without end is null."""
        return {
            "check": self.check,
            "found": self.found.value,
            "figure": _finite(self.figure),
            "bound": _finite(self.bound),
            "unit": self.unit,
            "reason": self.reason,
            "subject": self.subject,
            "most": None if self.most is None else format(self.most, "f"),
        }


outcome_of = tuple.__new__
"""Makes an outcome as a plain tuple is made: there are sixty of them for each order."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Of one order at one instant. ``quantity`` is what may be sent: none of it if blocked.

    ``limits`` is the run of the limits that it was held to, ``rules`` the hash of the rules.
    ``middle`` is the market's at that instant: what the order's price is measured by afterwards.
    """

    client_order_id: str
    portfolio_id: str
    instrument_id: str
    side: str
    at: datetime
    verdict: Verdict
    asked: Decimal
    quantity: Decimal
    outcomes: tuple[Outcome, ...]
    limits: str
    rules: str
    middle: float | None = None

    @property
    def is_allowed(self) -> bool:
        return self.verdict is not Verdict.BLOCK

    @property
    def worst(self) -> tuple[Outcome, ...]:
        """What a reader must see: all that did not simply pass, the gravest first."""
        told = [each for each in self.outcomes if each.found is not Found.PASSED]
        return tuple(sorted(told, key=lambda each: GRAVITY[each.found]))

    @property
    def reason(self) -> str:
        """In a few words, why it is so."""
        return " ".join(each.reason for each in self.worst if each.reason) or "Every check passed."

    def outcome(self, check: str, subject: str | None = None) -> Outcome:
        """The outcome of a check, of one subject where it has several."""
        for each in self.outcomes:
            if each.check == check and subject in (None, each.subject):
                return each
        raise KeyError(f"{check} {subject or ''}".strip())

    def to_dict(self) -> dict[str, Any]:
        """As the journal keeps it."""
        return {
            "client_order_id": self.client_order_id,
            "portfolio_id": self.portfolio_id,
            "instrument_id": self.instrument_id,
            "side": self.side,
            "at": self.at.isoformat(),
            "verdict": self.verdict.value,
            "asked": format(self.asked, "f"),
            "quantity": format(self.quantity, "f"),
            "reason": self.reason,
            "outcomes": [each.to_dict() for each in self.outcomes],
            "limits": self.limits,
            "rules": self.rules,
            "middle": _finite(self.middle),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per outcome."""
        import pandas as pd

        return pd.DataFrame(
            [each.to_dict() for each in self.outcomes],
            columns=["check", "found", "figure", "bound", "unit", "reason", "subject", "most"],
        )

    def __str__(self) -> str:
        return f"{self.verdict.value} {self.quantity} of {self.asked}: {self.reason}"

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().to_html(index=False))


GRAVITY = {
    Found.BLOCKED: 0,
    Found.TRIMMED: 1,
    Found.WARNED: 2,
    Found.EASED: 3,
    Found.PASSED: 4,
}
"""The gravest first."""


def _finite(number: float | None) -> float | None:
    return number if number is None or math.isfinite(number) else None
