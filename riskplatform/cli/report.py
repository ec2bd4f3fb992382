"""Reports for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, Currency, DeskFolder, Node, day, open_desk
from riskplatform.cli.output import note, out, working

app = typer.Typer(help="Reports for people.", no_args_is_help=True)

Html = Annotated[
    Path | None,
    typer.Option("--html", help="Write it as one page that needs nothing else.", metavar="FILE"),
]
Excel = Annotated[
    Path | None, typer.Option("--excel", help="Write it as a workbook.", metavar="FILE")
]


@app.callback()
def _group() -> None:
    """Keeps the verb, although there is only one report yet."""


@app.command()
def morning(
    node: Node = None,
    as_of: AsOf = None,
    html: Html = None,
    excel: Excel = None,
    without_risk: Annotated[
        bool, typer.Option("--without-risk", help="Value, P&L and data alone; quicker.")
    ] = False,
    currency: Currency = None,
    desk: DeskFolder = HERE,
) -> int:
    """What a risk manager reads at 8:00: breaches and changes first, then value, P&L, risk, tails,
    backtests, coverage and data. Exit code 3 when something could not be computed."""
    from riskplatform.reporting.document_terminal import render
    from riskplatform.reporting.morning import morning_document

    with working("Putting the report together"):
        report = open_desk(desk, base_currency=currency).morning(
            day(as_of), node=node, with_risk=not without_risk
        )
        document = morning_document(report)
    if html is not None:
        from riskplatform.reporting.document_html import write_html

        note(f"Wrote {write_html(document, html)}.")
    if excel is not None:
        from riskplatform.reporting.document_excel import write_workbook

        note(f"Wrote {write_workbook(document, excel)}.")
    if html is None and excel is None:
        out.print(render(document))
    return 0 if report.coverage.is_complete else 3
