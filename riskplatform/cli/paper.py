"""The paper venue: a market of the lake's days to trade in while nothing is at stake."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, note, show_value, warn, working

app = typer.Typer(
    help="A market of the lake's days to trade in while nothing is at stake.",
    no_args_is_help=True,
)

Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Where the venue keeps its state; data/paper of the desk if not "
                 "given.", metavar="DIR"),
]  # fmt: skip


@app.command()
def start(
    folder: Folder = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            "--day",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Day to trade; the day that is open, else the last with prices, if not given.",
        ),
    ] = None,
    speed: Annotated[
        float, typer.Option(help="Venue seconds in a second; 0 stands until it is advanced.")
    ] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Luck of a new venue; 0 if not given.")] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="Spread, depth, impact, latency, fees of a new venue (YAML).", metavar="FILE"
        ),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=["%H:%M"], metavar="HH:MM", help="Begin at this time (UTC)."),
    ] = None,
    desk: DeskFolder = HERE,
) -> int:
    """Serve the venue until Ctrl-C. Killed at any moment, it goes on where it was.

    Exit code 3 when something that trades on the day has no price."""
    opened = open_desk(desk)
    with working("Making the day's market"):
        facts, coverage = opened.begin_paper_venue(
            folder, day=day(on), seed=seed, rules=rules, at=None if at is None else at.time()
        )
    place = opened.paper_folder(folder)
    opened.close()
    if coverage is not None and not coverage.is_complete:
        warn(f"Prices: {coverage}; the first without: {coverage.failures[0].subject}.")

    def listening(port: int) -> None:
        note(
            f"Paper venue {facts['venue_id']} in {place}, port {port}: {facts['instruments']:,} "
            f"instruments on {facts['day']}, from {facts['now'][:19]} UTC at speed {speed:g}."
        )

    opened.serve_paper_venue(folder, speed=speed, listening=listening)
    note("Stopped. The same command goes on from there.")
    return 0 if coverage is None or coverage.is_complete else 3


@app.command()
def status(folder: Folder = None, desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """What the running venue says of itself: day, time, open orders, executions."""
    with closing(open_desk(desk).paper_gateway(folder)) as gateway:
        show_value(dict(gateway.facts()), output)


@app.command()
def advance(
    minutes: Annotated[float, typer.Argument(help="So many minutes of the venue's time.", min=0)],
    folder: Folder = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Let the time of the running venue go on at once."""
    with closing(open_desk(desk).paper_gateway(folder)) as gateway:
        gateway.advance(gateway.now() + timedelta(minutes=minutes))
        show_value(dict(gateway.facts()), output)
