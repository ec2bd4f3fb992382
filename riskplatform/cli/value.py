"""What the book is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
from riskplatform.cli.output import Output, note, show, warn, working

if TYPE_CHECKING:
    from datetime import date

    from riskplatform.desk import Desk

app = typer.Typer(help="What the book is worth.", no_args_is_help=True)

By = Annotated[
    str,
    typer.Option(
        "--by",
        help="Slice: portfolio, asset_class, kind, currency, sector, country, region, issuer_id, "
        "rating, exchange, tag or instrument_id.",
    ),
]

Model = Annotated[
    bool,
    typer.Option("--model", help="Value by models beside value by marks, and the gap between."),
]


@app.command("show")
def show_value(
    by: By = "asset_class",
    node: Node = None,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
    model: Model = False,
) -> int:
    """Value by slice, with coverage. Exit code 3 when something could not be valued."""
    opened = open_desk(desk, base_currency=currency)
    if model:
        return _beside_model(opened, by, node, day(as_of), output)
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


def _beside_model(desk: Desk, by: str, node: str | None, as_of: date | None, output: Output) -> int:
    """Marks against models; the gap is of the lines that have both."""
    from riskplatform.pricing.valuation import UNCLASSIFIED
    from riskplatform.reporting.exposure_tables import coverage_words, grouped, rounded

    with working("Pricing every unit held"):
        found = desk.exposures(node, as_of)
    table = grouped(found, [by], ())
    gap = found.lines["model_value"] - found.lines["value"]
    by_group = gap.groupby(found.lines[by].fillna(UNCLASSIFIED)).sum(min_count=1)
    table.insert(list(table.columns).index("model_value") + 1, "gap", table[by].map(by_group))
    show(
        rounded(table) if output is Output.TABLE else table,
        output,
        title=f"{node or desk.settings.name}: value by marks and by models, by {by}",
        footer=(
            f"Total gap {gap.sum():,.0f} {found.base_currency}, of lines that have both",
            str(found.provenance),
            f"model coverage {coverage_words(found)}",
        ),
    )
    for row in found.not_covered().head(10).to_dict("records"):
        warn(row["message"])
    return 0 if found.provenance.coverage.is_complete else 3


def _some(names: tuple[str, ...], limit: int = 5) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
