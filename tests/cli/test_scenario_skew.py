"""A skew on the command line: run, taken apart, refused with the line and the right word."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from tests.desk import skew_desk as world
from tests.desk.skew_desk import VOL, spread_value

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ON = ["--as-of", "2026-03-06", "--output", "json"]
GAIN = spread_value(VOL, VOL + 0.02) - spread_value(VOL, VOL)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("skew") / "desk"
    world.make(folder).close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(made, tmp_path / "desk")
    monkeypatch.setenv("RISKPLATFORM_DESK", os.fspath(copy))
    return copy


def said(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, *ON]) == code
    return json.loads(capsys.readouterr().out)


def test_a_skew_is_run_and_taken_apart(folder: Path, capsys: Capture) -> None:
    (row,) = said(capsys, "scenario", "run", "steeper")["scenarios"]
    assert row["gain"] == pytest.approx(GAIN, rel=1e-6)
    found = said(capsys, "scenario", "explain", "steeper", "--set", "rise=-1 points")
    flatter = spread_value(VOL, VOL - 0.01) - spread_value(VOL, VOL)
    assert found["alone"] == pytest.approx({"skews of volatility": flatter}, rel=1e-6)


def test_a_question_with_a_skew_typed_in_it_is_answered(folder: Path, capsys: Capture) -> None:
    line = "gain of growth in {volatility: all, skew: +2 points}"
    (number,) = said(capsys, "ask", line)["numbers"]
    assert number["value"] == pytest.approx(GAIN, rel=1e-6)


def test_a_slip_is_named_with_its_line(folder: Path, capsys: Capture) -> None:
    file = folder / "scenarios" / "hypothetical" / "steeper.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("skew:", "skw:"), encoding="utf-8")
    capsys.readouterr()
    assert run(["scenario", "validate", "--output", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["line"] == 6
    assert "Did you mean skew" in finding["message"]
