"""A day of trading put into a ledger's journal as the engine would have put it there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from riskplatform.desk import Desk
from riskplatform.domain.orders import Order, Side
from riskplatform.execution.gateways.gateway import Filled, Traded
from riskplatform.execution.market_journal import Witnessed, market_body
from riskplatform.execution.order_events import Sent
from riskplatform.execution.order_journal import (
    DECISIONS,
    EXECUTIONS,
    MARKET,
    ORDERS,
    execution_body,
    execution_subject,
    parent_event,
    sent_body,
)
from riskplatform.execution.parents import Parent, Slice
from riskplatform.store.ledger import Event

OPEN = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)


def number(value: float) -> Decimal:
    return Decimal(str(value))


def plan(instrument_id: str, portfolio_id: str, quantity: int, price: float, **more: Any) -> Parent:
    terms: dict[str, Any] = {
        "approval_id": "A1", "side": Side.BUY, "currency": "USD", "algorithm": "twap",
        "approved_at": OPEN - timedelta(hours=1), "expires_at": OPEN + timedelta(hours=5),
    }  # fmt: skip
    return Parent(
        portfolio_id=portfolio_id, instrument_id=instrument_id, quantity=number(quantity),
        reference_price=number(price), slices=(Slice(OPEN, number(quantity)),),
        **{**terms, **more},
    )  # fmt: skip


class Told:
    """Events by name and place; ``tell`` records them at once."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def parent(self, parent: Parent) -> None:
        self.events.append(parent_event(parent))

    def order(
        self, parent: Parent, slice: int, quantity: int, minutes: float, middle: float | None
    ) -> Order:
        order, at = parent.child(slice, 0, number(quantity)), OPEN + timedelta(minutes=minutes)
        name = order.client_order_id
        self.events.append(Event(DECISIONS, name, 0, {"verdict": "allow", "middle": middle}))
        self.events.append(Event(ORDERS, name, 0, sent_body(order, "PV", Sent(at=at))))
        return order

    def fill(
        self, order: Order, quantity: int, price: float, minutes: float, fee: float = 1.0,
        fee_currency: str | None = None,
    ) -> None:  # fmt: skip
        number_ = sum(1 for each in self.events if each.stream == EXECUTIONS)
        done = Filled(
            client_order_id=order.client_order_id, execution_id=f"X{number_}",
            quantity=number(quantity), price=number(price), fee=number(fee),
            fee_currency=fee_currency or order.currency, at=OPEN + timedelta(minutes=minutes),
        )  # fmt: skip
        subject = execution_subject("PV", done.execution_id)
        self.events.append(Event(EXECUTIONS, subject, 0, execution_body(order, done, [])))

    def market(
        self, parent: Parent, minutes: tuple[float, float], *trades: tuple[float, float],
        is_known: bool = True,
    ) -> None:  # fmt: skip
        """What the venue said its market traded, price and volume, between two minutes."""
        start, end = (OPEN + timedelta(minutes=each) for each in minutes)
        traded = Traded(
            instrument_id=parent.instrument_id, start=start, end=end,
            volume=sum((number(size) for _, size in trades), Decimal(0)),
            turnover=sum((number(price) * number(size) for price, size in trades), Decimal(0)),
        )  # fmt: skip
        said = Witnessed("PV", start, end, traded if is_known else None)
        self.events.append(Event(MARKET, parent.name, 0, market_body(parent.line, said)))

    def tell(self, desk: Desk) -> None:
        desk.ledger.journal.append(self.events, actor="test", action="a day of trading")


def a_day() -> Told:
    """ALFA bought in two orders, BETA sold in euros and not all of it.

    The small desk's closes of 5 March: ALFA 51.5, BETA 50; a euro is 1.10 dollars.
    """
    told = Told()
    alfa = plan("ALFA.XNYS", "growth", 200, 51.0)
    beta = plan("BETA.XETR", "growth", 100, 50.5, side=Side.SELL, currency="EUR", approval_id="A2",
                algorithm="vwap")  # fmt: skip
    told.parent(alfa)
    told.parent(beta)
    first = told.order(alfa, 0, 100, 0, 51.2)
    told.fill(first, 100, 51.25, 1)
    second = told.order(alfa, 1, 100, 30, 51.4)
    told.fill(second, 60, 51.45, 31)
    told.fill(second, 40, 51.5, 32)
    third = told.order(beta, 0, 100, 5, 50.4)
    told.fill(third, 70, 50.3, 6, fee=2.2, fee_currency="USD")
    told.market(alfa, (0, 32), (51.0, 100), (51.6, 300))
    told.market(beta, (5, 6), (50.4, 1_000))
    return told


def bars(rows: Iterable[tuple[str, float, float, float]]) -> list[dict[str, Any]]:
    """Trades of the market: instrument, minutes after the start, price, volume."""
    return [
        {"instrument_id": name, "at": OPEN + timedelta(minutes=minutes), "price": price,
         "volume": volume}
        for name, minutes, price, volume in rows
    ]  # fmt: skip
