"""The market as the desk sees it on one day."""

from __future__ import annotations

from typing import Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, show

app = typer.Typer(help="The market on one day.", no_args_is_help=True)


@app.command("show")
def show_market(
    what: Annotated[
        str,
        typer.Argument(
            help="summary, prices, fx, curves, credit, surfaces, carry, fixings or staleness.",
            metavar="[WHAT]",
        ),
    ] = "summary",
    name: Annotated[
        str | None, typer.Option(help="Only this curve, surface, instrument or currency.")
    ] = None,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Quotes as of a day, each with the day it is from."""
    opened = open_desk(desk)
    asked = opened.as_of(day(as_of))
    frame = opened.market_table(what, as_of=asked, name=name)
    show(frame, output, title=f"Market as of {asked}: {what}")
