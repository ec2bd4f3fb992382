"""What is known of an order: facts that only add up, and the status that follows from them.

Reports come late, twice and out of order. A state made of facts (these executions, this end, this
many asks and answers) is the same in whatever order they are learnt; the status is read off it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from riskplatform.domain.orders import Order, Side

ZERO = Decimal(0)


class Status(StrEnum):
    """Where an order stands."""

    NEW = "new"
    PENDING = "pending"
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCEL_PENDING = "cancel_pending"
    REPLACE_PENDING = "replace_pending"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


TERMINAL = frozenset({Status.FILLED, Status.CANCELLED, Status.REJECTED, Status.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """An order and all that is known of it.

    ``quantity`` and ``limit_price`` are what is asked of the venue now. ``replace_quantity`` is a
    total asked for and not answered. ``venue_filled`` is what the venue says was filled in all
    of an order that ended there; the order is confirmed once as much was booked.
    """

    order: Order
    quantity: Decimal
    limit_price: Decimal | None
    filled: Decimal = ZERO
    notional: Decimal = ZERO
    fees: tuple[tuple[str, Decimal], ...] = ()
    executions: frozenset[str] = frozenset()
    venue_order_id: str | None = None
    venue_filled: Decimal | None = None
    is_sent: bool = False
    is_seen: bool = False
    is_lost: bool = False
    is_withdrawn: bool = False
    ended: Status | None = None
    cancels_asked: int = 0
    cancels_refused: int = 0
    replaces_asked: int = 0
    replaces_answered: int = 0
    replace_quantity: Decimal | None = None
    replace_price: Decimal | None = None
    replace_at: datetime | None = None
    terms_at: datetime | None = None
    heard: frozenset[str] = frozenset()
    reason: str = ""
    last_at: datetime | None = None

    @classmethod
    def of(cls, order: Order) -> OrderState:
        """An order that nobody has sent yet."""
        return cls(order=order, quantity=order.quantity, limit_price=order.limit_price)

    @property
    def client_order_id(self) -> str:
        return self.order.client_order_id

    @property
    def side(self) -> Side:
        return self.order.side

    @property
    def is_replacing(self) -> bool:
        return self.replaces_asked > self.replaces_answered

    @property
    def is_cancelling(self) -> bool:
        return self.cancels_asked > self.cancels_refused

    @property
    def allowed(self) -> Decimal:
        """The largest total that the venue may fill, whatever answer is under way."""
        asked = self.replace_quantity if self.is_replacing else None
        return max(self.quantity, asked or ZERO)

    @property
    def status(self) -> Status:
        """Read off the facts, the strongest first."""
        if self.filled >= self.allowed:
            return Status.FILLED
        if self.ended is not None:
            return self.ended
        if self.is_lost:
            return Status.UNKNOWN
        if self.is_cancelling:
            return Status.CANCEL_PENDING
        if self.is_replacing:
            return Status.REPLACE_PENDING
        if self.filled:
            return Status.PARTIALLY_FILLED
        if self.is_seen:
            return Status.ACCEPTED
        return Status.PENDING if self.is_sent else Status.NEW

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def is_working(self) -> bool:
        """Sent, and not known to have ended."""
        return self.is_sent and not self.is_terminal

    @property
    def remaining(self) -> Decimal:
        """What may still be filled, as far as is known."""
        return ZERO if self.is_terminal else max(self.quantity - self.filled, ZERO)

    @property
    def is_confirmed(self) -> bool:
        """Whether it ended and every fill that the venue counts was counted here."""
        if not self.is_terminal:
            return False
        if self.status in (Status.FILLED, Status.REJECTED):
            return True
        return self.venue_filled is not None and self.filled >= self.venue_filled

    @property
    def committed(self) -> Decimal:
        """What of the parent this order may use up: all that it may fill until it surely cannot."""
        return self.filled if self.is_confirmed else max(self.allowed, self.filled)

    @property
    def average_price(self) -> Decimal | None:
        return self.notional / self.filled if self.filled else None
