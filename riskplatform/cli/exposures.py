"""What the book is exposed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.exposure_names import (
    SHOWN,
    By,
    Ladder,
    Measures,
    measure_of_ladder,
    measures_named,
    slices_named,
)
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
from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.pricing.exposures.book import Exposures

app = typer.Typer(help="What the book is exposed to.", no_args_is_help=True)

Gaps = Annotated[bool, typer.Option("--gaps", help="Where the model is away from the mark.")]
Least = Annotated[
    float, typer.Option("--least", help="With --gaps: least gap, as a share of the mark.", min=0)
]
Missing = Annotated[bool, typer.Option("--missing", help="What is not covered, and why.")]


@app.command("show")
def show_exposures(
    by: By = None,
    measures: Measures = SHOWN,
    ladder: Ladder = None,
    gaps: Gaps = False,
    least: Least = 0.01,
    missing: Missing = False,
    node: Node = None,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Sensitivities by slice, ladders by tenor. Exit code 3 when something is not covered."""
    from riskplatform.reporting.exposure_tables import grouped

    if sum((ladder is not None, gaps, missing)) > 1:
        raise UserInputError("Ask for one of --ladder, --gaps and --missing at a time.")
    slices = slices_named(by)
    names = measures_named(measures) if ladder is None else [measure_of_ladder(ladder)]
    opened = open_desk(desk, base_currency=currency)
    with working("Pricing every unit held"):
        found = opened.exposures(node, day(as_of))
    if found.lines.empty:
        note(f"Nothing is held on {found.provenance.as_of}; name another day with --as-of.")
    if ladder is not None:
        table, what = _ladder(found, names[0], slices, output), f"{names[0]} by factor and tenor"
    elif gaps:
        names, table, what = [], found.gaps(least), f"model away from mark by {least:.2%} or more"
    elif missing:
        names, table, what = [], found.not_covered(), "not covered"
    else:
        slices = slices or ["asset_class"]
        table, what = grouped(found, slices, names), f"exposures by {', '.join(slices)}"
    table = _for_people(table, output, has_shares=gaps or missing)
    show(table, output, title=f"{node or opened.settings.name}: {what}", footer=_foot(found, names))
    if ladder == "beta" and found.no_betas is not None:
        warn(found.no_betas.message)
    _warn_of_missing(found)
    return 0 if found.provenance.coverage.is_complete else 3


def _for_people(table: pd.DataFrame, output: Output, *, has_shares: bool) -> pd.DataFrame:
    """Whole money in tables of nothing else; programs get every digit."""
    from riskplatform.reporting.exposure_tables import rounded

    return table if has_shares or output is not Output.TABLE else rounded(table)


def _ladder(found: Exposures, measure: str, slices: Sequence[str], output: Output) -> pd.DataFrame:
    """For programs and with slices one row per number; for people tenors against factors."""
    from riskplatform.reporting.exposure_tables import by_factor, tenor, tenor_table

    rows = found.ladder(measure, *slices)
    if output is Output.TABLE and not slices and rows["years"].notna().any():
        return tenor_table(rows)
    if output is Output.TABLE and not slices:
        return by_factor(rows).reset_index()
    labels = [tenor(years) if years == years else None for years in rows["years"]]
    rows.insert(list(rows.columns).index("years"), "tenor", labels)
    if rows["years"].isna().all():
        rows = rows.drop(columns=["tenor", "years"])
        return rows.sort_values("value", key=abs, ascending=False)
    return rows.sort_values([*slices, "factor_id", "years"], kind="stable")


def _foot(found: Exposures, names: Sequence[str]) -> list[str]:
    from riskplatform.reporting.exposure_tables import coverage_words, units

    of = units(names, found.base_currency) or [f"value, model value, gap: {found.base_currency}"]
    origin = found.provenance
    return [
        "; ".join(of),
        f"as of {origin.as_of}, in {origin.base_currency}, model {origin.model_id}, "
        f"run {origin.run_id}",
        f"coverage {coverage_words(found)}",
    ]


def _warn_of_missing(found: Exposures, most: int = 10) -> None:
    if found.provenance.coverage.is_complete:
        return
    rows = found.not_covered().to_dict("records")
    for row in rows[:most]:
        share = f" ({row['share']:.2%} of gross value)" if row["share"] == row["share"] else ""
        warn(f"{row['message']}{share}")
    if len(rows) > most:
        warn(f"{len(rows) - most:,} more are not covered; see them with --missing.")
