"""Orders and execution for people: what is there, what became of it, how things stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from riskplatform.desk.executing import controls_of
from riskplatform.domain.codec import to_terms
from riskplatform.errors import UnknownNameError
from riskplatform.execution.blotter import Blotter
from riskplatform.execution.controls import CONTROLS, ControlState
from riskplatform.execution.order_journal import DECISIONS, ORDERS
from riskplatform.execution.order_state import ZERO, OrderState
from riskplatform.execution.recovery import RECONCILIATIONS

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.desk import Desk
    from riskplatform.store.ledger import Ledger, Recorded

_COLUMNS = ["client_order_id", "status", "side", "quantity", "filled", "average_price", "currency",
            "instrument_id", "portfolio_id", "approval_id", "slice", "attempt", "type",
            "limit_price", "gateway", "last_at", "reason"]  # fmt: skip
_LEAST_PREFIX = 4


@dataclass(frozen=True)
class OrderList:
    """Orders in the order of sending; quantities are positive, the side says which way."""

    orders: tuple[OrderState, ...]
    gateways: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.orders)

    def to_dict(self) -> dict[str, Any]:
        rows = self.to_frame().to_dict("records")
        return {"orders": [{key: to_terms(value) for key, value in row.items()} for row in rows]}

    def to_frame(self) -> pd.DataFrame:
        import pandas as pd

        rows = [self._row(state) for state in self.orders]
        return pd.DataFrame(rows, columns=_COLUMNS, dtype=object)

    def _row(self, state: OrderState) -> list[Any]:
        order, key = state.order, state.order.key
        price = state.average_price
        return [
            state.client_order_id, state.status.value, order.side.value, state.quantity,
            state.filled, price, order.currency, key.instrument_id, key.portfolio_id,
            key.approval_id, key.slice, key.attempt, order.order_type.value, state.limit_price,
            self.gateways[state.client_order_id], state.last_at, state.reason,
        ]  # fmt: skip

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


@dataclass(frozen=True)
class OrderHistory:
    """One order: what it is, and all that was said of it by the gate, by us and by the venue."""

    state: OrderState
    events: tuple[Recorded, ...]

    def to_frame(self) -> pd.DataFrame:
        import pandas as pd

        rows = []
        for each in self.events:
            what, words = _what_was_said(each)
            rows.append((each.recorded_at, each.body.get("at"), what, words, each.sequence))
        found = pd.DataFrame(rows, columns=["recorded_at", "at", "event", "said", "audit_entry"])
        for name in ("recorded_at", "at"):
            found[name] = pd.to_datetime(found[name], utc=True, format="ISO8601")
        return found

    def to_dict(self) -> dict[str, Any]:
        return {
            "order": to_terms(self.state.order),
            "status": self.state.status.value,
            "filled": to_terms(self.state.filled),
            "events": [
                {"stream": each.stream, "recorded_at": each.recorded_at.isoformat(),
                 "actor": each.actor, "audit_entry": each.sequence, **dict(each.body)}
                for each in self.events
            ],
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


def _what_was_said(said: Recorded) -> tuple[str, str]:
    """An event of an order in words: which it is, and the rest of it."""
    body = {key: value for key, value in said.body.items() if key not in _SHOWN_APART}
    what = str(said.body.get("event", ""))
    if said.stream == DECISIONS:
        asks = "" if "asks" not in body else f" {body['asks']}"
        what = f"gate: {body.get('verdict', 'decided')}{asks}"
        body = {"reason": body.get("reason", "")}
    elif said.stream == CONTROLS:
        what = f"{said.subject.partition('/')[0]}: {body.pop('action')}"
        body.pop("wish", None)
    return what, ", ".join(f"{key} {value}" for key, value in body.items() if value is not None)


_SHOWN_APART = ("event", "at", "order")


@dataclass(frozen=True)
class ExecutionStatus:
    """The switch, the plans and the orders, as the journal has them."""

    at: datetime
    control: ControlState
    plans: tuple[dict[str, Any], ...]
    counts: Mapping[str, int]
    reconciliations: Mapping[str, Mapping[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "control": self.control.to_dict(),
            "orders": dict(self.counts),
            "plans": list(self.plans),
            "reconciliations": {k: dict(v) for k, v in self.reconciliations.items()},
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per plan. ``held`` is what orders that ended, or got lost, may still fill: no
        other order is sent for it until the venue has said that they cannot."""
        import pandas as pd

        columns = ["approval_id", "portfolio_id", "instrument_id", "side", "quantity", "planned",
                   "filled", "open", "held", "orders", "algorithm"]  # fmt: skip
        return pd.DataFrame(list(self.plans), columns=columns)

    def _repr_html_(self) -> str:
        return f"<p>{self.control}</p>" + str(self.to_frame().to_html(index=False))


def blotter_of(ledger: Ledger) -> Blotter:
    """The book of orders as the journal has it now."""
    blotter = Blotter()
    blotter.follow(ledger.journal)
    return blotter


def orders(desk: Desk, *, is_open: bool, instrument_id: str | None) -> OrderList:
    blotter = blotter_of(desk.ledger)
    found = tuple(
        state
        for state in blotter.states.values()
        if (state.is_working or not is_open)
        and instrument_id in (None, state.order.key.instrument_id)
    )
    return OrderList(found, blotter.gateways)


def order(desk: Desk, client_order_id: str) -> OrderHistory:
    """By its id, or by the beginning of it when that names one order only."""
    journal = desk.ledger.journal
    said = journal.read(ORDERS, client_order_id)
    if not said:
        client_order_id = _named(client_order_id, journal.subjects(ORDERS))
        said = journal.read(ORDERS, client_order_id)
    blotter = Blotter()
    blotter.take(said)
    wishes = controls_of(desk).of_order(client_order_id)
    events = [*journal.read(DECISIONS, client_order_id), *said, *wishes]
    return OrderHistory(
        blotter.states[client_order_id], tuple(sorted(events, key=lambda each: each.row_key))
    )


def full_id(blotter: Blotter, given: str) -> str:
    return given if given in blotter.states else _named(given, blotter.states)


def _named(given: str, names: Collection[str]) -> str:
    """The only order whose id begins so."""
    starting = [name for name in names if name.startswith(given)]
    if len(starting) == 1 and len(given) >= _LEAST_PREFIX:
        return starting[0]
    raise UnknownNameError(
        "order", given, names, see="`riskplatform orders list` shows those that were sent."
    )


def status(desk: Desk) -> ExecutionStatus:
    blotter = blotter_of(desk.ledger)
    counts: dict[str, int] = {}
    for state in blotter.states.values():
        counts[state.status.value] = counts.get(state.status.value, 0) + 1
    plans = []
    for line, parent in blotter.parents.items():
        states = [blotter.states[name] for name in blotter.children[line]]
        is_open = sum((state.remaining for state in states), ZERO)
        plans.append(
            {
                "approval_id": parent.approval_id,
                "portfolio_id": parent.portfolio_id,
                "instrument_id": parent.instrument_id,
                "side": parent.side.value,
                "quantity": parent.quantity,
                "planned": parent.planned,
                "filled": blotter.filled[line],
                "open": is_open,
                "held": blotter.used[line] - blotter.filled[line] - is_open,
                "orders": len(states),
                "algorithm": parent.algorithm,
            }
        )
    said = {each.subject: each.body for each in desk.ledger.journal.latest(RECONCILIATIONS)}
    return ExecutionStatus(desk.now(), controls_of(desk).state(), tuple(plans), counts, said)
