"""An order as it leaves for a venue. Its id is a function of what it is for.

A retry of the same slice of the same approval has the same id, so that it can never be a second
order; a new attempt says so in its number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from riskplatform.errors import UserInputError


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @staticmethod
    def of(quantity: Decimal) -> Side:
        """Which side a signed quantity is on."""
        return Side.BUY if quantity > 0 else Side.SELL


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class TimeInForce(StrEnum):
    DAY = "day"
    IOC = "ioc"
    GTC = "gtc"


@dataclass(frozen=True, slots=True)
class OrderKey:
    """What an order is for: a slice of an approved trade, and which attempt at it."""

    approval_id: str
    portfolio_id: str
    instrument_id: str
    slice: int
    attempt: int = 0

    @property
    def client_order_id(self) -> str:
        """Twenty characters that any venue takes, the same on any machine."""
        parts = (
            self.approval_id, self.portfolio_id, self.instrument_id,
            str(self.slice), str(self.attempt),
        )  # fmt: skip
        # A separator that no id contains: ("ab", "c") and ("a", "bc") are different orders.
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a venue; ``quantity`` is positive, the side says which way.

    A limit order has ``limit_price``, a stop order ``stop_price`` (it becomes a market order once
    the market trades there); prices are quoted prices in ``currency``.
    """

    key: OrderKey
    side: Side
    quantity: Decimal
    currency: str
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY

    def __post_init__(self) -> None:
        if not self.quantity.is_finite() or self.quantity <= 0:
            raise UserInputError(
                f"An order for {self.quantity} {self.key.instrument_id} is none.",
                hint="The quantity is positive; the side says which way.",
            )
        for name, is_needed in (
            ("limit_price", self.order_type is OrderType.LIMIT),
            ("stop_price", self.order_type is OrderType.STOP),
        ):
            price = getattr(self, name)
            if (price is not None) != is_needed:
                word = "needs a" if is_needed else "takes no"
                raise UserInputError(f"A {self.order_type} order {word} {name}.")
            if price is not None and not price.is_finite():
                raise UserInputError(f"The {name} of {self.key.instrument_id} is {price}.")

    @property
    def client_order_id(self) -> str:
        return self.key.client_order_id

    @property
    def signed_quantity(self) -> Decimal:
        return self.side.sign * self.quantity
