"""``gate``: rules, decisions and releases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from riskplatform.execution.order_journal import DECISIONS
from riskplatform.store.ledger import Event
from tests.desk.conftest import fill, now
from tests.desk.trading_told import a_day
from tests.execution.gate.gate_desk import NOW, gate_of, limit, order

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("gate") / "desk"
    with Desk.create(folder, name="Small desk", clock=now) as made:
        fill(made)
        told = a_day()
        gate = gate_of("limits: trim", [limit("gross_value", 45_000, "growth")])
        for number, much in enumerate((10, 100)):
            said = gate.judge(order(quantity=much, slice=number), NOW).to_dict()
            told.events.append(Event(DECISIONS, f"judged {number}", 0, said))
        told.tell(made)
        (folder / "gate.yaml").write_text("repeats: {at_most: 2, released_by: [anna]}\n")
        yield made


@pytest.fixture(autouse=True)
def _named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(desk.settings.desk))


def as_json(capsys: Capture, *arguments: str) -> Any:
    assert run(["gate", *arguments, "--output", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_rules_are_those_of_the_desk(capsys: Capture) -> None:
    told = as_json(capsys, "rules")
    assert (told["repeats"]["at_most"], told["repeats"]["released_by"]) == (2, ["anna"])
    assert told["collar"]["away_bp"] == 200.0
    assert run(["gate", "rules"]) == 0
    assert "released_by anna" in capsys.readouterr().out


def test_decisions_say_what_was_trimmed_and_why(capsys: Capture) -> None:
    rows = as_json(capsys, "decisions", "--since", "2026-03-06", "--until", "2026-03-06")
    assert [row["verdict"] for row in rows] == ["allow", "trim"]
    assert (rows[1]["asked"], rows[1]["quantity"], rows[1]["checks"]) == (100.0, 50.0, "limits")
    assert "would pass 45,000 USD" in rows[1]["reason"]
    only = as_json(capsys, "decisions", "--since", "2026-03-06", "--verdict", "trim")
    assert [row["asked"] for row in only] == [100.0]
    assert run(["gate", "decisions", "--since", "2026-03-07"]) == 0
    assert "said nothing" in capsys.readouterr().err
    assert run(["gate", "decisions", "--verdict", "blok"]) == 2
    assert "Did you mean block?" in capsys.readouterr().err


def test_a_line_is_released_by_who_may(capsys: Capture) -> None:
    line = ["release", "growth", "ALFA.XNYS", "buy", "--reason", "looked at it"]
    assert run(["gate", *line, "--as", "robot"]) == 1
    assert "May release: anna" in capsys.readouterr().err
    told = as_json(capsys, *line, "--as", "anna")
    assert (told["person"], told["after"]) == ("anna", 2)
    assert run(["gate", *line, "--as", "anna"]) == 2
    assert "nothing to release" in capsys.readouterr().err
    assert run(["gate", "release", "growth", "ALFA.XNYS", "by", "--reason", "x"]) == 2
    assert "Did you mean buy?" in capsys.readouterr().err
