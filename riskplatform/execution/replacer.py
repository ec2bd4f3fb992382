"""What somebody wants changed of an open order: judged by the gate, asked of the venue, answered.

Each wish is acted on once, or refused with a reason; both are in the journal in one commit with the
gate's decision. What the venue makes of it, is in the order's own events.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from riskplatform.domain.orders import OrderType
from riskplatform.execution.batch import Site
from riskplatform.execution.controls import Controls, ControlState
from riskplatform.execution.dealer import Dealer
from riskplatform.execution.gating import PreTradeGate
from riskplatform.execution.order_events import ReplaceAsked
from riskplatform.execution.order_state import OrderState
from riskplatform.execution.parents import line_of
from riskplatform.store.ledger import Recorded

ASKS = "replace"
"""How a decision of the gate on a replace is told from one on a new order."""


class Replacer:
    """Of one engine: it answers for the orders of its own gateway."""

    def __init__(self, site: Site, gate: PreTradeGate, controls: Controls, dealer: Dealer) -> None:
        self._site, self._gate = site, gate
        self._controls, self._dealer = controls, dealer

    def answer(self, now: datetime, control: ControlState, *, is_reconciled: bool) -> None:
        """Act on each wish. One about an order whose answer is under way waits for it, and so
        does one that comes before both books are equal."""
        for name, wish in self._controls.replaces().items():
            state = self._site.blotter.states.get(name)
            if state is None or self._site.blotter.gateways[name] != self._site.gateway:
                continue
            if not control.may_trade:
                self._refuse(name, wish, f"execution is {control}")
            elif state.is_terminal or state.is_cancelling:
                self._refuse(name, wish, f"the order is {_words(state)}")
            elif is_reconciled and state.is_seen and not state.is_replacing:
                self._replace(state, wish, now)

    def _replace(self, state: OrderState, wish: Recorded, now: datetime) -> None:
        name = state.client_order_id
        quantity = Decimal(wish.body["quantity"])
        told = wish.body["limit_price"]
        limit = state.limit_price if told is None else Decimal(told)
        reason = self._why_not(state, quantity, told is not None)
        if reason:
            self._refuse(name, wish, reason)
            return
        decision = self._gate.judge_replace(name, quantity, limit, now)
        batch = self._dealer.batch()
        batch.decide(name, {**decision.to_dict(), "asks": ASKS})
        if decision.is_allowed:
            batch.note(name, ReplaceAsked(at=now, quantity=quantity, limit_price=limit))
        batch.add(self._controls.answer_to(name, wish, decision.is_allowed, decision.reason))
        self._dealer.settle(batch)

    def _why_not(self, state: OrderState, quantity: Decimal, has_limit: bool) -> str:
        """What no gate need be asked for."""
        if quantity <= state.filled:
            return f"{state.filled:f} are filled already; to stop there, cancel it"
        kind = state.order.order_type
        if has_limit and kind is not OrderType.LIMIT:
            return f"a {kind.value} order has no limit price"
        line = line_of(state.order)
        parent = self._site.blotter.parents.get(line)
        room = Decimal(0)
        if parent is not None:
            room = parent.quantity - self._site.blotter.committed(line)
        if quantity - state.allowed > room:
            return (
                f"{room:f} more is approved and not ordered; {quantity:f} would be more than that"
            )
        return ""

    def _refuse(self, name: str, wish: Recorded, reason: str) -> None:
        batch = self._dealer.batch()
        batch.add(self._controls.answer_to(name, wish, False, reason))
        self._dealer.settle(batch)


def _words(state: OrderState) -> str:
    return state.status.value.replace("_", " ")
