"""Job files: every refusal names file, line and the way out; what is written is what is read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from riskplatform.project.job_language import (
    IfKilled,
    MisfirePolicy,
    job_library,
    read_job,
)
from riskplatform.project.job_language.durations import duration_of, duration_text
from riskplatform.project.strict_yaml import ContentError
from riskplatform.project.validate import validate
from tests.project.job_language.writing import GOOD, write_job

WHOLE = """\
title: Morning report
kind: risk_report
owner: Risk
schedule:
  cron: "30 7 * * mon-fri"
  time_zone: America/New_York
  calendar: XNYS
misfire: {policy: run_all, window: 2d, grace: 5m}
after: [cubes]
even_if_failed: true
timeout: 30m
retries: 2
retry_wait: 90s
if_killed: run_again
enabled: false
parameters:
  node: firm
  formats: [html, excel]
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    job = read_job(write_job(tmp_path, "morning", WHOLE))
    assert (job.job_id, job.title, job.kind, job.owner) == (
        "morning",
        "Morning report",
        "risk_report",
        "Risk",
    )
    assert str(job.schedule) == "30 7 * * mon-fri America/New_York, days of XNYS"
    assert job.misfire.policy is MisfirePolicy.RUN_ALL
    assert (job.misfire.window, job.misfire.grace) == (timedelta(days=2), timedelta(minutes=5))
    assert (job.after, job.retries, job.retry_wait) == (("cubes",), 2, timedelta(seconds=90))
    assert (job.if_killed, job.enabled) == (IfKilled.RUN_AGAIN, False)
    assert job.even_if_failed
    assert job.timeout == timedelta(minutes=30)
    assert job.parameters == {"node": "firm", "formats": ["html", "excel"]}


def test_what_is_not_said_has_the_careful_meaning(tmp_path: Path) -> None:
    job = read_job(write_job(tmp_path, "plain", GOOD))
    assert (job.retries, job.if_killed, job.after, job.enabled) == (0, IfKilled.ABANDON, (), True)
    assert job.attempts_if_killed == 1


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("owner:", "ovner:"), 3, "unknown key 'ovner'. Did you mean owner?"),
        (("misfire: skip\n", ""), None, "lacks misfire"),
        (("timeout: 5m\n", ""), None, "lacks timeout"),
        (("kind: cube_build", "kind: cube_bild"), 2, "Did you mean cube_build?"),
        (("misfire: skip", "misfire: skipp"), 5, "Did you mean skip?"),
        (("misfire: skip", "misfire: run_all"), 5, "needs a window"),
        (("misfire: skip", "misfire: {policy: skip, windw: 2d}"), 5, "Did you mean window?"),
        (("misfire: skip", "misfire: {window: 2d}"), 5, "has no policy"),
        (("timeout: 5m", "timeout: 5"), 6, "is no length of time"),
        (("timeout: 5m", "timeout: 0m"), 6, "timeout is 0"),
        (("timeout: 5m", "timeout: 900d"), 6, "longer than 366 days"),
        (("every: 15m", "every: 90s"), 4, "whole minutes"),
        (("{every: 15m}", "{every: 15m, cron: '1 * * * *'}"), 4, "either cron or every"),
        (("{every: 15m}", "{evry: 15m}"), 4, "Did you mean every?"),
        (("{every: 15m}", "daily"), 4, "by_hand"),
        (("{every: 15m}", "{cron: '1 * * * *'}"), 4, "no time_zone"),
        (("every: 15m", "every: 15m, time_zone: Europe/Lundon"), 4, "Europe/London"),
        (("every: 15m", "every: 15m, time_zone: ../../etc/passwd"), 4, "no time zone"),
        (("every: 15m", "every: 15m, calendar: XNYZ"), 4, "XNYS"),
        (("every: 15m", "cron: '1 2 3 4 5', time_zone: UTC"), 4, "cannot both be given"),
        (("every: 15m", "cron: '0 7 * * mo', time_zone: UTC"), 4, "'mo' is no weekday"),
        (("timeout: 5m", "timeout: 5m\nretries: -1"), 7, "from 0 to 20"),
        (("timeout: 5m", "timeout: 5m\nretries: true"), 7, "from 0 to 20"),
        (("timeout: 5m", "timeout: 5m\nenabled: 1"), 7, "true or false"),
        (("timeout: 5m", "timeout: 5m\nafter: cubes"), 7, "must be a list"),
        (("timeout: 5m", "timeout: 5m\nafter: [a, a]"), 7, "twice"),
        (("timeout: 5m", "timeout: 5m\nparameters: {day: 9}"), 7, "Did you mean days?"),
        (("timeout: 5m", "timeout: 5m\nparameters: {days: x}"), 7, "not a whole number"),
        (("timeout: 5m", "timeout: 5m\nparameters:\n  seed: 1\n  days: 0"), 9, "from 1"),
        (("timeout: 5m", "timeout: 5m\nif_killed: again"), 7, "if_killed is 'again'"),
        (("kind: cube_build", "kind: rebalance_propose"), None, "parameters lacks node, rule"),
        (("timeout: 5m", "timeout: 5m\nparameters: [1]"), 7, "parameters is [1]"),
        (("kind: cube_build", "kind: python"), 2, "no plain.py beside it"),
    ],
)
def test_a_refusal_names_line_and_way_out(
    tmp_path: Path, change: tuple[str, str], line: int | None, says: str
) -> None:
    assert change[0] in GOOD
    file = write_job(tmp_path, "plain", GOOD.replace(*change))
    with pytest.raises(ContentError) as refusal:
        read_job(file)
    assert says in str(refusal.value)
    assert (refusal.value.file, refusal.value.line) == (file, line)


def test_the_file_s_name_is_the_id(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="the file's name is the job's id"):
        read_job(write_job(tmp_path, "Morning Report", GOOD))


def test_a_python_job_has_its_function_beside_it(tmp_path: Path) -> None:
    text = GOOD.replace("cube_build", "python") + "parameters: {anything: [1, two]}\n"
    file = write_job(tmp_path, "plain", text)
    file.with_suffix(".py").write_text("def job(desk, parameters, run): ...\n")
    assert read_job(file).parameters == {"anything": [1, "two"]}


def test_dependencies_are_checked_over_all_files(tmp_path: Path) -> None:
    write_job(tmp_path, "cubes", GOOD)
    write_job(tmp_path, "report", GOOD + "after: [cubes]\n")
    write_job(tmp_path, "typo", GOOD + "after: [cubess]\n")
    write_job(tmp_path, "next", GOOD + "after: [typo]\n")
    write_job(tmp_path, "ring_a", GOOD + "after: [ring_b]\n")
    write_job(tmp_path, "ring_b", GOOD + "after: [ring_a]\n")
    write_job(tmp_path, "itself", GOOD + "after: [itself]\n")
    write_job(tmp_path, "broken", GOOD.replace("title", "titel"))
    write_job(tmp_path, "on_broken", GOOD + "after: [broken]\n")
    (tmp_path / "jobs" / "alone.py").write_text("def job(desk, parameters, run): ...\n")
    library = job_library(tmp_path)
    assert list(library.jobs) == ["cubes", "report"]
    said = {problem.file.name: (problem.line, str(problem)) for problem in library.problems}
    assert set(said) == {
        *("typo.yaml", "next.yaml", "ring_a.yaml", "ring_b.yaml", "itself.yaml"),
        *("broken.yaml", "on_broken.yaml", "alone.py"),
    }
    assert said["typo.yaml"][0] == 7
    assert "Did you mean cubes?" in said["typo.yaml"][1]
    assert "itself after itself" in said["itself.yaml"][1]
    assert "no alone.yaml" in said["alone.py"][1]


def test_asking_for_a_broken_job_tells_what_is_wrong_with_it(tmp_path: Path) -> None:
    write_job(tmp_path, "broken", GOOD.replace("title", "titel"))
    with pytest.raises(ContentError, match="titel"):
        job_library(tmp_path)["broken"]


def test_validate_reports_job_files(tmp_path: Path) -> None:
    write_job(tmp_path, "cubes", GOOD.replace("owner:", "ovner:"))
    (finding,) = validate(tmp_path)
    assert (finding.severity, finding.file, finding.line) == ("error", "jobs/cubes.yaml", 3)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("6 h", 21_600), ("2d", 172_800), ("0s", 0)]
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert duration_of(text) == timedelta(seconds=seconds)
    assert duration_of(duration_text(duration_of(text))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "5", "m", "-5m", "1.5h", "5 minutes", 5, None, "9" * 400 + "d"]
)
def test_no_lengths_of_time(text: object) -> None:
    with pytest.raises(ValueError, match=r"length of time|longer than"):
        duration_of(text)
