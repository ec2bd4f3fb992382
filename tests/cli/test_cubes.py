"""Scenario sets and cubes on the command line: codes, formats, short ids, pruning, Ctrl-C."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from riskplatform.cli.main import run
from riskplatform.cli.sizes import size_text
from riskplatform.desk import Desk
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.simulation.short_ids import full_id
from tests.desk.conftest import DAYS, fill, now

pytestmark = pytest.mark.slow


Capture = pytest.CaptureFixture[str]
FOUR_DAYS = ["--days", "4"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small desk with a curve for its bond, so that everything has a price; one cube."""
    folder = tmp_path_factory.mktemp("cubes") / "desk"
    with Desk.create(folder, name="Small desk", clock=now) as desk:
        fill(desk)
        rows = [
            {"curve_id": "USD.GOVT", "date": day, "times": [1.0, 10.0], "source": "test",
             "zero_rates": [0.03 + 0.001 * i] * 2, "interpolation": "linear_zero"}
            for i, day in enumerate(DAYS)
        ]  # fmt: skip
        desk.lake.write("curves", pd.DataFrame(rows))
        desk.cube(days=4)
        desk.record_cubes()
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(built, tmp_path / "desk")
    monkeypatch.setenv("RISKPLATFORM_DESK", str(copy))
    return copy


def said(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    """The answer of a command as JSON."""
    capsys.readouterr()
    assert run([*arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_a_set_is_made_once(folder: Path, capsys: Capture) -> None:
    made = said(capsys, "scenarios-set", "build", "age_weighted", *FOUR_DAYS, "--option", "decay=1")
    assert (made["scenarios"], made["horizon_days"], made["as_of"]) == (4, 1, "2026-03-06")
    assert made["effective_sample_size"] == pytest.approx(4.0)
    assert made["coverage"]["failures"] == []
    arguments = ["scenarios-set", "build", "age_weighted", *FOUR_DAYS, "--option", "decay=1"]
    assert run([*arguments, "--output", "csv"]) == 0
    out, err = capsys.readouterr()
    assert "there already" in err
    assert made["scenario_set"] in out
    listed = said(capsys, "scenarios-set", "list")
    assert {row["maker"] for row in listed} == {"historical", "age_weighted"}
    assert all(row["size_bytes"] > 0 for row in listed)


def test_a_drawn_set_is_shown_beside_its_input(folder: Path, capsys: Capture) -> None:
    choices = ["--scenarios", "400", "--seed", "5", "--option", "nu=6"]
    made = said(capsys, "scenarios-set", "build", "student_t", *choices, *FOUR_DAYS)
    shown = said(capsys, "scenarios-set", "show", made["scenario_set"][:6], "--limit", "2")
    assert (shown["seed"], len(shown["moments"])) == (5, 2)
    assert "from their input" in shown["correlation_check"]
    assert shown["moments"][0]["input_deviation"] > 0
    one = said(capsys, "scenarios-set", "show", made["scenario_set"], "--factor", "fx.EUR")
    with Desk.open(folder) as desk:
        moves = desk.scenario_sets.open(made["scenario_set"]).with_factors(["fx.EUR"]).moves
    assert one["deviation"] == pytest.approx(moves.std())
    assert one["lowest"] == moves.min()


@pytest.mark.slow
def test_a_cube_is_built_once_and_slices_of_it_are_the_desk_s(
    folder: Path, capsys: Capture
) -> None:
    again = said(capsys, "cube", "build", *FOUR_DAYS)
    assert again["rows_built"] == 0
    assert again["coverage"]["failures"] == again["standing_still"] == []
    (listed,) = said(capsys, "cube", "list")
    assert (listed["cube_id"], listed["status"]) == (again["cube_id"], "done")
    rows = said(capsys, "cube", "show", again["cube_id"][:6], "--by", "kind", "--currency", "EUR")
    with Desk.open(folder, base_currency="EUR") as desk:
        expected = desk.cube_profits(desk.open_cube(again["cube_id"]), by="kind").to_frame()
    by_kind = expected.set_index("kind")["worst_1"].to_dict()
    assert {row["kind"]: row["worst_1"] for row in rows} == pytest.approx(by_kind)
    assert run(["cube", "show", again["cube_id"][:6], "--node", "growth"]) == 0
    assert "Together in USD" in capsys.readouterr().out


@pytest.mark.slow
def test_what_has_no_price_is_exit_code_three(folder: Path, capsys: Capture) -> None:
    row = {
        "transaction_id": "g", "kind": "opening", "effective_at": "2026-03-05T15:00:00+00:00",
        "portfolio_id": "growth", "instrument_id": "GHOST", "quantity": "10",
    }  # fmt: skip
    assert run(["ledger", "add", json.dumps(row)]) == 0
    capsys.readouterr()
    assert run(["cube", "build", "--days", "3", "--output", "json"]) == 3
    out, err = capsys.readouterr()
    made = json.loads(out)
    assert [failure["subject"] for failure in made["coverage"]["failures"]] == ["GHOST"]
    assert "GHOST" in err
    assert run(["cube", "show", made["cube_id"][:8], "--by", "currency", "--output", "csv"]) == 3
    assert "GHOST" in capsys.readouterr().err
    assert run(["cube", "show", made["cube_id"][:8]]) == 3


@pytest.mark.slow
def test_own_moves_and_what_stands_still(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "crash.csv"
    file.write_text("label,spot.ALFA.XNYS\ncrash,-0.5\nboom,1\n")
    own = ["--from", str(file), "--kind", "relative"]
    made = said(capsys, "scenarios-set", "build", *own)
    assert run(["cube", "build", made["scenario_set"][:7], "--output", "json"]) == 0
    out, err = capsys.readouterr()
    assert "do not move" in err
    assert "spot.BETA.XETR" in err
    cube = json.loads(out)["cube_id"]
    (row,) = said(capsys, "cube", "show", cube, "--node", "growth", "--worst", "1")
    assert row["scenario_1"] == "crash"
    assert row["worst_1"] == pytest.approx(-0.5 * 2_000 * 52.0)
    assert said(capsys, "cube", "build", *own)["rows_built"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scenarios-set", "build"], "Name a maker"),
        (["scenarios-set", "build", "gausian"], "Did you mean gaussian"),
        (["scenarios-set", "build", "copula"], "more than the desk's history"),
        (["scenarios-set", "build", "abcdef"], "is an id"),
        (["scenarios-set", "build", "historical", "--scenarios", "9"], "It has horizon_days"),
        (["scenarios-set", "build", "student_t", "--option", "nuu=4"], "Did you mean nu"),
        (["scenarios-set", "build", "student_t", "--option", "nu=four"], "nu is a number"),
        (["scenarios-set", "build", "student_t", "--option", "nu"], "--option name=value"),
        (["scenarios-set", "build", "historical", "--kind", "log"], "--from"),
        (["scenarios-set", "build", "historical", "--from", "x.csv"], "neither a maker"),
        (["scenarios-set", "build", "--from", "x.csv"], "no file x.csv"),
        (["scenarios-set", "show", "abc"], "6 digits"),
        (["scenarios-set", "show", "abcdef"], "There are these"),
        (["cube", "build", "abcdef", "--seed", "3"], "made already"),
        (["cube", "show", "abcdef"], "There are these"),
        (["cube", "prune", "--keep-id", "abcdef"], "no cube named"),
    ],
)
def test_wrong_use_is_exit_code_two(
    folder: Path, arguments: list[str], says: str, capsys: Capture
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert says in err
    assert out == ""


def test_a_slice_or_factor_that_is_not_there(folder: Path, capsys: Capture) -> None:
    (cube,) = said(capsys, "cube", "list")
    for arguments, near in (
        (["cube", "show", cube["cube_id"], "--by", "sectr"], "sector"),
        (["scenarios-set", "show", cube["scenario_set"], "--factor", "fx.EU"], "fx.EUR"),
    ):
        assert run(arguments) == 2
        assert f"Did you mean {near}" in capsys.readouterr().err


@pytest.mark.slow
def test_prune_keeps_the_newest_and_those_named(folder: Path, capsys: Capture) -> None:
    (first,) = said(capsys, "cube", "list")
    second, third = (
        said(capsys, "cube", "build", "--days", str(days))["cube_id"] for days in (2, 3)
    )
    keep = ["--keep", "1", "--keep-id", first["cube_id"][:6]]
    would = said(capsys, "cube", "prune", *keep, "--dry-run")
    assert would["removed"] == [second]
    assert len(said(capsys, "cube", "list")) == 3
    done = said(capsys, "cube", "prune", *keep)
    assert done == would
    assert done["freed_bytes"] > 0
    assert {row["cube_id"] for row in said(capsys, "cube", "list")} == {first["cube_id"], third}
    with Desk.open(folder) as desk:
        status = desk.lake.read("cubes").set_index("cube_id")["status"].to_dict()
    assert status == {first["cube_id"]: "built", second: "removed", third: "built"}
    assert run(["cube", "prune", "--keep", "0"]) == 0
    assert "Removed" in capsys.readouterr().err


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(
    folder: Path, capsys: Capture, ctrl_c_at_once: pytest.MonkeyPatch
) -> None:
    assert run(["cube", "build", "--days", "3"]) == 130
    ctrl_c_at_once.undo()
    err = capsys.readouterr().err
    assert "Stopped" in err
    assert "The same command goes on" in err
    part = next(row for row in said(capsys, "cube", "list") if row["status"] == "interrupted")
    assert (part["maker"], part["as_of"]) == ("historical", "2026-03-06")
    assert run(["cube", "show", part["cube_id"][:6]]) == 2
    assert "not finished" in capsys.readouterr().err
    made = said(capsys, "cube", "build", "--days", "3")
    assert made["cube_id"] == part["cube_id"]
    assert {row["status"] for row in said(capsys, "cube", "list")} == {"done"}


def test_a_damaged_cube_is_listed_as_such(folder: Path, capsys: Capture) -> None:
    (cube,) = (folder / "data" / "cubes").glob("?" * 64)
    (cube / "cube.json").write_text("{")
    (row,) = said(capsys, "cube", "list")
    assert (row["cube_id"], row["status"]) == (cube.name, "damaged")
    assert run(["cube", "show", cube.name]) == 1
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("noun", ["cube", "scenarios-set"])
@pytest.mark.parametrize("output", ["table", "csv"])
def test_lists_write_every_format(folder: Path, noun: str, output: str, capsys: Capture) -> None:
    assert run([noun, "list", "--output", output]) == 0
    assert "historical" in capsys.readouterr().out


def test_an_id_may_be_short_but_not_two_at_once() -> None:
    known = ["abcdef01" + "0" * 56, "abcdef02" + "0" * 56]
    assert full_id("cube", "abcdef02", known) == known[1]
    with pytest.raises(UserInputError, match="2 ids of a cube begin with 'abcdef'"):
        full_id("cube", "abcdef", known)
    with pytest.raises(UserInputError, match="too short"):
        full_id("cube", "abcde", known)
    with pytest.raises(UnknownNameError, match="no cube named 'ffffff'"):
        full_id("cube", "ffffff", known)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (123_456_789, "123 MB")],
)
def test_sizes_for_people(size: float, text: str) -> None:
    assert size_text(size) == text
