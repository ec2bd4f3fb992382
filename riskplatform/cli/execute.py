"""Execution: what is approved trades itself, and stops when it is told to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.cube_progress import Watch
from riskplatform.cli.options import HERE, DeskFolder, Format, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show, warn
from riskplatform.cli.person import passphrase_of_actor

if TYPE_CHECKING:
    from riskplatform.desk.execution_session import ExecutionSession
    from riskplatform.execution.controls import ControlState
    from riskplatform.execution.engine_rules import Turn

app = typer.Typer(
    help="What is approved trades itself, and stops when it is told to.", no_args_is_help=True
)

INCOMPLETE = 3
"""Exit code, as the program's own list has it."""

Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]
Venue = Annotated[
    Path | None,
    typer.Option("--folder", help="Of the paper venue; data/paper of the desk if not given.",
                 metavar="DIR"),
]  # fmt: skip


Algorithm = Annotated[str, typer.Option("--algorithm", help="twap, vwap, pov or shortfall.")]
Hours = Annotated[
    float, typer.Option("--hours", help="Spread over so many hours, from when its market is open.")
]
Minutes = Annotated[float, typer.Option("--minutes", help="In parts of so many minutes.")]
Participation = Annotated[
    float,
    typer.Option(
        "--participation", help="At most this share of the volume expected; 0 for any.", min=0
    ),
]
Randomness = Annotated[
    float, typer.Option("--randomness", help="Vary sizes and times by this share.")
]
Seed = Annotated[int, typer.Option("--seed", help="Of the variation.")]
Aversion = Annotated[
    float,
    typer.Option(
        "--aversion", help="Of shortfall: what a unit of variance of the cost is worth.", min=0
    ),
]
Bars = Annotated[
    Path | None,
    typer.Option(
        "--bars",
        help="Past bars to learn the day's volume from: CSV or Parquet with instrument_id, at, "
        "volume.",
        metavar="FILE",
    ),
]
Step = Annotated[
    float | None,
    typer.Option("--step", help="Move a venue that stands still on by so many seconds a turn."),
]
WatchOn = Annotated[
    bool, typer.Option("--watch", help="Go on, and take what is approved meanwhile.")
]


@app.command()
def start(
    algorithm: Algorithm = "twap",
    hours: Hours = 1.0,
    minutes: Minutes = 5.0,
    participation: Participation = 0.1,
    randomness: Randomness = 0.0,
    seed: Seed = 0,
    aversion: Aversion = 1e-6,
    bars: Bars = None,
    step: Step = None,
    watch: WatchOn = False,
    folder: Venue = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Take the approved targets and trade them at the paper venue (`paper start` serves it), until
    all is done or Ctrl-C. Killed at any moment, it goes on where it was. Exit code 3 when something
    is left."""
    from riskplatform.desk.execution_session import PlanChoice

    opened = open_desk(desk)
    choice = PlanChoice(
        algorithm=algorithm, hours=hours, minutes=minutes, participation=participation or None,
        randomness=randomness, seed=seed, aversion=aversion, bars=bars,
    )  # fmt: skip
    with Watch() as progress:
        limits = opened.limit_book(with_exposures=True, progress=progress.tell)
    with opened.execution(folder=folder, limits=limits, choice=choice) as session:
        taken = session.take()
        for line, reason in taken.left_out:
            warn(f"{line} is not wholly planned: {reason}")
        note(f"{len(taken.parents)} new plans; {len(session.engine.active())} are worked.")
        try:
            told = _run(session, step, watch)
        except KeyboardInterrupt:
            note("Stopped. What is open stays open at the venue; the same command goes on.")
            return 130
    _show_status(desk, output)
    if told.reason:
        warn(told.reason)
    return 0 if session.engine.is_done and not taken.left_out else INCOMPLETE


def _run(session: ExecutionSession, step: float | None, watch: bool) -> Turn:
    """Turn until all is done, and say so whenever the reason for not trading changes."""
    said = ""

    def tell(turn: Turn) -> None:
        nonlocal said
        if turn.reason != said:
            said = turn.reason
            note(f"{turn.at:%Y-%m-%d %H:%M:%S} {said or 'trading'}")

    move = None if step is None else timedelta(seconds=step)
    # A step at a time through a day: what cannot be traded by its end is left.
    until = session.clock() + timedelta(days=1) if move is not None else None
    return session.run(step=move, until=until, watch=watch, progress=tell)


@app.command()
def status(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """The switch, the plans and the orders, as the journal has them."""
    _show_status(desk, output)


def _show_status(desk: Path, output: Output) -> None:
    found = open_desk(desk).execution_status()
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    counts = ", ".join(f"{count} {status}" for status, count in found.counts.items())
    footer = [f"execution is {found.control}", f"orders: {counts or 'none'}"]
    for venue, said in found.reconciliations.items():
        state = "nothing differs" if said["is_clean"] else f"{len(said['differences'])} differences"
        footer.append(f"{venue}: {state}")
    show(found.to_frame(), output, title=f"{len(found.plans)} plans", footer=footer)


@app.command()
def kill(reason: Reason, desk: DeskFolder = HERE) -> None:
    """Stop everything and cancel what is open; it stays so until it is reset. A file KILL in the
    desk's folder does the same."""
    _said(open_desk(desk).kill_execution(reason=reason))


@app.command()
def pause(reason: Reason, desk: DeskFolder = HERE) -> None:
    """Send nothing new; what is open stays open."""
    _said(open_desk(desk).pause_execution(reason=reason))


@app.command()
def resume(reason: Reason, desk: DeskFolder = HERE) -> None:
    """Go on after a pause."""
    _said(open_desk(desk).resume_execution(reason=reason))


@app.command()
def reset(reason: Reason, desk: DeskFolder = HERE) -> None:
    """Up again after a kill."""
    opened = open_desk(desk)
    _said(opened.reset_execution(reason=reason, passphrase=passphrase_of_actor(opened)))


def _said(state: ControlState) -> None:
    note(f"Execution is {state}.")
