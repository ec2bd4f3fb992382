"""A day with nobody watching: proposal, approval by guards, execution, reconciliation, report, as
scheduled jobs that wait for each other; and a day on which a guard does not hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskplatform.desk import Desk
from riskplatform.errors import RiskPlatformError
from riskplatform.project.job_language.kinds import terms_of
from riskplatform.scheduling.context import Assignment, RunContext
from riskplatform.scheduling.kinds import work_of
from riskplatform.scheduling.workers import Outcome
from tests.desk.risk_desk import LAST
from tests.project.job_language.writing import write_job
from tests.scheduling.told import Told
from tests.scheduling.trading_desk import make_trading_desk, serving, with_policies
from tests.scheduling.world import Clocks, ManualAttempt, Scheduler

pytestmark = pytest.mark.slow

EVENING = datetime(2026, 3, 6, 22, 0, 30, tzinfo=UTC)
JOBS = {
    "propose": (10, "rebalance_propose", "[]",
                "{node: growth, rule: hrp, policy: %s, approval: by_policy}"),
    "trade": (20, "execute_targets", "[propose]",
              "{hours: 0.5, participation: null, step_seconds: 60.0}"),
    "match": (30, "reconcile", "[trade]", "{}"),
    "report": (40, "risk_report", "[match]", "{with_risk: false}"),
}  # fmt: skip


@dataclass
class Here:
    """Does the work of a run at once in this process, on a desk whose clock is the test's."""

    folder: Path
    clocks: Clocks
    attempts: list[ManualAttempt] = field(default_factory=list)

    def start(self, assignment: Assignment) -> ManualAttempt:
        told, error = Told(), ""
        terms = terms_of(assignment.kind, assignment.parameters)
        actor = f"job {assignment.job_id}"
        with Desk.open(self.folder, actor=actor, clock=self.clocks.now) as desk:
            try:
                work_of(assignment.kind)(desk, terms, RunContext(assignment, told.tell))
            except RiskPlatformError as failure:
                error = str(failure)
        attempt = ManualAttempt(assignment, Outcome(error, told.log, told.inputs, told.outputs))
        self.attempts.append(attempt)
        return attempt


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("day-alone") / "desk"
    make_trading_desk(path)
    with Desk.open(path) as desk:
        with_policies(desk)
    shutil.rmtree(path / "jobs")
    return path


Live = Callable[[str], Scheduler]


@pytest.fixture
def live(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """Lives through an evening under a policy of approval."""
    folder = shutil.copytree(template, tmp_path / "desk")
    clocks = Clocks(wall=EVENING)
    made: list[Scheduler] = []

    def evening(policy: str) -> Scheduler:
        for name, (minute, kind, after, parameters) in JOBS.items():
            write_job(
                folder,
                name,
                f"title: {name}\nkind: {kind}\nowner: tests\n"
                f"schedule: {{cron: '{minute} 22 * * *', time_zone: UTC}}\nmisfire: skip\n"
                f"timeout: 1h\nafter: {after}\n"
                f"parameters: {parameters.replace('%s', policy)}\n",
            )
        one = Scheduler("one", folder, clocks, worker=Here(folder, clocks))  # type: ignore[arg-type]
        made.append(one)
        with serving(one.desk, monkeypatch):
            for _ in range(50):
                one.step()
                clocks.advance(minutes=1)
        return one

    yield evening
    for one in made:
        one.desk.close()


def outputs(one: Scheduler) -> dict[str, dict[str, object]]:
    one.dispatcher.book.refresh()
    return {
        name: dict(run.outputs)
        for name in JOBS
        for run in one.dispatcher.book.of_job(name).values()
    }


def held(desk: Desk) -> dict[tuple[str, str], object]:
    return {(p, i): q for p, i, q, _ in desk.ledger.positions(LAST)}


def test_what_the_guards_let_through_is_traded_and_matched(live: Live, template: Path) -> None:
    with Desk.open(template) as desk:
        before = held(desk)
    one = live("wide")
    assert set(one.statuses().values()) == {"succeeded"}
    assert [attempt.assignment.job_id for attempt in one.worker.attempts] == list(JOBS)
    told = outputs(one)
    assert told["propose"]["state"] == "approved"
    assert told["trade"]["plans"] == told["propose"]["trades"]
    assert set(told["trade"]["orders"]) == {"filled"}  # type: ignore[call-overload]
    assert told["match"]["breaks"] == 0
    assert (one.folder / str(told["report"]["html"])).is_file()
    desk = one.desk
    (record,) = desk.proposals()
    assert (record.state.value, desk.targets()) == ("taken", ())
    after = held(desk)
    for trade in record.proposal.trades:
        line = (trade.portfolio_id, trade.instrument_id)
        assert float(str(after[line])) - float(str(before[line])) == float(trade.quantity)
    assert desk.ledger.audit.verify().is_intact


def test_a_guard_that_does_not_hold_leaves_a_proposal_and_a_reason(
    live: Live, template: Path
) -> None:
    one = live("narrow")
    assert set(one.statuses().values()) == {"succeeded"}
    told = outputs(one)
    assert told["propose"]["state"] == "proposed"
    assert "waits for a person: turnover" in str(told["propose"]["reason"])
    assert told["trade"] == {"plans": 0}
    assert len(one.desk.orders()) == 0
    with Desk.open(template) as desk:
        assert held(one.desk) == held(desk)
