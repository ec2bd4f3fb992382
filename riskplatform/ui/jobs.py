"""The Jobs page: what is scheduled, what runs, how runs ended and what they said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from riskplatform.desk.job_history import NOT_RUN
from riskplatform.desk.run_book import RunStatus
from riskplatform.errors import ConflictError, RiskPlatformError
from riskplatform.reporting import numbers, palette
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, jobs_start, session
from riskplatform.ui.cards import Card
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment, guarded, show_refusal
from riskplatform.ui.tables import table

_JOB, _RUN, _SAID, _DRAW = "job", "_jobs-run", "_jobs-said", "_jobs-draw"
_BOX = "job-run-now"
_POLL_SECONDS = 2.0
_RUNS_SHOWN = 100
_BAD = (RunStatus.FAILED.value, RunStatus.ABANDONED.value)
_JOB_COLUMNS = [
    Column("job_id", "Job", width=130),
    Column("title", "What it does", width=230),
    Column("schedule", "Schedule", width=190),
    Column("after", "After", width=90),
    Column("next", "Next, UTC", width=112),
    Column("last", "Last for, UTC", width=112),
    Column("last_status", "Ended", width=84),
    Column("owner", "Owner", width=110),
]
_RUN_COLUMNS = [
    Column("for", "For, UTC", width=112),
    Column("status", "Status", width=84),
    Column("attempt", "Attempt", "count", width=58),
    Column("seconds", "Seconds", "amount", width=62),
    Column("outputs", "What came of it", width=320),
    Column("error", "Why not", width=320),
]


def page_of(folder: str) -> None:
    """Everything; it looks again by itself while something runs."""
    moving = _moving(folder)
    st.fragment(_strip, run_every=_POLL_SECONDS if moving else None)(folder, moving)
    _problems(folder)
    jobs = _desk(folder).jobs_table()
    cards.heading("Jobs", f"{len(jobs):,} files in jobs/; times in UTC")
    if jobs.empty:
        st.caption("There is none yet: a file in the desk's folder jobs/ makes one.")
        return
    _jobs_table(jobs)
    _one_job(folder, list(jobs["job_id"]))


def _desk(folder: str) -> Any:
    return session.open_desk(folder)


def _moving(folder: str) -> frozenset[str]:
    """What has begun and not ended: runs of any machine, and processes that were started here."""
    runs = {f"{run.run_id} {run.status}" for run in _desk(folder).scheduler_status().open_runs}
    return frozenset(runs | jobs_start.starting())


def _strip(folder: str, drawn: frozenset[str]) -> None:
    """Headline figures; when something has begun or ended, the whole page is drawn again."""
    with guarded():
        cards.strip(headline(folder))
    if _moving(folder) != drawn:
        st.rerun()


def headline(folder: str) -> list[Card]:
    """Schedulers, what runs, what is next, what went wrong lately."""
    desk = _desk(folder)
    found, now = desk.scheduler_status(), desk.now()
    history = desk.job_history(limit=1_000)
    since = now - timedelta(days=1)
    lately = [
        status
        for at, status in zip(history["scheduled_at"], history["status"], strict=True)
        if at >= since
    ]
    bad, passed = sum(status in _BAD for status in lately), lately.count(NOT_RUN)
    names = ", ".join(one.identity.rpartition("/")[0] for one in found.schedulers)
    running = [run for run in found.open_runs if run.status is RunStatus.RUNNING]
    next_at, next_job = found.coming[0] if found.coming else (None, "nothing is scheduled")
    return [
        Card("Schedulers here", numbers.amount(len(found.schedulers)), "",
             names or "riskplatform scheduler start", "Processes on this machine that run jobs",
             "" if found.schedulers or not found.jobs else "caution"),
        Card("Jobs followed", numbers.amount(found.jobs), "", "enabled and with a schedule"),
        Card("Running now", numbers.amount(len(running)), "",
             ", ".join(run.job_id for run in running[:3]), "On any machine"),
        Card("Next", f"{next_at:%H:%M}" if next_at else numbers.UNKNOWN, "UTC",
             f"{next_job}, {next_at:%Y-%m-%d}" if next_at else next_job),
        Card("Failed, last day", numbers.amount(bad), "", f"{passed:,} notes of times not run",
             "Runs that failed or were abandoned, for scheduled times of the last 24 hours",
             "caution" if bad else ""),
    ]  # fmt: skip


def _problems(folder: str) -> None:
    """Files that cannot be used, each with its line."""
    for problem in _desk(folder).jobs().problems:
        st.warning(literal(str(problem)))


def _jobs_table(jobs: pd.DataFrame) -> None:
    shown = jobs.assign(
        next=_minutes(jobs["next_run"]),
        last=_minutes(jobs["last_run"]),
        schedule=[
            text if on else f"off ({text})"
            for text, on in zip(jobs["schedule"], jobs["enabled"], strict=True)
        ],
    )

    def choose(place: int) -> None:
        st.session_state[_JOB] = str(jobs["job_id"].iloc[place])

    css = [_css(status) for status in jobs["last_status"]]
    table(shown, _JOB_COLUMNS, key="jobs", rows_shown=12, on_row=choose, row_css=css)


@fragment
def _one_job(folder: str, names: list[str]) -> None:
    """One job: what its file says, a run by hand, its runs and the log of one."""
    if st.session_state.get(_JOB) not in names:
        asked = st.query_params.get(_JOB)
        st.session_state[_JOB] = asked if asked in names else names[0]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        job_id: str = st.selectbox("Job", names, key=_JOB)
    st.query_params[_JOB] = job_id
    with right, st.popover("Run now", key=_BOX, on_change="rerun", width="stretch"):
        _run_now(folder, job_id)
    # A place of its own, so that what is below does not move when it comes and goes.
    with st.container():
        _said_of_start(job_id)
    facts, runs = st.columns([1, 2.4], gap="medium")
    with facts:
        _facts(folder, job_id)
    with runs:
        _history(folder, job_id)


def _run_now(folder: str, job_id: str) -> None:
    facts = _desk(folder).job_facts(job_id)
    st.caption(literal(f"{facts['title']}: it runs at once, in a process of its own."))
    st.button(
        "Run it", key="job-run", type="primary", width="stretch", on_click=_start,
        args=(folder, job_id),
    )  # fmt: skip


def _start(folder: str, job_id: str) -> None:
    """A callback, which a page that draws itself anew meanwhile cannot lose."""
    refused: RiskPlatformError | None = None
    try:
        if any(run.job_id == job_id for run in _desk(folder).scheduler_status().open_runs):
            raise ConflictError(f"{job_id} is running.", hint="Wait until it has ended.")
        jobs_start.start_run(folder, job_id)
    except RiskPlatformError as error:
        refused = error
    st.session_state[_BOX] = False  # or the next press on it would close it
    st.session_state[_SAID] = (job_id, refused)
    st.session_state[_DRAW] = refused is None


def _said_of_start(job_id: str) -> None:
    """What became of the last press; a run that begins has the whole page drawn, to follow it."""
    if st.session_state.pop(_DRAW, False):
        st.rerun()
    said: tuple[str, RiskPlatformError | None] | None = st.session_state.pop(_SAID, None)
    if said is None or said[0] != job_id:
        return
    if said[1] is None:
        st.caption(literal(f"Started {job_id}; its run appears in a moment."))
    else:
        show_refusal(said[1])


def _facts(folder: str, job_id: str) -> None:
    found = _desk(folder).job_facts(job_id)
    cards.heading(found["title"])
    names = ("kind", "owner", "schedule", "misfire", "timeout", "retries", "if_killed")
    off = "off: the scheduler passes it over, Run now still runs it"
    rows = [("state", "on" if found["enabled"] else off)]
    rows += [(name.replace("_", " "), str(found[name])) for name in names]
    rows += [(f"{name} (parameter)", str(value)) for name, value in found["parameters"].items()]
    otherwise = "by hand only" if found["enabled"] else "none while it is off"
    rows += [("next", ", ".join(_minutes(found["next_runs"])) or otherwise)]
    cards.facts(rows)


def _history(folder: str, job_id: str) -> None:
    runs = _desk(folder).job_history(job_id, limit=_RUNS_SHOWN)
    cards.heading("Runs", f"the last {len(runs):,}; click one for its log" if len(runs) else "")
    if runs.empty:
        st.caption("It has not run yet.")
        return

    def choose(place: int) -> None:
        st.session_state[_RUN] = str(runs["run_id"].iloc[place])

    shown = runs.assign(**{"for": _minutes(runs["scheduled_at"])})
    css = [_css(status) for status in runs["status"]]
    table(shown, _RUN_COLUMNS, key="runs", rows_shown=8, on_row=choose, row_css=css)
    known = [name for name in runs["run_id"] if name]
    chosen: str = st.session_state.get(_RUN, "")
    if known:
        _log(folder, chosen if chosen in known else known[0])


def _log(folder: str, run_id: str) -> None:
    """What came of it, and its log as plain text: a log may say anything."""
    story = _desk(folder).job_run(run_id)
    cards.heading("Log", f"{run_id}, {story.run.status}, by {story.run.owner}")
    cards.facts((name, str(value)) for name, value in story.run.outputs.items())
    st.code(story.log or "It said nothing.", language=None, wrap_lines=True)


def _minutes(moments: Any) -> list[str]:
    """Moments in UTC to the minute; nothing for none."""
    return [
        f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if isinstance(at, datetime) and at == at else ""
        for at in moments
    ]


def _css(status: str) -> str:
    return f"color: {palette.LOSS}" if status in _BAD else ""
