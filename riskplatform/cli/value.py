"""What the book is worth."""

from __future__ import annotations

from typing import Annotated

import typer

from riskplatform.cli.options import (
    HERE,
    AsOf,
    Currency,
    DeskFolder,
    Format,
    Node,
    day,
    open_desk,
)
from riskplatform.cli.output import Output, note, show, warn

app = typer.Typer(help="What the book is worth.", no_args_is_help=True)

By = Annotated[
    str,
    typer.Option(
        "--by",
        help="Slice: portfolio, asset_class, kind, currency, sector, country, region, issuer_id, "
        "rating, exchange or instrument_id.",
    ),
]


@app.command("show")
def show_value(
    by: By = "asset_class",
    node: Node = None,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Value by slice, with coverage. Exit code 3 when something could not be valued."""
    opened = open_desk(desk, base_currency=currency)
    valuation = opened.value(day(as_of), node=node)
    if valuation.lines.empty:
        note(f"Nothing is held on {valuation.provenance.as_of}; name another day with --as-of.")
    total = f"Total {valuation.total:,.0f} {valuation.provenance.base_currency}"
    show(
        valuation.by(by),
        output,
        title=f"{node or opened.settings.name}: value by {by}",
        footer=(total, str(valuation.provenance)),
    )
    for failure in valuation.coverage.failures[:10]:
        warn(failure.message)
    if valuation.stale:
        warn(f"{len(valuation.stale)} instruments have stale marks: {_some(valuation.stale)}")
    return 0 if valuation.coverage.is_complete else 3


def _some(names: tuple[str, ...], limit: int = 5) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
