"""Approved targets trade themselves as a job, and the venue's statement is matched as another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.errors import DataError, NotAllowedError, RiskPlatformError
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.project.job_language.kinds import terms_of
from riskplatform.scheduling.context import Assignment, RunContext
from riskplatform.scheduling.kinds import work_of
from tests.desk.conftest import now
from tests.desk.risk_desk import LAST
from tests.scheduling.told import Told
from tests.scheduling.trading_desk import TRADE, make_trading_desk, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with approved targets and a paper venue."""
    path = tmp_path_factory.mktemp("execution-kinds") / "desk"
    make_trading_desk(path)
    with Desk.open(path, actor="ann", clock=now) as desk:
        desk.propose("growth", "hrp", LAST)
    with Desk.open(path, actor="bob", clock=now) as desk:
        desk.approve(desk.proposals()[0].proposal_id, reason="reviewed")
    return path


@pytest.fixture
def desk(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A copy of it, whose venue is served in this process while both exchanges trade."""
    copy = shutil.copytree(folder, tmp_path / "desk")
    with Desk.open(copy, actor="job trade", clock=now) as opened, serving(opened, monkeypatch):
        yield opened


def do(desk: Desk, kind: str, told: Told | None = None, /, **parameters: Any) -> Told:
    """One run of a kind, here and now."""
    found = told or Told()
    assignment = Assignment(
        run_id="trade@now",
        job_id="trade",
        kind=kind,
        parameters=parameters,
        script=Path("trade.py"),
        scheduled_at=now(),
        day=LAST,
        attempt=1,
    )
    work_of(kind)(desk, terms_of(kind, parameters), RunContext(assignment, found.tell))
    return found


def test_targets_are_traded_and_the_day_is_matched(desk: Desk) -> None:
    (targets,) = desk.targets()
    before = {(p, i): q for p, i, q, _ in desk.ledger.positions(LAST)}
    told = do(desk, "execute_targets", **TRADE)
    after = {(p, i): q for p, i, q, _ in desk.ledger.positions(LAST)}
    assert told.outputs["plans"] == len(targets.trades)
    assert set(told.outputs["orders"]) == {"filled"}
    for trade in targets.trades:
        line = (trade.portfolio_id, trade.instrument_id)
        assert after[line] - before[line] == trade.quantity
    matched = do(desk, "reconcile")
    assert matched.outputs["breaks"] == 0
    assert matched.outputs["executions"] > 1
    assert matched.inputs == {"day": str(LAST)}
    # Again: nothing is approved any more, and nothing is sent.
    assert do(desk, "execute_targets", **TRADE).outputs == {"plans": 0}


def test_what_is_left_fails_the_run_and_the_next_attempt_goes_on(desk: Desk) -> None:
    told = Told()
    with pytest.raises(RiskPlatformError, match="Not all that is approved was traded"):
        do(desk, "execute_targets", told, within_hours=0.2, **TRADE)
    assert told.outputs["plans"] > 0
    again = do(desk, "execute_targets", **TRADE)
    assert again.outputs["plans"] == 0
    assert set(again.outputs["orders"]) == {"filled"}
    assert do(desk, "reconcile").outputs["breaks"] == 0


def test_the_kill_switch_ends_the_run_with_its_reason(desk: Desk) -> None:
    desk.kill_execution(reason="something smells")
    told = Told()
    with pytest.raises(NotAllowedError, match="something smells"):
        do(desk, "execute_targets", told, **TRADE)
    assert len(desk.orders()) == 0


def test_a_break_fails_the_run_with_both_sides_in_its_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(desk, "execute_targets", **TRADE)
    statement = PaperGateway.statement

    def short(self: PaperGateway, *args: Any, **kwargs: Any) -> Any:
        return list(statement(self, *args, **kwargs))[1:]

    monkeypatch.setattr(PaperGateway, "statement", short)
    told = Told()
    with pytest.raises(DataError, match="1 breaks"):
        do(desk, "reconcile", told)
    assert told.outputs["breaks"] == 1
    assert "execution" in told.log
