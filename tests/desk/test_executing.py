"""Approved targets trade themselves at the paper venue, and come back into the desk's book."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.cli.main import run as command
from riskplatform.desk import Desk
from riskplatform.desk.executing import approve
from riskplatform.desk.execution_session import ExecutionSession, PlanChoice
from riskplatform.domain.limits import Limit
from riskplatform.domain.orders import OrderType
from riskplatform.errors import NotAllowedError, StoreLockedError, UnknownNameError, UserInputError
from riskplatform.execution.controls import Mode
from riskplatform.execution.engine_rules import EngineRules
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.order_journal import CLOSES
from riskplatform.execution.order_state import Status
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from riskplatform.execution.paper.tape import ticks_of
from riskplatform.execution.parents import Parent, Slice
from riskplatform.project.strict_yaml import ContentError
from riskplatform.risk.limits import LimitBook
from tests.desk.conftest import now
from tests.desk.risk_desk import LAST, make

pytestmark = pytest.mark.slow

STEP = timedelta(seconds=60)
RULES = EngineRules(answer_seconds=120.0, ask_seconds=60.0, reconcile_seconds=600.0)
# Both exchanges are open: Frankfurt until 16:30 and New York from 14:30.
OPEN = datetime.fromisoformat("2026-03-06T14:40:00+00:00")
GATE = """\
size: {volume_share: 1}
day: {volume_share: 1}
fresh: {seconds: 300}
messages: {at_most: 1000, seconds: 1}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk of risk with a limit and a rebalance of its own that bob approved."""
    path = tmp_path_factory.mktemp("executing") / "desk"
    with make(path) as desk:
        desk.set_limits(
            [Limit(limit_id="growth", node="growth", measure="gross_value", hard=1e6)],
            reason="test",
        )
    with opened(path, "ann") as desk:
        desk.propose("growth", "hrp", LAST)
    with opened(path, "bob") as desk:
        desk.approve(desk.proposals()[0].proposal_id, reason="reviewed")
        desk.begin_paper_venue(day=LAST, seed=3)
    (path / "gate.yaml").write_text(GATE, encoding="utf-8")
    return path


def opened(folder: Path, actor: str) -> Desk:
    return Desk.open(folder, actor=actor, clock=now)


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Iterator[Desk]:
    with opened(Path(shutil.copytree(folder, tmp_path / "desk")), "ann") as made:
        yield made


@pytest.fixture
def venue(desk: Desk) -> Iterator[PaperService]:
    """The desk's paper venue in this process, at a time at which both exchanges trade."""
    service = PaperService(VenueStore.open(desk.paper_folder() / DATABASE_FILE))
    PaperGateway.within(service).advance(OPEN)
    yield service
    service.close()


@pytest.fixture(scope="module")
def limits(folder: Path) -> LimitBook:
    """The limits of the desk, prepared once: every test begins with the same book."""
    with opened(folder, "ann") as desk:
        return desk.limit_book(with_exposures=True)


def session_of(
    desk: Desk,
    venue: PaperService,
    limits: LimitBook | None,
    participation: float | None = None,
) -> ExecutionSession:
    gateway = PaperGateway.within(venue).called_after_its_venue()
    choice = PlanChoice(hours=0.5, minutes=5.0, participation=participation)
    return desk.execution(gateway=gateway, limits=limits, choice=choice, rules=RULES)


def held(desk: Desk, day: date = LAST) -> dict[tuple[str, str], Decimal]:
    return {(p, i): q for p, i, q, _ in desk.ledger.positions(day)}


def test_what_it_cost_is_told_from_the_journal_alone(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with session_of(desk, venue, limits) as session:
        session.take()
        session.run(step=STEP, until=OPEN + timedelta(hours=1))
    report = desk.tca_report(until=LAST)
    assert report.provenance.coverage.is_complete
    total = report.total
    assert total.executions == len(PaperGateway.within(venue).executions())
    assert total.unfilled == 0
    # Market orders pay the other side of the venue's spread, and its fees.
    assert total.parts["impact"] > 0
    assert total.parts["fees"] > 0
    assert sum(total.parts.values()) == total.shortfall
    assert {each.group for each in report.by("algorithm")} == {"twap"}
    assert set(desk.gate_decisions()["verdict"]) == {"allow"}


def test_the_markets_average_is_known_when_the_venue_is_gone(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with session_of(desk, venue, limits) as session:
        session.take()
        session.run(step=STEP, until=OPEN + timedelta(hours=1))
        PaperGateway.within(venue).advance(OPEN + timedelta(hours=8))
        session.match(LAST)
        name = session.gateway.name
    market, rules = venue.venue.market, venue.venue.rules
    assert market is not None
    # The trades of the day, as anybody could have written them down.
    trades = pd.DataFrame([
        {"instrument_id": listing.instrument_id, "at": tick.at, "price": float(tick.price or 0),
         "volume": float(tick.size)}
        for listing in market.listings
        for tick in ticks_of(listing, market.day, rules, venue.venue.seed)
    ])  # fmt: skip
    venue.close()
    shutil.rmtree(desk.paper_folder())
    told, again = desk.tca_report(until=LAST), desk.tca_report(until=LAST, bars=trades)
    assert {each.vwap for each in told.sources} == {name}
    assert {each.vwap for each in again.sources} == {"bars"}
    for mine, theirs in zip(told.by("parent"), again.by("parent"), strict=True):
        assert mine.against_bp("vwap") == pytest.approx(theirs.against_bp("vwap"), abs=1e-6)
    # The closes of the day are kept with the venue's name, once each.
    kept = desk.ledger.journal.since(0, stream=CLOSES)
    bars = {listing.instrument_id: listing.bar for listing in market.listings}
    assert {each.body["instrument_id"] for each in kept} == {"ALFA.XNYS", "BETA.XETR"}
    for each in kept:
        bar = bars[each.body["instrument_id"]]
        assert bar is not None
        assert (each.body["gateway"], Decimal(each.body["price"])) == (name, bar.close)


def test_a_plan_begins_when_its_market_opens(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    """BETA trades in Frankfurt from 8:00 UTC and ALFA in New York from 14:30."""
    gateway = PaperGateway.within(venue).called_after_its_venue()
    choice = PlanChoice(hours=0.5, minutes=5.0, participation=None)
    with desk.execution(gateway=gateway, limits=limits, choice=choice, rules=RULES) as session:
        # As if it were the night before.
        night = OPEN.replace(hour=2, minute=0)
        session.clock = lambda: night  # type: ignore[assignment]
        taken = session.take()
    assert taken.left_out == ()
    begins = {each.instrument_id: min(s.at for s in each.slices) for each in taken.parents}
    assert begins["BETA.XETR"].hour == 8
    assert (begins["ALFA.XNYS"].hour, begins["ALFA.XNYS"].minute) == (14, 30)


def test_the_optimisers_costs_plan_a_shortfall(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    """The more the risk is feared, the more is traded at once."""
    first = {}
    for aversion in (0.0, 1.0):
        gateway = PaperGateway.within(venue).called_after_its_venue()
        choice = PlanChoice(
            algorithm="shortfall", hours=1.0, minutes=5.0, participation=None, aversion=aversion
        )
        session = desk.execution(gateway=gateway, limits=limits, choice=choice, rules=RULES)
        (targets,) = desk.targets()
        parents, left_out = session._plan(targets)
        assert not left_out
        assert {parent.algorithm for parent in parents} == {"implementation shortfall"}
        first[aversion] = [parent.slices[0].quantity / parent.quantity for parent in parents]
    pairs = list(zip(first[0.0], first[1.0], strict=True))
    assert all(afraid >= calm for calm, afraid in pairs)
    assert any(afraid > 2 * calm for calm, afraid in pairs)


def test_the_loop_closes(desk: Desk, venue: PaperService, limits: LimitBook) -> None:
    """Targets, schedule, orders, fills, ledger, positions: nobody watches."""
    (targets,) = desk.targets()
    before = held(desk)
    with session_of(desk, venue, limits) as session:
        taken = session.take()
        assert not taken.left_out
        assert desk.targets() == ()
        assert [(p.side.sign * p.quantity) for p in taken.parents] == [
            each.quantity for each in targets.trades
        ]
        told = session.run(step=STEP, until=OPEN + timedelta(hours=1))
        assert told.reason == ""
        assert session.engine.is_done
        match = session.match(LAST)
    assert match.is_clean, str(match)
    assert match.executions > 1
    after = held(desk)
    for trade in targets.trades:
        line = (trade.portfolio_id, trade.instrument_id)
        assert after[line] - before[line] == trade.quantity
    # The money of both sides is in the book, fees and all.
    assert after["growth", "CASH.USD"] != before["growth", "CASH.USD"]
    assert after["growth", "CASH.EUR"] != before["growth", "CASH.EUR"]
    assert desk.ledger.audit.verify().is_intact
    status = desk.execution_status()
    assert status.control.mode is Mode.RUNNING
    assert {plan["filled"] for plan in status.plans} == {abs(t.quantity) for t in targets.trades}
    assert all(said["is_clean"] for said in status.reconciliations.values())


def test_every_order_passed_the_gate_of_the_desk(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with session_of(desk, venue, limits) as session:
        session.take()
        session.run(step=STEP, until=OPEN + timedelta(hours=1))
    orders = desk.orders()
    assert len(orders) > 2
    for state in orders.orders:
        history = desk.order(state.client_order_id)
        gate, sent = history.events[:2]
        assert (gate.stream, gate.body["verdict"]) == ("gate", "allow")
        assert {each["check"] for each in gate.body["outcomes"]} >= {"parent", "limits", "collar"}
        assert sent.body["event"] == "sent"
    assert list(desk.order(orders.orders[0].client_order_id[:6]).to_frame()["event"])[:2] == [
        "gate: allow", "sent",
    ]  # fmt: skip


def test_a_limit_of_the_desk_blocks_and_the_reason_is_kept(desk: Desk, venue: PaperService) -> None:
    tight = Limit(limit_id="tight", node="growth", measure="gross_value", hard=1.0)
    desk.set_limits([tight], reason="nothing more")
    with session_of(desk, venue, None) as session:
        session.take()
        told = session.turn()
    assert told.blocked == 1
    decisions = {each.subject: each.body for each in desk.ledger.journal.since(stream="gate")}
    (blocked,) = [body for body in decisions.values() if body["verdict"] == "block"]
    assert "tight" in blocked["reason"]
    # What was sold makes the book smaller, so the limit that is broken is eased and not in the way.
    (allowed,) = [body for body in decisions.values() if body["verdict"] == "allow"]
    assert {each["found"] for each in allowed["outcomes"] if each["subject"] == "tight"} == {
        "eased"
    }


def test_what_has_no_room_in_the_volume_is_said(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with session_of(desk, venue, limits, participation=0.1) as session:
        taken = session.take()
    planned = {parent.instrument_id: parent for parent in taken.parents}
    (line, reason) = taken.left_out[0]
    assert line == "growth ALFA.XNYS"
    left = planned["ALFA.XNYS"].quantity - planned["ALFA.XNYS"].planned
    assert reason.startswith(f"{left} of {planned['ALFA.XNYS'].quantity} have no room")


def test_a_second_run_on_the_desk_is_refused(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with (
        session_of(desk, venue, limits),
        pytest.raises(StoreLockedError, match="Execution is being written"),
        session_of(desk, venue, limits),
    ):
        pass


def test_a_run_that_was_broken_off_goes_on(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    (targets,) = desk.targets()
    before = held(desk)
    with session_of(desk, venue, limits) as session:
        session.take()
        session.run(step=STEP, until=OPEN + timedelta(minutes=11))
        assert not session.engine.is_done
    with session_of(desk, venue, limits) as session:
        assert session.take().parents == ()
        session.run(step=STEP, until=OPEN + timedelta(hours=1))
        assert session.engine.is_done
    after = held(desk)
    for trade in targets.trades:
        line = (trade.portfolio_id, trade.instrument_id)
        assert after[line] - before[line] == trade.quantity


def test_a_day_on_which_the_switch_is_hit_in_the_middle(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with session_of(desk, venue, limits) as session:
        session.take()
        session.run(step=STEP, until=OPEN + timedelta(minutes=11))
        with opened(desk.settings.desk, "bob") as other:
            other.kill_execution(reason="a strange price")
        session.run(step=STEP, until=OPEN + timedelta(minutes=20))
        filled = sum(plan["filled"] for plan in desk.execution_status().plans)
        state = desk.execution_status().control
        assert (state.mode, state.person, state.is_proved) == (Mode.KILLED, "bob", True)
        session.run(step=STEP, until=OPEN + timedelta(minutes=40))
        assert sum(plan["filled"] for plan in desk.execution_status().plans) == filled
        with pytest.raises(NotAllowedError, match="A kill is ended by reset"):
            desk.resume_execution(reason="go on")
        desk.reset_execution(reason="the price was right")
        session.run(step=STEP, until=OPEN + timedelta(minutes=90))
        assert session.engine.is_done
        assert session.match(LAST).is_clean


def test_the_commands(
    desk: Desk, venue: PaperService, limits: LimitBook, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(desk.settings.desk)
    with session_of(desk, venue, limits) as session:
        session.take()
        session.run(step=STEP, until=OPEN + timedelta(minutes=6))

    def json_of(*arguments: str) -> object:
        capsys.readouterr()
        assert command([*arguments, "--desk", folder, "--output", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    told = json_of("orders", "list")
    assert isinstance(told, dict)
    first = told["orders"][0]
    shown = json_of("orders", "show", first["client_order_id"])
    assert isinstance(shown, dict)
    assert [each["stream"] for each in shown["events"]][:2] == ["gate", "order"]
    status = json_of("execute", "status")
    assert isinstance(status, dict)
    assert status["control"]["mode"] == "running"
    for verb, mode in (("pause", "paused"), ("resume", "running"), ("kill", "killed"),
                       ("reset", "running")):  # fmt: skip
        assert command(["execute", verb, "--reason", "to see", "--desk", folder]) == 0
        assert desk.execution_status().control.mode == mode
    assert command(["execute", "reset", "--reason", "again", "--desk", folder]) == 1
    assert "there is nothing to reset" in capsys.readouterr().err.replace("\n", " ")
    asked = ["orders", "cancel", first["client_order_id"][:8], "--reason", "not it"]
    assert command([*asked, "--desk", folder]) == 0
    assert command(["orders", "show", "zzzz", "--desk", folder]) == 2
    for words in (["orders", "list"], ["execute", "status"], ["orders", "show", asked[2]]):
        assert command([*words, "--desk", folder]) == 0


def test_a_resting_order_is_replaced_and_all_of_it_is_told(
    desk: Desk, venue: PaperService, limits: LimitBook, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan with a limit below the market: its order rests. The wish comes by the command."""
    folder = str(desk.settings.desk)
    quote = PaperGateway.within(venue).quotes(["ALFA.XNYS"])["ALFA.XNYS"]
    assert quote.bid is not None
    low, step = (quote.bid * Decimal("0.99")).quantize(Decimal("0.01")), Decimal("0.1")
    (targets,) = desk.targets()
    trade = next(each for each in targets.trades if each.instrument_id == "ALFA.XNYS")
    with session_of(desk, venue, limits) as session:
        here = replace(
            targets, approved_at=session.clock(), expires_at=session.clock() + timedelta(hours=2)
        )
        slices = [Slice(session.clock() + n * timedelta(hours=1), Decimal(50)) for n in range(2)]
        buy = replace(trade, quantity=Decimal(100), reference_price=quote.bid)
        plan = Parent.of(here, buy, slices, order_type=OrderType.LIMIT, limit_price=low)
        session.engine.hand_in([plan])
        approve(session.gate, plan)
        session.run(step=STEP, until=session.clock() + timedelta(minutes=2))
        (state,) = desk.orders(is_open=True).orders
        name = state.client_order_id
        asked = ["orders", "replace", name[:8], "--desk", folder, "--reason", "closer"]
        assert command([*asked, "--quantity", "70", "--limit-price", str(low + step)]) == 0
        session.run(step=STEP, until=session.clock() + timedelta(minutes=2))
        (state,) = desk.orders(is_open=True).orders
        assert (state.quantity, state.limit_price) == (Decimal(70), low + step)
        # More than is approved: the engine says so and asks nobody.
        assert command([*asked, "--quantity", "170"]) == 0
        session.turn()
        assert command([*asked, "--quantity", "many"]) == 2
        assert command(asked) == 2
    frame = desk.order(name).to_frame()
    said = frame["event"].tolist()
    assert said[:2] == ["gate: allow", "sent"]
    assert [each for each in said if "replace" in each or "answer" in each] == [
        "replace: wished", "gate: allow replace", "replace_asked", "answer: asked the venue",
        "replaced", "replace: wished", "answer: refused",
    ]  # fmt: skip
    # Moments, not texts of different lengths; the gate's and ours and the venue's in their order.
    assert all(at.tzinfo is not None for at in [*frame["at"].dropna(), *frame["recorded_at"]])
    assert frame["at"].dropna().is_monotonic_increasing
    assert "30 more is approved and not ordered" in frame["said"].iloc[-1]
    assert desk.ledger.audit.verify().is_intact
    # Without an engine nobody would ask the venue.
    capsys.readouterr()
    assert command([*asked, "--quantity", "60"]) == 1
    assert "No engine runs on this desk" in capsys.readouterr().err.replace("\n", " ")


def test_an_order_that_is_over_cannot_be_replaced(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with session_of(desk, venue, limits) as session:
        session.take()
        session.run(step=STEP, until=OPEN + timedelta(minutes=6))
        done = next(each for each in desk.orders().orders if each.status is Status.FILLED)
        with pytest.raises(NotAllowedError, match="is filled; there is nothing to replace"):
            desk.replace_order(done.client_order_id, quantity=Decimal(5), reason="more")
        desk.pause_execution(reason="to see")
        with pytest.raises(UserInputError, match="A replace changes something"):
            desk.replace_order(done.client_order_id, reason="more")
        for wrong in (Decimal(-1), Decimal("NaN")):
            with pytest.raises(UserInputError, match="Give a total above 0"):
                desk.replace_order(done.client_order_id, quantity=wrong, reason="more")


def test_what_cannot_be_is_refused_in_words(
    desk: Desk, venue: PaperService, limits: LimitBook
) -> None:
    with pytest.raises(UserInputError, match="There is no algorithm 'magic' here"):
        PlanChoice(algorithm="magic")
    with pytest.raises(UnknownNameError, match="There is no order named 'abc'"):
        desk.order("abc")
    (desk.settings.desk / "breakers.yaml").write_text("daily_lost: 5\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"breakers\.yaml"):
        session_of(desk, venue, limits)
