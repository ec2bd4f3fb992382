"""The transitions of an order: a pure function ``(state, event) -> (state, effects)``.

``TRANSITIONS`` is the published table: which event may take an order from which status to which.
What is not in it leaves the status as it was; a test walks every sequence and finds exactly it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from riskplatform.domain.orders import Order
from riskplatform.errors import UserInputError
from riskplatform.execution.gateways.gateway import (
    Accepted,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    Rejected,
    Replaced,
    ReplaceRejected,
)
from riskplatform.execution.order_events import (
    AnswerLost,
    CancelAsked,
    NeverSeen,
    OrderEvent,
    ReplaceAsked,
    Sent,
    Told,
    Withdrawn,
    event_name,
)
from riskplatform.execution.order_state import OrderState, Status


@dataclass(frozen=True, slots=True)
class Submit:
    """Give the order to the gateway."""

    order: Order


@dataclass(frozen=True, slots=True)
class SendCancel:
    """Ask the gateway to cancel."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class SendReplace:
    """Ask the gateway for another total quantity and limit price, for the ``number``-th time."""

    client_order_id: str
    quantity: Decimal
    limit_price: Decimal | None
    number: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the venue what it knows of the order."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class Book:
    """Put the execution into the ledger."""

    order: Order
    fill: Filled


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a correct venue does not do; trading stops until it is looked at."""

    client_order_id: str
    reason: str


Effect = Submit | SendCancel | SendReplace | Ask | Book | Alarm


class Step(NamedTuple):
    """The state after an event, and what is to be done about it."""

    state: OrderState
    effects: tuple[Effect, ...] = ()


def advance(state: OrderState, event: OrderEvent) -> Step:
    """The order after ``event``. What was heard before changes nothing and asks for nothing."""
    if not state.is_sent and not isinstance(event, Sent):
        raise UserInputError(
            f"Order {state.client_order_id} was never sent, so it cannot be {event_name(event)}."
        )
    step = _RULES[type(event)](state, event)
    if step.state is state:
        return step
    last = event.at if state.last_at is None else max(state.last_at, event.at)
    return Step(replace(step.state, last_at=last), step.effects)


def _sent(state: OrderState, event: Sent) -> Step:
    if state.is_sent:
        return Step(state)
    return Step(replace(state, is_sent=True), (Submit(state.order),))


def _answer_lost(state: OrderState, event: AnswerLost) -> Step:
    if state.is_seen or state.is_lost or state.ended is not None or not state.is_sent:
        return Step(state)
    return Step(replace(state, is_lost=True), (Ask(state.client_order_id),))


def _never_seen(state: OrderState, event: NeverSeen) -> Step:
    if state.is_seen:
        return Step(state, (Alarm(state.client_order_id, "the venue forgot an order it had"),))
    if not state.is_lost:
        return Step(state)
    return Step(replace(state, is_lost=False), (Submit(state.order),))


def _withdrawn(state: OrderState, event: Withdrawn) -> Step:
    if not state.is_lost or state.ended is not None:
        return Step(state)
    return Step(
        replace(
            state, is_lost=False, is_withdrawn=True, ended=Status.CANCELLED, reason=event.reason
        )
    )


def _cancel_asked(state: OrderState, event: CancelAsked) -> Step:
    if not state.is_sent or state.is_terminal or state.is_cancelling:
        return Step(state)
    asked = replace(state, cancels_asked=state.cancels_asked + 1)
    return Step(asked, (SendCancel(state.client_order_id),))


def _replace_asked(state: OrderState, event: ReplaceAsked) -> Step:
    if not state.is_sent or state.is_terminal or state.is_cancelling or state.is_replacing:
        return Step(state)
    if event.quantity < state.filled or event.quantity <= 0:
        raise UserInputError(
            f"Order {state.client_order_id} was asked for a total of {event.quantity}, but "
            f"{state.filled} is filled.",
            hint="Ask for more than is filled, or cancel it.",
        )
    asked = replace(
        state,
        replaces_asked=state.replaces_asked + 1,
        replace_quantity=event.quantity,
        replace_price=event.limit_price,
        replace_at=event.at,
    )
    return Step(asked, (_replacement(asked),))


def _told(state: OrderState, event: Told) -> Step:
    """What the venue says now. It does not count executions: those come one by one."""
    seen = _seen(state, event.venue_order_id)
    if event.status != "open":
        # Only of an order that has ended is the total the last word.
        filled = max(event.filled, seen.venue_filled or Decimal(0))
        if filled != seen.venue_filled:
            seen = replace(seen, venue_filled=filled)
        return Step(_closed(seen, event))
    if seen.is_cancelling:
        # It is still open, so the cancel was lost or is under way: it may be asked again.
        seen = replace(seen, cancels_refused=seen.cancels_asked)
    if not seen.is_replacing:
        return Step(seen, _unwanted(seen))
    if _is_as_asked(seen, event.quantity, event.limit_price):
        seen = _with_terms(seen, event.quantity, event.limit_price, event.at)
        return Step(replace(seen, replaces_answered=seen.replaces_asked), _unwanted(seen))
    # Lost or under way: under its number it is taken once, however often it is sent.
    again = () if state.is_cancelling else (_replacement(seen),)
    return Step(seen, _unwanted(seen) or again)


def _closed(seen: OrderState, event: Told) -> OrderState:
    """The order as it ended at the venue, with the quantity that it ended with."""
    terms = (event.quantity, event.limit_price)
    if (seen.quantity, seen.limit_price) != terms:
        seen = _with_terms(seen, *terms, event.at)
    if seen.is_replacing:
        seen = replace(seen, replaces_answered=seen.replaces_asked)
    ends = {str(end): end for end in (Status.CANCELLED, Status.EXPIRED, Status.REJECTED)}
    end = ends.get(event.status)
    return seen if end is None or seen.ended is not None else replace(seen, ended=end)


def _accepted(state: OrderState, event: Accepted) -> Step:
    seen = _seen(state, event.venue_order_id)
    return Step(seen, () if seen is state else _unwanted(seen))


def _rejected(state: OrderState, event: Rejected) -> Step:
    return _end(state, Status.REJECTED, event.reason)


def _filled(state: OrderState, event: Filled) -> Step:
    if event.execution_id in state.executions:
        return Step(state)
    fees = dict(state.fees)
    if event.fee:
        fees[event.fee_currency] = fees.get(event.fee_currency, Decimal(0)) + event.fee
    after = replace(
        _seen(state, None),
        filled=state.filled + event.quantity,
        notional=state.notional + event.quantity * event.price,
        fees=tuple(sorted(fees.items())),
        executions=state.executions | {event.execution_id},
    )
    effects: tuple[Effect, ...] = (Book(state.order, event),)
    if after.filled > after.allowed:
        said = f"{after.filled} was filled of an order for {after.allowed}"
        effects += (Alarm(state.client_order_id, said),)
    return Step(after, effects)


def _cancelled(state: OrderState, event: Cancelled) -> Step:
    return _end(state, Status.CANCELLED, event.reason)


def _expired(state: OrderState, event: Expired) -> Step:
    return _end(state, Status.EXPIRED, "")


def _end(state: OrderState, end: Status, reason: str) -> Step:
    """The venue works it no more. What it filled in all is asked, for a fill may be under way."""
    if state.ended is not None:
        return Step(state)
    ended = replace(_seen(state, None), ended=end, reason=reason or state.reason)
    return Step(ended, () if ended.is_confirmed else (Ask(state.client_order_id),))


def _cancel_rejected(state: OrderState, event: CancelRejected) -> Step:
    heard = _heard(state, event.at, "cancel_rejected")
    if heard is None:
        return Step(state)
    return Step(replace(heard, cancels_refused=state.cancels_refused + 1))


def _replaced(state: OrderState, event: Replaced) -> Step:
    heard = _heard(_seen(state, None), event.at, "replaced")
    if heard is None:
        return Step(state)
    after = _with_terms(heard, event.quantity, event.limit_price, event.at)
    return Step(_answered(after, event))


def _replace_rejected(state: OrderState, event: ReplaceRejected) -> Step:
    heard = _heard(state, event.at, "replace_rejected")
    if heard is None:
        return Step(state)
    return Step(_answered(heard, event))


def _answered(state: OrderState, event: Replaced | ReplaceRejected) -> OrderState:
    """With the last request answered, unless what was heard is about one before it."""
    if event.number:
        is_last = event.number == state.replaces_asked
    else:
        is_last = state.replace_at is None or event.at >= state.replace_at
    return replace(state, replaces_answered=state.replaces_asked) if is_last else state


def _replacement(state: OrderState) -> SendReplace:
    assert state.replace_quantity is not None
    name, number = state.client_order_id, state.replaces_asked
    return SendReplace(name, state.replace_quantity, state.replace_price, number)


def _is_as_asked(state: OrderState, quantity: Decimal, limit_price: Decimal | None) -> bool:
    wanted = state.replace_price
    return quantity == state.replace_quantity and wanted in (None, limit_price)


def _heard(state: OrderState, at: datetime, what: str) -> OrderState | None:
    """The state that has heard of it; None when it is the same report again."""
    word = f"{what}@{at.isoformat()}"
    return None if word in state.heard else replace(state, heard=state.heard | {word})


def _seen(state: OrderState, venue_order_id: str | None) -> OrderState:
    """The state of an order that the venue surely has."""
    name = state.venue_order_id or venue_order_id
    if state.is_seen and name == state.venue_order_id:
        return state
    return replace(state, is_seen=True, is_lost=False, venue_order_id=name)


def _with_terms(
    state: OrderState, quantity: Decimal, limit_price: Decimal | None, at: datetime
) -> OrderState:
    """With the terms that were said last, whenever they were heard; none after all is filled."""
    is_old = state.terms_at is not None and at < state.terms_at
    if is_old or state.status is Status.FILLED:
        return state
    return replace(state, quantity=quantity, limit_price=limit_price, terms_at=at)


def _unwanted(state: OrderState) -> tuple[Effect, ...]:
    """An order that was withdrawn and reached the venue after all is cancelled there."""
    return (SendCancel(state.client_order_id),) if state.is_withdrawn else ()


_S = Status
_ENDS = {"cancelled": {_S.CANCELLED}, "expired": {_S.EXPIRED}, "rejected": {_S.REJECTED}}
_OVER = {_S.CANCELLED, _S.EXPIRED, _S.REJECTED}
_RESTING = {_S.ACCEPTED, _S.PARTIALLY_FILLED}
_ASKED = {_S.CANCEL_PENDING, _S.REPLACE_PENDING}
# A late fill is counted whatever was said before; so is the news that all of it was filled.
_AFTER_AN_END = {name: {_S.FILLED} for name in ("filled", "told", "replaced", "replace_rejected")}

TRANSITIONS: Mapping[Status, Mapping[str, set[Status]]] = {
    _S.NEW: {"sent": {_S.PENDING}},
    _S.PENDING: {
        **_ENDS,
        "accepted": {_S.ACCEPTED},
        "replaced": {_S.ACCEPTED},
        "filled": {_S.PARTIALLY_FILLED, _S.FILLED},
        "told": {_S.ACCEPTED} | _OVER,
        "answer_lost": {_S.UNKNOWN},
        "cancel_asked": {_S.CANCEL_PENDING},
        "replace_asked": {_S.REPLACE_PENDING},
    },
    _S.ACCEPTED: {
        **_ENDS,
        "filled": {_S.PARTIALLY_FILLED, _S.FILLED},
        "told": _OVER,
        "cancel_asked": {_S.CANCEL_PENDING},
        "replace_asked": {_S.REPLACE_PENDING},
    },
    _S.PARTIALLY_FILLED: {
        **_ENDS,
        "filled": {_S.FILLED},
        "replaced": {_S.FILLED},
        "told": {_S.FILLED} | _OVER,
        "cancel_asked": {_S.CANCEL_PENDING},
        "replace_asked": {_S.REPLACE_PENDING},
    },
    _S.FILLED: {},
    _S.CANCEL_PENDING: {
        **_ENDS,
        "filled": {_S.FILLED},
        "replaced": {_S.FILLED},
        "replace_rejected": {_S.FILLED},
        "cancel_rejected": {_S.PENDING, _S.REPLACE_PENDING} | _RESTING,
        "told": {_S.REPLACE_PENDING, _S.FILLED} | _RESTING | _OVER,
        "answer_lost": {_S.UNKNOWN},
    },
    _S.REPLACE_PENDING: {
        **_ENDS,
        "filled": {_S.FILLED},
        "replaced": {_S.FILLED} | _RESTING,
        "replace_rejected": {_S.PENDING, _S.FILLED} | _RESTING,
        "told": {_S.FILLED} | _RESTING | _OVER,
        "answer_lost": {_S.UNKNOWN},
        "cancel_asked": {_S.CANCEL_PENDING},
    },
    _S.CANCELLED: _AFTER_AN_END,
    _S.REJECTED: _AFTER_AN_END,
    _S.EXPIRED: _AFTER_AN_END,
    _S.UNKNOWN: {
        **_ENDS,
        "accepted": {_S.ACCEPTED} | _ASKED,
        "filled": {_S.FILLED, _S.PARTIALLY_FILLED} | _ASKED,
        "replaced": {_S.ACCEPTED, _S.CANCEL_PENDING},
        "told": {_S.ACCEPTED} | _ASKED | _OVER,
        "never_seen": {_S.PENDING} | _ASKED,
        "withdrawn": {_S.CANCELLED},
    },
}
"""The published table."""

_RULES: Mapping[type, Callable[[OrderState, Any], Step]] = {
    Sent: _sent,
    AnswerLost: _answer_lost,
    NeverSeen: _never_seen,
    Withdrawn: _withdrawn,
    CancelAsked: _cancel_asked,
    ReplaceAsked: _replace_asked,
    Told: _told,
    Accepted: _accepted,
    Rejected: _rejected,
    Filled: _filled,
    Cancelled: _cancelled,
    Expired: _expired,
    CancelRejected: _cancel_rejected,
    Replaced: _replaced,
    ReplaceRejected: _replace_rejected,
}
