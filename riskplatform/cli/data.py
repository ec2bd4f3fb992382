"""The quality of the data."""

from __future__ import annotations

from typing import Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, note, show
from riskplatform.errors import UserInputError

app = typer.Typer(help="The quality of the data.", no_args_is_help=True)

SEVERITIES = ("info", "warning", "error")


@app.command()
def quality(
    as_of: AsOf = None,
    days: Annotated[int, typer.Option(help="Calendar days to look back.", min=1)] = 365,
    severity: Annotated[
        str, typer.Option(help="Least severity shown: info, warning or error.")
    ] = "warning",
    limit: Annotated[int, typer.Option(help="At most so many rows.", min=1)] = 50,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Prices that are stale, missing, outlying, disordered or split-like; nothing is repaired."""
    if severity not in SEVERITIES:
        raise UserInputError(
            f"{severity!r} is not a severity.", hint=f"One of {', '.join(SEVERITIES)}."
        )
    marks = open_desk(desk).quality(day(as_of), days=days)
    shown = marks[marks["severity"].isin(SEVERITIES[SEVERITIES.index(severity) :])]
    note(f"{len(shown):,} marks of at least {severity}, of {len(marks):,} in {days} days")
    show(shown.head(limit), output, title="Data quality of prices")
