"""Backtests on the command line: what comes first, formats, exit codes, refusals."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from tests.desk.backtest_desk import DAYS, WINDOW, clock, closes, make

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ACTUAL = ["risk", "backtest", "--node", "growth", "--of", "actual", "--as-of", str(DAYS[-1])]
QUICK = [*ACTUAL, "--window-days", str(WINDOW)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk whose last days are a storm, so that historical VaR turns red."""
    folder = tmp_path_factory.mktemp("backtests") / "desk"
    make(folder, closes(storm=80)).close()
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(built, tmp_path / "desk")
    monkeypatch.setenv("RISKPLATFORM_DESK", str(copy))
    return copy


def said(capsys: Capture, *arguments: str, code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert run(list(arguments)) == code
    found = capsys.readouterr()
    return found.out, found.err


def test_the_alert_comes_first_then_what_to_use(folder: Path, capsys: Capture) -> None:
    out, err = said(capsys, *ACTUAL)
    lines = out.splitlines()
    assert lines[0].startswith("ALERT  historical is red since")
    assert "is proposed" in lines[0]
    assert lines[1].startswith("Use ")
    assert "historical *" in out
    assert "* in use" in out
    assert "In use: historical-var (the setting var_model)." in err
    # The strip by year marks the year of the storm.
    assert "Exceptions by year" in out
    (row,) = [line for line in out.split("Exceptions by year")[1].splitlines() if "│ hist" in line]
    assert row.rstrip(" │").endswith("!")


def test_tests_name_null_and_alternative(folder: Path, capsys: Capture) -> None:
    out, _ = said(capsys, *QUICK, "--tests", "--model", "normal", "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    by_name = {row["name"]: row for row in rows if row["model"] == "normal"}
    pof = by_name["Kupiec POF"]
    assert pof["null"] == "exceptions happen with probability 0.01 on each day"
    assert pof["alternative"] == "they happen more often or less often than that"
    people, _ = said(capsys, *QUICK, "--tests", "--model", "normal")
    assert "Kupiec POF" in people
    assert "rejected:" in people


def test_json_is_the_whole_result(folder: Path, capsys: Capture) -> None:
    chosen = ["--model", "filtered-ewma", "--champion", "evt-var", "--output", "json"]
    out, _ = said(capsys, *QUICK, *chosen)
    found: dict[str, Any] = json.loads(out)
    assert [one["model"] for one in found["scorecard"]["models"]]
    names = {one["model"] for one in found["scorecard"]["models"]}
    assert (names, found["scorecard"]["champion"]) == ({"filtered, EWMA", "EVT"}, "EVT")
    with Desk.open(folder, clock=clock) as desk:
        same = desk.backtest(
            "growth", of="actual", window_days=WINDOW, models=["filtered-ewma"], champion="evt-var"
        )
    assert found["provenance"]["run_id"] == same.provenance.run_id
    assert found == json.loads(json.dumps(same.to_dict()))


def test_today_s_book_and_several_days(folder: Path, capsys: Capture) -> None:
    asked = ["risk", "backtest", "--node", "growth", "--as-of", str(DAYS[-1]), "--window-days",
             str(WINDOW), "--model", "historical"]  # fmt: skip
    out, _ = said(capsys, *asked)
    assert "FRTB attribution, sensitivities against full revaluation on 250 days: green" in out
    assert "hypothetical P&L in USD" in out
    out, _ = said(capsys, *asked, "--horizon-days", "5", "--days", "600")
    assert "0.99 VaR, 5 days" in out
    assert "P&L attribution is of single days" in out
    out, _ = said(capsys, *asked, "--no-attribution")
    assert "FRTB" not in out


def test_a_run_is_kept(folder: Path, capsys: Capture) -> None:
    _, err = said(capsys, *QUICK, "--model", "historical", "--record")
    run_id = err.split("Kept as run ")[1][:16]
    with Desk.open(folder, clock=clock) as desk:
        assert len(desk.lake.read("runs", where={"run_id": run_id, "kind": "backtest"})) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--confidence", "99"], 2, ("found 99", "Did you mean 0.99?")),
        (["--model", "histrical"], 2, ("'histrical'", "historical")),
        (["--champion", "nobody"], 2, ("'nobody'", "There are historical-var")),
        (["--days", "40"], 1, ("need 250 days", "has 40 days")),
        (["--window-days", "900"], 1, ("need 900 days", "has 779 days")),
        (["--node", "value"], 1, ("is zero on each of", "no risk to backtest")),
        (["--node", "spare"], 1, ("spare has no history",)),
        (["--node", "grwth"], 2, ("'grwth'", "Did you mean growth?")),
        (["--horizon-days", "0"], 2, ("A horizon is 1 day or more; found 0",)),
        (["--days", "0"], 2, ("A history is 1 day or more; found 0",)),
    ],
)
def test_what_is_refused(
    folder: Path, capsys: Capture, arguments: list[str], code: int, words: tuple[str, ...]
) -> None:
    _, err = said(capsys, *QUICK, *arguments, code=code)
    for word in words:
        assert word in err
