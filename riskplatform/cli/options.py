"""Options that many commands share, so that they are named and explained once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.output import Output

if TYPE_CHECKING:
    from datetime import date

    from riskplatform.desk import Desk

DeskFolder = Annotated[
    Path,
    typer.Option("--desk", envvar="RISKPLATFORM_DESK", help="Folder of the desk.", metavar="DIR"),
]
Format = Annotated[Output, typer.Option("--output", help="How to write the result.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="Day of the book and the marks; the last day with prices if not given.",
        metavar="YYYY-MM-DD",
    ),
]
Node = Annotated[
    str | None,
    typer.Option("--node", help="Portfolio; the whole firm if not given.", metavar="PORTFOLIO"),
]
Currency = Annotated[
    str | None,
    typer.Option("--currency", help="Currency of totals; the desk's if not given.", metavar="CCY"),
]
HERE = Path(".")


def open_desk(folder: Path, *, base_currency: str | None = None) -> Desk:
    """The desk in ``folder``, with flags over its settings."""
    from riskplatform.desk import Desk

    return Desk.open(folder, base_currency=base_currency)


def day(moment: datetime | None) -> date | None:
    """The day that a date option names."""
    return None if moment is None else moment.date()
