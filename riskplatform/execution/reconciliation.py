"""Our book against the venue's: what differs, with both sides. Pure; nothing is repaired here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from riskplatform.execution.gateways.gateway import Filled, VenueOrder
from riskplatform.execution.order_state import ZERO, OrderState

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["kind", "subject", "ours", "venues", "reason"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two books do not agree on."""

    kind: str
    subject: str
    ours: str
    venues: str
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _COLUMNS}

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: here {self.ours}, at the venue {self.venues}"


class _Told:
    """What results of comparing share."""

    differences: tuple[Difference, ...]

    @property
    def is_clean(self) -> bool:
        return not self.differences

    def to_frame(self) -> pd.DataFrame:
        """One row per difference."""
        import pandas as pd

        return pd.DataFrame([each.to_dict() for each in self.differences], columns=_COLUMNS)

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>" + str(self.to_frame().to_html(index=False))


@dataclass(frozen=True)
class Reconciliation(_Told):
    """Open orders, executions and positions compared at one moment."""

    gateway: str
    at: datetime
    open_orders: int
    executions: int
    positions: int
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "gateway": self.gateway,
            "at": self.at.isoformat(),
            "is_clean": self.is_clean,
            "open_orders": self.open_orders,
            "executions": self.executions,
            "positions": self.positions,
            "differences": [each.to_dict() for each in self.differences],
        }

    def __str__(self) -> str:
        found = f"{len(self.differences)} differences" if self.differences else "nothing differs"
        return (
            f"{self.gateway} at {self.at:%Y-%m-%d %H:%M:%S}: {found} in {self.open_orders} open "
            f"orders, {self.executions} executions and {self.positions} positions"
        )


def compare(
    gateway: str,
    at: datetime,
    *,
    states: Mapping[str, OrderState],
    open_names: Iterable[str],
    held: Mapping[tuple[str, str], Decimal],
    venue_orders: Iterable[VenueOrder],
    venue_executions: Iterable[Filled],
    venue_positions: Mapping[tuple[str, str], Decimal],
) -> Reconciliation:
    """What differs. Orders whose fate is being asked count as open on either side."""
    theirs = {order.order.client_order_id: order for order in venue_orders}
    executions = list(venue_executions)
    ours = set(open_names)
    found = [
        *_of_orders(states, ours, theirs),
        *_of_executions(states, executions),
        *_of_positions(held, venue_positions),
    ]
    lines = {key for key, quantity in (dict(held) | dict(venue_positions)).items() if quantity}
    return Reconciliation(
        gateway, at, len(ours | set(theirs)), len(executions), len(lines), tuple(found)
    )


def _of_orders(
    states: Mapping[str, OrderState], ours: set[str], theirs: Mapping[str, VenueOrder]
) -> Iterable[Difference]:
    for name, order in theirs.items():
        state = states.get(name)
        if state is None:
            yield Difference("order", name, "not known", _words(order), "it is not ours")
        elif state.is_terminal:
            yield Difference("order", name, state.status.value, _words(order))
        elif state.is_seen and state.filled > order.filled:
            said = f"{state.filled} filled"
            yield Difference("order", name, said, _words(order), "more was booked than filled")
    for name in sorted(ours - set(theirs)):
        state = states[name]
        if state.is_seen:
            yield Difference("order", name, state.status.value, "not open")


def _words(order: VenueOrder) -> str:
    return f"{order.status}, {order.filled} of {order.order.quantity} filled"


def _of_executions(
    states: Mapping[str, OrderState], executions: Iterable[Filled]
) -> Iterable[Difference]:
    for fill in executions:
        state = states.get(fill.client_order_id)
        said = f"{fill.quantity} at {fill.price} of order {fill.client_order_id}"
        if state is None:
            yield Difference(
                "execution", fill.execution_id, "not known", said, "its order is not ours"
            )
        elif fill.execution_id not in state.executions:
            yield Difference("execution", fill.execution_id, "not booked", said)


def _of_positions(
    held: Mapping[tuple[str, str], Decimal], theirs: Mapping[tuple[str, str], Decimal]
) -> Iterable[Difference]:
    for key in sorted(set(held) | set(theirs)):
        mine, other = held.get(key, ZERO), theirs.get(key, ZERO)
        if mine != other:
            yield Difference("position", "/".join(key), str(mine), str(other))


@dataclass(frozen=True)
class StatementMatch(_Told):
    """The venue's statement of a day against what was booked; each difference is a break."""

    gateway: str
    day: date
    executions: int
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "gateway": self.gateway,
            "day": self.day.isoformat(),
            "is_clean": self.is_clean,
            "executions": self.executions,
            "differences": [each.to_dict() for each in self.differences],
        }

    def __str__(self) -> str:
        found = f"{len(self.differences)} breaks" if self.differences else "no break"
        return f"{self.gateway} on {self.day}: {found} in {self.executions} executions"


def match_statement(
    gateway: str,
    day: date,
    statement: Iterable[Filled],
    booked: Mapping[str, Filled],
    in_ledger: Mapping[str, Decimal],
) -> StatementMatch:
    """Match by execution id. ``booked`` is the journal's view, ``in_ledger`` the quantity that
    the ledger's transaction of each execution moves (positive)."""
    theirs = {fill.execution_id: fill for fill in statement}
    found = []
    for name in sorted(set(theirs) | set(booked)):
        mine, other = booked.get(name), theirs.get(name)
        if mine is None or other is None:
            found.append(Difference("execution", name, _fill(mine), _fill(other)))
            continue
        for term in ("client_order_id", "quantity", "price", "fee", "fee_currency"):
            if getattr(mine, term) != getattr(other, term):
                found.append(
                    Difference(term, name, str(getattr(mine, term)), str(getattr(other, term)))
                )
        if in_ledger.get(name) != mine.quantity:
            moved = in_ledger.get(name)
            said = "nothing" if moved is None else str(moved)
            found.append(
                Difference("ledger", name, said, str(mine.quantity), "the ledger's transaction")
            )
    return StatementMatch(gateway, day, len(set(theirs) | set(booked)), tuple(found))


def _fill(fill: Filled | None) -> str:
    return "none" if fill is None else f"{fill.quantity} at {fill.price}"
