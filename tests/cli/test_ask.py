"""Questions on the command line: formats, codes, kept ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskplatform.cli.main import run
from tests.desk.risk_desk import make

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ON = ["--as-of", "2026-03-06"]
FALL = "gain of growth in {equity: {country: US}, move: -20 %}"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ask") / "desk"
    make(folder).close()
    return folder


@pytest.fixture(autouse=True)
def folder(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(filled))


def test_a_question_is_asked_kept_and_asked_again(filled: Path, capsys: Capture) -> None:
    assert run(["ask", f"{FALL} with growth: ALFA -50%", *ON, "--save", "fall"]) == 0
    told = capsys.readouterr()
    assert "-10,400" in told.out
    assert "growth: ALFA.XNYS -50%" in " ".join(told.out.split())
    assert "Kept as" in told.err
    assert run(["query", "list", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "fall"
    assert run(["query", "show", "fall"]) == 0
    assert "growth: ALFA -50%" in capsys.readouterr().out
    assert run(["query", "run", *ON, "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["answers"][0]["numbers"][0]["value"] == pytest.approx(-10_400.0, rel=1e-6)
    assert len(found["run_ids"]) == 1
    (filled / "queries" / "wrong.yaml").write_text("measures: gian\n")
    assert run(["query", "run", *ON]) == 3
    assert "Did you mean gain" in " ".join(capsys.readouterr().err.split())
    (filled / "queries" / "wrong.yaml").unlink()


def test_formats_and_slips(capsys: Capture) -> None:
    assert run(["ask", FALL, *ON, "--output", "csv"]) == 0
    assert capsys.readouterr().out.startswith('"node","scenario","measure"')
    assert run(["ask", FALL, *ON, "--record"]) == 0
    told = capsys.readouterr()
    assert "Recorded as run" in told.err
    assert "base" not in told.out.split("\n")[1]
    assert run(["ask", "gian of growth", *ON]) == 2
    assert "Did you mean gain" in capsys.readouterr().err
    assert run(["query", "show", "fal"]) == 2


def test_the_api_is_not_opened_to_others_without_a_token(capsys: Capture) -> None:
    assert run(["api", "start", "--host", "0.0.0.0"]) != 0
    assert "no token" in " ".join(capsys.readouterr().err.split())
