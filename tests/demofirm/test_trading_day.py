"""A trading day of the demo firm: a fund's rebalance from proposal to report, and one that is
stopped in the middle."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from riskplatform.desk import Desk
from riskplatform.desk.execution_session import ExecutionSession, PlanChoice
from riskplatform.execution.controls import Mode
from riskplatform.execution.engine_rules import Turn
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from tests.demofirm.conftest import AS_OF, _clock

pytestmark = [pytest.mark.slow, pytest.mark.long]

NODE = "GEQ.SECTOR.HEALTH"
STEP = timedelta(minutes=2)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def approved(demo: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo desk with a rebalance that two people made, and a venue of its Friday."""
    folder = tmp_path_factory.mktemp("day") / "desk"
    demo.close()
    shutil.copytree(demo.settings.desk, folder)
    with opened(folder, "ann") as desk:
        proposal = desk.propose(NODE, "minimum-variance", AS_OF)
    with opened(folder, "bob") as desk:
        desk.approve(proposal.proposal_id, reason="reviewed")
        desk.begin_paper_venue(day=AS_OF, seed=1)
    return folder


def opened(folder: Path, actor: str) -> Desk:
    return Desk.open(folder, actor=actor, clock=_clock)


@pytest.fixture
def desk(approved: Path, tmp_path: Path) -> Iterator[Desk]:
    with opened(Path(shutil.copytree(approved, tmp_path / "desk")), "ops") as made:
        yield made


@pytest.fixture
def venue(desk: Desk) -> Iterator[PaperService]:
    service = PaperService(VenueStore.open(desk.paper_folder() / DATABASE_FILE))
    yield service
    service.close()


def session_of(desk: Desk, venue: PaperService) -> ExecutionSession:
    gateway = PaperGateway.within(venue).called_after_its_venue()
    return desk.execution(gateway=gateway, choice=PlanChoice(hours=3.0, minutes=15.0))


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def held(desk: Desk) -> dict[tuple[str, str], Decimal]:
    return {(p, i): q for p, i, q, _ in desk.ledger.positions(AS_OF)}


def test_a_day_ends_where_the_proposal_wanted_with_nothing_left_over(
    desk: Desk, venue: PaperService
) -> None:
    before = held(desk)
    memory: list[float] = []
    with session_of(desk, venue) as session:
        taken = session.take()
        assert len(taken.parents) > 30
        told = session.run(
            step=STEP,
            until=session.clock() + DAY,
            progress=lambda _: memory.append(memory_mb()),
        )
        assert session.engine.is_done, told.reason
        match = session.match(AS_OF)
        assert match.differences == ()
        fills: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line, quantity in PaperGateway.within(venue).positions().items():
            fills[line] += quantity
    planned = {
        (each.portfolio_id, each.instrument_id): each.side.sign * each.planned
        for each in taken.parents
    }
    assert dict(fills) == planned
    after = held(desk)
    for line, quantity in planned.items():
        assert after.get(line, Decimal(0)) - before.get(line, Decimal(0)) == quantity
    report = desk.tca_report(until=AS_OF)
    assert report.provenance.coverage.is_complete
    assert sum(report.total.parts.values()) == report.total.shortfall
    assert desk.ledger.audit.verify().is_intact
    # A day of several hundred turns leaves nothing behind in memory.
    assert len(memory) > 300
    assert memory[-1] - memory[len(memory) // 3] < 60.0


def test_a_day_that_is_stopped_in_the_middle_stays_stopped_and_goes_on_when_a_person_says_so(
    desk: Desk, venue: PaperService
) -> None:
    with session_of(desk, venue) as session:
        session.take()
        noon = datetime.combine(AS_OF, time(9, 30), session.clock().tzinfo)
        session.run(step=STEP, until=noon)
        desk.kill_execution(reason="a strange market")
        turns: list[Turn] = []
        # What was on its way when the switch was thrown may still be filled before its cancel.
        session.run(step=STEP, until=noon + 3 * STEP, progress=turns.append)
        done = PaperGateway.within(venue).positions()
        assert done
        session.run(step=STEP, until=noon + timedelta(hours=1), progress=turns.append)
        assert all(turn.control.mode is Mode.KILLED for turn in turns)
        assert PaperGateway.within(venue).open_orders() == ()
        assert sum(turn.sent for turn in turns) == 0
        assert PaperGateway.within(venue).positions() == done
        desk.reset_execution(reason="looked at")
        session.run(step=STEP, until=session.clock() + DAY)
        assert session.match(AS_OF).differences == ()
        assert PaperGateway.within(venue).positions() != done
    assert desk.ledger.audit.verify().is_intact
