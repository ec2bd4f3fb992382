"""``what-if``: trades and files asked, kept, shown and hedged; formats and exit codes."""

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
from riskplatform.domain.limits import Limit
from tests.ui.small_desk import AS_OF, build

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
ON = ["--as-of", AS_OF.isoformat()]
BUY = ["--trade", "EQ.US: ALPHA +1000"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with build(tmp_path_factory.mktemp("what-if") / "small") as made:
        gross = made.value(AS_OF, node="EQ.US").lines["notional"].abs().sum()
        limit = Limit(limit_id="US.GROSS", node="EQ.US", measure="gross_value", hard=gross)
        made.set_limits([limit], reason="test")
        yield made


@pytest.fixture(autouse=True)
def _named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(desk.settings.desk))


def as_json(capsys: Capture, *arguments: str, codes: tuple[int, ...] = (0, 3)) -> Any:
    assert run(["what-if", *arguments, "--output", "json"]) in codes
    return json.loads(capsys.readouterr().out)


def test_a_trade_in_three_formats(desk: Desk, capsys: Capture) -> None:
    found = as_json(capsys, "run", *ON, *BUY, "--node", "EQ")
    assert found["node"] == "EQ"
    assert found["changes"] == ["EQ.US: ALPHA.US +1,000"]
    expected = desk.what_if("EQ.US: ALPHA.US +1000", "EQ", AS_OF)
    numbers = {row["measure"]: row for row in found["numbers"]}
    for row, base, scenario in zip(expected.rows, expected.base, expected.scenario, strict=True):
        assert numbers[row.measure]["base"] == base
        assert numbers[row.measure]["scenario"] == scenario
    assert run(["what-if", "run", *ON, *BUY, "--node", "EQ", "--output", "csv"]) in (0, 3)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["measure"] for row in rows] == list(numbers)
    assert run(["what-if", "run", *ON, *BUY, "--node", "EQ"]) in (0, 3)
    table = capsys.readouterr().out
    assert "Trades are paid from the cash" in table
    assert "gross value" in table


def test_a_new_breach_is_told_first_and_has_its_exit_code(capsys: Capture) -> None:
    assert run(["what-if", "run", *ON, "--trade", "EQ.US: ALPHA.US +1000000"]) == Exit.BREACH
    said = capsys.readouterr()
    assert "Breaches US.GROSS (EQ.US, gross_value)" in said.err
    assert "red" in said.out
    found = as_json(capsys, "run", *ON, "--trade", "EQ.US: ALPHA.US +1000000", codes=(4,))
    assert found["new_breaches"] == ["US.GROSS"]


def test_a_question_is_kept_listed_shown_and_asked_again(capsys: Capture) -> None:
    first = as_json(capsys, "run", *ON, *BUY, "--no-cash", "--save", "more_alpha")
    rows = as_json(capsys, "list")
    assert [(row["name"], row["changes"]) for row in rows] == [("more_alpha", 1)]
    assert run(["what-if", "show", "more_alpha"]) == Exit.DONE
    text = capsys.readouterr().out
    assert "EQ.US: ALPHA +1,000" in text
    assert "self_financed: false" in text
    again = as_json(capsys, "run", "more_alpha", *ON)
    assert again["numbers"] == first["numbers"]
    other = as_json(capsys, "run", "more_alpha", *ON, "--confidence", "0.95", "--save", "again")
    assert any("0.95" in row["measure"] for row in other["numbers"])
    assert {row["name"] for row in as_json(capsys, "list")} == {"again", "more_alpha"}


def test_a_file_of_changes(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: Two\nnode: EQ\nchanges:\n  - EQ.US: ALPHA.US +10\n  - scale LS.1 0.5\n")
    found = as_json(capsys, "run", str(path), *ON)
    assert found["changes"] == ["EQ.US: ALPHA.US +10", "scale LS.1 0.5"]
    path.write_text("title: Two\nchanges:\n  - EQ.US: ALPHA.US +10\n  - scale\n")
    assert run(["what-if", "run", str(path), *ON]) == Exit.USAGE
    assert "mine.yaml:4" in capsys.readouterr().err.replace("\n", "")


def test_hedges(capsys: Capture) -> None:
    found = as_json(capsys, "hedge", *ON, "--node", "EQ.US", "--risk", "volatility", "--top", "3")
    assert 1 <= len(found["hedges"]) <= 3
    assert all(each["after"] < each["before"] for each in found["hedges"])
    assert all(each["traded"] <= found["budget"] for each in found["hedges"])
    assert run(["what-if", "hedge", *ON, "--node", "EQ.US", "--risk", "esx"]) == Exit.USAGE
    assert "risk to hedge" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["run"], "takes a file or a name, or trades"),
        (["run", "nobody"], "no what-if named"),
        (["run", "--trade", "ALPHA 100"], "buy or to sell"),
        (["run", "--trade", "NOWHERE: ALPHA +1"], "NOWHERE"),
        (["run", "--trade", "EQ.US: ALPHAX +1"], "ALPHAX"),
        (["run", "--trade", "EQ.US: ALPHA +1", "--confidence", "99"], "0.99"),
        (["run", "--trade", "EQ.US: ALPHA +1", "--save", "../x"], "cannot name a what-if"),
        (["show", "../../etc/passwd"], "cannot name a what-if"),
        (["run", "missing.yaml"], "There is no file"),
    ],
)
def test_wrong_use_says_what_is_right(arguments: list[str], found: str, capsys: Capture) -> None:
    dated = ON if arguments[0] == "run" else []
    assert run(["what-if", *arguments, *dated]) == Exit.USAGE
    assert found in capsys.readouterr().err.replace("\n", " ")
