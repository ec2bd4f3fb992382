"""The kill switch: from another process, by a file, by a breaker; up again only by a person."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.domain.orders import OrderType
from riskplatform.errors import NotAllowedError, StoreError, UserInputError
from riskplatform.execution.breakers import BreakerRules
from riskplatform.execution.controls import KILL_FILE, Controls, Mode
from riskplatform.execution.order_state import Status
from riskplatform.execution.parents import Parent
from riskplatform.store.ledger import Ledger, utc_now
from tests.execution.engine_world import OpenGate, World, parent
from tests.execution.order_builders import D

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.ledger.close()


def resting(quantity: int = 100) -> Parent:
    """A plan whose order stays open: it bids far below the market."""
    return parent(quantity, 1, order_type=OrderType.LIMIT, limit_price=D(50))


def _kill(url: str, folder: Path) -> None:
    with Ledger.open(url) as ledger:
        Controls(ledger.journal, folder, utc_now).kill("ann", "something is wrong")


def test_a_kill_from_another_process_stops_cancels_and_proves(world: World, tmp_path: Path) -> None:
    world.engine.hand_in([resting(), parent(200, 2, 30, instrument_id="BETA")])
    world.engine.turn()
    assert world.go_on(2).open_orders >= 1
    context = multiprocessing.get_context("spawn")
    process = context.Process(
        target=_kill, args=(f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path)
    )
    process.start()
    process.join(60)
    assert process.exitcode == 0
    told = world.go_on(1)
    assert (told.control.mode, told.sent) == (Mode.KILLED, 0)
    for _ in range(5):
        world.go_on(1)
    assert world.venue.open_orders() == ()
    state = world.controls.state()
    assert (state.person, state.reason) == ("ann", "something is wrong")
    assert state.is_proved
    sent = len(world.engine.blotter.states)
    # It stays down, also for an engine that is started now, however much is due.
    world.crash()
    for _ in range(30):
        assert world.go_on(2).sent == 0
    assert len(world.engine.blotter.states) == sent
    world.check()


def test_only_a_person_with_a_reason_resets_it_and_then_it_goes_on(world: World) -> None:
    world.engine.hand_in([parent(200)])
    world.controls.kill("ann", "to see")
    for _ in range(3):
        world.go_on(1)
    for person, reason in (("", "fine"), ("ann", " ")):
        with pytest.raises(UserInputError, match="by a named person with a reason"):
            world.controls.reset(person, reason)
    with pytest.raises(NotAllowedError, match=r"cannot resume\. A kill is ended by reset"):
        world.controls.resume("ann", "please")
    assert world.controls.kill("bob", "again").person == "ann"
    assert world.controls.reset("bob", "looked at it").mode is Mode.RUNNING
    with pytest.raises(NotAllowedError, match="nothing to reset"):
        world.controls.reset("bob", "once more")
    world.run()
    assert world.in_ledger() == {("LONG", "ACME"): 200}
    world.check()


def test_the_file_kills_and_its_removal_alone_does_not_revive(world: World) -> None:
    world.engine.hand_in([parent(200)])
    (world.folder / KILL_FILE).write_text("pulled by the operator\n")
    told = world.go_on(1)
    assert (told.control.mode, told.control.reason) == (Mode.KILLED, "pulled by the operator")
    (world.folder / KILL_FILE).unlink()
    assert world.go_on(1).control.mode is Mode.KILLED
    (world.folder / KILL_FILE).write_text("")
    world.controls.reset("ann", "all is well")
    assert not (world.folder / KILL_FILE).exists()
    assert world.go_on(1).control.may_trade


def test_the_file_works_when_the_ledger_cannot_write(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.engine.hand_in([parent(200)])
    (world.folder / KILL_FILE).write_text("disk is full too")

    def full(*_: object, **__: object) -> None:
        raise StoreError("database or disk is full")

    monkeypatch.setattr(world.ledger.journal, "append", full)
    assert world.controls.state().mode is Mode.KILLED
    assert world.engine.turn().sent == 0


def test_between_the_intent_and_the_gateway_the_switch_is_read_again(world: World) -> None:
    """A kill that falls while an order is being decided on stops it."""

    class KillingGate(OpenGate):
        def judge(self, order, at):  # type: ignore[no-untyped-def]
            world.controls.kill("ann", "in the middle")
            return super().judge(order, at)

    world.gate = KillingGate()
    world.engine = world.make()
    world.engine.hand_in([parent(100, 1)])
    world.engine.turn()
    (state,) = world.engine.blotter.states.values()
    assert state.status is Status.PENDING
    assert world.venue.order(state.client_order_id) is None
    for _ in range(10):
        world.go_on(1)
    assert world.venue.order(state.client_order_id) is None
    assert world.controls.state().is_proved


def test_a_pause_leaves_what_is_open_and_sends_nothing(world: World) -> None:
    world.engine.hand_in([resting()])
    world.engine.turn()
    world.go_on(1)
    world.controls.pause("ann", "lunch")
    world.engine.hand_in([parent(100, 1, instrument_id="BETA")])
    told = world.go_on(1)
    assert (told.sent, told.open_orders, told.reason) == (0, 1, "paused (ann: lunch)")
    world.controls.resume("ann", "back")
    assert world.go_on(1).sent == 1


def test_one_order_is_cancelled_by_wish(world: World) -> None:
    world.engine.hand_in([resting()])
    world.engine.turn()
    world.go_on(1)
    (name,) = world.engine.blotter.states
    world.controls.cancel(name, "ann", "not this one")
    for _ in range(3):
        world.go_on(1)
    assert world.engine.blotter.states[name].status is Status.CANCELLED
    # The rest of the plan is tried again: a wish concerns the order, not the plan.
    assert len(world.engine.blotter.states) <= 2
    told = [each.body for each in world.ledger.journal.read("order", name)]
    assert {"event": "cancel_asked", "reason": "not this one"}.items() <= told[2].items()


@pytest.mark.parametrize(
    ("breakers", "reason"),
    [
        (BreakerRules(daily_loss=50.0), "daily loss: today's trading lost"),
        (BreakerRules(drawdown=50.0), "drawdown: today's trading lost"),
        (BreakerRules(orders_per_window=1), "order rate: 2 orders in 60 s"),
    ],
)
def test_a_breaker_trips_to_the_safe_state(
    tmp_path: Path, breakers: BreakerRules, reason: str
) -> None:
    """Buying 100 at 101 of what is worth 100 in the middle loses a hundred and the fee."""
    world = World(tmp_path, breakers=breakers)
    world.engine.hand_in([parent(100, 1), parent(100, 1, instrument_id="BETA")])
    for _ in range(6):
        world.go_on(1)
    state = world.controls.state()
    assert (state.mode, state.person) == (Mode.KILLED, "execution engine")
    assert state.reason.startswith(reason)
    assert world.go_on(1).sent == 0
    world.controls.reset("ann", "it is only a test")
    world.go_on(1)
    assert world.controls.state().mode is Mode.RUNNING


def test_rejects_and_a_feed_that_stands_still_trip(tmp_path: Path) -> None:
    world = World(tmp_path, reject=1.0, breakers=BreakerRules(least_orders=3, stale_seconds=None))
    world.engine.hand_in([parent(100, 1)])
    for _ in range(40):
        world.go_on(1)
    assert world.controls.state().reason.startswith("reject ratio: 3 of the last 3 orders")
