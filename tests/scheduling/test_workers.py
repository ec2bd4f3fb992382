"""Work in a process of its own: what it tells, how it ends, and that nothing of it is left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import connection
from pathlib import Path
from typing import Any

import pytest

from riskplatform.desk import Desk
from riskplatform.scheduling.claims import assignment_of
from riskplatform.scheduling.logs import BoundedLog
from riskplatform.scheduling.workers import Outcome, ProcessAttempt, Processes
from tests.scheduling.processes import await_that, is_alive
from tests.scheduling.world import write_python_job

pytestmark = pytest.mark.slow

MOMENT = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
Start = Callable[..., ProcessAttempt]


@pytest.fixture
def start(folder: Path) -> Start:
    """Starts a job whose function has this body."""

    def begin(script: str, **parameters: Any) -> ProcessAttempt:
        terms = [f"parameters: {parameters}"] if parameters else []
        write_python_job(folder, "job", *terms, script=script, schedule="by_hand")
        with Desk.open(folder) as desk:
            job = desk.jobs()["job"]
        return Processes(folder).start(assignment_of(job, MOMENT, 1))

    return begin


def ended(attempt: ProcessAttempt) -> Outcome:
    """How it ended, as soon as it has."""
    found: list[Outcome] = []

    def look() -> bool:
        outcome = attempt.outcome()
        found.extend([outcome] if outcome else [])
        return bool(found)

    await_that(look, "the work ended")
    return found[0]


def test_what_it_tells(start: Start) -> None:
    outcome = ended(
        start(
            "import sys\n"
            "run.input('as_of', run.day)\n"
            "run.output('sum', sum(parameters['numbers']))\n"
            "run.output('bad', float('nan'))\n"
            "run.output('nested', {'day': run.day, 'list': (1, 2)})\n"
            "run.log('a line')\n"
            "print('printed', run.run_id, desk.settings.actor)\n"
            "print('complained', file=sys.stderr)",
            numbers=[1, 2, 3],
        )
    )
    assert outcome.error == ""
    assert outcome.inputs == {"as_of": "2026-06-01"}
    assert outcome.outputs == {
        "sum": 6,
        "bad": "nan",
        "nested": {"day": "2026-06-01", "list": [1, 2]},
    }
    assert outcome.log == "a line\nprinted job@2026-06-01T23:30:00Z job job\ncomplained\n"


@pytest.mark.parametrize(
    ("script", "error", "log"),
    [
        ("raise ValueError('no such thing')", "ValueError: no such thing", "Traceback"),
        ("import sys; sys.exit(3)", "SystemExit: 3", "Traceback"),
        (
            "from riskplatform.errors import DataError\nraise DataError('Bad.', hint='Mend it.')",
            "Bad. Mend it.",
            "",
        ),
        ("import os; os._exit(5)", "its process ended with exit code 5", ""),
        ("import os; os.kill(os.getpid(), 9)", "its process ended with exit code -9", ""),
        ("import os; run.log('so far'); os.abort()", "exit code -6", "so far"),
    ],
)
def test_how_it_fails(start: Start, script: str, error: str, log: str) -> None:
    outcome = ended(start(script))
    assert error in outcome.error
    assert log in outcome.log


def test_a_script_without_its_function_says_so(start: Start, folder: Path) -> None:
    attempt = start("pass")
    assert ended(attempt).error == ""
    (folder / "jobs" / "job.py").write_text("def jobb(desk, parameters, run): ...\n")
    with Desk.open(folder) as desk:
        again = Processes(folder).start(assignment_of(desk.jobs()["job"], MOMENT, 1))
    assert "has no function job" in ended(again).error


def test_stopping_it_ends_what_it_started_too(start: Start, folder: Path) -> None:
    attempt = start(
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "run.log('begun')\n"
        "run.output('pid', other.pid)\n"
        "other.wait()"
    )
    await_that(lambda: attempt.outcome() is None and "pid" in attempt._outputs, "it began")
    outcome = attempt.stop("enough")
    assert (outcome.error, outcome.log) == ("enough", "begun\n")
    pid = outcome.outputs["pid"]
    await_that(lambda: not is_alive(pid), "the grandchild is gone")
    assert attempt.pid is not None
    assert not is_alive(attempt.pid)


def test_the_scheduler_is_woken_when_something_happens(start: Start) -> None:
    attempt = start("run.log('x')")
    assert connection.wait(attempt.waitables(), timeout=30)
    assert ended(attempt).log == "x\n"


def test_a_chatterbox_is_cut_short_in_the_middle(start: Start) -> None:
    outcome = ended(start("print('first')\nfor n in range(50_000): print(n)\nprint('last')"))
    assert outcome.error == ""
    assert outcome.log.startswith("first\n0\n1\n")
    assert outcome.log.endswith("49999\nlast\n")
    assert "characters left out" in outcome.log
    assert len(outcome.log) < 13_000


def test_a_program_without_a_guard_is_not_run_again(folder: Path, tmp_path: Path) -> None:
    """multiprocessing would import the script in each child, which would start more of them."""
    write_python_job(folder, "job", script="run.output('main', __import__('__main__').__name__)")
    script = tmp_path / "script.py"
    script.write_text(
        "from riskplatform.desk import Desk\n"
        "from riskplatform.scheduling.by_hand import run_by_hand\n"
        "print('begun')\n"
        f"with Desk.open({str(folder)!r}) as desk:\n"
        "    print(run_by_hand(desk, 'job', 'me/1/x', print).run.status)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=100, check=True
    )
    lines = done.stdout.splitlines()
    assert (lines[0], lines[-1], lines.count("begun")) == ("begun", "succeeded", 1)


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_bounded_log_keeps_both_ends(size: int) -> None:
    text = "".join(chr(97 + n % 26) for n in range(100))
    log = BoundedLog(first=20, last=30)
    for begin in range(0, 100, size):
        log.add(text[begin : begin + size])
    assert log.text() == f"{text[:20]}\n[... 50 characters left out ...]\n{text[-30:]}"
    short = BoundedLog(first=20, last=30)
    short.add(text[:50])
    assert short.text() == text[:50]
