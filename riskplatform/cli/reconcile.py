"""Reconciliation: our books against the venue's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from riskplatform.cli.execute import INCOMPLETE, Venue
from riskplatform.cli.options import HERE, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, json_text, out, show

app = typer.Typer(help="Our books against the venue's.", no_args_is_help=True)


@app.command("show")
def show_breaks(
    on: Annotated[
        datetime | None,
        typer.Option("--day", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD",
                     help="Day of the venue; its today if not given."),
    ] = None,
    folder: Venue = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:  # fmt: skip
    """The venue's statement of a day against executions and transactions booked here: every break
    with both sides. Exit code 3 when there is one."""
    found = open_desk(desk).match_statement(day(on), folder=folder)
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
    else:
        show(found.to_frame(), output, title=str(found))
    return 0 if found.is_clean else INCOMPLETE
