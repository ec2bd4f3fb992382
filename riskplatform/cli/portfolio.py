"""Portfolios: import files into them, list the tree, show what is held."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, Currency, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, err, note, show, show_value, warn, working
from riskplatform.errors import ImportRefusedError

app = typer.Typer(help="Portfolios and what they hold.", no_args_is_help=True)

What = Annotated[
    str, typer.Option("--what", help="positions, transactions, instruments or prices.")
]


Method = Annotated[str, typer.Option(help="How sales use up purchases: fifo, lifo or average.")]


File = Annotated[Path, typer.Argument(help="CSV, Excel, Parquet or IBKR Flex XML.", metavar="FILE")]
Preview = Annotated[
    bool, typer.Option("--preview", help="Show how the file would be read; change nothing.")
]
SaveMap = Annotated[
    str | None,
    typer.Option(
        help="With --preview: keep the proposed column map under this name, to be edited.",
        metavar="NAME",
    ),
]
Map = Annotated[Path | None, typer.Option("--map", help="Saved column map (YAML).")]
Default = Annotated[
    str | None, typer.Option(help="Portfolio of rows that name none.", metavar="PORTFOLIO")
]
Source = Annotated[str, typer.Option(help="Who sent the file; two senders may send the same row.")]
GoodRows = Annotated[
    bool, typer.Option("--good-rows", help="Take the good rows even when others are refused.")
]


@app.command("import")
def import_file(
    file: File,
    what: What = "positions",
    preview: Preview = False,
    save_map: SaveMap = None,
    column_map: Map = None,
    portfolio: Default = None,
    source: Source = "file",
    good_rows: GoodRows = False,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Import a file: all of it or nothing, and the same file twice changes nothing."""
    opened = open_desk(desk)
    if preview:
        seen = opened.preview(file, what, column_map=column_map)
        show_value(seen.to_dict(), output)
        if save_map:
            note(f"Saved the map in {opened.save_map(seen.column_map, save_map)}.")
        return 0
    try:
        with working(f"Importing {file.name}"):
            report = opened.import_file(
                file,
                what,
                column_map=column_map,
                as_of=day(as_of),
                default_portfolio=portfolio,
                good_rows_only=good_rows,
                source=source,
            )
    except ImportRefusedError as refusal:
        _show_refusals(refusal, output)
        raise
    show_value(report.to_dict(), output)
    for warning in report.warnings:
        warn(warning)
    return 0 if report.is_complete else 3


def _show_refusals(refusal: ImportRefusedError, output: Output) -> None:
    import pandas as pd

    rows = [item.to_dict() for item in refusal.refusals[:50]]  # type: ignore[attr-defined]
    if rows:
        show(pd.DataFrame(rows), output, title="Refused rows")
    if len(refusal.refusals) > len(rows):
        err.print(f"... and {len(refusal.refusals) - len(rows):,} more")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Short name, unique.", metavar="PORTFOLIO")],
    title: Annotated[str, typer.Option(help="Name shown on reports.")] = "",
    parent: Annotated[
        str | None, typer.Option(help="Portfolio above it.", metavar="PORTFOLIO")
    ] = None,
    level: Annotated[str, typer.Option(help="firm, fund, book, strategy or benchmark.")] = "book",
    currency: Annotated[str, typer.Option(help="Its currency.", metavar="CCY")] = "USD",
    benchmark: Annotated[
        str | None, typer.Option(help="Portfolio that it is measured against.")
    ] = None,
    desk: DeskFolder = HERE,
) -> None:
    """Add a portfolio to the tree, or change what is said of it."""
    from riskplatform.domain.portfolio import PortfolioNode

    node = PortfolioNode(
        portfolio_id=name,
        name=title or name,
        level=level,
        parent_id=parent,
        base_currency=currency,
        benchmark_id=benchmark,
    )
    report = open_desk(desk).put_portfolios([node])
    note(f"Added {name}." if report.added else f"{name} is already so.")


@app.command("list")
def list_portfolios(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """The tree of portfolios with the number of positions below each."""
    frame = open_desk(desk).portfolio_table()
    if output is Output.TABLE:
        frame["portfolio"] = [
            "  " * depth + name
            for depth, name in zip(frame.pop("depth"), frame.pop("portfolio"), strict=True)
        ]
        frame.insert(0, "portfolio", frame.pop("portfolio"))
    show(
        frame, output, title="Portfolios",
        nothing="There is none yet: `riskplatform portfolio add NAME --level book`, or import a "
        "file with `riskplatform portfolio import FILE`.",
    )  # fmt: skip


@app.command("show")
def show_positions(
    node: Annotated[str, typer.Argument(help="Portfolio.", metavar="PORTFOLIO")],
    as_of: AsOf = None,
    currency: Currency = None,
    limit: Annotated[int, typer.Option(help="At most so many lines, largest first.", min=1)] = 50,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """What a portfolio holds: quantity, mark and value of each line, largest first."""
    opened = open_desk(desk, base_currency=currency)
    valuation = opened.value(day(as_of), node=node)
    columns = [
        "portfolio_id", "instrument_id", "name", "kind", "currency", "quantity", "mark",
        "mark_date", "value", "notional",
    ]  # fmt: skip
    lines = valuation.lines.sort_values("value", key=abs, ascending=False)[columns]
    note(f"{min(limit, len(lines)):,} of {len(lines):,} lines")
    total = f"Total {valuation.total:,.0f} {valuation.provenance.base_currency}"
    show(lines.head(limit), output, title=node, footer=(total, str(valuation.provenance)))
    return 0 if valuation.coverage.is_complete else 3


@app.command()
def pnl(
    node: Annotated[str, typer.Argument(help="Portfolio.", metavar="PORTFOLIO")],
    as_of: AsOf = None,
    method: Method = "fifo",
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Realised, unrealised, income and fees of each line since it began, in its own currency."""
    report = open_desk(desk).pnl(day(as_of), node=node, method=method)
    show(report.to_frame(), output, title=f"{node}: P&L by {method}")
    for failure in report.coverage.failures:
        warn(failure.message)
    return 0 if report.coverage.is_complete else 3


@app.command()
def lots(
    portfolio: Annotated[str, typer.Argument(help="Leaf portfolio.", metavar="PORTFOLIO")],
    instrument: Annotated[str, typer.Argument(help="Instrument.", metavar="INSTRUMENT")],
    as_of: AsOf = None,
    method: Method = "fifo",
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Open lots of one line: when and by which transaction acquired, and at what cost."""
    import pandas as pd

    found = open_desk(desk).lots(portfolio, instrument, day(as_of), method=method)
    rows = [(x.opened_at, x.transaction_id, x.quantity, x.cost, x.unit_cost) for x in found]
    columns = ["opened_at", "transaction_id", "quantity", "cost", "unit_cost"]
    show(
        pd.DataFrame(rows, columns=columns), output, title=f"{portfolio}: {instrument} by {method}"
    )
