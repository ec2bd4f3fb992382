"""``pnl explain``, ``pnl attribution`` and ``pnl returns``: numbers, formats, codes, ways out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from riskplatform.reporting.explain_figures import waterfall
from tests.desk import explained_desk as world

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
FIRST, CURRENCY_DAY = "2026-03-02", "2026-03-05"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with world.build(tmp_path_factory.mktemp("pnl") / "desk") as desk:
        yield desk


@pytest.fixture(autouse=True)
def _named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(desk.settings.desk))


def test_explain_shows_terms_that_sum(capsys: Capture) -> None:
    options = ["--as-of", CURRENCY_DAY, "--by", "portfolio", "--output", "csv"]
    assert run(["pnl", "explain", *options]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    terms = {row["term"]: float(row["pnl"]) for row in rows}
    actual = terms.pop("actual")
    assert sum(terms.values()) == pytest.approx(actual, abs=1e-6)
    assert terms["fx"] == pytest.approx(2_600.0)
    for row in rows:
        parts = [float(row[name]) for name in ("shares", "options", "bonds")]
        assert sum(parts) == pytest.approx(float(row["pnl"]), abs=1e-6)


def test_explain_for_people_says_how_much_is_left(capsys: Capture) -> None:
    assert run(["pnl", "explain", "--as-of", CURRENCY_DAY, "--node", "shares"]) == 0
    shown = capsys.readouterr().out
    assert "shares: P&L from 2026-03-04 to 2026-03-05" in shown
    assert "Unexplained" in shown
    assert "risk-theoretical 2,600" in shown


def test_explain_as_json_is_the_desk_s_answer(capsys: Capture) -> None:
    assert run(["pnl", "explain", "--as-of", CURRENCY_DAY, "--output", "json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["way"] == "revaluation"
    assert sum(told["terms"].values()) == pytest.approx(told["actual"])


def test_factors_are_of_the_way_by_sensitivities(capsys: Capture) -> None:
    options = ["--as-of", CURRENCY_DAY, "--factors", "--output", "json"]
    assert run(["pnl", "explain", *options]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["term"], row["factor"]) for row in rows] == [("fx", "EUR")]
    assert rows[0]["pnl"] == pytest.approx(2_600.0)


def test_attribution_says_returns_and_effects(capsys: Capture) -> None:
    options = ["--node", "shares", "--start", FIRST]
    assert run(["pnl", "attribution", *options]) == 0
    shown = capsys.readouterr().out
    assert "excess" in shown
    assert "geometric" in shown
    assert run(["pnl", "attribution", *options, "--months", "--output", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    effects = sum(float(row[name]) for name in ("allocation", "selection", "interaction"))
    assert effects == pytest.approx(float(row["excess"]), abs=1e-12)


@pytest.mark.parametrize("period", ["month", "year", "day"])
def test_returns_by_period(desk: Desk, capsys: Capture, period: str) -> None:
    options = ["--node", "shares", "--start", FIRST, "--period", period]
    assert run(["pnl", "returns", *options, "--output", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    column = "return" if period == "day" else "time_weighted"
    whole = 1.0
    for row in rows:
        whole *= 1.0 + float(row[column] or 0.0)
    assert whole - 1.0 == pytest.approx(desk.returns("shares", world.DAYS[0].day).time_weighted)
    assert run(["pnl", "returns", *options]) == 0
    assert "money-weighted" in capsys.readouterr().out


def test_ways_out(capsys: Capture) -> None:
    for code, arguments, words in (
        (2, "explain --node bond", "no portfolio named"),
        (2, "explain --since 2026-03-06 --as-of 2026-03-05", "must be before the last"),
        (1, "explain --as-of 2026-03-07", "no market on 2026-03-07"),
        (1, f"attribution --node bonds --start {FIRST}", "has no benchmark"),
        (2, f"returns --start {FIRST} --period week", "There is no period"),
    ):
        assert run(["pnl", *arguments.split()]) == code, arguments
        assert words in capsys.readouterr().err.replace("\n", " ")


def test_a_node_that_holds_nothing_gained_nothing(desk: Desk) -> None:
    found = desk.explain("options", world.DAYS[-1].day, world.DAYS[-2].day)
    empty = found.lines[found.lines["instrument_id"] != "CASH.USD"]
    assert empty.empty
    assert found.actual == 0.0
    assert found.unexplained_share == 0.0


def test_the_waterfall_s_bars_are_the_terms(desk: Desk) -> None:
    found = desk.explain(None, world.DAYS[4].day)
    (bars,) = waterfall(found).data
    assert bars.x[-1] == "Actual P&L"
    assert sum(bars.y[:-1]) == pytest.approx(bars.y[-1])
    assert list(bars.measure) == ["relative"] * (len(bars.y) - 1) + ["total"]
