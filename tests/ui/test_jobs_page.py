"""The Jobs page, run by Streamlit's own test runner on a desk with jobs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from riskplatform.desk.scheduler_presence import present
from riskplatform.ui import cards, jobs, jobs_start
from tests.project.job_language.writing import write_job
from tests.scheduling.processes import await_that
from tests.scheduling.world import write_python_job
from tests.ui.jobs_elsewhere import claim
from tests.ui.test_pages import frame_with, html_of, start

pytestmark = pytest.mark.slow

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty desk with a job that succeeds, one that fails, one that is broken."""
    place = tmp_path / "desk"
    Desk.create(place, name="Jobs desk").close()
    shutil.rmtree(place / "jobs")
    write_python_job(
        place, "good", f"title: 'Good {EVIL}'", "parameters: {size: 3}",
        script=f"run.log('hello {EVIL}')\nrun.output('rows', 3)",
    )  # fmt: skip
    write_python_job(place, "bad", "enabled: false", script="raise ValueError('no such thing')")
    write_job(place, "broken", "title: x\nkimd: y\n")
    monkeypatch.setenv("RISKPLATFORM_DESK", str(place))
    return place


def open_page(**query: str) -> AppTest:
    return start(**query).switch_page("views/jobs.py").run()


def test_jobs_and_problems_are_there_without_any_run(folder: Path) -> None:
    app = open_page()
    assert not app.exception
    jobs = frame_with(app, "schedule")
    assert list(jobs["job_id"]) == ["bad", "good"]
    assert jobs["schedule"].tolist() == ["off (every 10m)", "every 10m"]
    assert jobs["next"].iloc[0] == ""
    with Desk.open(folder) as desk:
        following = desk.job_facts("good")["next_runs"]
    assert jobs["next"].iloc[1] <= f"{following[0]:%Y-%m-%d %H:%M}"
    (warning,) = app.warning
    assert "kimd" in warning.value
    assert "riskplatform scheduler start" in html_of(app)
    assert "off: the scheduler passes it over" in html_of(app)
    assert "none while it is off" in html_of(app)
    assert "It has not run yet." in [caption.value for caption in app.caption]


def test_a_run_now_is_in_the_history_with_its_log(folder: Path) -> None:
    app = open_page(job="good")
    assert app.selectbox(key="job").value == "good"
    app.button(key="job-run").click().run()
    assert not app.exception
    assert any("Started good" in caption.value for caption in app.caption)
    with Desk.open(folder) as desk:
        await_that(
            lambda: desk.job_history("good")["status"].tolist() == ["succeeded"], "it has run"
        )
        run_id = desk.job_history("good")["run_id"].iloc[0]
        assert desk.job_run(run_id).run.by_hand
        assert desk.job_run(run_id).attempts[0]["actor"] == desk.settings.actor
    app.run()
    runs = frame_with(app, "outputs")
    assert runs["outputs"].tolist() == ["rows: 3"]
    assert [code.value for code in app.code] == [f"--- attempt 1 ---\nhello {EVIL}"]
    assert run_id in html_of(app)
    # What people write is text on the page, and no mark-up.
    assert EVIL not in html_of(app)
    assert app.query_params["job"] == "good"


def test_a_run_that_somebody_else_began_is_there_when_the_page_is_drawn_again(
    folder: Path,
) -> None:
    app = open_page(job="good")
    assert "It has not run yet." in [caption.value for caption in app.caption]
    assert run(["job", "run", "good"]) == 0
    app.run()
    assert not app.exception
    assert frame_with(app, "outputs")["outputs"].tolist() == ["rows: 3"]


def test_a_job_that_runs_is_not_begun_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(jobs_start, "start_run", lambda _, job_id: begun.append(job_id))
    app = open_page(job="good")
    with Desk.open(folder) as desk:
        claim(desk, "good")
    app.button(key="job-run").click().run()
    assert not app.exception
    assert begun == []
    (refused,) = app.error
    assert "good is running" in refused.value
    app.run()
    assert not app.error, "said once"


def test_a_press_counts_even_where_the_page_is_drawn_again_before_it_is_reached(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The strip above the button may have the whole page drawn anew just then."""
    begun: list[str] = []
    monkeypatch.setattr(jobs_start, "start_run", lambda _, job_id: begun.append(job_id))
    app = open_page(job="good")
    turns = iter([True])

    def interrupted(folder: str) -> list[cards.Card]:
        if next(turns, False):
            st.rerun()
        return genuine(folder)

    genuine = jobs.headline
    monkeypatch.setattr(jobs, "headline", interrupted)
    app.button(key="job-run").click().run()
    assert not app.exception
    assert begun == ["good"]


def test_a_failure_is_seen(folder: Path) -> None:
    assert run(["job", "run", "bad"]) == 1
    with Desk.open(folder) as desk, present(desk, "machine/7/abc"):
        app = open_page(job="bad")
    shown = html_of(app)
    assert "machine/7" in shown
    assert '>Failed, last day</div><div class="figure rp-caution">1<' in shown
    runs = frame_with(app, "outputs")
    assert runs["error"].tolist() == ["ValueError: no such thing"]
    assert "Traceback" in app.code[0].value


def test_a_desk_without_jobs_says_how_to_make_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(folder / "jobs")
    app = open_page()
    assert not app.exception
    assert any("folder jobs/ makes one" in caption.value for caption in app.caption)
