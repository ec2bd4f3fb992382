"""One order put to the gate, with what every check needs of it at hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.orders import Order
from riskplatform.execution.gate.decision import PASSED, Found, Outcome, outcome_of
from riskplatform.execution.gate.market_now import Seen
from riskplatform.execution.gate.order_book import Parent, Sent
from riskplatform.execution.gate.rules import Mode


@dataclass(slots=True, eq=False)
class Question:
    """``extra`` is how much more may be filled if the order goes out: all of a new one, and of one
    that replaces ``old`` the difference. ``traded`` is its row in the book of risk, or the key of a
    pair of currencies, if it has one.
    """

    order: Order
    order_id: str
    at: datetime
    second: float
    extra: Decimal
    instrument: Instrument | None
    traded: int | None
    seen: Seen | None
    parent: Parent | None
    unit_notional: float
    daily_volume: float
    old: Sent | None = None

    @property
    def name(self) -> str:
        return self.order.key.instrument_id


def failed(
    check: str,
    mode: Mode,
    reason: str,
    *,
    figure: float | None = None,
    bound: float | None = None,
    unit: str = "",
    subject: str | None = None,
    most: Decimal = Decimal(0),
) -> Outcome:
    """What a check says that does not hold; ``most`` is how much would still pass."""
    if mode is Mode.WARN:
        return Outcome(check, Found.WARNED, figure, bound, unit, reason, subject)
    if mode is Mode.TRIM and most > 0:
        return Outcome(check, Found.TRIMMED, figure, bound, unit, reason, subject, most)
    return Outcome(check, Found.BLOCKED, figure, bound, unit, reason, subject, Decimal(0))


def in_lots(quantity: float | Decimal, lot: Decimal) -> Decimal:
    """The most whole lots within a quantity, none below zero."""
    if quantity <= 0:
        return Decimal(0)
    exact = quantity if isinstance(quantity, Decimal) else Decimal(repr(quantity))
    return exact // lot * lot


def passed(
    check: str,
    figure: float | None = None,
    bound: float | None = None,
    unit: str = "",
    subject: str | None = None,
) -> Outcome:
    return outcome_of(Outcome, (check, PASSED, figure, bound, unit, "", subject, None))
