"""What trades and other changes would do, before anybody does them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, Currency, DeskFolder, Format, Node, day, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show, warn, working

if TYPE_CHECKING:
    from riskplatform.risk.what_if import WhatIfResult

app = typer.Typer(
    help="What trades and other changes would do, before anybody does them.", no_args_is_help=True
)

Trades = Annotated[
    list[str] | None,
    typer.Option(
        "--trade",
        help='A change, repeatable and in order: "BOOK: AAPL +1000", "AAPL -50%", "AAPL -> 0", '
        '"scale BOOK 0.5", "scale BOOK sector Energy 2", "remove BOOK".',
        metavar="TEXT",
    ),
]
Asked = Annotated[
    str | None,
    typer.Argument(help="A file of changes, or the name of a kept what-if.", metavar="FILE|NAME"),
]
Confidence = Annotated[float, typer.Option(help="Of VaR and ES, such as 0.99.")]
All = Annotated[bool, typer.Option("--all", help="Also numbers that do not change.")]


@app.command()
def run(
    asked: Asked = None,
    trade: Trades = None,
    node: Node = None,
    save: Annotated[
        str | None, typer.Option(help="Keep the question under this name.", metavar="NAME")
    ] = None,
    confidence: Confidence = 0.99,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="Also VaR and ES by this method of risk, repeatable; all is every one that suits.",
            metavar="NAME",
        ),
    ] = None,
    no_cash: Annotated[
        bool, typer.Option("--no-cash", help="Do not take the money for trades from cash.")
    ] = False,
    everything: All = False,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Value, exposures, VaR and ES, stress and limits as they are, as they would be, and the
    difference. New breaches come first. Exit code 4 when a limit is breached that was not, 3 when
    something is in no number."""
    from riskplatform.errors import UserInputError

    if (asked is None) == (not trade):
        raise UserInputError(
            "A what-if takes a file or a name, or trades.",
            hint='Such as: riskplatform what-if run --trade "BOOK: AAPL +1000".',
        )
    opened = open_desk(desk, base_currency=currency)
    with working("Pricing the book in its scenarios"):
        if asked is not None:
            found = opened.run_what_if(
                asked, day(as_of), node=node, self_financed=False if no_cash else None,
                save_as=save or "", confidence=confidence, methods=method or (),
            )  # fmt: skip
        else:
            found = opened.what_if(
                trade or (), node, day(as_of), name=save or "", self_financed=not no_cash,
                confidence=confidence, methods=method or (),
            )  # fmt: skip
    _show(found, output, everything)
    if save:
        note(f"Kept as {save}: `riskplatform what-if run {save}` asks it again.")
    if found.new_breaches:
        return 4
    return 0 if found.provenance.coverage.is_complete else 3


@app.command()
def hedge(
    node: Node = None,
    risk: Annotated[
        str, typer.Option(help="es, var, volatility, or an exposure such as delta or dv01.")
    ] = "es",
    scenarios: Annotated[
        str, typer.Option("--set", help="Scenarios, by their maker.", metavar="MAKER")
    ] = "historical",
    candidate: Annotated[
        list[str] | None,
        typer.Option(help="An instrument to look at, repeatable; all held if not given."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(help="The most money to trade in one hedge.")
    ] = None,
    confidence: Confidence = 0.99,
    top: Annotated[int, typer.Option(help="So many.", min=1)] = 10,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Which instrument, and how much of it, cuts a risk most for what it costs."""
    opened = open_desk(desk, base_currency=currency)
    with working("Looking for hedges"):
        found = opened.hedges(
            node, day(as_of), risk=risk, scenarios=scenarios, confidence=confidence,
            candidates=candidate, budget=budget, shown=top,
        )  # fmt: skip
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    title = f"{found.node or 'everything'}: hedges of {found.risk}, one at a time"
    show(found.to_frame(), output, title=title, footer=[
        f"Each within a budget of {found.budget:,.0f} {found.provenance.base_currency}; cost is "
        "half a spread and fees as assumed by kind of instrument.",
        str(found.provenance),
    ])  # fmt: skip
    if not found.hedges:
        note("No single trade within the budget cuts this risk.")


@app.command("list")
def list_kept(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """The questions that are kept."""
    show(
        open_desk(desk).what_ifs(), output, title="What-ifs",
        nothing='None is kept: `riskplatform what-if run --trade "NODE: NAME +100" --save NAME`.',
    )  # fmt: skip


@app.command("show")
def show_kept(
    name: Annotated[str, typer.Argument(help="Of a kept what-if.", metavar="NAME")],
    desk: DeskFolder = HERE,
) -> None:
    """The file of a kept what-if."""
    from riskplatform.desk.what_if_files import kept, path_of

    opened = open_desk(desk)
    kept(opened, name)
    out.file.write(path_of(opened, name).read_text(encoding="utf-8"))


def _show(found: WhatIfResult, output: Output, everything: bool) -> None:
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    frame = found.to_frame()
    if output is Output.CSV:
        show(frame, output)
        return
    for check in found.new_breaches:
        limit = check.limit
        warn(
            f"Breaches {limit.limit_id} ({limit.node}, {limit.measure}): {check.value:,.6g} of "
            f"{limit.hard:,.6g} {limit.unit or ''}."
        )
    if not everything:
        frame = frame[frame["difference"] != 0.0]
    footer = [
        f"{'; '.join(found.changes)}: {found.traded:,.0f} {found.base_currency} traded",
        *found.notes,
        str(found.provenance),
    ]
    title = f"{found.node or 'everything'}: what if, in {found.base_currency}"
    show(frame.drop(columns="group"), output, title=title, footer=footer)
    moved = found.limits_frame()
    if len(moved):
        shown = moved if everything else moved[moved["light_after"] != "green"]
        show(shown, output, title="Limits that are touched and not green")
