"""What is put into the venue; with the rules and the seed, these decide all that comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from riskplatform.domain.orders import Order
from riskplatform.execution.paper.market import DayMarket


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOpened:
    """A new day's market."""

    at: datetime
    market: DayMarket


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSent:
    at: datetime
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSent:
    at: datetime
    client_order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceSent:
    at: datetime
    client_order_id: str
    quantity: Decimal
    limit_price: Decimal | None = None
    number: int = 0


Request = OrderSent | CancelSent | ReplaceSent
Message = DayOpened | Request
