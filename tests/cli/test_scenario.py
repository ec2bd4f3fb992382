"""Stress scenarios on the command line: codes, formats, and errors that help."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.cli.scenario import parameters_of
from riskplatform.desk import Desk
from riskplatform.errors import UserInputError
from tests.desk.conftest import fill, now

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ON = ["--as-of", "2026-03-06"]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stress") / "desk"
    with Desk.create(folder, name="Small desk", clock=now) as desk:
        fill(desk)
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(filled, tmp_path / "desk")
    monkeypatch.setenv("RISKPLATFORM_DESK", str(copy))
    return copy


def said(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_listing_and_showing(folder: Path, capsys: Capture) -> None:
    rows = said(capsys, "scenario", "list")
    assert len(rows) >= 40
    regulatory = said(capsys, "scenario", "list", "--kind", "regulatory")
    assert {row["kind"] for row in regulatory} == {"regulatory"}
    found = said(capsys, "scenario", "show", "equity_down_20", "--set", "fall=-30 %")
    assert found["parameters"] == {"fall": "-30 %"}
    assert found["shocks"][0]["move"] == "-30 %"
    assert run(["scenario", "show", "crash_1987"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Black Monday" in text
    assert "-20.5 %" in text


def test_a_new_scenario_is_written_checked_and_run(folder: Path, capsys: Capture) -> None:
    assert run(["scenario", "new", "mine"]) == 0
    assert "mine.yaml" in capsys.readouterr().err.replace("\n", "")
    assert run(["scenario", "validate"]) == 0
    # The bond of the book has no curve: its number is missing, and the code says so.
    found = said(capsys, "scenario", "run", "mine", *ON, code=3)
    (row,) = found["scenarios"]
    # Shares by a fifth and euros by 3 % down, against the futures that are sold.
    expected = -0.2 * 104_000 + 0.2 * 503_000 + 6_000 * (0.8 * 0.97 - 1) - 0.03 * 5_100 * 1.2
    assert row["gain"] == pytest.approx(expected, rel=1e-6)
    assert found["provenance"]["coverage"]["failures"][0]["subject"] == "GOVT30"


def test_what_is_wrong_is_named_with_file_and_line(folder: Path, capsys: Capture) -> None:
    file = folder / "scenarios" / "hypothetical" / "wrong.yaml"
    file.write_text("title: x\nkind: hypothetical\nshocks:\n  - equity: all\n    mvoe: -1 %\n")
    (finding,) = said(capsys, "scenario", "validate", code=1)
    assert finding["file"].endswith("wrong.yaml")
    assert finding["line"] == 5
    assert "Did you mean move" in finding["message"]
    assert run(["scenario", "list"]) == 3
    assert run(["scenario", "show", "wrong"]) == 2
    assert "wrong.yaml:5" in capsys.readouterr().err.replace("\n", "")


def test_running_comparing_and_recording(folder: Path, capsys: Capture) -> None:
    pair = ("swiss_franc_2015", "equity_down_20")
    rows = said(capsys, "scenario", "compare", *pair, *ON, code=3)
    total = next(row for row in rows if row["group"] == "total")
    whole = said(capsys, "scenario", "run", *pair, *ON, code=3)
    assert {row["scenario_id"]: row["gain"] for row in whole["scenarios"]} == {
        name: total[name] for name in pair
    }
    assert run(["scenario", "run", *pair, *ON, "--record"]) == 3
    assert "Recorded as run" in capsys.readouterr().err
    assert run(["scenario", "run", "pandemic", "--node", "growth", *ON]) == 3
    assert "After each step" in capsys.readouterr().out
    assert run(["scenario", "run", *pair, *ON, "--output", "csv"]) == 3
    assert capsys.readouterr().out.startswith('"scenario_id","title"')


def test_slips_at_the_command_line(folder: Path, capsys: Capture) -> None:
    assert run(["scenario", "run", "crash_1978", *ON]) == 2
    assert "crash_1987" in capsys.readouterr().err
    assert run(["scenario", "compare", "crash_1987"]) == 2
    assert "two or more" in capsys.readouterr().err
    assert run(["scenario", "new", "Bad Name"]) == 2
    assert run(["scenario", "new", "x", "--from", str(folder / "nothing")]) == 2
    assert run(["scenario", "run", "crash_1987", "--set", "fall=1", *ON]) == 2
    with pytest.raises(UserInputError, match="no parameter"):
        parameters_of(["fall"])
    assert parameters_of(["a=1.5", "b= -20 %"]) == {"a": 1.5, "b": "-20 %"}


def test_the_schema_is_json(capsys: Capture) -> None:
    assert run(["scenario", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert set(schema["properties"]) >= {"title", "shocks", "path", "replay", "extends"}
