"""How patient the engine is, as data; and what a turn of it did."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from riskplatform.errors import UserInputError
from riskplatform.execution.controls import ControlState


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRules:
    """Seconds: after which an answer counts as lost, between two asks about one order, between
    two reconciliations, after a block by the gate, after an attempt that failed."""

    answer_seconds: float = 5.0
    ask_seconds: float = 2.0
    reconcile_seconds: float = 30.0
    blocked_seconds: float = 10.0
    retry_seconds: float = 5.0
    most_attempts: int = 8

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not value > 0:
                raise UserInputError(f"{each.name} is {value}; give a number above 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one turn of the loop did. ``reason`` says why it may not trade."""

    at: datetime
    control: ControlState
    is_reconciled: bool
    heard: int
    filled: int
    sent: int
    blocked: int
    open_orders: int
    reason: str = ""

    @property
    def is_idle(self) -> bool:
        return not (self.heard or self.sent)

    def to_dict(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "control": self.control.to_dict(),
            "is_reconciled": self.is_reconciled,
            "heard": self.heard,
            "filled": self.filled,
            "sent": self.sent,
            "blocked": self.blocked,
            "open_orders": self.open_orders,
            "reason": self.reason,
        }
