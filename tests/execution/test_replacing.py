"""An open order changed by somebody's wish: judged, asked of the venue, answered once."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskplatform.domain.orders import OrderType
from riskplatform.errors import GatewayError
from riskplatform.execution.controls import Controls, Mode
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.gateways.paper_channel import LocalChannel
from riskplatform.execution.order_state import OrderState, Status
from riskplatform.execution.parents import Parent
from riskplatform.store.ledger import Ledger, utc_now
from tests.execution.engine_world import OpenGate, World, parent
from tests.execution.order_builders import D
from tests.execution.paper.paper_stages import PaperProcess

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.ledger.close()


def resting(quantity: int = 200, slices: int = 2, limit: int = 50) -> Parent:
    """The first slice is open and far below the market; the second is due in an hour."""
    return parent(
        quantity, slices, 3_600, order_type=OrderType.LIMIT, limit_price=Decimal(limit)
    )  # fmt: skip


def begun(world: World, plan: Parent | None = None) -> str:
    """The id of the order that is open."""
    world.engine.hand_in([plan or resting()])
    world.go_on_for(3)
    (name,) = world.engine.blotter.working
    return name


def state_of(world: World, name: str) -> OrderState:
    return world.engine.blotter.states[name]


def wish(world: World, name: str, quantity: int, limit: int | None = None) -> None:
    price = None if limit is None else Decimal(limit)
    world.controls.replace(name, Decimal(quantity), price, "ann", "it looks better")


def answers(world: World, name: str) -> list[tuple[str, str]]:
    said = world.controls.of_order(name)
    return [(each.body["action"], each.body["reason"]) for each in said if "wish" in each.body]


def test_another_quantity_and_limit_are_asked_for_once(world: World) -> None:
    name = begun(world)
    wish(world, name, 150, 60)
    world.go_on_for(3)
    state = state_of(world, name)
    assert (state.status, state.quantity, state.limit_price) == (Status.ACCEPTED, D(150), D(60))
    (there,) = world.venue.open_orders()
    assert (there.order.quantity, there.order.limit_price) == (D(150), D(60))
    assert answers(world, name) == [("asked the venue", "it may")]
    events = [each.body["event"] for each in world.ledger.journal.read("order", name)]
    assert events == ["sent", "accepted", "replace_asked", "replaced"]
    # The gate's word stands before it, and in one entry of the trail with it.
    decision = world.ledger.journal.read("gate", name)[-1]
    assert decision.body["asks"] == "replace"
    asked = world.ledger.journal.read("order", name)[2]
    assert asked.sequence == decision.sequence
    world.crash()
    world.go_on_for(3)
    assert len(world.ledger.journal.read("order", name)) == 4
    world.check()


def test_the_gate_is_told_what_is_there(world: World) -> None:
    name = begun(world)
    world.gate.told.clear()
    wish(world, name, 150)
    world.go_on_for(3)
    # Once when more may be at the venue than before; that it is so, is no more news.
    assert world.gate.told == [("messaged", ""), ("replaced", name)]
    world.gate.told.clear()
    wish(world, name, 80)
    world.go_on_for(3)
    # What is taken off is free for the plan's next order only after the venue's word.
    assert world.gate.told[:2] == [("messaged", ""), ("replaced", name)]
    assert [what for what, _ in world.gate.told[2:]] == ["sent"]


def test_what_is_taken_off_is_sent_again_by_the_plan(world: World) -> None:
    name = begun(world)
    wish(world, name, 40)
    world.go_on_for(10)
    assert state_of(world, name).quantity == 40
    others = [state for state in world.engine.blotter.open() if state.client_order_id != name]
    assert [state.quantity for state in others] == [D(60)]
    world.check()


@pytest.mark.parametrize(
    ("quantity", "limit", "kind", "words"),
    [
        (250, None, OrderType.LIMIT, "100 more is approved and not ordered"),
        (150, 60, OrderType.MARKET, "a market order has no limit price"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    world: World, quantity: int, limit: int | None, kind: OrderType, words: str
) -> None:
    # Of a market order that is larger than what is shown, some waits for the next tick.
    plan = resting() if kind is OrderType.LIMIT else parent(2_000, 2, 3_600)
    name = begun(world, plan)
    wish(world, name, quantity if limit is None else 1_900, limit)
    world.engine.turn()
    (answer,) = answers(world, name)
    assert answer[0] == "refused"
    assert words in answer[1]
    assert state_of(world, name).replaces_asked == 0


def test_the_gate_says_no(tmp_path: Path) -> None:
    world = World(tmp_path, gate=OpenGate(Decimal(120)))
    name = begun(world)
    wish(world, name, 150)
    world.go_on_for(2)
    assert answers(world, name) == [("refused", "no more than fits")]
    assert world.ledger.journal.read("gate", name)[-1].body["asks"] == "replace"
    assert [each.order.quantity for each in world.venue.open_orders()] == [D(100)]
    world.ledger.close()


def test_a_replace_that_loses_to_a_fill(world: World) -> None:
    """It is filled at the venue in the moment in which the replace is under way."""
    name = begun(world)

    class Racing(PaperGateway):
        def replace(self, *terms: Any) -> None:
            # Somebody else lifts the limit to where all of it is filled at once.
            self._channel.ask(
                "replace", client_order_id=name, quantity="100", limit_price="101", number=0
            )
            super().replace(*terms)

    world.crash(Racing(LocalChannel(world.service)))
    world.go_on_for(2)
    wish(world, name, 150, 49)
    world.go_on_for(30)
    state = state_of(world, name)
    assert (state.status, state.filled) == (Status.FILLED, D(100))
    events = [each.body["event"] for each in world.ledger.journal.read("order", name)]
    assert events[-1] in ("replace_rejected", "filled", "told")
    assert "replace_rejected" in events
    assert answers(world, name) == [("asked the venue", "it may")]
    world.check()
    # The rest of the plan goes on as if nothing had been asked.
    assert world.engine.blotter.committed(state_line(state)) == 100


def state_line(state: OrderState) -> tuple[str, str, str]:
    key = state.order.key
    return key.approval_id, key.portfolio_id, key.instrument_id


def test_a_replace_that_is_lost_is_sent_again_under_its_number(world: World) -> None:
    name = begun(world)
    lost: list[tuple[Any, ...]] = []

    class Deaf(PaperGateway):
        def replace(self, *terms: Any) -> None:
            lost.append(terms)
            if len(lost) == 1:
                raise GatewayError("The line broke before the message left.")
            super().replace(*terms)
            super().replace(*terms)

    world.crash(Deaf(LocalChannel(world.service)))
    world.go_on_for(2)
    wish(world, name, 150)
    world.go_on_for(10)
    assert lost[0] == lost[1] == (name, D(150), D(50), 1)
    assert (state_of(world, name).status, state_of(world, name).quantity) == (
        Status.ACCEPTED, D(150)
    )  # fmt: skip
    wish(world, name, 120)
    world.go_on_for(10)
    assert state_of(world, name).quantity == 120
    assert world.venue.open_orders()[0].order.quantity == 120
    world.check()


def test_an_old_request_that_comes_late_changes_nothing(world: World) -> None:
    name = begun(world)
    for quantity in (150, 80):
        wish(world, name, quantity)
        world.go_on_for(3)
    world.venue.replace(name, D(150), D(50), 1)
    world.go_on_for(3)
    assert world.venue.open_orders()[0].order.quantity == 80
    assert state_of(world, name).quantity == 80


def test_while_the_switch_is_off_nothing_is_replaced(world: World) -> None:
    name = begun(world)
    world.controls.pause("ann", "to see")
    wish(world, name, 150)
    world.go_on_for(2)
    assert answers(world, name) == [("refused", "execution is paused (ann: to see)")]
    world.controls.resume("ann", "seen")
    world.go_on_for(2)
    assert state_of(world, name).replaces_asked == 0
    assert world.controls.state().mode is Mode.RUNNING


def test_a_wish_about_what_is_over_is_refused(world: World) -> None:
    world.engine.hand_in([parent(100, 1)])
    world.run()
    (name,) = world.engine.blotter.states
    wish(world, name, 150)
    world.engine.turn()
    assert answers(world, name) == [("refused", "the order is filled")]
    assert not world.controls.replaces()


def _wish(url: str, folder: Path, name: str) -> None:
    with Ledger.open(url) as ledger:
        Controls(ledger.journal, folder, utc_now).replace(name, D(150), None, "bob", "more of it")


def test_a_wish_from_another_process_reaches_a_venue_in_a_third(tmp_path: Path) -> None:
    """The venue of the acceptance suite in a process of its own; bob's wish comes from another."""
    stage = PaperProcess(tmp_path / "venue")
    world = World(tmp_path)
    try:
        with contextlib.closing(stage.connect()) as venue:
            world.venue, world.clock = venue, venue.now
            world.engine = world.make(stage.connect())
            plan = parent(200, 2, 3_600, order_type=OrderType.LIMIT, limit_price=D(50),
                          instrument_id="ALFA.XNYS")  # fmt: skip
            name = begun(world, plan)
            process = multiprocessing.get_context("spawn").Process(
                target=_wish, args=(f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path, name)
            )
            process.start()
            process.join(60)
            assert process.exitcode == 0
            world.go_on_for(3)
            (there,) = venue.open_orders()
            assert there.order.quantity == 150
            assert state_of(world, name).status is Status.ACCEPTED
            wished, answered = world.controls.of_order(name)
            assert (wished.actor, answered.body["action"]) == ("bob", "asked the venue")
            world.gateway.close()
    finally:
        stage.stop()
        world.ledger.close()
