"""The book of orders: the fold of the journal, followed from row to row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from riskplatform.domain.codec import from_terms
from riskplatform.domain.orders import Order
from riskplatform.execution.gateways.gateway import Filled
from riskplatform.execution.order_events import OrderEvent
from riskplatform.execution.order_journal import ORDERS, PARENTS, event_from
from riskplatform.execution.order_state import ZERO, OrderState, Status
from riskplatform.execution.parents import Line, Parent, line_of
from riskplatform.execution.transitions import advance
from riskplatform.store.ledger import Journal, Recorded

WAITING = frozenset({Status.PENDING, Status.UNKNOWN, Status.CANCEL_PENDING, Status.REPLACE_PENDING})


Change = tuple[OrderState, OrderEvent, OrderState]
"""An order before an event, the event, and the order after it."""


def _numbers() -> dict[Line, Decimal]:
    return defaultdict(lambda: ZERO)


@dataclass(slots=True)
class Blotter:
    """Every order that the journal knows.

    ``working`` are those not known to have ended, ``waiting`` those whose venue owes an answer or
    the last fills. ``held`` is what the executions of each gateway add up to, by portfolio and
    instrument; ``used`` and ``filled`` are sums over the children of a parent; ``attempts`` has the
    next free number of each slice.
    """

    states: dict[str, OrderState] = field(default_factory=dict)
    gateways: dict[str, str] = field(default_factory=dict)
    parents: dict[Line, Parent] = field(default_factory=dict)
    planned: dict[Line, Decimal] = field(default_factory=dict)
    children: dict[Line, list[str]] = field(default_factory=lambda: defaultdict(list))
    attempts: dict[tuple[Line, int], int] = field(default_factory=lambda: defaultdict(int))
    working: dict[str, None] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    held: dict[str, dict[tuple[str, str], Decimal]] = field(default_factory=dict)
    used: dict[Line, Decimal] = field(default_factory=_numbers)
    filled: dict[Line, Decimal] = field(default_factory=_numbers)
    next_position: dict[str, int] = field(default_factory=dict)
    _read_to: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def follow(self, journal: Journal) -> list[Change]:
        """Read on from where it was; what changed."""
        self.follow_stream(journal, PARENTS)
        return self.follow_stream(journal, ORDERS)

    def follow_stream(self, journal: Journal, stream: str) -> list[Change]:
        found = journal.since(self._read_to[stream], stream=stream)
        changes = self.take(found)
        if found:
            self._read_to[stream] = found[-1].row_key
        return changes

    def take(self, recorded: Iterable[Recorded]) -> list[Change]:
        """Add events that were recorded; those that it has already change nothing."""
        changes = []
        for each in recorded:
            if each.stream == PARENTS and each.position == 0:
                parent = Parent.from_dict(each.body["plan"])
                self.parents[parent.line] = parent
                self.planned[parent.line] = parent.planned
            elif each.stream == ORDERS and each.position >= self.next_position.get(each.subject, 0):
                changes.append(self._take_order(each))
        return changes

    def _take_order(self, each: Recorded) -> Change:
        name = each.subject
        if each.position == 0:
            self._begin(name, from_terms(Order, each.body["order"]), str(each.body["gateway"]))
        before, event = self.states[name], event_from(name, each.body)
        after = advance(before, event).state
        self.states[name] = after
        self.next_position[name] = each.position + 1
        line = line_of(after.order)
        sent_before = before.committed if before.is_sent else ZERO
        self.used[line] += after.committed - sent_before
        self.filled[line] += after.filled - before.filled
        if isinstance(event, Filled):
            key = (after.order.key.portfolio_id, after.order.key.instrument_id)
            held = self.held.setdefault(self.gateways[name], {})
            more = after.side.sign * (after.filled - before.filled)
            held[key] = held.get(key, ZERO) + more
        self._index(name, after)
        return before, event, after

    def _begin(self, name: str, order: Order, gateway: str) -> None:
        self.states[name] = OrderState.of(order)
        self.gateways[name] = gateway
        line = line_of(order)
        self.children[line].append(name)
        place = (line, order.key.slice)
        self.attempts[place] = max(self.attempts[place], order.key.attempt + 1)

    def _index(self, name: str, state: OrderState) -> None:
        is_over = state.is_terminal
        owes = state.status in WAITING or (is_over and not state.is_confirmed)
        for index, belongs in ((self.working, not is_over), (self.waiting, owes)):
            if belongs:
                index[name] = None
            else:
                index.pop(name, None)

    def open(self) -> list[OrderState]:
        """Orders that were sent and are not known to have ended, in the order of sending."""
        return [self.states[name] for name in self.working]

    def committed(self, line: Line) -> Decimal:
        """What the children of a parent may have used up of it, added up anew."""
        return sum((self.states[name].committed for name in self.children[line]), ZERO)
