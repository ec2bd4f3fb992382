"""What each kind of job does on a small desk, beside what the desk's own verbs answer."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.errors import (
    DataError,
    MissingDataError,
    StoreLockedError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.project.job_language.kinds import KINDS, kind_names, terms_of
from riskplatform.scheduling.context import Assignment, RunContext
from riskplatform.scheduling.kinds import work_of
from tests.scheduling.told import Told
from tests.ui.small_desk import AS_OF, build

pytestmark = pytest.mark.slow

ALFA = "instrument_id,date,close,currency\nALPHA.US,{day},{close},USD\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with build(tmp_path_factory.mktemp("kinds") / "desk") as made:
        yield made


def do(desk: Desk, kind: str, day: date = AS_OF, /, **parameters: Any) -> Told:
    """One run of a kind, here and now."""
    told = Told()
    assignment = Assignment(
        run_id=f"job@{day}",
        job_id="job",
        kind=kind,
        parameters=parameters,
        script=desk.settings.desk / "jobs" / "job.py",
        scheduled_at=datetime(day.year, day.month, day.day, 22, tzinfo=UTC),
        day=day,
        attempt=1,
    )
    work_of(kind)(desk, terms_of(kind, parameters), RunContext(assignment, told.tell))
    return told


def test_every_kind_has_its_function_and_no_function_is_without_kind() -> None:
    folder = Path(importlib.import_module("riskplatform.scheduling.kinds").__path__[0])
    modules = {file.stem for file in folder.glob("*.py")} - {"__init__", "registry"}
    assert modules == set(kind_names()) == {*KINDS, "python"}
    assert all(callable(work_of(kind)) for kind in kind_names())
    with pytest.raises(UnknownNameError, match="cube_build"):
        work_of("cube_bild")


def test_cubes_are_built_once(desk: Desk) -> None:
    told = do(desk, "cube_build", scenarios=["historical"], days=100)
    cube = desk.cube("historical", AS_OF, days=100)
    assert told.outputs == {"historical cube": cube.cube_id}
    assert told.inputs == {"as_of": "2024-03-20"}
    assert "100 scenarios" in told.log
    assert "NOPRICE" in told.log
    assert cube.cube_id in set(desk.lake.read("cubes")["cube_id"])
    assert do(desk, "cube_build", scenarios=["historical"], days=100).outputs == told.outputs


def test_a_late_run_answers_for_its_own_day(desk: Desk) -> None:
    """The Saturday before has Friday's prices; long ago has none."""
    told = do(desk, "risk_report", date(2024, 3, 16), with_risk=False)
    assert told.inputs == {"as_of": "2024-03-15"}
    assert (desk.settings.desk / "reports" / "job-2024-03-16.html").is_file()
    with pytest.raises(MissingDataError, match="no prices up to 2001-01-01"):
        do(desk, "risk_report", date(2001, 1, 1))


def test_the_report_is_written_in_both_forms(desk: Desk) -> None:
    folder = desk.settings.desk / "out"
    told = do(desk, "risk_report", formats=["html", "excel"], folder="out", node="EQ")
    assert told.outputs["html"] == "out/job-2024-03-20.html"
    assert "EQ" in (folder / "job-2024-03-20.html").read_text()
    assert (folder / "job-2024-03-20.xlsx").read_bytes()[:2] == b"PK"
    assert sorted(file.name for file in folder.iterdir()) == [
        "job-2024-03-20.html",
        "job-2024-03-20.xlsx",
    ]
    coverage = desk.morning(AS_OF, node="EQ").coverage
    assert told.outputs["coverage"] == str(coverage)


def test_no_folder_outside_the_desk_is_written(desk: Desk) -> None:
    for folder in ("../elsewhere", "/tmp"):
        with pytest.raises(UserInputError, match="not inside the desk"):
            do(desk, "risk_report", folder=folder, with_risk=False)
        with pytest.raises(UserInputError, match="not inside the desk"):
            do(desk, "price_refresh", folder=folder)


def test_kept_questions_are_asked_again_and_recorded(desk: Desk) -> None:
    desk.save_query("crash", "gain of EQ in equity_down_20")
    told = do(desk, "queries")
    assert told.outputs["answers"] == 1
    (run_id,) = desk.lake.read("runs", where={"run_id": told.outputs["runs"]})["run_id"]
    assert run_id == told.outputs["runs"]
    wrong = do(desk, "queries", names=["crahs"])
    assert wrong.outputs["answers"] == 0
    assert "crahs" in wrong.log


def test_stress_is_kept_as_a_run(desk: Desk) -> None:
    told = do(desk, "stress", scenarios=["equity_down_20"], node="EQ")
    found = desk.run_scenarios(["equity_down_20"], "EQ", AS_OF)
    gain = found.gain("equity_down_20")
    assert f"equity_down_20: {gain:,.0f} USD" in told.log
    runs = desk.lake.read("runs")
    assert told.outputs["run"] in set(runs["run_id"])
    assert told.outputs["scenarios"] == 1


def test_the_scorecard_is_kept_as_a_run(desk: Desk) -> None:
    models = ["historical-var", "normal-var"]
    asked: dict[str, Any] = {"confidence": 0.95, "window_days": 100, "models": models}
    told = do(desk, "backtest_scorecard", node="EQ.US", **asked)
    assert told.outputs["run"] in set(desk.lake.read("runs")["run_id"])
    found = desk.backtest("EQ.US", AS_OF, with_attribution=False, **asked)
    assert told.outputs["recommendation"] == found.recommendation
    assert told.outputs["coverage"] == str(found.coverage)


def test_housekeeping_removes_old_cubes_and_examines(desk: Desk) -> None:
    for days in (60, 70, 80):
        desk.cube("historical", AS_OF, days=days)
    told = do(desk, "housekeeping", keep_cubes=1)
    assert len(desk.cubes_table()) == 1
    assert told.outputs["cubes removed"] >= 2
    assert told.outputs["bytes freed"] > 0
    assert set(told.outputs["lake"]) >= {"files_merged", "orphans_removed"}
    assert told.outputs["checks"] > 10
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("riskplatform.desk.doctor._audit", broken)
        with pytest.raises(DataError, match="not well: Audit chain"):
            do(desk, "housekeeping", keep_cubes=1)


def broken(desk: Desk) -> str:
    raise DataError("Broken: entry 7")


def test_dropped_files_are_imported_and_put_away(desk: Desk) -> None:
    inbox = desk.settings.desk / "inbox"
    assert do(desk, "price_refresh").outputs == {"files": 0, "refused": 0}
    (inbox / "a.csv").write_text(ALFA.format(day="2024-03-21", close=123.5))
    (inbox / "b.csv.part").write_text("half")
    (inbox / ".hidden.csv").write_text("half")
    told = do(desk, "price_refresh")
    assert told.outputs == {"files": 1, "refused": 0}
    prices = desk.lake.read("prices", where={"instrument_id": ["ALPHA.US"]})
    assert prices.loc[prices["date"].astype(str) == "2024-03-21", "close"].tolist() == [123.5]
    assert sorted(file.name for file in inbox.iterdir()) == [".hidden.csv", "b.csv.part", "done"]
    # The same name again does not push the first one out.
    (inbox / "a.csv").write_text(ALFA.format(day="2024-03-22", close=124.5))
    do(desk, "price_refresh")
    assert sorted(file.name for file in (inbox / "done").iterdir()) == ["a-1.csv", "a.csv"]


def test_a_refused_file_fails_the_run_and_not_the_other_files(desk: Desk) -> None:
    inbox = desk.settings.desk / "mixed"
    inbox.mkdir()
    (inbox / "a.csv").write_text("what,is,this\n1,2,3\n")
    (inbox / "b.csv").write_text(ALFA.format(day="2024-03-25", close=125.5))
    with pytest.raises(DataError, match=r"1 of 2 files were refused: a\.csv"):
        do(desk, "price_refresh", folder="mixed")
    assert [file.name for file in (inbox / "refused").iterdir()] == ["a.csv"]
    assert [file.name for file in (inbox / "done").iterdir()] == ["b.csv"]


def test_a_busy_store_leaves_the_file_for_the_next_attempt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = desk.settings.desk / "busy"
    inbox.mkdir()
    (inbox / "a.csv").write_text(ALFA.format(day="2024-03-26", close=126.5))

    def busy(*_: Any, **__: Any) -> None:
        raise StoreLockedError("Another process has held it.")

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "import_file", busy)
        with pytest.raises(StoreLockedError):
            do(desk, "price_refresh", folder="busy")
    assert [file.name for file in inbox.iterdir()] == ["a.csv"]
