"""``tca report``: table, JSON, CSV and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from tests.desk.conftest import fill, now
from tests.desk.trading_told import a_day, plan

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
UNTIL = ["--until", "2026-03-05"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk.create(tmp_path_factory.mktemp("tca") / "desk", name="Small desk", clock=now) as made:
        fill(made)
        a_day().tell(made)
        yield made


@pytest.fixture(autouse=True)
def _named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(desk.settings.desk))


def test_the_table_says_what_it_cost(capsys: Capture) -> None:
    assert run(["tca", "report", *UNTIL, "--by", "instrument"]) == 0
    said = capsys.readouterr().out
    assert "Trading costs" in said
    assert "ALFA.XNYS" in said
    assert "Implementation shortfall 109.10 USD" in said
    assert "vwap: PV 2" in said
    assert "close: prices of the lake 2" in said


def test_json_has_the_total_and_its_groups(capsys: Capture) -> None:
    assert run(["tca", "report", *UNTIL, "--by", "side", "--output", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["total"]["shortfall"] == pytest.approx(109.1)
    assert {each["group"] for each in told["groups"]} == {"buy", "sell"}
    assert told["coverage"]["done"] == 2


def test_csv_has_a_row_for_each_order_and_for_what_is_left(capsys: Capture) -> None:
    assert run(["tca", "report", *UNTIL, "--by", "order", "--output", "csv"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 1 + 3 + 1
    assert any("not filled: A2 growth BETA.XETR" in line for line in lines)


def test_nothing_traded_is_said(capsys: Capture) -> None:
    assert run(["tca", "report", "--until", "2026-03-02"]) == 0
    assert "Nothing was traded" in capsys.readouterr().err


def test_a_grouping_that_is_not_there_is_refused(capsys: Capture) -> None:
    assert run(["tca", "report", "--by", "instrumnt"]) == 2
    assert "Did you mean instrument?" in capsys.readouterr().err


def test_what_is_not_known_ends_with_three(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Desk.create(tmp_path / "desk", clock=now) as made:
        fill(made)
        told = a_day()
        told.parent(plan("GHOST", "growth", 10, 5.0, currency="JPY", approval_id="A3"))
        told.tell(made)
    monkeypatch.setenv("RISKPLATFORM_DESK", str(tmp_path / "desk"))
    assert run(["tca", "report", *UNTIL]) == 3
    assert "no rate of JPY" in capsys.readouterr().err
