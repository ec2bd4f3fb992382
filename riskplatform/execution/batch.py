"""Events that become durable together: orders, executions, bookings and decisions in one commit.

A batch decides on the state as it will be after it; nothing outside changes until it is written,
and what is to be done about it is given back only then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.orders import Order
from riskplatform.domain.transactions import Transaction
from riskplatform.errors import ConflictError, UnknownNameError
from riskplatform.execution.blotter import Blotter, Change
from riskplatform.execution.booking import AccruedPerUnit, transactions_of
from riskplatform.execution.order_events import OrderEvent, Sent
from riskplatform.execution.order_journal import (
    DECISIONS,
    EXECUTIONS,
    ORDERS,
    event_body,
    execution_body,
    execution_subject,
    sent_body,
)
from riskplatform.execution.order_state import OrderState
from riskplatform.execution.transitions import Book, Effect, advance
from riskplatform.store.ledger import Event, Ledger


@dataclass(frozen=True, slots=True)
class Site:
    """What a batch writes to and needs to know."""

    ledger: Ledger
    blotter: Blotter
    gateway: str
    actor: str
    instruments: Mapping[str, Instrument]
    accrued_per_unit: AccruedPerUnit | None = None


class Batch:
    """Some events, not yet written."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._states: dict[str, OrderState] = {}
        self._positions: dict[tuple[str, str], int] = {}
        self._events: list[Event] = []
        self._transactions: list[Transaction] = []
        self.effects: list[Effect] = []
        self.changes: list[Change] = []
        """What changed, once it is written."""

    def state(self, name: str) -> OrderState | None:
        return self._states.get(name) or self._site.blotter.states.get(name)

    def intend(self, order: Order, event: Sent) -> None:
        """A new order; its first event holds the whole of it."""
        if self.state(order.client_order_id) is not None:
            raise ConflictError(f"Order {order.client_order_id} was sent before.")
        body = sent_body(order, self._site.gateway, event)
        self._note(OrderState.of(order), event, body)

    def note(self, name: str, event: OrderEvent) -> None:
        """What happened to an order; what was heard before leaves no trace."""
        state = self.state(name)
        if state is None:
            raise UnknownNameError("order", name, self._site.blotter.states)
        self._note(state, event, event_body(event))

    def decide(self, name: str, body: Mapping[str, Any]) -> None:
        """What the gate said of an order."""
        self._put(DECISIONS, name, body)

    def add(self, event: Event) -> None:
        """Anything else that must become durable together with it."""
        self._events.append(event)

    def _note(self, before: OrderState, event: OrderEvent, body: Mapping[str, Any]) -> None:
        step = advance(before, event)
        if step.state is not before:
            name = before.client_order_id
            self._states[name] = step.state
            self._put(ORDERS, name, body)
        for effect in step.effects:
            if isinstance(effect, Book):
                self._book(effect)
            else:
                self.effects.append(effect)

    def _book(self, effect: Book) -> None:
        site, order = self._site, effect.order
        instrument = site.instruments.get(order.key.instrument_id)
        if instrument is None:
            raise UnknownNameError("instrument", order.key.instrument_id, site.instruments)
        told = transactions_of(order, effect.fill, instrument, site.gateway, site.accrued_per_unit)
        self._transactions += told
        subject = execution_subject(site.gateway, effect.fill.execution_id)
        body = execution_body(order, effect.fill, [each.transaction_id for each in told])
        self._events.append(Event(EXECUTIONS, subject, 0, body))

    def _put(self, stream: str, subject: str, body: Mapping[str, Any]) -> None:
        place = (stream, subject)
        if place not in self._positions:
            known = self._site.blotter.next_position.get(subject, 0)
            if stream == DECISIONS:
                known = len(self._site.ledger.journal.read(stream, subject))
            self._positions[place] = known
        self._events.append(Event(stream, subject, self._positions[place], body))
        self._positions[place] += 1

    def commit(self) -> list[Effect]:
        """Write all of it or nothing, and say what is to be done now."""
        if not self._events:
            return self.effects
        ledger, actor = self._site.ledger, self._site.actor
        with ledger.transaction():
            recorded = ledger.journal.append(self._events, actor=actor, action="order events")
            if self._transactions:
                ledger.append(
                    self._transactions, actor=actor, reason=f"executions at {self._site.gateway}"
                )
        self.changes = self._site.blotter.take(recorded)
        return self.effects
