"""Approved targets trade themselves as a job, and the venue's statement is matched as another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.desk.execution_session import PlanChoice
from riskplatform.errors import (
    DataError,
    NotAllowedError,
    RiskPlatformError,
    TermsError,
    UserInputError,
)
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.project.job_language.kinds import KINDS, terms_of
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


def test_the_job_has_the_choices_of_the_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the job hands to the session is what `execute start` would.
    asked: list[PlanChoice] = []

    def remembered(_: Desk, *, choice: PlanChoice) -> None:
        asked.append(choice)
        raise DataError("far enough")

    monkeypatch.setattr(Desk, "execution", remembered)
    for given in ({"algorithm": "shortfall", "aversion": 3e-6}, {"bars": "bars.csv"}):
        with pytest.raises(DataError, match="far enough"):
            do(desk, "execute_targets", **given)
    assert (asked[0].algorithm, asked[0].aversion) == ("shortfall", 3e-6)
    assert asked[1].bars == desk.settings.desk / "bars.csv"
    names = {field.name for field in fields(PlanChoice)}
    assert names <= {field.name for field in fields(KINDS["execute_targets"])}
    with pytest.raises(UserInputError, match="not inside the desk"):
        do(desk, "execute_targets", bars="../bars.csv")


def test_the_volume_of_the_day_is_learnt_from_the_desk_s_bars(desk: Desk) -> None:
    (targets,) = desk.targets()
    rows = ["instrument_id,at,volume"]
    for name in sorted({trade.instrument_id for trade in targets.trades}):
        rows += [f"{name},2026-03-05T{hour}:30:00Z,{1000 * hour}" for hour in range(14, 20)]
    (desk.settings.desk / "bars.csv").write_text("\n".join(rows) + "\n")
    told = do(desk, "execute_targets", **{**TRADE, "algorithm": "vwap", "bars": "bars.csv"})
    assert set(told.outputs["orders"]) == {"filled"}


@pytest.mark.parametrize("aversion", [-1.0, float("inf"), float("nan")])
def test_an_aversion_that_cannot_be_is_refused(aversion: float) -> None:
    with pytest.raises(TermsError, match="aversion"):
        terms_of("execute_targets", {"aversion": aversion})
