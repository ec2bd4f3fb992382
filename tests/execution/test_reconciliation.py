"""Both books: what was missed is booked, what differs is said, and nothing is traded over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskplatform.domain.orders import Order, OrderType
from riskplatform.errors import GatewayError
from riskplatform.execution.gateways.gateway import Filled, Report, VenueOrder
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.recovery import match_day
from tests.execution.engine_world import World, parent
from tests.execution.order_builders import D, order
from tests.execution.paper.paper_markets import DAY

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.ledger.close()


class Deaf(PaperGateway):
    """Never hears a report: all that it knows it asks for."""

    def reports(self) -> list[Report]:
        return []


def test_fills_that_were_never_heard_of_are_fetched_and_booked(world: World) -> None:
    world.crash(Deaf(world.venue._channel))
    world.engine.hand_in([parent(200)])
    world.run()
    assert world.in_ledger() == {("LONG", "ACME"): 200}
    world.check()


def test_a_foreign_order_at_the_venue_stops_trading_and_is_named(world: World) -> None:
    foreign = order(10, instrument_id="BETA", approval_id="OTHER")
    world.venue.submit(foreign)
    world.engine.hand_in([parent(200)])
    told = world.go_on_for(5)
    assert not told.is_reconciled
    assert told.sent == 0
    found = world.engine.reconciliation
    assert found is not None
    kinds = {(each.kind, each.ours, each.venues) for each in found.differences}
    assert ("position", "0", "10") in kinds
    assert any(kind == "execution" and ours == "not known" for kind, ours, _ in kinds)
    assert told.reason.startswith("not reconciled: execution")
    assert found.to_dict()["differences"][0]["reason"] == "its order is not ours"
    assert list(found.to_frame().columns) == ["kind", "subject", "ours", "venues", "reason"]
    assert "nothing differs" not in found._repr_html_()
    # What differs is in the journal when it changes: first the open order, then its execution.
    kept = world.ledger.journal.read("reconciliation", "paper")
    assert [each.body["differences"][0]["kind"] for each in kept] == ["order", "execution"]


def test_an_open_order_that_is_not_ours_is_a_difference(world: World) -> None:
    class Strange(PaperGateway):
        def open_orders(self) -> tuple[VenueOrder, ...]:
            mine = super().open_orders()
            theirs = tuple(replace(each, order=order(7, approval_id="OTHER")) for each in mine)
            return mine + theirs

    world.crash(Strange(world.venue._channel))
    resting: dict[str, Any] = {"order_type": OrderType.LIMIT, "limit_price": D(50)}
    world.engine.hand_in([parent(100, 1, **resting), parent(200, 2, instrument_id="BETA")])
    assert world.engine.turn().sent == 2
    told = world.go_on_for(25)
    found = world.engine.reconciliation
    assert found is not None
    (difference,) = found.differences
    assert (difference.kind, difference.ours) == ("order", "not known")
    assert (difference.venues, difference.reason) == ("open, 0 of 7 filled", "it is not ours")
    assert not told.is_reconciled
    # The second slice of the other plan has been due for five seconds.
    assert told.sent == 0


def test_a_position_that_the_venue_does_not_have_is_a_difference(world: World) -> None:
    class Forgetful(PaperGateway):
        def positions(self) -> dict[tuple[str, str], Decimal]:
            return {}

    world.engine.hand_in([parent(100, 1)])
    world.run()
    world.crash(Forgetful(world.venue._channel))
    world.engine.hand_in([parent(100, 1, approval_id="NEXT")])
    told = world.engine.turn()
    assert told.reason == "not reconciled: position LONG/ACME: here 100, at the venue 0"
    assert told.sent == 0


def test_the_statement_of_a_day_matches_line_by_line(world: World) -> None:
    world.engine.hand_in([parent(200)])
    world.run()
    match = match_day(world.ledger, world.venue, DAY)
    assert match.is_clean, str(match)
    assert match.executions == len(world.venue.executions()) > 1
    assert str(match) == f"paper on 2026-03-06: no break in {match.executions} executions"


def test_every_kind_of_break_is_found(world: World) -> None:
    world.engine.hand_in([parent(400, 4)])
    world.run()
    said = list(world.venue.statement(DAY))
    first, second, third, *rest = [replace(each) for each in said]

    class Wrong(PaperGateway):
        def statement(self, day: object) -> tuple[Filled, ...]:
            made_up = replace(third, execution_id="made up")
            return (replace(first, price=first.price + 1), replace(second, fee=D(9)), made_up,
                    *rest)  # fmt: skip

    world.ledger.void(f"exec/paper/{second.execution_id}", actor="ann", reason="by mistake")
    match = match_day(world.ledger, Wrong(world.venue._channel), DAY)
    found = {(each.kind, each.subject): (each.ours, each.venues) for each in match.differences}
    assert found == {
        ("price", first.execution_id): (str(first.price), str(first.price + 1)),
        ("fee", second.execution_id): (str(second.fee), "9"),
        ("ledger", second.execution_id): ("nothing", str(second.quantity)),
        ("execution", third.execution_id): (f"{third.quantity} at {third.price}", "none"),
        ("execution", "made up"): ("none", f"{third.quantity} at {third.price}"),
    }
    assert match.to_dict()["is_clean"] is False


def test_an_engine_without_a_line_does_nothing_and_says_so(world: World) -> None:
    class Away(PaperGateway):
        def reports(self) -> list[Report]:
            raise GatewayError("There is no line to the venue.")

        def submit(self, order: Order) -> None:
            raise AssertionError("nothing may be sent")

    world.crash(Away(world.venue._channel))
    world.engine.hand_in([parent(200)])
    told = world.go_on(1)
    assert (told.reason, told.sent, told.is_reconciled) == (
        "There is no line to the venue.", 0, False
    )  # fmt: skip
