"""What the engine asks of a pre-trade gate, and what it tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from riskplatform.domain.orders import Order, Side
from riskplatform.execution.blotter import Change
from riskplatform.execution.gateways.gateway import Filled, Quote
from riskplatform.execution.order_events import CancelAsked, ReplaceAsked, Sent
from riskplatform.execution.order_state import OrderState, Status


class GateDecision(Protocol):
    """``quantity`` may be sent: all that was asked, less of it, or nothing."""

    @property
    def quantity(self) -> Decimal: ...

    @property
    def is_allowed(self) -> bool: ...

    @property
    def reason(self) -> str: ...

    def to_dict(self) -> Mapping[str, Any]: ...


class PreTradeGate(Protocol):
    """Judges an order before it is sent; :class:`riskplatform.execution.gate.Gate` is the one."""

    def judge(self, order: Order, at: datetime) -> GateDecision: ...

    def judge_replace(
        self, client_order_id: str, quantity: Decimal, limit_price: Decimal | None, at: datetime
    ) -> GateDecision: ...

    def sent(self, order: Order, at: datetime) -> None: ...

    def messaged(self, at: datetime) -> None: ...

    def filled(self, client_order_id: str, quantity: Decimal) -> None: ...

    def replaced(
        self, client_order_id: str, quantity: Decimal, limit_price: Decimal | None
    ) -> None: ...

    def closed(self, client_order_id: str) -> None: ...

    def quoted(self, quotes: Quote | Iterable[Quote]) -> None: ...


class GateFeed:
    """Tells a gate what became of orders, each thing once."""

    def __init__(self, gate: PreTradeGate) -> None:
        self._gate = gate
        self._known: set[str] = set()

    def sending(self, order: Order, at: datetime) -> None:
        """It was judged and goes out; the next order is judged with it in the book."""
        self._gate.sent(order, at)
        self._known.add(order.client_order_id)

    def not_sent(self, order: Order) -> None:
        """Its intent could not be recorded, so it never goes out."""
        self._gate.closed(order.client_order_id)

    def tell(self, changes: Iterable[Change]) -> None:
        for before, event, after in changes:
            name = after.client_order_id
            if isinstance(event, Sent) and name not in self._known:
                self.sending(after.order, event.at)
            if name not in self._known:
                continue
            match event:
                case Filled():
                    self._gate.filled(name, after.filled - before.filled)
                case CancelAsked() | ReplaceAsked():
                    self._gate.messaged(event.at)
            if _terms(after) != _terms(before) and not before.is_confirmed:
                self._gate.replaced(name, *_terms(after))
            # Only once no fill can be under way is what was left of it free for others.
            is_over = after.is_confirmed and not before.is_confirmed
            if is_over and after.status is not Status.FILLED:
                self._gate.closed(name)


def _terms(state: OrderState) -> tuple[Decimal, Decimal | None]:
    """What may be at the venue: of two totals the larger, of two limits the one that reaches
    further, until a replace is answered."""
    price, asked = state.limit_price, state.replace_price if state.is_replacing else None
    if price is not None and asked is not None:
        price = max(price, asked) if state.side is Side.BUY else min(price, asked)
    return state.allowed, price
