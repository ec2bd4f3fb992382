"""What happens to an order on our side; what venues report is in ``gateways/gateway.py``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from riskplatform.execution.gateways.gateway import (
    Accepted,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    Rejected,
    Replaced,
    ReplaceRejected,
    Report,
    VenueOrder,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """It was decided to send the order; recorded before the gateway hears of it."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLost:
    """Whether the venue has the order is not known."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverSeen:
    """The venue was asked and never saw the order."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """An order that the venue never saw will not be sent again."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsked:
    """It was decided to cancel."""

    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceAsked:
    """It was decided to ask for another total quantity and limit price."""

    at: datetime
    quantity: Decimal
    limit_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the venue answered when it was asked about the order."""

    at: datetime
    venue_order_id: str
    status: str
    quantity: Decimal
    filled: Decimal
    limit_price: Decimal | None = None

    @classmethod
    def of(cls, found: VenueOrder, at: datetime) -> Told:
        return cls(
            at=at,
            venue_order_id=found.venue_order_id,
            status=found.status,
            quantity=found.order.quantity,
            filled=found.filled,
            limit_price=found.order.limit_price,
        )


OrderEvent = Sent | AnswerLost | NeverSeen | Withdrawn | CancelAsked | ReplaceAsked | Told | Report

EVENT_NAMES: dict[type, str] = {
    Sent: "sent",
    AnswerLost: "answer_lost",
    NeverSeen: "never_seen",
    Withdrawn: "withdrawn",
    CancelAsked: "cancel_asked",
    ReplaceAsked: "replace_asked",
    Told: "told",
    Accepted: "accepted",
    Rejected: "rejected",
    Filled: "filled",
    Cancelled: "cancelled",
    Expired: "expired",
    CancelRejected: "cancel_rejected",
    Replaced: "replaced",
    ReplaceRejected: "replace_rejected",
}
"""Every event by the name that the journal and the published table know it by."""


def event_name(event: OrderEvent) -> str:
    return EVENT_NAMES[type(event)]
