"""``job`` and ``scheduler``: lists, one job, a run by hand, its history; formats and exit codes."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import Exit, run
from riskplatform.desk import Desk
from riskplatform.desk.scheduler_presence import present
from tests.scheduling.processes import watch_since
from tests.scheduling.world import write_python_job

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    folder = tmp_path / "desk"
    with Desk.create(folder, name="Job desk") as made:
        shutil.rmtree(folder / "jobs")
        write_python_job(folder, "good", script="run.log('hello')\nrun.output('rows', 3)")
        write_python_job(folder, "bad", script="raise ValueError('no such thing')")
        write_python_job(folder, "later", "after: [bad]", "enabled: true")
        monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
        yield made


def as_json(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    assert run([*arguments, "--output", "json"]) == code
    return json.loads(capsys.readouterr().out)


def test_the_list(desk: Desk, capsys: Capture) -> None:
    rows = as_json(capsys, "job", "list")
    assert [row["job_id"] for row in rows] == ["bad", "good", "later"]
    assert rows[0]["next_run"].startswith("20")
    assert rows[2]["after"] == "bad"
    assert run(["job", "list"]) == Exit.DONE
    assert "every 10m" in capsys.readouterr().out
    (desk.settings.desk / "jobs" / "bad.yaml").write_text("title: x\nkimd: y\n")
    assert run(["job", "list", "--output", "csv"]) == Exit.ERROR
    said = capsys.readouterr()
    assert [row["job_id"] for row in csv.DictReader(io.StringIO(said.out))] == ["good"]
    assert "bad.yaml:2: unknown key 'kimd'" in said.err.replace("\n", "")


def test_one_job(desk: Desk, capsys: Capture) -> None:
    facts = as_json(capsys, "job", "show", "good")
    assert (facts["kind"], facts["misfire"], facts["timeout"]) == ("python", "skip", "5m")
    assert len(facts["next_runs"]) == 5
    assert facts["last_run"] is None
    assert run(["job", "show", "good"]) == Exit.DONE
    assert run(["job", "show", "goood"]) == Exit.USAGE
    assert "Did you mean good?" in capsys.readouterr().err


def test_a_run_by_hand_and_its_history(desk: Desk, capsys: Capture) -> None:
    story = as_json(capsys, "job", "run", "good")
    assert (story["status"], story["outputs"], story["by_hand"]) == ("succeeded", {"rows": 3}, True)
    assert story["attempts"][1]["log"] == "hello\n"
    assert run(["job", "run", "bad"]) == Exit.ERROR
    said = capsys.readouterr()
    assert "no such thing" in said.out
    assert "started" in said.err
    rows = as_json(capsys, "job", "history")
    assert [(row["job_id"], row["status"]) for row in rows] == [
        ("bad", "failed"),
        ("good", "succeeded"),
    ]
    assert rows[0]["error"] == "ValueError: no such thing"
    (only,) = as_json(capsys, "job", "history", "good")
    assert only["run_id"] == story["run_id"]
    assert run(["job", "history", story["run_id"]]) == Exit.DONE
    assert "hello" in capsys.readouterr().out
    assert run(["job", "history", "--limit", "1", "--output", "csv"]) == Exit.DONE
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 1
    assert run(["job", "history", "nothing"]) == Exit.USAGE
    assert run(["job", "history", "good@1999-01-01T00:00:00Z"]) == Exit.USAGE
    assert as_json(capsys, "job", "list")[1]["last_status"] == "succeeded"


def test_a_rehearsal_does_nothing(desk: Desk, capsys: Capture) -> None:
    found = as_json(capsys, "job", "run", "later", "--dry-run")
    assert found["unmet"].startswith("bad@")
    assert found["job_id"] == "later"
    assert as_json(capsys, "job", "history") == []
    (desk.settings.desk / "jobs" / "good.py").write_text("x = 1\n")
    assert run(["job", "run", "good", "--dry-run"]) == Exit.USAGE
    assert "has no function job" in capsys.readouterr().err


def test_a_person_is_warned_of_what_is_not_there(desk: Desk, capsys: Capture) -> None:
    assert run(["job", "run", "later"]) == Exit.DONE
    assert "what it waits for is not there" in capsys.readouterr().err.replace("\n", " ")


def test_a_scheduled_time_is_made_up_for_once(desk: Desk, capsys: Capture) -> None:
    time = "2026-06-01T09:10"
    story = as_json(capsys, "job", "run", "good", "--scheduled", time)
    assert story["run_id"] == "good@2026-06-01T09:10:00Z"
    assert run(["job", "run", "good", "--scheduled", time]) == Exit.USAGE
    assert "has succeeded" in capsys.readouterr().err
    assert run(["job", "run", "good", "--scheduled", "2026-06-01T09:11"]) == Exit.USAGE
    assert "is not due" in capsys.readouterr().err
    assert as_json(capsys, "job", "run", "bad", "--scheduled", time, code=1)["attempt"] == 1
    assert as_json(capsys, "job", "run", "bad", "--scheduled", time, code=1)["attempt"] == 2


def test_times_that_were_not_run_are_in_the_history(desk: Desk, capsys: Capture) -> None:
    watch_since(desk.settings.desk, timedelta(hours=1))
    assert run(["scheduler", "start", "--until-idle"]) == Exit.DONE
    capsys.readouterr()
    assert run(["job", "history", "good"]) == Exit.DONE
    said = capsys.readouterr().out
    assert "no scheduler ran it in time" in " ".join(said.split())
    assert "nan" not in said
    rows = as_json(capsys, "job", "history", "good")
    assert rows[-1]["status"] == "not run"
    assert rows[-1]["outputs"] == ""


def test_the_status(desk: Desk, capsys: Capture) -> None:
    found = as_json(capsys, "scheduler", "status", code=1)
    assert (found["schedulers"], found["runs"], found["jobs"]) == ([], [], 3)
    assert [one["job_id"] for one in found["coming"]] == ["bad", "good", "later"]
    with present(desk, "machine/7/abc"):
        assert as_json(capsys, "scheduler", "status")["schedulers"][0]["identity"] == (
            "machine/7/abc"
        )
        assert run(["scheduler", "status"]) == Exit.DONE
        assert "machine/7/abc" in capsys.readouterr().err
    assert run(["scheduler", "status", "--output", "csv"]) == Exit.ERROR


def test_the_scheduler_in_the_foreground(desk: Desk, capsys: Capture) -> None:
    assert run(["scheduler", "start", "--until-idle"]) == Exit.DONE
    assert "follows 3 jobs" in capsys.readouterr().err
    events = desk.ledger.journal.since(stream="job")
    assert [(event.subject, event.body["event"]) for event in events] == [
        ("bad", "watched"),
        ("good", "watched"),
        ("later", "watched"),
    ]


def test_a_job_that_is_off_says_so_and_runs_by_hand(desk: Desk, capsys: Capture) -> None:
    write_python_job(desk.settings.desk, "idle", "enabled: false", script="run.log('at last')")
    assert run(["job", "list"]) == Exit.DONE
    (line,) = [line for line in capsys.readouterr().out.splitlines() if " idle " in line]
    assert " off " in line
    rows = {row["job_id"]: row for row in as_json(capsys, "job", "list")}
    assert (rows["idle"]["enabled"], rows["idle"]["next_run"]) == (False, None)
    assert run(["job", "show", "idle"]) == Exit.DONE
    assert "off: the scheduler passes it over" in capsys.readouterr().out
    assert run(["job", "run", "idle", "--dry-run"]) == Exit.DONE
    assert "off: the scheduler passes it over" in capsys.readouterr().out
    assert as_json(capsys, "job", "show", "idle")["next_runs"] == []
    story = as_json(capsys, "job", "run", "idle")
    assert (story["status"], story["attempts"][1]["log"]) == ("succeeded", "at last\n")
