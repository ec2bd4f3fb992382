"""``paper``: started as a program, asked and advanced by others."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.cli.main import run
from tests.desk.conftest import templates as templates  # noqa: PLC0414  # the fixture

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
PROGRAM = [sys.executable, "-c", "from riskplatform.cli.main import main; main()", "paper"]


@pytest.fixture
def desk(templates: Path, tmp_path: Path) -> Path:
    shutil.copytree(templates / "filled", tmp_path / "desk")
    return tmp_path / "desk"


@pytest.fixture
def started(desk: Path) -> Iterator[subprocess.Popen[str]]:
    """Stands at the first moment of Friday; returns when it listens."""
    command = [*PROGRAM, "start", "--desk", str(desk), "--day", "2026-03-06", "--speed", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    first = process.stderr.readline()
    assert re.match(r"Paper venue PV\w{8} in .*data/paper, port \d+: 4 instruments", first), first
    yield process
    process.kill()
    process.communicate()


def facts(capsys: Capture, desk: Path, *arguments: str) -> dict[str, object]:
    assert run(["paper", *arguments, "--desk", str(desk), "--output", "json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_status_advance_and_an_orderly_end(
    started: subprocess.Popen[str], desk: Path, capsys: Capture
) -> None:
    found = facts(capsys, desk, "status")
    assert (found["day"], found["speed"]) == ("2026-03-06", 0.0)
    assert found["now"] == found["opens_at"] == "2026-03-06T00:00:00+00:00"
    assert facts(capsys, desk, "advance", "90")["now"] == "2026-03-06T01:30:00+00:00"
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=30)
    assert started.returncode == 0
    assert "The same command goes on from there." in said


def test_nobody_there_is_an_error(desk: Path, capsys: Capture) -> None:
    assert run(["paper", "status", "--desk", str(desk)]) == 1
    assert "riskplatform paper start" in capsys.readouterr().err
