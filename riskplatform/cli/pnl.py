"""What was gained, why, against what, and at which rate."""

from __future__ import annotations

from datetime import datetime
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
from riskplatform.cli.output import Output, note, show, show_value, warn, working

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.domain.outcome import Coverage
    from riskplatform.risk.attribution import AttributionResult, ReturnsResult
    from riskplatform.risk.explain import ExplainResult

app = typer.Typer(help="What was gained, and why.", no_args_is_help=True)

_SLICES = "asset_class, kind, currency, sector, industry, country, region, issuer_id, rating, \
exchange, tag or instrument_id"
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD",
        help="Day at whose end the period begins; the market day before if not given.",
    ),
]  # fmt: skip
Start = Annotated[
    datetime,
    typer.Option(
        "--start", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD",
        help="Day at whose end the period begins.",
    ),
]  # fmt: skip
Columns = Annotated[
    str | None,
    typer.Option("--by", help=f"A column for each group: portfolio, portfolio_id, {_SLICES}."),
]
Way = Annotated[
    str, typer.Option("--way", help="revaluation (step by step) or taylor (sensitivities).")
]
Factors = Annotated[
    bool, typer.Option("--factors", help="First-order terms by factor, the way taylor.")
]
Daily = Annotated[
    bool, typer.Option("--daily", help="Each market day by itself, added up; takes longer.")
]
Lines = Annotated[
    int, typer.Option("--lines", help="So many lines of which most is unexplained.", min=0)
]
_MOST_COLUMNS = 8


@app.command()
def explain(
    node: Node = None,
    since: Since = None,
    as_of: AsOf = None,
    by: Columns = None,
    way: Way = "revaluation",
    factors: Factors = False,
    lines: Lines = 0,
    daily: Daily = False,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """P&L between two days, term by term. Exit code 3 when something is not covered."""
    opened = open_desk(desk, base_currency=currency)
    with working("Revaluing the book"):
        found = opened.explain(
            node, day(as_of), day(since), way="taylor" if factors else way, daily=daily
        )
    title = f"{node or opened.settings.name}: P&L from {found.since} to {found.as_of}"
    if factors:
        table = found.factors.sort_values("pnl", key=abs, ascending=False, ignore_index=True)
    elif lines:
        table = found.largest_unexplained(lines)
    elif output is Output.JSON and by is None:
        show_value(found.to_dict(), output)
        return 0 if found.coverage.is_complete else 3
    else:
        table = _terms(found, by, output)
    show(table, output, title=title, footer=_explain_foot(found))
    for text in found.notes:
        note(text)
    if found.is_flagged:
        warn(
            f"{found.unexplained_share:.1%} of the P&L is unexplained, more than "
            f"{found.tolerance:.0%}; see the lines with --lines 10."
        )
    _warn_of(found.coverage)
    return 0 if found.coverage.is_complete else 3


def _terms(found: ExplainResult, by: str | None, output: Output) -> pd.DataFrame:
    table = found.to_frame(by)
    if output is not Output.TABLE:
        return table
    table = table.drop(columns="term").rename(columns={"title": "term"})
    groups = list(table.columns[3:])
    if len(groups) > _MOST_COLUMNS:
        rest = groups[_MOST_COLUMNS:]
        table["others"] = table[rest].sum(axis=1)
        table = table.drop(columns=rest)
    money = [name for name in table.columns if name not in ("term", "share")]
    table[money] = table[money].round(0)
    table["share"] = [f"{share:.2%}" if share == share else "" for share in table["share"]]
    return table


def _explain_foot(found: ExplainResult) -> list[str]:
    origin = found.provenance
    return [
        f"actual {found.actual:,.0f}, hypothetical {found.hypothetical:,.0f}, risk-theoretical "
        f"{found.theoretical:,.0f} {found.base_currency}",
        f"unexplained {found.unexplained_share:.2%} of absolute P&L, {found.gross_share:.2%} "
        "line by line",
        f"since {found.since}, {origin}",
    ]


@app.command()
def attribution(
    start: Start,
    node: Node = None,
    as_of: AsOf = None,
    benchmark: Annotated[
        str | None,
        typer.Option(help="Portfolio; the node's own if not given.", metavar="PORTFOLIO"),
    ] = None,
    by: Annotated[str, typer.Option("--by", help=f"Slice: {_SLICES}.")] = "sector",
    method: Annotated[str, typer.Option(help="brinson or factor.")] = "brinson",
    linking: Annotated[str, typer.Option(help="carino or menchero.")] = "carino",
    months: Annotated[bool, typer.Option("--months", help="By month.")] = False,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Return against a benchmark by group, or by factors. Exit code 3 when not all is covered."""
    opened = open_desk(desk, base_currency=currency)
    with working("Reading days"):
        found = opened.attribution(
            node, start.date(), day(as_of), benchmark=benchmark, by=by, method=method,
            linking=linking,
        )  # fmt: skip
    if output is Output.JSON:
        show_value(found.to_dict(), output)
    else:
        table = found.periods if months else found.table
        title = f"{node or opened.settings.name}: {found.method} by {found.by}"
        show(_shares(table, output), output, title=title, footer=_attribution_foot(found))
    _warn_of(found.coverage)
    return 0 if found.coverage.is_complete else 3


def _attribution_foot(found: AttributionResult) -> list[str]:
    first = f"return {found.portfolio_return:.4%}"
    if found.benchmark_return is not None and found.excess_return is not None:
        first += f", {found.benchmark} {found.benchmark_return:.4%}, excess "
        first += f"{found.excess_return:.4%}"
    sums = ", ".join(f"{name} {value:.4%}" for name, value in found.effects.items())
    lines = [first, f"{sums} ({found.linking})"]
    if found.geometric:
        sums = ", ".join(f"{name} {value:.4%}" for name, value in found.geometric.items())
        lines.append(f"geometric: {sums}; interaction is in selection")
    return [*lines, f"from the evening of {found.start}, {found.provenance}"]


@app.command()
def returns(
    start: Start,
    node: Node = None,
    as_of: AsOf = None,
    period: Annotated[str, typer.Option(help="month, year or day.")] = "month",
    timing: Annotated[str, typer.Option(help="When in its day money comes: end or start.")] = "end",
    by: Annotated[
        str | None, typer.Option("--by", help=f"Contributions by a slice: {_SLICES}.")
    ] = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Time- and money-weighted returns. Exit code 3 when a day has none."""
    from riskplatform.errors import UnknownNameError

    if period not in ("month", "year", "day"):
        raise UnknownNameError("period", period, ("month", "year", "day"))
    opened = open_desk(desk, base_currency=currency)
    with working("Reading days"):
        found = opened.returns(
            node, start.date(), day(as_of), timing=timing, by=by or "asset_class"
        )
    if output is Output.JSON:
        show_value(found.to_dict(), output)
    else:
        tables = {"month": found.months, "year": found.years, "day": found.daily}
        table = tables[period] if by is None else found.contributions
        title = f"{node or opened.settings.name}: returns"
        show(_shares(table, output), output, title=title, footer=_returns_foot(found))
    if found.start > start.date():
        note(f"There was nothing before {found.start}; the returns begin with its evening.")
    _warn_of(found.coverage)
    return 0 if found.coverage.is_complete else 3


def _returns_foot(found: ReturnsResult) -> list[str]:
    money = "none"
    if found.money_weighted is not None and found.money_weighted_period is not None:
        money = f"{found.money_weighted_period:.4%} ({found.money_weighted:.4%} a year)"
        if len(found.money_weighted_roots) > 1:
            money += f", one of {len(found.money_weighted_roots)} roots"
    return [
        f"time-weighted {found.time_weighted:.4%} ({found.time_weighted_a_year:.4%} a year), "
        f"money-weighted {money}",
        f"modified Dietz {found.modified_dietz:.4%}, linked by month "
        f"{found.modified_dietz_linked:.4%}; flows at the {found.timing} of the day",
        f"from the evening of {found.start}, {found.provenance}",
    ]


def _shares(table: pd.DataFrame, output: Output) -> pd.DataFrame:
    """For people returns in percent and whole money."""
    if output is not Output.TABLE:
        return table
    shown = table.copy()
    for name in shown.select_dtypes("number"):
        if name in ("value", "flows", "pnl"):
            shown[name] = shown[name].round(0)
        else:
            shown[name] = [f"{x:.3%}" if x == x else "" for x in shown[name]]
    return shown


def _warn_of(coverage: Coverage, most: int = 10) -> None:
    messages = list(dict.fromkeys(failure.message for failure in coverage.failures))
    for message in messages[:most]:
        warn(message)
    if len(messages) > most:
        warn(f"{len(messages) - most:,} more are not covered; see them with --output json.")
