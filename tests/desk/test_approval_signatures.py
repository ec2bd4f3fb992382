"""Approvals on a desk with registered people: signed, and checked before they are traded."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from riskplatform.desk import Desk
from riskplatform.errors import NotAllowedError
from riskplatform.optimisation.proposals import State
from riskplatform.store.ledger import Event
from tests.desk.conftest import now
from tests.desk.risk_desk import LAST, make

pytestmark = pytest.mark.slow

ANN, BOB = "ann's long passphrase", "bob's long passphrase"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("signed") / "desk"
    make(path).close()
    with as_person(path, "ann") as desk:
        desk.propose("growth", "hrp", LAST)
    return path


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "desk"))


def as_person(folder: Path, actor: str) -> Desk:
    return Desk.open(folder, actor=actor, clock=now)


def register(desk: Desk) -> None:
    desk.register_person("ann", ANN)
    desk.register_person("bob", BOB, by="ann", by_passphrase=ANN)


def test_an_approval_is_signed_by_who_gave_it(folder: Path) -> None:
    with as_person(folder, "bob") as desk:
        register(desk)
        (record,) = desk.proposals()
        targets = desk.approve(record.proposal_id, reason="reviewed", passphrase=BOB)
        step = desk.proposals()[0].approval
        assert step is not None
        assert step.body["key"] == desk.people().person("bob").public.key
        assert desk.unsigned_approvals() == {}
        assert desk.take_targets(record.proposal_id).approval_id == targets.approval_id


def test_an_account_alone_approves_nothing(folder: Path) -> None:
    with as_person(folder, "bob") as desk:
        register(desk)
        name = desk.proposals()[0].proposal_id
        with pytest.raises(NotAllowedError, match="bob must prove who they are"):
            desk.approve(name, reason="ok")
        with pytest.raises(NotAllowedError, match="not the passphrase of bob"):
            desk.approve(name, reason="ok", passphrase=ANN)
    with as_person(folder, "carol") as desk:
        with pytest.raises(NotAllowedError, match="carol is not registered"):
            desk.approve(name, reason="ok", passphrase="carol's long passphrase")
        (record,) = desk.proposals()
        assert record.state is State.PROPOSED
        assert [step.happened.value for step in record.steps][1:] == ["refused"] * 3


def forge(desk: Desk, by: str, more: dict[str, str]) -> str:
    """An approval written past the program, into a chain that stays whole."""
    (record,) = desk.proposals()
    body = {
        "kind": "approved", "reason": "ok", "guards": [], "digest": record.proposal.digest,
        "policy_id": record.proposal.policy_id,
        "expires_at": (now() + timedelta(days=1)).isoformat(), **more,
    }  # fmt: skip
    desk.ledger.journal.append(
        [Event("proposal", record.proposal_id, len(record.steps), body)], actor=by, action="x"
    )
    assert desk.ledger.audit.verify().is_intact
    return record.proposal_id


@pytest.mark.parametrize(
    ("by", "why"),
    [("bob", "its approval was not signed by bob"),
     ("policy manual-approval", "approves nothing by itself"),
     ("policy within-bounds-approval", "not signed by policy within-bounds-approval")],
)  # fmt: skip
def test_a_forged_approval_is_not_executed(folder: Path, by: str, why: str) -> None:
    with as_person(folder, "bob") as desk:
        register(desk)
        public = desk.people().person("bob").public
        name = forge(desk, by, {"key": public.key, "signature": "11" * 64})
        # What a policy was at the time the past does not tell; a person it does.
        assert bool(desk.unsigned_approvals()) == ("signed" in why)
        with pytest.raises(NotAllowedError, match=why):
            desk.take_targets(name)
        assert desk.proposals()[0].state is State.APPROVED


def test_a_signature_counts_for_one_place_only(folder: Path) -> None:
    with as_person(folder, "bob") as desk:
        register(desk)
        (record,) = desk.proposals()
        body = {"digest": record.proposal.digest, "policy_id": record.proposal.policy_id,
                "expires_at": (now() + timedelta(days=1)).isoformat()}  # fmt: skip
        statement = {"act": "approve proposal", "proposal": record.proposal_id, "position": 7,
                     "by": "bob", "reason": "ok", **body}  # fmt: skip
        proof = desk.people().sign("bob", statement, BOB)
        name = forge(desk, "bob", proof)
        with pytest.raises(NotAllowedError, match="not signed by bob"):
            desk.take_targets(name)


def test_the_switch_is_reset_by_who_proves_themselves(folder: Path) -> None:
    with as_person(folder, "bob") as desk:
        register(desk)
        desk.kill_execution(reason="a drill needs no passphrase")
        with pytest.raises(NotAllowedError, match="bob must prove"):
            desk.reset_execution(reason="over")
        with pytest.raises(NotAllowedError, match="bob must prove"):
            desk.release_line("growth", "ALFA.XNYS", "buy", reason="checked")
        assert not desk.execution_status().control.may_trade
        assert desk.reset_execution(reason="over", passphrase=BOB).may_trade
