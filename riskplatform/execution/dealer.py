"""Carries out effects at the gateway, and asks about what is not known.

Nothing is guessed: an order whose answer was lost is asked about, and sent again, under the same
id, only when the venue says that it never saw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from riskplatform.domain.orders import Order
from riskplatform.errors import GatewayError, UserInputError
from riskplatform.execution.batch import Batch, Site
from riskplatform.execution.blotter import Change
from riskplatform.execution.controls import Controls
from riskplatform.execution.gateways.gateway import Gateway
from riskplatform.execution.order_events import (
    AnswerLost,
    NeverSeen,
    OrderEvent,
    Told,
    Withdrawn,
)
from riskplatform.execution.order_state import OrderState, Status
from riskplatform.execution.parents import line_of
from riskplatform.execution.transitions import (
    Alarm,
    Ask,
    Effect,
    SendCancel,
    SendReplace,
    Submit,
)

if TYPE_CHECKING:
    from riskplatform.execution.engine_rules import EngineRules

_MOST_ROUNDS = 4


class Dealer:
    """The only one who speaks to the gateway of orders."""

    def __init__(
        self,
        site: Site,
        gateway: Gateway,
        controls: Controls,
        clock: Callable[[], datetime],
        rules: EngineRules,
        heed: Callable[[Iterable[Change]], None],
    ) -> None:
        self._site, self._gateway, self._controls = site, gateway, controls
        self._clock, self._rules, self._heed = clock, rules, heed
        self._asked: dict[str, datetime] = {}
        self.must_reconcile = True
        self.trouble = ""

    def batch(self) -> Batch:
        return Batch(self._site)

    def settle(self, batch: Batch) -> None:
        """Write a batch, do what follows from it, write what comes of that.

        After a few rounds the rest is left: it shows in the states, and is chased later.
        """
        for _ in range(_MOST_ROUNDS):
            effects = batch.commit()
            self._heed(batch.changes)
            batch = self.batch()
            if not effects:
                return
            for effect in effects:
                self._do(effect, batch)
        batch.commit()
        self._heed(batch.changes)

    def chase(self, now: datetime) -> None:
        """Ask about orders whose answer, or whose last fills, should have come."""
        batch = self.batch()
        for name in list(self._site.blotter.waiting):
            state = self._site.blotter.states[name]
            if not self._is_due(name, state, now):
                continue
            if state.status is Status.PENDING:
                self._asked[name] = now
                batch.note(name, AnswerLost(at=now))
            else:
                self.ask(name, batch)
        self.settle(batch)

    def ask(self, name: str, batch: Batch) -> None:
        """What does the venue know of it?"""
        now = self._clock()
        self._asked[name] = now
        try:
            found = self._gateway.order(name)
        except GatewayError as error:
            self._failed(error)
            return
        state = batch.state(name)
        assert state is not None
        if found is None:
            self._not_there(state, batch, now)
            return
        batch.note(name, Told.of(found, now))
        if found.filled > state.filled:
            # Executions that were not heard of: they are fetched one by one.
            self.must_reconcile = True

    def may_submit(self, order: Order) -> bool:
        """The last look before the gateway: the switch, the approval's time, and the parent."""
        if not self._controls.state().may_trade:
            return False
        line = line_of(order)
        parent = self._site.blotter.parents.get(line)
        if parent is None or not parent.approved_at <= self._clock() < parent.expires_at:
            return False
        committed = self._site.blotter.committed(line)
        if committed > parent.quantity:
            self._alarm(
                order.client_order_id,
                f"with it {committed} of {parent.name} would be out, {parent.quantity} is approved",
            )
            return False
        return True

    def _is_due(self, name: str, state: OrderState, now: datetime) -> bool:
        asked = self._asked.get(name)
        last, wait = asked, self._rules.ask_seconds
        if asked is None:
            last = state.last_at
            wait = 0.0 if state.is_terminal or state.is_lost else self._rules.answer_seconds
        # A clock that was set back must not make us wait for it.
        return last is None or now < last or (now - last).total_seconds() >= wait

    def _not_there(self, state: OrderState, batch: Batch, now: datetime) -> None:
        """The venue never saw it: it is sent again, waits for the switch, or is over."""
        name = state.client_order_id
        if state.is_seen:
            batch.note(name, NeverSeen(at=now))
            return
        if state.is_terminal:
            return
        batch.note(name, AnswerLost(at=now))
        parent = self._site.blotter.parents.get(line_of(state.order))
        is_over = parent is None or now >= parent.expires_at
        if is_over or state.is_cancelling or name in self._controls.cancels():
            batch.note(name, Withdrawn(at=now, reason="the venue never saw it"))
        elif self.may_submit(state.order):
            batch.note(name, NeverSeen(at=now))

    def _do(self, effect: Effect, batch: Batch) -> None:
        try:
            match effect:
                case Submit(order):
                    self._submit(order, batch)
                case SendCancel(name):
                    self._asked[name] = self._clock()
                    self._gateway.cancel(name)
                case SendReplace(name, quantity, limit_price, number):
                    self._replace(batch, name, quantity, limit_price, number)
                case Ask(name):
                    self.ask(name, batch)
                case Alarm(name, reason):
                    self._alarm(name, reason)
        except GatewayError as error:
            self._failed(error)

    def _submit(self, order: Order, batch: Batch) -> None:
        if not self.may_submit(order):
            return
        try:
            self._gateway.submit(order)
        except (GatewayError, UserInputError) as error:
            self._failed(error)
            lost: OrderEvent = AnswerLost(at=self._clock())
            batch.note(order.client_order_id, lost)

    def _replace(
        self, batch: Batch, name: str, quantity: Decimal, limit_price: Decimal | None, number: int
    ) -> None:
        self._asked[name] = self._clock()
        state = batch.state(name)
        if state is not None and self.may_submit(state.order):
            self._gateway.replace(name, quantity, limit_price, number)

    def _alarm(self, name: str, reason: str) -> None:
        self._controls.kill(self._site.actor, f"order {name}: {reason}")

    def _failed(self, error: GatewayError | UserInputError) -> None:
        """Whatever was in the air may be lost, so both books are compared again."""
        self.trouble = error.message
        self.must_reconcile = True
