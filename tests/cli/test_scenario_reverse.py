"""The other way round on the command line: codes, formats, and errors that help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.cli.scenario_reverse import bounds_of, counted_of, pair_of
from riskplatform.errors import UserInputError
from tests.desk.risk_desk import make

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ON = ["--as-of", "2026-03-06", "--days", "300"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reverse") / "desk"
    make(folder).close()
    return folder


@pytest.fixture(autouse=True)
def folder(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """These commands only read."""
    monkeypatch.setenv("RISKPLATFORM_DESK", str(filled))


def said(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run(["scenario", *arguments, *ON, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_reverse(capsys: Capture) -> None:
    asked = ["reverse", "--loss", "5000", "--node", "growth", "--answers", "2"]
    found = said(capsys, *asked, "--still", "fx.*", "--bound", "spot.BETA*=-3 %:")
    assert found["node"] == "growth"
    best = found["answers"][0]
    assert best["loss"] == pytest.approx(5_000.0, rel=1e-6)
    moves = {row["factor_id"]: row["move"] for row in best["factors"]}
    assert moves["fx.EUR"] == 0.0
    assert moves["spot.BETA.XETR"] >= -0.0305
    assert run(["scenario", *asked, *ON]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "growth: losing 5,000 USD" in text
    assert "once in" in text
    assert "by kind of factor" in text


def test_a_loss_that_is_out_of_reach_is_no_success(capsys: Capture) -> None:
    bound = ["--bound", "spot.*=-1 %:+1 %", "--still", "fx.*"]
    found = said(capsys, "reverse", "--loss", "50000", "--node", "growth", *bound, code=3)
    assert found["answers"] == []
    assert "No scenario was found" in found["failures"][0]["message"]


def test_infer_and_fragile(capsys: Capture) -> None:
    found = said(
        capsys, "infer", "--shock", "spot.ALFA.XNYS=-10 %", "--node", "growth", "--draws", "50",
        "--distribution", "t",
    )  # fmt: skip
    assert found["band"]["draws"] == 50
    assert found["degrees"] == 6.0
    shocked = [row for row in found["factors"] if row["shocked"]]
    assert [row["factor_id"] for row in shocked] == ["spot.ALFA.XNYS"]
    assert run(["scenario", "infer", "--shock", "fx.EUR=-0.02", "--node", "growth", *ON]) == 0
    assert "-1.98 %" in capsys.readouterr().out
    rows = said(capsys, "fragile", "--node", "growth", "--count", "3")["directions"]
    assert len(rows) == 3
    assert rows[0]["loss"] >= rows[1]["loss"]
    assert run(["scenario", "fragile", "--node", "growth", *ON]) == 0
    assert "steepest" in capsys.readouterr().out


def test_errors_help(capsys: Capture) -> None:
    assert run(["scenario", "reverse", *ON]) == 2
    assert "a loss or a limit" in capsys.readouterr().err
    assert run(["scenario", "infer", "--shock", "spot.ALFA.XNY=-10 %", *ON]) == 2
    assert "Did you mean" in capsys.readouterr().err
    assert run(["scenario", "reverse", "--loss", "5", "--regime", "wild", *ON]) == 2
    assert "wild" in capsys.readouterr().err


def test_options_as_typed() -> None:
    assert pair_of("fx.EUR = -5 %", "") == ("fx.EUR", "-5 %")
    assert pair_of("fx.EUR=-0.05", "") == ("fx.EUR", -0.05)
    assert bounds_of(["a=-1 %:", "b=:0.2", "c=-1:1"]) == {
        "a": ("-1 %", None), "b": (None, 0.2), "c": (-1.0, 1.0)
    }  # fmt: skip
    assert bounds_of(None) is None
    chosen = counted_of(None, "spot.A<0.1")
    assert chosen is not None
    assert (chosen.factor_id, chosen.below, chosen.above) == ("spot.A", 0.1, None)
    assert counted_of(None, None) is None
    for wrong in ("spot.A", "spot.A<few"):
        with pytest.raises(UserInputError, match="names no days"):
            counted_of(None, wrong)
    with pytest.raises(UserInputError, match="no lowest and highest"):
        bounds_of(["a=-1 %"])
    with pytest.raises(UserInputError, match="no factor and move"):
        pair_of("fx.EUR", "--shock 'fx.EUR=-5 %'")


def test_a_scenario_that_infers_is_run_with_its_band(filled: Path, capsys: Capture) -> None:
    text = (
        "title: x\nkind: hypothetical\nrest: infer\npropagation: {distribution: t}\n"
        "shocks:\n  - equity: ALFA.XNYS\n    move: -10 %\n"
    )
    file = filled / "scenarios" / "hypothetical" / "falls_alone.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    when = ON[:2]
    asked = ["scenario", "run", "falls_alone", "--node", "growth", *when]
    capsys.readouterr()
    assert run([*asked, "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (row,) = found["scenarios"]
    assert row["low"] < row["gain"] < row["high"]
    assert found["bands"]["falls_alone"]["plausibility"]["distribution"] == "t (5 degrees)"
    assert run(asked) == 0
    told = capsys.readouterr()
    assert f"{row['low']:,.0f}" in told.err.replace("\n", " ")
    assert "distance" in told.out
    assert run(["scenario", "run", "equity_down_20", *when]) == 0
    assert "distance" not in capsys.readouterr().out
    assert run(["scenario", "explain", "falls_alone", "--node", "growth", *when]) == 0
    assert "equity prices" in " ".join(capsys.readouterr().out.split())
    assert run(["scenario", "show", "falls_alone"]) == 0
    assert "degrees of freedom 5" in " ".join(capsys.readouterr().out.split())
    file.unlink()
