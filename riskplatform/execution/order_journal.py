"""Orders in the ledger's journal: what is written of an event, and the event read back.

Stream ``order``: one subject per client order id; its first event is the intent with the whole
order. Stream ``execution``: one subject per execution, whose only place makes it booked once.
Stream ``parent``: the plans. Stream ``gate``: what the gate said. Stream ``market``: one subject
per parent, whose last event says what its market traded from the first order to the last
execution. Stream ``close``: one subject per instrument and day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.domain.orders import Order
from riskplatform.errors import DamagedStoreError
from riskplatform.execution.gateways.gateway import Filled
from riskplatform.execution.order_events import EVENT_NAMES, OrderEvent, Sent, event_name
from riskplatform.execution.parents import Parent
from riskplatform.store.ledger import Event

ORDERS = "order"
EXECUTIONS = "execution"
PARENTS = "parent"
DECISIONS = "gate"
MARKET = "market"
CLOSES = "close"
TRADING = (ORDERS, EXECUTIONS, PARENTS, DECISIONS, MARKET, CLOSES)
"""Every stream that trading is told in."""

_KINDS = {name: kind for kind, name in EVENT_NAMES.items()}


def event_body(event: OrderEvent) -> dict[str, Any]:
    """An event as the journal keeps it; the order's id is the subject and is left out."""
    terms = to_terms(event)
    terms.pop("client_order_id", None)
    return {"event": event_name(event), **terms}


def sent_body(order: Order, gateway: str, event: Sent) -> dict[str, Any]:
    """The intent, whole: with it alone the order can be sent after a crash."""
    return {**event_body(event), "gateway": gateway, "order": to_terms(order)}


def event_from(client_order_id: str, body: Mapping[str, Any]) -> OrderEvent:
    """The event that a body tells of."""
    terms = {key: value for key, value in body.items() if key not in _NOT_OF_THE_EVENT}
    kind = _KINDS.get(str(body.get("event")))
    if kind is None:
        raise DamagedStoreError(
            f"Order {client_order_id} has an event {body.get('event')!r} in the journal, which "
            "this version does not know."
        )
    if kind not in _OWN:
        terms["client_order_id"] = client_order_id
    event: OrderEvent = from_terms(kind, terms)
    return event


_NOT_OF_THE_EVENT = frozenset({"event", "gateway", "order"})
_OWN = frozenset(
    kind for kind in EVENT_NAMES if "client_order_id" not in {each.name for each in fields(kind)}
)


def execution_subject(gateway: str, execution_id: str) -> str:
    """An execution's id is unique at its venue only."""
    return f"{gateway}/{execution_id}"


def execution_body(order: Order, fill: Filled, transaction_ids: Iterable[str]) -> dict[str, Any]:
    """All that a reader of executions needs, without looking for the order."""
    return {
        **to_terms(fill),
        **to_terms(order.key),
        "side": order.side.value,
        "currency": order.currency,
        "transactions": list(transaction_ids),
    }


def parent_event(parent: Parent) -> Event:
    """The plan; the same approval and line can have one only."""
    return Event(PARENTS, parent.name, 0, {"plan": parent.to_dict()})
