"""A line that was stopped goes on once a named person released it in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.domain.orders import Order, Side
from riskplatform.errors import NotAllowedError, UserInputError
from riskplatform.execution.gate import Gate, Release, rules_of
from riskplatform.execution.gate.releases import record_release, release_reader, releases
from riskplatform.execution.order_events import Sent
from riskplatform.execution.order_journal import ORDERS, sent_body
from riskplatform.risk.limits import LimitBook
from riskplatform.store.ledger import Event, Ledger
from tests.execution.gate.gate_desk import (
    INSTRUMENTS,
    NOW,
    PRICES,
    WIDE,
    approval,
    later,
    order,
    quote,
    small_book,
)

RULES = rules_of(
    "repeats: {at_most: 3, released_by: [anna]}\n"
    "size: {volume_share: 1000000}\nday: {volume_share: 1000000}\n"
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.create(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield made
    made.close()


def gate_of(ledger: Ledger) -> Gate:
    limits = LimitBook.of([WIDE], small_book())
    gate = Gate(limits, INSTRUMENTS, RULES, release_reader(ledger.journal))
    gate.approve(approval({("growth", "AAA"): 1_000_000}))
    gate.quoted(quote(name, price) for name, price in PRICES.items())
    return gate


def send(gate: Gate, ledger: Ledger, number: int) -> Order:
    """Through the gate and into the journal, as the engine does."""
    sent, at = order(quantity=10 + number, slice=number), later(number)
    body = sent_body(sent, "PV", Sent(at=at))
    ledger.journal.append(
        [Event(ORDERS, sent.client_order_id, 0, body)], actor="engine", action="order events"
    )
    gate.sent(sent, at)
    return sent


def release(ledger: Ledger, at: float, person: str = "anna", reason: str = "looked") -> Release:
    return record_release(
        ledger.journal, "growth", "AAA", Side.BUY, person=person, reason=reason, at=later(at),
        rule=RULES.repeats,
    )  # fmt: skip


def may_go(gate: Gate) -> bool:
    said = gate.judge(order(slice=900), later(14.5))
    assert {each.check for each in said.worst} <= {"repeats"}, said.reason
    return said.is_allowed


def test_the_gate_hears_of_a_release_that_was_given_elsewhere(ledger: Ledger) -> None:
    gate = gate_of(ledger)
    for number in range(3):
        send(gate, ledger, number)
    assert not may_go(gate)
    given = release(ledger, 2.5)
    assert given.after == 3
    assert may_go(gate)
    assert may_go(gate)  # heard of once, however often it is read
    for number in range(3, 6):
        send(gate, ledger, number)
    assert not may_go(gate)
    assert release(ledger, 5.5).after == 3
    assert may_go(gate)


def test_a_gate_told_the_journal_again_knows_what_was_released(ledger: Ledger) -> None:
    gate = gate_of(ledger)
    sent = [send(gate, ledger, number) for number in range(3)]
    release(ledger, 2.5)
    sent += [send(gate, ledger, number) for number in range(3, 5)]
    fresh = gate_of(ledger)
    for number, each in enumerate(sent):
        fresh.sent(each, later(number))
    assert may_go(fresh)
    fresh.sent(order(quantity=77, slice=50), later(15))
    assert not may_go(fresh)


def test_only_who_is_named_may_and_only_what_was_traded(ledger: Ledger) -> None:
    gate = gate_of(ledger)
    with pytest.raises(UserInputError, match="has not been traded since it was last released"):
        release(ledger, 1)
    send(gate, ledger, 0)
    with pytest.raises(NotAllowedError, match="robot may not release growth AAA buy"):
        release(ledger, 2, person="robot")
    with pytest.raises(UserInputError, match="has a reason"):
        release(ledger, 2, reason="")
    assert releases(ledger.journal) == []
    given = release(ledger, 3)
    assert releases(ledger.journal) == [given]
    assert ledger.audit.verify().is_intact
    assert given.at > NOW
