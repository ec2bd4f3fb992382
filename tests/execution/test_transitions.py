"""Orders: the published table is what the function does; no order of reports changes the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.execution.gateways.gateway import (
    Accepted,
    Cancelled,
    CancelRejected,
    Expired,
    Rejected,
    Replaced,
    ReplaceRejected,
    Report,
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
from riskplatform.execution.order_state import TERMINAL, OrderState, Status
from riskplatform.execution.transitions import (
    TRANSITIONS,
    Alarm,
    Ask,
    Book,
    SendCancel,
    SendReplace,
    Submit,
    advance,
)
from tests.execution.order_builders import D, at, fill, order

ORDER = order(2)
ID = ORDER.client_order_id
NOW = at(0)


def told(status: str, quantity: int, filled: int) -> Told:
    return Told(
        at=NOW, venue_order_id="v", status=status, quantity=D(quantity), filled=D(filled)
    )  # fmt: skip


EVERY_EVENT: list[OrderEvent] = [
    Sent(at=NOW), AnswerLost(at=NOW), NeverSeen(at=NOW), Withdrawn(at=NOW, reason="over"),
    CancelAsked(at=NOW), ReplaceAsked(at=NOW, quantity=D(3)), ReplaceAsked(at=NOW, quantity=D(1)),
    told("open", 2, 0), told("open", 3, 0), told("open", 1, 0), told("cancelled", 2, 1),
    told("expired", 2, 1), told("rejected", 2, 0), told("filled", 2, 2), told("filled", 3, 3),
    Accepted(client_order_id=ID, venue_order_id="v", at=NOW),
    Rejected(client_order_id=ID, reason="no", at=NOW),
    fill(ORDER, "a", 1), fill(ORDER, "b", 1), fill(ORDER, "c", 2),
    Cancelled(client_order_id=ID, at=NOW), Expired(client_order_id=ID, at=NOW),
    CancelRejected(client_order_id=ID, reason="late", at=NOW),
    Replaced(client_order_id=ID, quantity=D(3), limit_price=None, at=NOW),
    Replaced(client_order_id=ID, quantity=D(1), limit_price=None, at=NOW),
    ReplaceRejected(client_order_id=ID, reason="late", at=NOW),
]  # fmt: skip


def told_apart(state: OrderState) -> Any:
    """States that no event can tell apart; the moments and counts of the past do not matter."""
    return replace(
        state, heard=frozenset(), terms_at=None, last_at=None, reason="", notional=D(0),
        cancels_asked=int(state.is_cancelling), cancels_refused=0, venue_order_id=None,
        replaces_asked=int(state.is_replacing), replaces_answered=0, replace_price=None,
        replace_at=None,
        replace_quantity=state.replace_quantity if state.is_replacing else None,
    )  # fmt: skip


def walk() -> dict[tuple[Status, str], set[Status]]:
    """Every change of status that any sequence of events can bring about."""
    start = OrderState.of(ORDER)
    known, front, clock = {told_apart(start)}, [start], 0
    found: dict[tuple[Status, str], set[Status]] = {}
    while front:
        fresh = []
        for state in front:
            for event in EVERY_EVENT:
                clock += 1
                try:
                    after = advance(state, replace(event, at=at(clock))).state
                except UserInputError:
                    continue
                if after.status is not state.status:
                    found.setdefault((state.status, event_name(event)), set()).add(after.status)
                if told_apart(after) not in known:
                    known.add(told_apart(after))
                    fresh.append(after)
        front = fresh
    return found


@pytest.mark.slow
def test_the_published_table_is_what_the_function_does() -> None:
    """Both ways: nothing happens that is not published, nothing is published that cannot be."""
    published = {
        (status, name): ends for status, row in TRANSITIONS.items() for name, ends in row.items()
    }
    assert walk() == published
    assert set(TRANSITIONS) == set(Status)
    for end in TERMINAL:
        assert set().union(*TRANSITIONS[end].values()) <= {Status.FILLED}
    assert not TRANSITIONS[Status.FILLED]


def play(events: Sequence[OrderEvent], of: OrderState | None = None) -> OrderState:
    state = of or OrderState.of(ORDER)
    for event in events:
        state = advance(state, event).state
    return state


def sent(quantity: int = 100) -> OrderState:
    return play([Sent(at=NOW)], OrderState.of(order(quantity)))


def test_an_order_from_intent_to_the_last_fill() -> None:
    whole = order(100)
    step = advance(OrderState.of(whole), Sent(at=NOW))
    assert step.effects == (Submit(whole),)
    state = play([Accepted(client_order_id=whole.client_order_id, venue_order_id="V1", at=at(1))],
                 step.state)  # fmt: skip
    assert (state.status, state.venue_order_id) == (Status.ACCEPTED, "V1")
    first = fill(whole, "e1", 40, 10, fee=D("0.40"))
    step = advance(state, first)
    assert step.effects == (Book(whole, first),)
    state = advance(step.state, fill(whole, "e2", 60, 11, fee=D("0.60"))).state
    assert state.status is Status.FILLED
    # (40 × 10 + 60 × 11) / 100
    assert state.average_price == D("10.6")
    assert state.fees == (("USD", D("1.00")),)
    assert state.committed == 100
    assert state.remaining == 0


def test_the_same_execution_twice_is_booked_once() -> None:
    state = sent()
    once = advance(state, fill(state.order, "e1", 40)).state
    again = advance(once, fill(state.order, "e1", 40))
    assert again.state is once
    assert again.effects == ()
    assert advance(once, fill(state.order, "e2", 40)).state.filled == 80


def test_a_fill_before_the_accept_and_one_after_the_cancel() -> None:
    state = play([fill(sent().order, "e1", 30)], sent())
    assert state.status is Status.PARTIALLY_FILLED
    name = state.client_order_id
    state = play([Accepted(client_order_id=name, venue_order_id="V", at=at(2))], state)
    assert state.status is Status.PARTIALLY_FILLED
    step = advance(state, Cancelled(client_order_id=name, at=at(3)))
    # How much was filled in all is asked before the rest is given to another order.
    assert step.effects == (Ask(name),)
    assert (step.state.status, step.state.committed) == (Status.CANCELLED, D(100))
    answer = Told(
        at=at(4), venue_order_id="V", status="cancelled", quantity=D(100), filled=D(50)
    )  # fmt: skip
    state = advance(step.state, answer).state
    assert (state.is_confirmed, state.committed) == (False, D(100))
    late = fill(state.order, "e2", 20)
    step = advance(state, late)
    assert step.effects == (Book(state.order, late),)
    assert (step.state.status, step.state.filled) == (Status.CANCELLED, D(50))
    assert (step.state.is_confirmed, step.state.committed) == (True, D(50))


def test_a_cancel_that_comes_too_late() -> None:
    step = advance(sent(), CancelAsked(at=at(1), reason="kill"))
    name = step.state.client_order_id
    assert step.effects == (SendCancel(name),)
    assert step.state.status is Status.CANCEL_PENDING
    assert advance(step.state, CancelAsked(at=at(2))).effects == ()
    state = play(
        [fill(step.state.order, "e1", 100), CancelRejected(client_order_id=name, reason="filled",
                                                           at=at(3))],
        step.state,
    )  # fmt: skip
    assert state.status is Status.FILLED


def test_a_replace_that_loses_to_a_fill() -> None:
    step = advance(sent(), ReplaceAsked(at=at(1), quantity=D(150)))
    name = step.state.client_order_id
    assert step.effects == (SendReplace(name, D(150), None, 1),)
    filled = advance(step.state, fill(step.state.order, "e1", 100)).state
    # All of the old quantity; whether there is more is not known yet.
    assert (filled.status, filled.committed) == (Status.REPLACE_PENDING, D(150))
    lost = play([ReplaceRejected(client_order_id=name, reason="filled", at=at(3))], filled)
    assert (lost.status, lost.committed) == (Status.FILLED, D(100))
    won = play(
        [Replaced(client_order_id=name, quantity=D(150), limit_price=None, at=at(3))], filled
    )
    assert (won.status, won.remaining) == (Status.PARTIALLY_FILLED, D(50))


def test_a_replace_below_what_is_filled_is_refused() -> None:
    state = play([fill(sent().order, "e1", 60)], sent())
    with pytest.raises(UserInputError, match="asked for a total of 50, but 60 is filled"):
        advance(state, ReplaceAsked(at=at(1), quantity=D(50)))


def test_a_lost_answer_is_asked_and_sent_again_only_if_never_seen() -> None:
    step = advance(sent(), AnswerLost(at=at(1)))
    assert (step.state.status, step.effects) == (
        Status.UNKNOWN, (Ask(step.state.client_order_id),)
    )  # fmt: skip
    again = advance(step.state, NeverSeen(at=at(2)))
    assert (again.state.status, again.effects) == (Status.PENDING, (Submit(step.state.order),))
    known = advance(
        step.state, Told(at=at(2), venue_order_id="V", status="open", quantity=D(100), filled=D(0))
    )
    assert (known.state.status, known.effects) == (Status.ACCEPTED, ())
    assert isinstance(advance(known.state, NeverSeen(at=at(3))).effects[0], Alarm)


def test_a_withdrawn_order_that_arrives_after_all_is_cancelled_there() -> None:
    state = play([AnswerLost(at=at(1)), Withdrawn(at=at(2), reason="over")], sent())
    assert (state.status, state.committed) == (Status.CANCELLED, D(100))
    name = state.client_order_id
    step = advance(state, Accepted(client_order_id=name, venue_order_id="V", at=at(3)))
    assert step.effects == (SendCancel(name),)
    assert step.state.status is Status.CANCELLED


def test_the_total_of_an_order_that_is_open_is_not_its_last() -> None:
    """Ten were filled when it was asked about, more until it was cancelled."""
    name = sent().client_order_id
    is_open = Told(at=at(1), venue_order_id="V", status="open", quantity=D(100), filled=D(10))
    state = play([is_open, fill(sent().order, "e1", 10)], sent())
    step = advance(state, Cancelled(client_order_id=name, at=at(3)))
    assert step.effects == (Ask(name),)
    assert not step.state.is_confirmed
    # One that was withdrawn and is open at the venue after all may be filled there.
    late = play([AnswerLost(at=at(1)), Withdrawn(at=at(2), reason="over"), is_open], sent())
    assert (late.is_confirmed, late.committed) == (False, D(100))
    told_end = Told(at=at(5), venue_order_id="V", status="filled", quantity=D(100), filled=D(100))
    over = play([told_end], late)
    assert (over.is_confirmed, over.committed) == (False, D(100))
    assert play([fill(sent().order, "e1", 100)], over).status is Status.FILLED


def test_more_than_was_asked_is_counted_and_raises_the_alarm() -> None:
    step = advance(sent(10), fill(sent(10).order, "e1", 15))
    assert step.state.filled == 15
    assert [type(effect) for effect in step.effects] == [Book, Alarm]


def test_what_was_never_sent_has_no_reports() -> None:
    with pytest.raises(UserInputError, match="was never sent, so it cannot be accepted"):
        play([Accepted(client_order_id=ID, venue_order_id="V", at=NOW)])


class TrueVenue:
    """What a correct venue reports of one order; ``draw`` decides what happens next."""

    def __init__(self, of: OrderState, draw: Any) -> None:
        self.order, self.draw = of.order, draw
        self.quantity, self.filled, self.reports = of.quantity, D(0), list[Report]()
        self.cancel, self.replacement = of.is_cancelling, of.replace_quantity
        self.clock = 10

    def now(self) -> Any:
        self.clock += 1
        return at(self.clock)

    def run(self) -> None:
        name = self.order.client_order_id
        if self.draw(st.integers(0, 9)) == 0:
            self.reports.append(Rejected(client_order_id=name, reason="no", at=self.now()))
            return
        self.reports.append(Accepted(client_order_id=name, venue_order_id="V", at=self.now()))
        while self.filled < self.quantity:
            match self.draw(st.sampled_from(("fill", "fill", "cancel", "replace", "expire"))):
                case "fill":
                    self._fill()
                case "cancel" if self.cancel:
                    self.reports.append(Cancelled(client_order_id=name, at=self.now()))
                    return
                case "expire":
                    self.reports.append(Expired(client_order_id=name, at=self.now()))
                    return
                case "replace" if self.replacement is not None:
                    self._replace(name, self.replacement)
        self._too_late(name)

    def _fill(self) -> None:
        size = self.draw(st.integers(1, int(self.quantity - self.filled)))
        self.filled += size
        self.reports.append(fill(self.order, f"e{self.clock}", size, self.draw(st.integers(1, 99)),
                                 at=self.now()))  # fmt: skip

    def _replace(self, name: str, quantity: Decimal) -> None:
        self.replacement = None
        if quantity < self.filled:
            self.reports.append(ReplaceRejected(client_order_id=name, reason="", at=self.now()))
            return
        self.quantity = quantity
        self.reports.append(
            Replaced(client_order_id=name, quantity=quantity, limit_price=None, at=self.now())
        )

    def _too_late(self, name: str) -> None:
        if self.replacement is not None:
            self.reports.append(ReplaceRejected(client_order_id=name, reason="", at=self.now()))
        if self.cancel:
            self.reports.append(CancelRejected(client_order_id=name, reason="", at=self.now()))


@given(st.data())
def test_any_order_of_a_true_stream_ends_in_the_same_state(data: st.DataObject) -> None:
    quantity = data.draw(st.integers(1, 12))
    start = sent(quantity)
    if data.draw(st.booleans()):
        start = play([ReplaceAsked(at=at(1), quantity=D(data.draw(st.integers(1, 15))))], start)
    if data.draw(st.booleans()):
        start = play([CancelAsked(at=at(2))], start)
    venue = TrueVenue(start, data.draw)
    venue.run()
    straight = play(venue.reports, start)
    shuffled = data.draw(st.permutations(venue.reports + data.draw(
        st.lists(st.sampled_from(venue.reports), max_size=6))))  # fmt: skip
    state = start
    for report in shuffled:
        before = state
        step = advance(state, report)
        state = step.state
        assert not any(isinstance(effect, Alarm) for effect in step.effects)
        if before.is_terminal and state.status is not before.status:
            assert state.status is Status.FILLED
            assert state.filled == state.quantity
        assert state.filled <= max(D(quantity), start.replace_quantity or D(0))
    assert state == straight
    assert (state.filled, state.quantity) == (venue.filled, venue.quantity)
    assert state.is_terminal
    booked = [report for report in venue.reports if isinstance(report, type(fill(ORDER, "x", 1)))]
    assert state.filled == sum(report.quantity for report in booked)
    assert state.executions == {report.execution_id for report in booked}
