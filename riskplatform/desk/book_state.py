"""Which state of the book a result stands on, as its provenance says it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


def ledger_input(desk: Desk, recorded: datetime | None = None) -> str:
    """When the book (as known at ``recorded``) last changed.

    What orders, proposals and jobs say in the same ledger changes no holding: a result of the same
    book has the same run id before and after. Limits are named by those that judge them.
    """
    known_at = desk.ledger.book_recorded_at(recorded=recorded)
    return known_at.isoformat() if known_at else "empty"
