"""Short ways to say what tests of execution say all the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from riskplatform.domain.orders import Order, OrderKey, Side
from riskplatform.execution.gateways.gateway import Filled

D = Decimal
START = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So many seconds after the tests' session opened."""
    return START + timedelta(seconds=seconds)


def order(quantity: int | str = 100, *, slice: int = 0, attempt: int = 0, **terms: Any) -> Order:
    key = OrderKey(
        terms.pop("approval_id", "APPROVAL"), terms.pop("portfolio_id", "LONG"),
        terms.pop("instrument_id", "ACME"), slice, attempt,
    )  # fmt: skip
    values: dict[str, Any] = {"side": Side.BUY, "currency": "USD", **terms}
    return Order(key=key, quantity=D(quantity), **values)


def fill(
    of: Order, execution_id: str, quantity: int | str, price: int | str = 10, **terms: Any
) -> Filled:
    values: dict[str, Any] = {"fee": D(0), "fee_currency": "USD", "at": at(10), **terms}
    return Filled(
        client_order_id=of.client_order_id, execution_id=execution_id,
        quantity=D(quantity), price=D(price), **values,
    )  # fmt: skip
