"""Rebalancing on the desk: proposals that fit the book, and approvals that cannot be forged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.limits import Limit
from riskplatform.errors import (
    ConflictError,
    MissingDataError,
    NotAllowedError,
    UnknownNameError,
)
from riskplatform.optimisation.proposals import Proposal, ProposalRecord, State
from riskplatform.optimisation.rules import rule_from
from riskplatform.project.strict_yaml import ContentError
from riskplatform.risk.what_if import Trade
from tests.desk.conftest import move, now
from tests.desk.risk_desk import LAST, make

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk of risk with a limit, and one proposal of ann's."""
    path = tmp_path_factory.mktemp("rebalance") / "desk"
    with make(path) as desk:
        limit = Limit(limit_id="growth", node="growth", measure="gross_value", hard=1e6)
        desk.set_limits([limit], reason="test")
    with opened(path, "ann") as desk:
        desk.propose("growth", "hrp", LAST)
    return path


def opened(folder: Path, actor: str, later: timedelta = timedelta(0)) -> Desk:
    return Desk.open(folder, actor=actor, clock=lambda: now() + later)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "desk"))


@pytest.fixture
def ann(copy: Path) -> Iterator[Desk]:
    with opened(copy, "ann") as desk:
        yield desk


@pytest.fixture
def bob(copy: Path) -> Iterator[Desk]:
    with opened(copy, "bob") as desk:
        yield desk


def only(desk: Desk) -> ProposalRecord:
    (record,) = desk.proposals()
    return record


def told(desk: Desk) -> list[str]:
    return [step.happened.value for step in only(desk).steps]


def test_a_proposal_is_the_rule_in_whole_lots(ann: Desk) -> None:
    proposal = only(ann).proposal
    lines = {line.instrument_id: line for line in proposal.lines}
    # 2,000 ALFA at 52 and 100 BETA at 50 EUR of 1.20.
    assert {name: float(line.held) for name, line in lines.items()} == {
        "ALFA.XNYS": 2000.0, "BETA.XETR": 100.0,
    }  # fmt: skip
    assert proposal.value == pytest.approx(2000 * 52.0 + 100 * 50.0 * 1.2)
    assert lines["BETA.XETR"].unit_value == pytest.approx(60.0)
    # HRP of two assets is inverse variance, whatever the tree.
    session = ann.what_if_session(LAST, with_stress=False)
    book = session.book
    view = book.view("historical")
    from riskplatform.factors.covariance.shrinkage import LedoitWolf

    names = ("ALFA.XNYS", "BETA.XETR")
    returns = [view.of_one(_unit(book, name)) / lines[name].unit_value for name in names]
    variances = (
        LedoitWolf().fit(pd.DataFrame(returns).T.to_numpy(), names).matrix.dense().diagonal()
    )
    share = (1 / variances[0]) / (1 / variances).sum()
    assert lines["ALFA.XNYS"].wanted == pytest.approx(share * proposal.value, rel=1e-6)
    assert all(line.proposed == int(line.proposed) for line in proposal.lines)
    assert proposal.cash_left >= 0.0
    bought = sum(float(t.quantity) * lines[t.instrument_id].unit_value for t in proposal.trades)
    # What is sold pays for what is bought and for the trading; less than a lot is left.
    assert proposal.cash_left < 60.0
    assert -bought == pytest.approx(proposal.expected_cost + proposal.cash_left, rel=0.02)
    # The effect is what a what-if of its trades says.
    trades = [Trade(t.instrument_id, t.quantity, t.portfolio_id) for t in proposal.trades]
    found = session.ask(trades, "growth")
    assert proposal.number("ES, historical, 0.99").after == pytest.approx(
        found.number("ES, historical, 0.99")[1]
    )
    assert proposal.limits[0].limit_id == "growth"
    assert {each.name for each in proposal.inputs} >= {"scenarios", "cube", "rule"}


def _unit(book: Any, name: str) -> Any:
    import numpy as np

    held = np.zeros(len(book.instrument_ids))
    held[book.place(name)] = 1.0
    return held


def test_two_people_make_an_approval_and_execution_takes_it_once(ann: Desk, copy: Path) -> None:
    name = only(ann).proposal_id
    assert ann.targets() == ()
    with opened(copy, "bob") as bob:
        targets = bob.approve(name[:4], reason="reviewed with the risk committee")
        assert bob.targets() == (targets,)
        assert targets.approved_by == "bob"
        assert targets.trades == only(bob).proposal.trades
        assert targets.is_in_force(now())
        taken = bob.take_targets(name)
        assert taken.approval_id == targets.approval_id
        assert bob.targets() == ()
        with pytest.raises(NotAllowedError, match="nothing to take"):
            bob.take_targets(name)
        assert told(bob) == ["proposed", "approved", "taken", "refused"]
        assert bob.ledger.audit.verify().is_intact


def test_who_proposes_does_not_approve(ann: Desk) -> None:
    with pytest.raises(NotAllowedError, match="somebody else must approve"):
        ann.approve(only(ann).proposal_id, reason="looks fine")
    assert only(ann).state is State.PROPOSED
    assert told(ann) == ["proposed", "refused"]
    (entry,) = ann.ledger.audit.entries(action="proposal refused")
    assert entry.actor == "ann"


def test_an_edited_file_is_refused_and_audited(bob: Desk) -> None:
    record = only(bob)
    shown = json.loads(json.dumps(record.to_dict()))["proposal"]
    edited = json.loads(json.dumps(shown))
    edited["trades"][0]["quantity"] = str(Decimal(edited["trades"][0]["quantity"]) + 1)
    for bad in (edited, {**shown, "proposed_by": "bob"}, {"node": "growth"}):
        with pytest.raises(NotAllowedError, match="shown for approval"):
            bob.approve(record.proposal_id, reason="ok", given=bad)
    assert bob.targets() == ()
    assert bob.approve(record.proposal_id, reason="ok", given=shown).trades
    assert told(bob) == ["proposed", "refused", "refused", "refused", "approved"]


def test_an_approval_is_not_given_twice_nor_without_a_reason(bob: Desk) -> None:
    name = only(bob).proposal_id
    with pytest.raises(NotAllowedError, match="needs a reason"):
        bob.approve(name, reason=" ")
    bob.approve(name, reason="ok")
    with pytest.raises(NotAllowedError, match="is approved and cannot be approved"):
        bob.approve(name, reason="again")
    event = bob.ledger.journal.read("proposal", name)[2]
    from riskplatform.store.ledger import Event

    with pytest.raises(ConflictError, match="recorded before"):
        bob.ledger.journal.append(
            [Event("proposal", name, 2, event.body)], actor="bob", action="replay"
        )


@pytest.mark.parametrize("hours", [24, 25])
def test_after_its_time_it_cannot_be_approved(copy: Path, hours: int) -> None:
    with opened(copy, "bob", timedelta(hours=hours)) as bob:
        with pytest.raises(NotAllowedError, match="it has expired"):
            bob.approve(only(bob).proposal_id, reason="late")
        assert told(bob) == ["proposed", "expired", "refused"]


def test_an_approval_that_has_run_out_is_no_target(bob: Desk, copy: Path) -> None:
    bob.approve(only(bob).proposal_id, reason="ok")
    with opened(copy, "eva", timedelta(hours=49)) as later:
        assert later.targets() == ()
        with pytest.raises(NotAllowedError, match="it has expired"):
            later.take_targets(only(later).proposal_id)


def test_a_market_or_a_book_that_moved_makes_it_stale(bob: Desk) -> None:
    rows = [("ALFA.XNYS", LAST, 52.0 * 1.06, None, "test")]
    with bob.lake.batch() as batch:
        batch.write(
            "prices",
            pd.DataFrame(rows, columns=["instrument_id", "date", "close", "volume", "source"]),
            mode="replace_keys",
        )
    with pytest.raises(NotAllowedError, match=r"ALFA\.XNYS moved by \+6\.0%"):
        bob.approve(only(bob).proposal_id, reason="ok")
    assert told(bob) == ["proposed", "stale", "refused"]
    assert only(bob).is_over


def test_a_trade_in_between_makes_it_stale(bob: Desk) -> None:
    trade = move("t9", "trade", 6, instrument_id="ALFA.XNYS", quantity=10, price=52,
                 currency="USD", amount=-520)  # fmt: skip
    bob.add_transactions([trade], reason="done by hand")
    with pytest.raises(NotAllowedError, match="the book moved"):
        bob.approve(only(bob).proposal_id, reason="ok")


def test_rejecting_and_withdrawing(ann: Desk, copy: Path) -> None:
    name = only(ann).proposal_id
    with pytest.raises(NotAllowedError, match="needs a reason"):
        ann.withdraw(name, reason="")
    with opened(copy, "bob") as bob, pytest.raises(NotAllowedError, match="ann proposed it"):
        bob.withdraw(name, reason="not mine")
    assert ann.withdraw(name, reason="a better one comes").state is State.WITHDRAWN
    with opened(copy, "bob") as bob:
        with pytest.raises(NotAllowedError, match="is withdrawn and cannot become rejected"):
            bob.reject(name, reason="no")
        with pytest.raises(UnknownNameError, match="proposal"):
            bob.proposal("zzz")


def test_guards_approve_what_is_within_them_and_nothing_else(ann: Desk) -> None:
    narrow = {
        "approval_mode": "auto_within",
        "guards": {"turnover": 0.01, "approved_rule": True, "green_model": True},
    }
    wide = {"approval_mode": "auto_within", "guards": {"turnover": 2.0, "cost_bp": 500}}
    _register(ann, "narrow-approval", narrow)
    _register(ann, "wide-approval", wide)
    held = ann.propose("growth", "hrp", LAST, policy="narrow")
    after = ann.approve_by_policy(held.proposal_id)
    assert after.state is State.PROPOSED
    reason = after.steps[-1].reason
    assert "waits for a person: turnover:" in reason
    assert "green_model: the VaR model is not known (no backtest of growth" in reason
    free = ann.approve_by_policy(ann.propose("growth", "hrp", LAST, policy="wide").proposal_id)
    assert free.state is State.APPROVED
    (targets,) = ann.targets()
    assert targets.approved_by == "policy wide-approval"
    with pytest.raises(NotAllowedError, match="asks for a person"):
        ann.approve_by_policy(ann.proposals()[-1].proposal_id)


def test_constraints_on_the_desk_hold_and_a_conflict_is_named(ann: Desk) -> None:
    from riskplatform.desk.allocating import NoAllocationError

    cap = {"kind": "group", "label": "health", "by": "sector", "of": "Health", "high": 0.2}
    rule = rule_from("capped", "minimum-variance", {"constraints": [cap]})
    proposal = ann.draft_proposal("growth", rule, LAST)
    weight = {line.instrument_id: line.wanted / proposal.value for line in proposal.lines}
    assert weight["BETA.XETR"] == pytest.approx(0.2, abs=1e-6)
    assert any("health" in each.words for each in proposal.binding)
    box = {"kind": "box", "high": 0.3, "label": "narrow"}
    with pytest.raises(NoAllocationError) as caught:
        ann.draft_proposal("growth", rule_from("no", "minimum-variance",
                                               {"constraints": [box]}), LAST)  # fmt: skip
    assert "narrow" in str(caught.value.hint)


def test_named_stresses_lots_and_gains_are_constraints(ann: Desk) -> None:
    from riskplatform.desk.allocating import NoAllocationError

    def drafted(**constraint: Any) -> Proposal:
        rule = rule_from("r", "minimum-variance", {"constraints": [constraint]})
        return ann.draft_proposal("growth", rule, LAST)

    stress = {"kind": "stress_loss", "scenarios": ["equity_down_20"]}
    assert drafted(**stress, high=0.25).trades
    with pytest.raises(NoAllocationError) as caught:
        drafted(**stress, high=0.1)
    assert "stress loss" in str(caught.value.hint)
    lots = drafted(kind="lots", lots={"ALFA.XNYS": 100})
    (alfa,) = [t for t in lots.trades if t.instrument_id == "ALFA.XNYS"]
    assert alfa.quantity % 100 == 0
    assert alfa.quantity < 0
    # ALFA cost 50 after its split and is at 52: nothing of it may be sold without a gain.
    kept = drafted(kind="realised_gain", high=0.0)
    assert [t for t in kept.trades if t.instrument_id == "ALFA.XNYS" and t.quantity < 0] == []
    # A sale of x realises 2 of each 52: a cap of 0.1 % of 110,000 allows 55 shares.
    some = drafted(kind="realised_gain", high=0.001)
    (sold,) = [t.quantity for t in some.trades if t.instrument_id == "ALFA.XNYS"]
    assert sold == pytest.approx(-55, abs=1)


def test_how_sure_the_weights_are_and_trades_that_must_pay_for_themselves(ann: Desk) -> None:
    sure = ann.draft_proposal("growth", rule_from("r", "hrp", {"resamples": 30}), LAST)
    for line in sure.lines:
        assert line.weight_low is not None
        assert line.weight_high is not None
        assert 0.0 < line.weight_low < line.wanted / sure.value < line.weight_high < 1.0
    # The same utility; the costs of getting there are spread over a day or over a year.
    view = [{"of": {"BETA.XETR": 1, "ALFA.XNYS": -1}, "annual": 0.05, "confidence": 0.5}]
    terms = {"choices": {"aversion": 2.5}, "expected": {"from": "equilibrium", "views": view},
             "costs": {"half_spread_bp": 20.0}}  # fmt: skip
    traded = [
        ann.draft_proposal(
            "growth", rule_from("r", "mean-variance", {**terms, "cost_periods": days}), LAST
        ).traded
        for days in (1, 10_000)
    ]
    free = ann.draft_proposal("growth", rule_from("r", "mean-variance", terms), LAST).traded
    assert traded[0] < 60.0
    assert traded[0] < traded[1]
    assert traded[1] == pytest.approx(free, rel=0.05)


def test_what_cannot_be_rebalanced_says_why(ann: Desk) -> None:
    with pytest.raises(UnknownNameError) as caught:
        ann.draft_proposal("growth", "hpr", LAST)
    assert "hrp-allocation" in str(caught.value.hint)
    with pytest.raises(MissingDataError, match="holds nothing of the kinds"):
        ann.draft_proposal("growth", rule_from("r", "hrp", {"kinds": ["coin"]}), LAST)
    with pytest.raises(UnknownNameError, match="nowhere"):
        ann.draft_proposal("nowhere", "hrp", LAST)
    _register(ann, "bad-allocation", {"allocation_recipe": "hrp", "linkage": "ward"})
    with pytest.raises(ContentError, match=r"bad-allocation/model\.yaml.*unknown key 'linkage'"):
        ann.allocation_rules()


def test_the_same_day_gives_the_same_trades_and_a_round_trip_the_same_id(ann: Desk) -> None:
    one = ann.draft_proposal("growth", "hrp", LAST)
    two = ann.draft_proposal("growth", "hrp", LAST)
    assert one == two
    assert Proposal.from_dict(json.loads(json.dumps(one.to_dict()))).digest == one.digest
    assert one.proposed_at == datetime.fromisoformat(now().isoformat())


def _register(desk: Desk, name: str, parameters: dict[str, Any]) -> None:
    import yaml

    folder = desk.settings.desk / "models" / name
    folder.mkdir(parents=True)
    model = {
        "title": name, "purpose": "a test", "owner": "tests", "status": "approved", "version": 1,
        "limitations": "none", "parameters": parameters,
    }  # fmt: skip
    (folder / "model.yaml").write_text(yaml.safe_dump(model))
    (folder / "card.md").write_text("# A test\n")


def test_rules_are_walked_over_the_past_and_every_try_counts(ann: Desk) -> None:
    found = ann.validate_rules("growth", ["hrp"], LAST, days=200, train=60, every=20)
    assert found.rules == ("hrp-allocation", "1/N")
    assert found.how.trials == 1
    again = ann.validate_rules(
        "growth", ["hrp", "minimum-variance"], LAST, days=200, train=60, every=20
    )
    assert again.how.trials == 2
    assert ann.ledger.journal.subjects("trial")
    # 1/N of two shares, bought back every 20 days, by hand and before costs.
    view = ann.risk_book(LAST, scenarios=("historical",), days=200).view("historical")
    lines = {line.instrument_id: line for line in only(ann).proposal.lines}
    book = ann.risk_book(LAST, scenarios=("historical",), days=200)
    table = pd.DataFrame(
        {name: view.of_one(_unit(book, name)) / lines[name].unit_value for name in lines}
    ).to_numpy()[60:]
    worth = 1.0
    for start in range(0, len(table), 20):
        worth *= (1.0 + table[start : start + 20]).prod(axis=0).mean()
    (run,) = found.of("1/N")
    paid = (1.0 - run.costs).prod()
    assert run.growth[-1] == pytest.approx(worth * paid, rel=1e-3)
    assert 0.9 < paid < 1.0
    paths = ann.validate_rules("growth", ["hrp"], LAST, days=200, every=20, folds=True)
    assert len(paths.of("hrp-allocation")) == 7
    assert paths.to_dict()["trials"] == 2
