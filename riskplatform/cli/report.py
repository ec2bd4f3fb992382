"""Reports for people."""

from __future__ import annotations

import typer

from riskplatform.cli.options import HERE, AsOf, Currency, DeskFolder, Node, day, open_desk
from riskplatform.cli.output import out, working

app = typer.Typer(help="Reports for people.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps the verb, although there is only one report yet."""


@app.command()
def morning(
    node: Node = None, as_of: AsOf = None, currency: Currency = None, desk: DeskFolder = HERE
) -> int:
    """What a risk manager reads at 8:00: changes first, then value, coverage and data."""
    from riskplatform.reporting.morning import render

    with working("Putting the report together"):
        report = open_desk(desk, base_currency=currency).morning(day(as_of), node=node)
    out.print(render(report))
    return 0 if report.coverage.is_complete else 3
