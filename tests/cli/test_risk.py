"""Risk on the command line: run, show, decompose; codes, formats, what to type instead."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from tests.desk.risk_desk import make

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
SETS = ["--set", "historical", "--set", "gaussian"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the cubes of both sets."""
    folder = tmp_path_factory.mktemp("risk-cli") / "desk"
    with make(folder) as desk:
        desk.risk_book(scenarios=["historical", "gaussian"])
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(built, tmp_path / "desk")
    monkeypatch.setenv("RISKPLATFORM_DESK", str(copy))
    # Cubes are remembered by the place of their lake.
    with Desk.open(copy) as desk:
        desk.risk_book(scenarios=["historical", "gaussian"])
    return copy


def said(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


def wrong(capsys: Capture, *arguments: str, code: int) -> str:
    capsys.readouterr()
    assert run([*arguments]) == code
    return " ".join(capsys.readouterr().err.split())


def test_show_answers_what_the_desk_does(folder: Path, capsys: Capture) -> None:
    found = said(capsys, "risk", "show", "--node", "growth", *SETS, "--confidence", "0.95")
    assert [each["scenario_set"] for each in found["sets"]] == ["historical", "gaussian"]
    with Desk.open(folder) as desk:
        report = desk.risk("growth", scenarios=["historical", "gaussian"], confidence=0.95,
                           methods=["historical", "monte_carlo"])  # fmt: skip
    figures = {each["method"]: each for each in found["sets"][0]["figures"]}
    expected = report.of("historical").methods["historical"]
    assert figures["historical"]["es"] == expected.es
    assert "filtered_historical" not in figures
    assert found["sets"][0]["measures"]["benchmark_id"] == "index"
    assert run(["risk", "show", *SETS, "--by", "asset_class"]) == 0
    out = capsys.readouterr().out
    assert "VaR and ES are losses, positive" in out
    assert "firm by asset_class" in out
    assert run(["risk", "show", *SETS, "--output", "csv"]) == 0
    assert capsys.readouterr().out.startswith('"scenario_set","method"')


def test_run_builds_measures_and_keeps(folder: Path, capsys: Capture) -> None:
    arguments = ["--set", "student_t", "--method", "monte_carlo", "--method", "delta_gamma"]
    assert "No cube of student_t" in wrong(capsys, "risk", "show", *arguments, code=1)
    found = said(capsys, "risk", "run", *arguments)
    run_id = found["provenance"]["run_id"]
    assert [each["method"] for each in found["sets"][0]["figures"]] == [
        "monte_carlo", "delta_gamma_exact", "delta_gamma_cornish_fisher", "delta_gamma_normal",
    ]  # fmt: skip
    assert [row["portfolio_id"] for row in found["tree"]["nodes"]] == [
        "firm", "fund", "growth", "macro",
    ]  # fmt: skip
    with Desk.open(folder) as desk:
        rows = desk.lake.read("runs", where={"run_id": run_id})
    assert rows["kind"].tolist() == ["risk"]
    assert said(capsys, "risk", "show", "--set", "student_t", "--method", "monte_carlo")


def test_a_set_by_its_digits_and_of_ten_days(folder: Path, capsys: Capture) -> None:
    made = said(capsys, "scenarios-set", "list")
    (digits,) = [row["scenario_set"][:10] for row in made if row["maker"] == "gaussian"]
    found = said(capsys, "risk", "run", "--set", digits, "--method", "monte_carlo")
    assert found["sets"][0]["scenario_set_id"].startswith(digits)
    ten = said(capsys, "risk", "run", "--set", "historical:10", "--horizon-days", "10",
               "--method", "historical", "--confidence", "0.9")  # fmt: skip
    assert ten["sets"][0]["figures"][0]["scaling"] is None
    assert "maker:days" in wrong(capsys, "risk", "run", "--set", "historical:ten", code=2)


def test_decompose_adds_up(folder: Path, capsys: Capture) -> None:
    found = said(capsys, "risk", "decompose", "--by", "instrument_id", "--set", "gaussian",
                 "--incremental", "--node", "fund")  # fmt: skip
    for measure in ("volatility", "var", "es"):
        parts = sum(row[measure] for row in found["items"])
        assert parts == pytest.approx(found["totals"][measure], rel=1e-10)
    assert all(row["incremental_es"] is not None for row in found["items"])
    arguments = ["--by", "factor", "--measure", "var", "--tails", "2", "--limit", "1"]
    assert run(["risk", "decompose", "--set", "gaussian", *arguments]) == 0
    out = capsys.readouterr().out
    assert "others" in out
    assert "unexplained" in " ".join(out.split())
    assert "what lost most in each" in out
    assert run(["risk", "decompose", "--set", "gaussian", "--output", "csv"]) == 0
    assert capsys.readouterr().out.startswith('"portfolio"')


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "--confidence", "99"], 2, "A share is meant, not a percentage: 0.99"),
        (["decompose", "--confidence", "99"], 2, "A share is meant, not a percentage: 0.99"),
        (["show", *SETS, "--node", "grwth"], 2, "Did you mean growth"),
        (["show", *SETS, "--node", "index"], 1, "index holds nothing"),
        (["show", "--method", "normall"], 2, "Did you mean normal"),
        (["show", "--by", "sectr"], 2, "Did you mean sector"),
        (["decompose", "--by", "factr"], 2, "Did you mean factor"),
        (["show", "--as-of", "2026-02-27"], 1, "Nothing is held on 2026-02-27"),
        (["show"], 1, "Build it with `riskplatform risk run`"),
        (["show", "--set", "histrical"], 2, "Did you mean historical"),
    ],
)
def test_what_is_wrong_and_what_to_do(
    folder: Path, capsys: Capture, arguments: list[str], code: int, words: str
) -> None:
    assert words in wrong(capsys, "risk", *arguments, code=code)


def test_a_method_named_without_an_answer_is_incomplete(folder: Path, capsys: Capture) -> None:
    ask = ["risk", "show", "--set", "gaussian", "--method", "age_weighted"]
    assert "weighs days by their order" in wrong(capsys, *ask, code=3)


def test_show_loads_neither_compiler_nor_statistics(folder: Path) -> None:
    code = (
        "import sys; from riskplatform.cli.main import run; code = run(['risk', 'show', "
        "'--set', 'historical', '--set', 'gaussian', '--output', 'csv']); "
        "heavy = {'numba', 'scipy.stats', 'scipy.optimize', 'arch', 'QuantLib', 'statsmodels'}; "
        "print(code, *sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"


@pytest.mark.usefixtures("ctrl_c_at_once")
def test_ctrl_c_keeps_what_is_built(folder: Path, capsys: Capture) -> None:
    assert run(["risk", "run", "--set", "age_weighted"]) == 130
    assert "The same command goes on" in capsys.readouterr().err
