"""Rebalancing on the command line: propose, refuse, approve, and codes that scripts can trust."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from riskplatform.domain.limits import Limit
from tests.desk.risk_desk import make

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rebalance") / "desk"
    with make(folder) as desk:
        desk.what_if_session()
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(built, tmp_path / "desk")
    monkeypatch.setenv("RISKPLATFORM_DESK", str(copy))
    monkeypatch.setenv("RISKPLATFORM_ACTOR", "ann")
    return copy


def said(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


PROPOSE = ["rebalance", "propose", "--node", "growth", "--rule", "hrp"]


def test_from_a_proposal_to_targets(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = said(capsys, *PROPOSE)
    name = made["proposal_id"]
    assert made["state"] == "proposed"
    assert len(made["proposal"]["trades"]) == 2
    (row,) = said(capsys, "rebalance", "history")
    assert (row["proposal_id"], row["state"], row["trades"]) == (name, "proposed", 2)
    assert run(["rebalance", "approve", name, "--reason", "mine"]) == 1
    assert "somebody else must approve" in capsys.readouterr().err
    shown = said(capsys, "rebalance", "show", name[:5])
    assert shown["steps"][-1]["happened"] == "refused"
    file = tmp_path / "proposal.json"
    file.write_text(json.dumps({"proposal": {**shown["proposal"], "value": 1.0}}))
    monkeypatch.setenv("RISKPLATFORM_ACTOR", "bob")
    assert run(["rebalance", "approve", name, "--reason", "ok", "--file", str(file)]) == 1
    assert "shown for approval is not it" in capsys.readouterr().err
    file.write_text(json.dumps(shown))
    done = said(capsys, "rebalance", "approve", name, "--reason", "ok", "--file", str(file))
    assert done["state"] == "approved"
    (targets,) = said(capsys, "rebalance", "targets")
    assert targets["trades"] == shown["proposal"]["trades"]
    with Desk.open(folder) as desk:
        assert [each.to_dict() for each in desk.targets()] == [targets]


def test_for_people(folder: Path, capsys: Capture) -> None:
    assert run([*PROPOSE, "--dry-run"]) == 0
    out = capsys.readouterr().out
    for words in ("growth by hrp-allocation", "2 trades in 2 lines", "growth before and after",
                  "ES, historical, 0.99", "Policy manual-approval"):  # fmt: skip
        assert words in out
    assert run(["rebalance", "history"]) == 0
    assert "Nothing has been proposed yet" in capsys.readouterr().err
    rules = said(capsys, "rebalance", "rules")
    assert {"hrp-allocation", "manual-approval"} <= {row["id"] for row in rules}
    assert run([*PROPOSE, "--output", "csv", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith('"instrument_id","held","trade"')


def test_a_reason_is_asked_and_a_no_is_kept(folder: Path, capsys: Capture) -> None:
    name = said(capsys, *PROPOSE)["proposal_id"]
    assert run(["rebalance", "withdraw", name]) == 1
    assert "needs a reason" in capsys.readouterr().err
    assert said(capsys, "rebalance", "withdraw", name, "--reason", "x")["state"] == "withdrawn"
    (row,) = said(capsys, "rebalance", "trades", name)[:1]
    assert row["portfolio_id"] == "growth"


def test_what_waits_and_what_would_break_a_limit_have_their_codes(
    folder: Path, capsys: Capture
) -> None:
    assert run([*PROPOSE, "--policy", "within-bounds", "--by-policy"]) == 3
    out, err = capsys.readouterr()
    assert "waits for a" in out
    assert "rebalance approve" in err
    # The rule would hold six times as much of Health: a limit stands in its way.
    with Desk.open(folder) as desk:
        limit = Limit(limit_id="health", node="growth", measure="gross_value", hard=7_000.0,
                      by="sector", group="Health")  # fmt: skip
        desk.set_limits([limit], reason="test")
    assert run([*PROPOSE, "--dry-run"]) == 4
    assert "would break 1 limits that hold now: health" in capsys.readouterr().err


def test_mistakes_are_named(folder: Path, capsys: Capture, tmp_path: Path) -> None:
    assert run(["rebalance", "propose", "--node", "growth", "--rule", "hpr"]) == 2
    assert "hrp-allocation" in capsys.readouterr().err
    assert run(["rebalance", "show", "abc"]) == 2
    assert "Nothing has been proposed yet" in capsys.readouterr().err
    name = said(capsys, *PROPOSE)["proposal_id"]
    file = tmp_path / "not.json"
    file.write_text("{")
    assert run(["rebalance", "approve", name, "--reason", "ok", "--file", str(file)]) == 2
    assert "cannot be read as a proposal" in capsys.readouterr().err


def test_rules_beside_each_other_over_the_past(folder: Path, capsys: Capture) -> None:
    asked = ["rebalance", "validate", "--node", "growth", "--rule", "hrp", "--days", "150",
             "--train", "60"]  # fmt: skip
    found = said(capsys, *asked)
    assert [row["rule"] for row in found["rules"]] == ["hrp-allocation", "1/N"]
    assert found["trials"] == 1
    assert run(asked) == 0
    out, err = capsys.readouterr()
    assert "Deflated for 1 rules" in out
    assert "hrp-allocation" in out
    assert "60/40 is not beside the rules" in err
