"""``limits``: from a file to a check, headroom and history; formats and exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import Exit, run
from riskplatform.desk import Desk
from tests.ui.small_desk import AS_OF, build

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
LIMITS = """\
limits:
  FIRM.VAR: {node: FIRM, measure: var, confidence: 0.95, hard: 1e9}
  EQ.DELTA: {node: EQ, measure: delta, hard: 1e9, soft: 1e6, owner: A. Manager}
  LS.GROSS: {node: LS, measure: gross_value, hard: 1e4}
"""
ON = ["--as-of", AS_OF.isoformat(), "--days", "150"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("limits")
    with build(folder / "small") as made:
        (folder / "limits.yaml").write_text(LIMITS)
        made.set_limits(folder / "limits.yaml")
        yield made


@pytest.fixture(autouse=True)
def _named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(desk.settings.desk))


def as_json(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    assert run(["limits", *arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_the_list(capsys: Capture) -> None:
    rows = as_json(capsys, "list", "--as-of", AS_OF.isoformat())
    assert [row["limit_id"] for row in rows] == ["EQ.DELTA", "FIRM.VAR", "LS.GROSS"]
    assert rows[1]["confidence"] == 0.95
    assert as_json(capsys, "list", "--node", "LS")[0]["hard"] == 1e4
    assert run(["limits", "list"]) == Exit.DONE
    assert "A. Manager" in capsys.readouterr().out


def test_the_check_has_the_breach_s_exit_code(capsys: Capture) -> None:
    found = as_json(capsys, "check", *ON, code=Exit.BREACH)
    assert found["counts"] == {"green": 1, "amber": 1, "red": 1, "not measured": 0}
    assert found["provenance"]["as_of"] == AS_OF.isoformat()
    kept = as_json(capsys, "check", *ON, "--node", "EQ")
    assert [row["light"] for row in kept["limits"]] == ["amber"]
    problems = as_json(capsys, "check", *ON, "--problems", code=Exit.BREACH)
    assert {row["light"] for row in problems["limits"]} == {"amber", "red"}
    assert run(["limits", "check", *ON]) == Exit.BREACH
    table = capsys.readouterr().out
    assert table.index("LS.GROSS") < table.index("EQ.DELTA") < table.index("FIRM.VAR")
    assert run(["limits", "check", *ON, "--output", "csv"]) == Exit.BREACH
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["limit_id"] for row in rows] == ["EQ.DELTA", "FIRM.VAR", "LS.GROSS"]


def test_a_limit_that_is_not_measured_has_its_exit_code(
    desk: Desk, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "more.csv"
    file.write_text("limit_id,node,measure,hard,confidence\nEQ.FAR,EQ.INT,es,1e9,0.99999\n")
    assert run(["limits", "set", str(file), "--reason", "a far tail"]) == Exit.DONE
    assert "1 limits recorded, 0 as they were" in capsys.readouterr().err
    assert run(["limits", "check", *ON, "--node", "EQ.INT"]) == Exit.INCOMPLETE
    told = capsys.readouterr()
    assert "EQ.FAR is not measured" in told.err
    file.write_text(file.read_text().replace("confidence", "confidence,valid_until")
                    .replace("0.99999", "0.99999,2020-01-01"))  # fmt: skip
    assert run(["limits", "set", str(file)]) == Exit.DONE


def test_a_wrong_file_says_where(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(LIMITS.replace("measure: delta", "measure: dleta"))
    assert run(["limits", "set", str(file)]) == Exit.USAGE
    told = capsys.readouterr().err
    assert "bad.yaml:3" in told.replace("\n", "")
    assert "Did you mean delta" in told


def test_export_is_read_again(tmp_path: Path, capsys: Capture) -> None:
    for name in ("again.yaml", "again.csv"):
        assert run(["limits", "export", "--to", str(tmp_path / name)]) == Exit.DONE
        assert run(["limits", "set", str(tmp_path / name)]) == Exit.DONE
        assert "0 limits recorded" in capsys.readouterr().err
    assert run(["limits", "export", "--as", "csv"]) == Exit.DONE
    assert capsys.readouterr().out == (tmp_path / "again.csv").read_text()


def test_headroom(capsys: Capture) -> None:
    found = as_json(capsys, "headroom", "BETA.US", "--node", "EQ.US", *ON)
    assert [row["side"] for row in found["headroom"]] == ["buy", "sell"]
    assert found["headroom"][0]["binding"] == "EQ.DELTA"
    room = found["headroom"][0]["quantity"]
    tenth = as_json(capsys, "headroom", "BETA.US", "--node", "EQ.US", *ON, "--lot", "100",
                    "--side", "buy")["headroom"][0]["quantity"]  # fmt: skip
    assert tenth == room // 100 * 100
    assert run(["limits", "headroom", "--node", "LS.1", *ON]) == Exit.DONE
    assert "breached already" in " ".join(capsys.readouterr().out.split())
    assert run(["limits", "headroom", "X", "--node", "LS.1", *ON]) == Exit.USAGE


def test_history(capsys: Capture) -> None:
    assert run(["limits", "check", *ON, "--record"]) == Exit.BREACH
    assert "Kept as run" in capsys.readouterr().err
    rows = as_json(capsys, "history")
    assert {(row["limit_id"], row["light"]) for row in rows} == {
        ("LS.GROSS", "red"), ("EQ.DELTA", "amber"),
    }  # fmt: skip
    assert [row["limit_id"] for row in as_json(capsys, "history", "--node", "EQ")] == ["EQ.DELTA"]
    assert as_json(capsys, "history", "--since", "2030-01-01") == []
    assert run(["limits", "history"]) == Exit.DONE
    assert "lasting" in capsys.readouterr().out
