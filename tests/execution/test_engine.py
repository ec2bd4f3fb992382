"""The loop against the paper venue: plans become orders, fills become positions."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from riskplatform.domain.orders import Order, OrderType, Side
from riskplatform.errors import ConflictError, GatewayError, StoreError, UserInputError
from riskplatform.execution.controls import Mode
from riskplatform.execution.gateways.gateway import Traded
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.gateways.paper_channel import LocalChannel
from riskplatform.execution.market_journal import market_told
from riskplatform.execution.order_events import Sent
from riskplatform.execution.order_state import Status
from riskplatform.execution.parents import Slice
from tests.execution.engine_world import OpenGate, World, parent
from tests.execution.order_builders import D
from tests.execution.paper.paper_markets import DAY, OPEN

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.ledger.close()


def test_a_plan_becomes_orders_fills_and_positions(world: World) -> None:
    world.engine.hand_in([parent(200), parent(80, side=Side.SELL, instrument_id="BETA")])
    told = world.run()
    assert (told.reason, told.is_reconciled) == ("", True)
    assert world.in_ledger() == {("LONG", "ACME"): 200, ("LONG", "BETA"): -80}
    world.check()
    blotter = world.engine.blotter
    line = parent(200).line
    orders = [blotter.states[name] for name in blotter.children[line]]
    assert [state.order.key.slice for state in orders] == [0, 1]
    assert {state.status for state in orders} == {Status.FILLED}
    # Money: what was paid and received, and a fee of a basis point of it.
    paid = sum(s.side.sign * s.notional for s in blotter.states.values())
    fees = sum(fee for s in blotter.states.values() for _, fee in s.fees)
    cash = {i: q for _, i, q, _ in world.ledger.positions(DAY)}["CASH.USD"]
    assert cash == -paid - fees
    assert fees > 0
    lots = world.ledger.lots("LONG", "ACME", effective=DAY)
    assert sum(lot.quantity for lot in lots) == 200


def test_intent_is_durable_before_the_gateway_hears_of_it(world: World) -> None:
    seen: list[list[str]] = []

    class Listening(PaperGateway):
        def submit(self, order: Order) -> None:
            events = world.ledger.journal.read("order", order.client_order_id)
            seen.append([each.body["event"] for each in events])
            assert events[0].body["order"]["quantity"] == str(order.quantity)
            super().submit(order)

    world.crash(Listening(world.venue._channel))
    world.engine.hand_in([parent(100, 1)])
    world.run()
    assert seen == [["sent"]]


def test_a_fill_its_order_event_and_its_execution_share_one_entry_of_the_audit(
    world: World,
) -> None:
    world.engine.hand_in([parent(100, 1)])
    world.run()
    (execution,) = world.ledger.journal.since(stream="execution")
    (filled,) = [
        each for each in world.ledger.journal.since(stream="order")
        if each.body["event"] == "filled"
    ]  # fmt: skip
    assert execution.sequence == filled.sequence
    (name,) = execution.body["transactions"]
    booked = world.ledger.get(name)
    assert (booked.quantity, booked.price) == (D(100), Decimal(filled.body["price"]))
    # Two business days after Friday the 6th of March 2026.
    assert booked.settle_date is not None
    assert booked.settle_date.isoformat() == "2026-03-10"


def test_the_plan_may_be_handed_in_twice_but_not_another_one(world: World) -> None:
    assert world.engine.hand_in([parent(100)]) == 1
    assert world.engine.hand_in([parent(100)]) == 0
    with pytest.raises(ConflictError, match="is being worked as buy 100, not buy 300"):
        world.engine.hand_in([parent(300)])
    with pytest.raises(UserInputError, match="come to 300; 200 was approved"):
        replace(parent(200), slices=(Slice(OPEN, D(300)),))


def test_what_the_gate_trims_is_sent_later_in_another_attempt(tmp_path: Path) -> None:
    world = World(tmp_path, gate=OpenGate(most=D(30)))
    world.engine.hand_in([parent(100, 1)])
    world.run()
    orders = list(world.engine.blotter.states.values())
    assert [state.order.quantity for state in orders] == [30, 30, 30, 10]
    assert [state.order.key.attempt for state in orders] == [0, 1, 2, 3]
    assert len({state.client_order_id for state in orders}) == 4
    decisions = world.ledger.journal.since(stream="gate")
    assert [each.subject for each in decisions] == [state.client_order_id for state in orders]
    world.check()


def test_what_the_gate_blocks_is_not_sent_and_says_why(tmp_path: Path) -> None:
    world = World(tmp_path, gate=OpenGate(most=D(0)))
    world.engine.hand_in([parent(100, 1)])
    assert world.engine.turn().blocked == 1
    # It is asked again after a while and not in every turn.
    assert world.go_on(1).blocked == 0
    assert world.go_on(world.rules.blocked_seconds).blocked == 1
    # And twice as long after each time.
    assert world.go_on(world.rules.blocked_seconds).blocked == 0
    assert world.go_on(world.rules.blocked_seconds).blocked == 1
    assert not world.engine.blotter.states
    first, second, _ = world.ledger.journal.since(stream="gate")
    assert first.body["reason"] == "no more than fits"
    assert (second.subject, second.position) == (first.subject, 1)


def test_what_a_venue_rejects_is_tried_again_under_another_id_but_not_for_ever(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, reject=1.0)
    world.engine.hand_in([parent(100, 1)])
    world.run(100)
    states = list(world.engine.blotter.states.values())
    assert len(states) == world.rules.most_attempts
    assert {state.status for state in states} == {Status.REJECTED}
    assert len({state.client_order_id for state in states}) == len(states)
    assert world.in_ledger() == {}
    world.check()


def test_the_gate_hears_what_became_of_orders(world: World) -> None:
    world.engine.hand_in([parent(150, 1)])
    world.run()
    (name,) = world.engine.blotter.states
    told = [what for what, whose in world.gate.told if whose == name]
    assert told[0] == "sent"
    assert sum(Decimal(what.split()[1]) for what in told[1:]) == 150


def test_children_never_exceed_the_parent_whoever_slices(world: World) -> None:
    """A slicer that asks for more is stopped at the gateway, and the switch falls."""
    plan = parent(100, 1)
    world.engine.hand_in([plan])
    world.run()
    over = plan.child(0, 7, D(10))
    dealer = world.engine._dealer
    batch = dealer.batch()
    batch.intend(over, Sent(at=world.venue.now()))
    dealer.settle(batch)
    assert world.venue.order(over.client_order_id) is None
    state = world.controls.state()
    assert state.mode.value == "killed"
    assert "with it 110 of APPROVAL LONG ACME would be out, 100 is approved" in state.reason


def test_what_is_open_when_the_approval_expires_is_cancelled(world: World) -> None:
    plan = parent(100, 1, hours=0.01, order_type=OrderType.LIMIT, limit_price=D(50))
    world.engine.hand_in([plan])
    world.engine.turn()
    assert world.go_on(5).open_orders == 1
    world.go_on(40)
    world.go_on(1)
    world.go_on(1)
    (state,) = world.engine.blotter.states.values()
    assert state.status is Status.CANCELLED
    assert world.engine.is_done
    world.check()


def test_a_new_engine_goes_on_where_the_old_one_was(world: World) -> None:
    world.engine.hand_in([parent(200)])
    world.engine.turn()
    world.go_on(2)
    world.crash()
    told = world.run()
    assert told.is_reconciled
    assert world.in_ledger() == {("LONG", "ACME"): 200}
    assert len(world.engine.blotter.states) == 2
    world.check()


def test_an_intent_that_was_never_sent_is_sent_once_after_a_crash(world: World) -> None:
    """Death between the commit of the intent and the gateway."""
    plan = parent(100, 1)
    world.engine.hand_in([plan])

    class Dying(PaperGateway):
        def submit(self, order: Order) -> None:
            raise KeyboardInterrupt

    world.crash(Dying(world.venue._channel))
    with pytest.raises(KeyboardInterrupt):
        world.engine.turn()
    world.crash()
    world.run()
    assert world.in_ledger() == {("LONG", "ACME"): 100}
    assert len(world.engine.blotter.states) == 1
    events = [each.body["event"] for each in world.ledger.journal.since(stream="order")]
    assert events[:3] == ["sent", "answer_lost", "never_seen"]
    world.check()


def test_a_plan_of_a_transaction_that_fails_is_not_worked(world: World) -> None:
    def fail() -> None:
        with world.ledger.transaction():
            assert world.engine.plan([parent(100)]) == 1
            raise StoreError("database or disk is full")

    with pytest.raises(StoreError, match="full"):
        fail()
    world.go_on_for(3)
    assert world.engine.is_done
    assert not world.engine.blotter.parents


def test_turns_without_news_leave_nothing_behind(world: World) -> None:
    """Memory is flat: after as many turns as one likes there are as many things as before."""
    world.engine.hand_in([parent(100, 1, order_type=OrderType.LIMIT, limit_price=D(50))])
    world.go_on_for(60)
    gc.collect()
    before, rows = len(gc.get_objects()), len(world.ledger.audit.entries())
    world.go_on_for(200)
    gc.collect()
    assert len(gc.get_objects()) - before < 300
    assert len(world.ledger.audit.entries()) - rows <= 1


@pytest.mark.postgres
def test_the_loop_on_postgres(tmp_path: Path, postgres_database_url: str) -> None:
    world = World(tmp_path, url=postgres_database_url)
    world.engine.hand_in([parent(200), parent(80, side=Side.SELL, instrument_id="BETA")])
    world.engine.turn()
    world.go_on(2)
    world.crash()
    world.run()
    assert world.in_ledger() == {("LONG", "ACME"): 200, ("LONG", "BETA"): -80}
    world.check()
    world.ledger.close()


def test_positions_and_counts_are_the_sums_of_the_orders(world: World) -> None:
    world.engine.hand_in([parent(200), parent(80, side=Side.SELL, instrument_id="BETA")])
    world.run()
    blotter = world.engine.blotter
    for line, plan in blotter.parents.items():
        assert blotter.used[line] == blotter.committed(line) == plan.quantity
        assert blotter.filled[line] == sum(
            blotter.states[name].filled for name in blotter.children[line]
        )
    assert blotter.held["paper"] == dict(world.venue.positions())
    assert world.venue.now() - OPEN < timedelta(minutes=3)


def test_an_id_is_used_once_also_after_an_attempt_that_was_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at attempt 0; attempt 1 is rejected; a new engine goes on with attempt 2."""
    world = World(tmp_path, reject=1.0)
    plan = parent(100, 1)
    world.engine.hand_in([plan])
    with monkeypatch.context() as patched:

        def full(*_: object, **__: object) -> None:
            raise StoreError("database or disk is full")

        world.engine._reconcile_if_due(world.venue.now())
        patched.setattr(world.ledger.journal, "append", full)
        assert world.engine.turn().reason == "database or disk is full"
    assert world.venue.order(plan.child(0, 0, D(100)).client_order_id) is None
    world.go_on_for(2)
    world.crash()
    world.go_on_for(8)
    orders = [state.order for state in world.engine.blotter.states.values()]
    assert [order.key.attempt for order in orders] == [1, 2]
    with pytest.raises(ConflictError, match="was sent before"):
        world.engine._dealer.batch().intend(orders[0], Sent(at=world.venue.now()))


def test_the_market_is_written_down_with_each_slice_and_after_a_crash(world: World) -> None:
    """Sent at the opening and 20 seconds later; the market trades 400 at 100 every 5 seconds."""
    world.engine.hand_in([parent(200, 2, 20)])
    world.go_on_for(10)
    first = market_told(world.ledger.journal).parents[parent().line]
    assert first.traded is not None
    assert (first.gateway, first.traded.average) == ("paper", D(100))
    world.crash()
    world.run()
    journal = world.ledger.journal
    said = market_told(journal).parents[parent().line]
    fills = world.venue.executions()
    sent = min(each.body["at"] for each in journal.since(0, stream="order") if not each.position)
    assert (said.start.isoformat(), said.end) == (sent, max(each.at for each in fills))
    assert said.traded is not None
    ticks = 1 + (said.end - OPEN) // timedelta(seconds=5)
    assert said.traded.volume == 400 * ticks
    # One answer for each slice; nothing is asked again that is known.
    assert len(journal.read("market", parent().name)) == 2
    world.crash()
    world.go_on_for(3)
    assert len(journal.read("market", parent().name)) == 2


def test_a_market_that_is_not_told_stops_nothing_and_is_asked_again(world: World) -> None:
    class Mute(PaperGateway):
        is_mute = True

        def traded(self, instrument_id: str, start: datetime, end: datetime) -> Traded | None:
            if self.is_mute:
                raise GatewayError("No data today.")
            return super().traded(instrument_id, start, end)

    mute = Mute(LocalChannel(world.service))
    world.crash(mute)
    world.engine.hand_in([parent(100, 1)])
    told = world.run()
    assert (told.control.mode, world.engine.is_reconciled) == (Mode.RUNNING, True)
    assert world.in_ledger()
    assert not market_told(world.ledger.journal).parents
    mute.is_mute = False
    world.go_on()
    assert set(market_told(world.ledger.journal).parents) == {parent().line}
