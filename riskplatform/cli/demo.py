"""The demo desk: a whole firm on a synthetic market."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskplatform.cli.options import AsOf, day
from riskplatform.cli.output import err, note

app = typer.Typer(help="The demo desk.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps the verb, although there is only one."""


@app.command()
def create(
    folder: Annotated[Path, typer.Argument(help="New folder.", metavar="DIR")],
    as_of: AsOf = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same desk.")] = 7,
) -> None:
    """Make the demo desk: one firm, four funds, about 6,000 positions, 10 years of market."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from riskplatform.demofirm import create_demo

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("Making the demo desk", total=None)

        def tell(step: str) -> None:
            progress.update(task, description=step)

        desk = create_demo(folder, seed=seed, as_of=day(as_of), tell=tell)
    note(f"Made {desk.settings.name!r} in {folder} as of {desk.as_of()}.")
    desk.close()
