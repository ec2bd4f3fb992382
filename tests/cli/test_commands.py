"""The command line as a shell sees it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from riskplatform.reporting import numbers
from tests.desk.conftest import fill, move, now


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "desk"
    with Desk.create(folder, name="Small desk", clock=now) as desk:
        fill(desk)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "desk")


def test_value_as_json_is_the_desk_s_number(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["value", "show", "--by", "currency", "--desk", str(folder), "--output", "json"])
    rows = {row["currency"]: row["value"] for row in json.loads(capsys.readouterr().out)}
    with Desk.open(folder) as desk:
        expected = desk.value().lines.groupby("currency")["value"].sum().to_dict()
    assert code == 0
    assert rows == pytest.approx(expected, rel=1e-12)


def test_incomplete_coverage_is_exit_code_three(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Desk.open(folder) as desk:
        desk.add_transactions([move("g", "opening", 6, instrument_id="GHOST", quantity=10)])
    assert run(["value", "show", "--desk", str(folder), "--output", "csv"]) == 3
    out, err = capsys.readouterr()
    assert out.startswith('"asset_class","value",')
    assert "GHOST" in err
    assert "GHOST" not in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["value", "show", "--node", "grwth"], 2, "Did you mean growth"),
        (["value", "show", "--by", "assetclass"], 2, "asset_class"),
        (["value", "show", "--as-of", "6 March"], 2, "6 March"),
        (["value", "show", "--currency", "euro"], 2, "three capital letters"),
        (["market", "show", "curvs"], 2, "curves"),
        (["data", "quality", "--severity", "bad"], 2, "info, warning, error"),
        (["ledger", "add", "{"], 2, "not JSON"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_use_is_exit_code_two_with_the_way_out(
    folder: Path,
    arguments: list[str],
    code: int,
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
    assert run(arguments) == code
    out, err = capsys.readouterr()
    assert says in err
    assert out == ""
    assert "Traceback" not in err


def test_a_folder_that_is_no_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["value", "show", "--desk", str(tmp_path)]) == 2
    assert "riskplatform init" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["portfolio", "list"],
        ["portfolio", "show", "growth"],
        ["portfolio", "pnl", "growth"],
        ["portfolio", "lots", "growth", "ALFA.XNYS"],
        ["ledger", "history"],
        ["market", "show"],
        ["market", "show", "prices", "--name", "ALFA.XNYS"],
        ["market", "show", "fx"],
        ["data", "quality"],
        ["audit", "verify"],
        ["audit", "list"],
        ["doctor"],
        ["validate"],
    ],
)
@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_every_reading_command_writes_every_format(
    folder: Path, arguments: list[str], output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [] if arguments == ["audit", "verify"] else ["--output", output]
    assert run([*arguments, "--desk", str(folder), *options]) == 0
    out = capsys.readouterr().out
    if output == "json" and options:
        json.loads(out)


@pytest.mark.slow
def test_the_morning_report_has_the_numbers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Desk.open(folder) as desk:
        total, pnl = desk.value().total, desk.morning().pnl
    assert run(["report", "morning", "--desk", str(folder)]) == 0
    out = capsys.readouterr().out
    assert numbers.amount(total) in out
    assert numbers.signed(pnl) in out


@pytest.mark.slow
def test_a_desk_from_nothing_by_the_command_line_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    at = ["--desk", str(folder)]
    files = {
        "instruments.csv": "kind,instrument_id,name,currency\nequity,AAA,Triple A,USD\n",
        "holdings.csv": "portfolio,symbol,quantity\nmain,AAA,100\n",
        "prices.csv": "instrument_id,date,close\nAAA,2026-03-05,12.5\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert run(["init", str(folder), "--name", "Mine"]) == 0
    assert run(["portfolio", "add", "main", *at]) == 0
    for what, name in (("instruments",) * 2, ("positions", "holdings"), ("prices",) * 2):
        file = str(tmp_path / f"{name}.csv")
        arguments = ["--what", what, "--as-of", "2026-03-05"]
        assert run(["portfolio", "import", file, *arguments, *at]) == 0
    capsys.readouterr()
    assert run(["value", "show", *at, "--output", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["value"] == 1_250


def test_add_correct_and_void_by_hand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--desk", str(folder)]
    row = {
        "transaction_id": "hand-1",
        "kind": "cash",
        "effective_at": "2026-03-06T12:00:00+00:00",
        "portfolio_id": "growth",
        "currency": "USD",
        "amount": "1000",
    }
    assert run(["ledger", "add", json.dumps(row), *at]) == 0
    assert run(["ledger", "add", json.dumps(row), *at]) == 0
    assert run(["ledger", "add", json.dumps({**row, "amount": "900"}), *at]) == 1
    corrected = json.dumps({**row, "amount": "900"})
    assert run(["ledger", "add", corrected, "--correct", "--reason", "typo", *at]) == 0
    assert run(["ledger", "void", "hand-1", "--reason", "never happened", *at]) == 0
    assert run(["audit", "verify", *at]) == 0
    assert "Traceback" not in capsys.readouterr().err
