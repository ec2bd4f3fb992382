"""Trading costs: what the executions cost against the prices that were decided on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format, Node, day, open_desk
from riskplatform.cli.output import Output, note, show, show_value, warn

if TYPE_CHECKING:
    import pandas as pd


app = typer.Typer(
    help="What trading cost against the prices that were decided on.", no_args_is_help=True
)

Day = "YYYY-MM-DD"


@app.callback()
def _noun() -> None:
    """One verb so far; the noun stays a noun."""


@app.command()
def report(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar=Day, help="First day (UTC); all if not given."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar=Day, help="Last day (UTC); today if not given."),
    ] = None,
    node: Node = None,
    by: Annotated[
        str,
        typer.Option(
            help="order, parent, day, instrument, portfolio, algorithm, side or approval."
        ),
    ] = "parent",
    bars: Annotated[
        Path | None,
        typer.Option(
            help="Trades of the market for its own average price, in place of what the venue "
            "told: CSV or Parquet with instrument_id, at, price, volume.",
            metavar="FILE",
        ),
    ] = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Implementation shortfall in delay, timing, impact, opportunity and fees, which sum to it;
    and executions against arrival, VWAP and close. Positive is what it cost. Exit code 3 when
    something is not known."""
    opened = open_desk(desk)
    found = opened.tca_report(since=day(since), until=day(until), node=node, bars=bars)
    coverage = found.provenance.coverage
    table = found.to_frame(by)
    if output is Output.JSON:
        show_value(found.to_dict(by), output)
    elif output is Output.CSV:
        show(table, output)
    elif not found.pieces:
        note("Nothing was traded in this time.")
    else:
        show(
            _shown(table, by),
            output,
            title="Trading costs",
            footer=(str(found), *found.sources_told()),
        )
    for failure in coverage.failures[:5]:
        warn(failure.message)
    if len(coverage.failures) > 5:
        warn(f"and {len(coverage.failures) - 5} more.")
    return 0 if coverage.is_complete else 3


def _shown(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """What a person reads first; benchmarks of which nothing is known are left out."""
    names = {
        "group": by, "executions": "fills", "quantity": "quantity", "unfilled": "left",
        "delay": "delay", "timing": "timing", "impact": "impact", "opportunity": "missed",
        "fees": "fees", "shortfall": "shortfall", "shortfall_bp": "bp",
        "against_arrival_bp": "arrival bp", "against_vwap_bp": "vwap bp",
        "against_close_bp": "close bp",
    }  # fmt: skip
    known = [name for name in names if not table[name].isna().all()]
    return table[known].rename(columns=names)
