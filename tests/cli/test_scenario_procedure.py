"""Procedure on the command line: codes, formats, and slips that are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.cli.scenario_procedure import gap_of, shares_of
from riskplatform.errors import UserInputError
from tests.desk.risk_desk import make

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ON = ["--as-of", "2026-03-06"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("procedure") / "desk"
    make(folder).close()
    return folder


@pytest.fixture(autouse=True)
def folder(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """These commands only read."""
    monkeypatch.setenv("RISKPLATFORM_DESK", str(filled))


def said(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run(["scenario", "procedure", *arguments, *ON, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_liquidity(capsys: Capture) -> None:
    asked = ["liquidity", "--node", "growth", "--volume-left", "0.5", "--haircut", "equity=0.2"]
    found = said(capsys, *asked)
    # 2,000 ALFA at a fifth of half of a thousand a day; shares are 104,000 and 6,000.
    assert found["summary"]["days_to_unwind"] == pytest.approx(20.0)
    assert found["summary"]["haircut_loss"] == pytest.approx(0.2 * 110_000.0)
    assert run(["scenario", "procedure", *asked, *ON]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "zero liquidity: growth, in USD" in text
    assert run(["scenario", "procedure", *asked, *ON, "--output", "csv"]) == 0
    assert capsys.readouterr().out.startswith('"instrument_id"')


def test_stale_and_gaps(capsys: Capture) -> None:
    found = said(capsys, "stale", "--node", "growth", "--age", "ALFA.XNYS=9")
    assert found["summary"]["stale_value"] == pytest.approx(104_000.0)
    assert found["lines"][0]["age_days"] == 9.0
    rules = ["--stop", "equity=0.05", "--stop", "BETA.XETR=0.3", "--gap", "0.2"]
    found = said(capsys, "gaps", "--node", "growth", *rules)
    assert found["summary"]["loss_beyond_stops"] == pytest.approx(0.15 * 104_000.0)
    assert found["summary"]["loss_at_gap"] == pytest.approx(0.2 * 110_000.0)


def test_slips(capsys: Capture) -> None:
    assert run(["scenario", "procedure", "closed", "XNYX", *ON]) == 2
    assert "exchange of this book" in capsys.readouterr().err
    assert run(["scenario", "procedure", "gaps", "--stop", "equity", "--gap", "0.2", *ON]) == 2
    assert "--stop equity=0.08" in capsys.readouterr().err
    with pytest.raises(UserInputError, match="no number"):
        gap_of(["a lot"])
    assert gap_of(["0.2"]) == 0.2
    assert gap_of(["equity=0.2", "crypto=0.5"]) == {"equity": 0.2, "crypto": 0.5}
    assert shares_of(None, "") == {}
