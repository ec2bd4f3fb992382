"""Scheduled jobs: what there is, what ran, and a run by hand."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show, show_value, warn

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk import Desk
    from riskplatform.desk.job_history import RunStory

_SHORTENED = 160
"""Characters of a cell in the list of runs; one run by itself is shown whole."""

_OFF = "off: the scheduler passes it over; job run still runs it"

app = typer.Typer(help="Scheduled jobs and their runs.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="Its file's name without ending.", metavar="JOB")]
AnyJob = Annotated[
    str | None,
    typer.Argument(help="A job, or one run of it (job@time); all if not given.", metavar="JOB"),
]
Scheduled = Annotated[
    datetime | None,
    typer.Option(
        "--scheduled",
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ"],
        help="The scheduled time, in UTC, that is to be made up for; now if not given.",
        metavar="TIME",
    ),
]


@app.command("list")
def list_jobs(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> int:
    """Jobs: when each runs next and how its last run ended. Exit code 1 when a file cannot be
    used."""
    opened = open_desk(desk)
    table = opened.jobs_table()
    if output is Output.TABLE:
        table = _for_people(table, "next_run", "last_run").drop(columns=["kind", "owner"])
        table["enabled"] = ["on" if on else "off" for on in table["enabled"]]
    show(table, output, title="Jobs", footer=("times in UTC",))
    return _problems(opened)


@app.command("show")
def show_job(job: JobId, desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """What its file says, its next times, how its last run ended."""
    facts = open_desk(desk).job_facts(job)
    if output is not Output.JSON:
        facts = _facts_for_people(facts)
    show_value(facts, output)


@app.command()
def run(
    job: JobId,
    scheduled: Scheduled = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")
    ] = False,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Run a job now, in the foreground. Exit code 1 when it fails."""
    from riskplatform.scheduling.by_hand import rehearse, run_by_hand, unmet
    from riskplatform.scheduling.identity import identity_of_this_process

    opened = open_desk(desk)
    moment = None if scheduled is None else scheduled.replace(tzinfo=UTC)
    if dry_run:
        found = rehearse(opened, job, moment).to_dict()
        if output is not Output.JSON:
            found = _facts_for_people(found)
        show_value(found, output)
        note("Nothing was run.")
        return 0
    opened.jobs()[job]
    if missing := unmet(opened, job, moment or opened.now()):
        warn(f"It runs although what it waits for is not there: {missing}.")
    story = run_by_hand(opened, job, identity_of_this_process(), note, scheduled_at=moment)
    _tell(story, output)
    return 0 if story.run.status == "succeeded" else 1


@app.command()
def history(
    job: AnyJob = None,
    limit: Annotated[int, typer.Option(help="So many at most.", min=1)] = 20,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Runs, the newest first, and times that were not run; with job@time one run and its log."""
    opened = open_desk(desk)
    if job is not None and "@" in job:
        _tell(opened.job_run(job), output)
        return
    table = opened.job_history(job, limit=limit)
    if output is Output.TABLE:
        table = _for_people(table, "scheduled_at")
        table["run_id"] = table["run_id"].where(
            table["run_id"] != "", table["job_id"] + " at " + table["scheduled_at"]
        )
        for name in ("outputs", "error"):
            table[name] = [textwrap.shorten(str(text), _SHORTENED) for text in table[name]]
        table = table.drop(columns=["job_id", "scheduled_at", "started_at"])
    show(
        table, output, title="Runs", footer=("times in UTC; `job history RUN` has the log of one",)
    )


def _tell(story: RunStory, output: Output) -> None:
    """One run: what happened, what came of it, its log."""
    if output is Output.JSON:
        out.file.write(json_text(story.to_dict()) + "\n")
        return
    if output is Output.CSV:
        show(story.to_frame(), output)
        return
    show_value({name: _words(value) for name, value in story.run.to_dict().items()}, output)
    if story.log:
        out.print(story.log, highlight=False, markup=False)


def _problems(opened: Desk) -> int:
    problems = opened.jobs().problems
    for problem in problems:
        warn(str(problem))
    return 1 if problems else 0


def _for_people(table: pd.DataFrame, *moments: str) -> pd.DataFrame:
    """Moments to the minute, as UTC."""
    for name in moments:
        table[name] = [str(_words(value) or "") for value in table[name]]
    return table


def _facts_for_people(facts: dict[str, Any]) -> dict[str, object]:
    """Each fact in words; a job that is off says what that means."""
    said = {name: _words(value) for name, value in facts.items()}
    return said | {"enabled": "on" if facts["enabled"] else _OFF}


def _words(value: object) -> object:
    """A value in one cell."""
    if isinstance(value, datetime):
        return "" if value != value else f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(str(_words(item)) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_words(item)}" for name, item in value.items())
    return value
