"""People on the command line: passphrases from the environment or typed, never an option."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ANN, BOB = "ann's long passphrase", "bob's long passphrase"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Desk.create(tmp_path / "desk", name="Small desk").close()
    monkeypatch.setenv("RISKPLATFORM_DESK", str(tmp_path / "desk"))
    monkeypatch.setenv("RISKPLATFORM_ACTOR", "ann")
    for name in ("RISKPLATFORM_PASSPHRASE", "RISKPLATFORM_NEW_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "desk"


def test_from_nobody_to_two_and_back_to_one(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["person", "list"]) == 0
    assert "Nobody is registered" in capsys.readouterr().err
    monkeypatch.setenv("RISKPLATFORM_NEW_PASSPHRASE", ANN)
    assert run(["person", "register", "ann"]) == 0
    monkeypatch.setenv("RISKPLATFORM_PASSPHRASE", ANN)
    monkeypatch.setenv("RISKPLATFORM_NEW_PASSPHRASE", BOB)
    assert run(["person", "register", "bob"]) == 0
    capsys.readouterr()
    assert run(["person", "list", "--output", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["person"], row["vouched for by"]) for row in rows] == [
        ("ann", "ann"), ("bob", "ann"),
    ]  # fmt: skip
    assert run(["audit", "verify"]) == 0
    assert "2 are registered" in capsys.readouterr().err
    assert run(["person", "passphrase", "ann"]) == 0
    assert run(["person", "revoke", "bob"]) == 1
    assert "not the passphrase of ann" in capsys.readouterr().err
    monkeypatch.setenv("RISKPLATFORM_PASSPHRASE", BOB)
    assert run(["person", "revoke", "bob"]) == 0
    with Desk.open(folder) as desk:
        assert [each.name for each in desk.people().active] == ["ann"]
    output = capsys.readouterr()
    assert ANN not in output.out + output.err


def test_without_a_terminal_it_says_what_to_set(folder: Path, capsys: Capture) -> None:
    assert run(["person", "register", "ann"]) == 2
    err = capsys.readouterr().err
    assert "nobody is at a terminal" in err
    assert "Set RISKPLATFORM_NEW_PASSPHRASE" in err
