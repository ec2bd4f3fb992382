"""A scheduled proposal: recorded once, decided by the guards of its policy or left to a person."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.errors import NotAllowedError
from riskplatform.optimisation.proposals import State
from riskplatform.project.job_language.kinds import terms_of
from riskplatform.scheduling.context import Assignment, RunContext
from riskplatform.scheduling.kinds import work_of
from tests.desk.conftest import now
from tests.desk.risk_desk import LAST, make
from tests.scheduling.trading_desk import with_policies

pytestmark = pytest.mark.slow

Do = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rebalance-kind") / "desk"
    make(path).close()
    return path


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    folder = shutil.copytree(template, tmp_path / "desk")
    with Desk.open(folder, actor="job rebalance", clock=now) as opened:
        yield opened


@pytest.fixture
def do(desk: Desk) -> Do:
    """One run; what it gives out."""

    def run(**parameters: Any) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        given = {"node": "growth", "rule": "hrp", **parameters}
        assignment = Assignment(
            run_id="rebalance@now",
            job_id="rebalance",
            kind="rebalance_propose",
            parameters=given,
            script=Path("rebalance.py"),
            scheduled_at=now(),
            day=LAST,
            attempt=1,
        )

        def tell(what: str, name: str, value: Any) -> None:
            if what == "output":
                outputs[name] = value

        context = RunContext(assignment, tell)
        work_of("rebalance_propose")(desk, terms_of("rebalance_propose", given), context)
        return outputs

    return run


def test_it_is_proposed_once_however_often_it_is_attempted(desk: Desk, do: Do) -> None:
    told = do()
    (record,) = desk.proposals()
    assert told["proposal"] == record.proposal_id
    assert told["state"] == "proposed"
    assert told["trades"] == len(record.proposal.trades) > 0
    assert record.proposal.proposed_by == "job rebalance"
    assert do() == told
    assert len(desk.proposals()) == 1


def test_the_guards_decide(desk: Desk, do: Do) -> None:
    with_policies(desk)
    told = do(policy="wide", approval="by_policy")
    assert told["state"] == "approved"
    (targets,) = desk.targets()
    assert targets.proposal_id == told["proposal"]


def test_a_guard_that_does_not_hold_leaves_it_to_a_person(desk: Desk, do: Do) -> None:
    with_policies(desk)
    told = do(policy="narrow", approval="by_policy")
    assert told["state"] == "proposed"
    assert "waits for a person: turnover" in told["reason"]
    assert desk.targets() == ()
    again = do(policy="narrow", approval="by_policy")
    assert again == told
    (record,) = desk.proposals()
    assert record.state is State.PROPOSED
    assert [step.happened.value for step in record.steps] == ["proposed", "held"]


def test_a_policy_that_asks_for_a_person_is_not_gone_around(desk: Desk, do: Do) -> None:
    with pytest.raises(NotAllowedError, match="asks for a person"):
        do(approval="by_policy")
    assert desk.targets() == ()
