"""What the book may lose: methods side by side, taken apart, and whether they have been right."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskplatform.cli.cube_progress import Watch
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
from riskplatform.cli.output import Output, json_text, note, out, show, warn, working
from riskplatform.cli.report import morning
from riskplatform.cli.risk_backtest import backtest
from riskplatform.cli.risk_tables import (
    foot,
    measures_for_people,
    methods_for_people,
    parts_for_people,
)

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.risk.risk_report import RiskReport
    from riskplatform.risk.slices import SlicedRisk

app = typer.Typer(help="What the book may lose.", no_args_is_help=True)
app.command()(backtest)
app.command("report")(morning)

Confidence = Annotated[float, typer.Option(help="Of VaR and ES, such as 0.99.")]
HorizonDays = Annotated[
    float,
    typer.Option(help="Beyond that of the scenarios: simulated where a method can, else scaled."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Scenario set: a maker (factor_model, factor_model:10 for ten days) or the first "
        "digits of an id; repeatable. Historical and drawn days if not given.",
        metavar="SET",
    ),
]
Methods = Annotated[
    list[str] | None,
    typer.Option(
        "--method",
        help="This method; repeatable. delta_gamma takes sensitivities, a few seconds more.",
        metavar="METHOD",
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        help="Slice of the first set: portfolio, portfolio_id, asset_class, kind, currency, "
        "sector, country, region, issuer_id, rating, exchange, tag or instrument_id.",
    ),
]
PartsBy = Annotated[
    str,
    typer.Option(
        help="portfolio, portfolio_id, asset_class, sector, country, ..., instrument_id, or "
        "measure and factor (sensitivities times moves, and the rest).",
    ),
]


class Measure(StrEnum):
    """By whose components the rows are sorted."""

    VAR = "var"
    ES = "es"
    VOLATILITY = "volatility"


@app.command()
def run(
    node: Node = None,
    by: By = None,
    confidence: Confidence = 0.99,
    horizon_days: HorizonDays = 1.0,
    set_: Sets = None,
    method: Methods = None,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Build what is missing, measure by every method, and keep the run with every portfolio's
    figures. Ctrl-C keeps what is built. Exit code 3 when something could not be computed."""
    opened = open_desk(desk, base_currency=currency)
    watch = Watch()
    try:
        with watch:
            found = opened.risk(
                node, day(as_of), confidence=confidence, horizon_days=horizon_days,
                methods=method, scenarios=sets_named(opened, set_), by=by, with_tree=True,
                progress=watch.tell,
            )  # fmt: skip
    except KeyboardInterrupt:
        note(f"Stopped. {watch.kept()} The same command goes on from there.")
        return 130
    if watch.rows:
        opened.record_cubes()
    run_id = opened.record_risk(found)
    _print(found, output)
    note(f"Kept as run {run_id}.")
    return _code(found, method)


@app.command("show")
def show_risk(
    node: Node = None,
    by: By = None,
    confidence: Confidence = 0.99,
    horizon_days: HorizonDays = 1.0,
    set_: Sets = None,
    method: Methods = None,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """The same from cubes that are built, at once: nothing is built or kept. Methods that take a
    while to load (filtered, t, EVT by likelihood) are left out unless named. Exit code 3 when
    something has no figure."""
    opened = open_desk(desk, base_currency=currency)
    with working("Measuring"):
        found = opened.risk(
            node, day(as_of), confidence=confidence, horizon_days=horizon_days,
            methods=method or quick_methods(), scenarios=sets_named(opened, set_), by=by,
            only_built=True,
        )  # fmt: skip
    _print(found, output)
    return _code(found, method)


@app.command()
def decompose(
    by: PartsBy = "portfolio",
    measure: Annotated[Measure, typer.Option(help="Sort by this measure.")] = Measure.ES,
    node: Node = None,
    tails: Annotated[
        int | None, typer.Option(help="So many scenarios of the tail, with what drove each.", min=1)
    ] = None,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="The risk without each item, recomputed in full.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Rows of the table for people.", min=1)] = 30,
    confidence: Confidence = 0.99,
    set_: Annotated[
        str | None, typer.Option("--set", help="Scenario set; drawn days if not given.")
    ] = None,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Components of volatility, VaR and ES that add up to the whole, over the scenarios' own
    horizon. Cubes are built if they are missing. Exit code 3 when something is not covered."""
    opened = open_desk(desk, base_currency=currency)
    chosen = sets_named(opened, None if set_ is None else [set_])
    watch = Watch()
    with watch:
        found = opened.decompose(
            node, by, day(as_of), confidence=confidence, incremental=incremental,
            scenarios=None if chosen is None else chosen[0], tails=tails or 20,
            progress=watch.tell,
        )  # fmt: skip
    if watch.rows:
        opened.record_cubes()
    _print_parts(found, measure.value, output, limit)
    if tails is not None and output is Output.TABLE:
        _print_tails(found, tails)
    for failure in found.parts.failures:
        warn(failure.message)
    whole = found.provenance is None or found.provenance.coverage.is_complete
    return 0 if whole and not found.parts.failures else 3


def sets_named(desk: Desk, names: Sequence[str] | None) -> list[Any] | None:
    """Makers with their horizon, or sets by the first digits of their ids."""
    from riskplatform.cli.scenario_options import is_set_id

    if not names:
        return None
    found: list[Any] = []
    for name in names:
        maker, _, horizon = name.partition(":")
        if is_set_id(name):
            found.append(desk.scenario_sets.open(name))
        elif horizon:
            found.append({"maker": maker, "horizon_days": _days(name, horizon)})
        else:
            found.append(maker)
    return found


def _days(name: str, horizon: str) -> int:
    if not horizon.isdecimal() or int(horizon) < 1:
        raise typer.BadParameter(f"{name!r}: write maker:days, such as factor_model:10.")
    return int(horizon)


def quick_methods() -> list[str]:
    """Without those that fit by search or filter day by day: they take a while to load."""
    from riskplatform.risk.methods import METHODS

    slow = ("filtered_historical", "filtered_historical_ewma", "student_t", "evt")
    return [name for name in METHODS if name not in slow]


def _print(found: RiskReport, output: Output) -> None:
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    if output is Output.CSV:
        show(found.to_frame(), output)
        return
    asked = found.question
    title = f"{found.node}: {asked.confidence:.6g}, {asked.horizon_days:g}-day"
    show(methods_for_people(found), output, title=f"{title}, {found.provenance.base_currency}")
    show(measures_for_people(found), output, title="Other measures, over the scenarios' horizon",
         footer=foot(found.provenance, asked.confidence))  # fmt: skip
    if found.slices is not None:
        _print_parts(found.slices, "es", output, 30)
    for failure in found.failures:
        warn(f"{failure.subject}: {failure.message}" if failure.subject else failure.message)
    for failure in found.provenance.coverage.failures[:10]:
        warn(failure.message)


def _print_parts(found: SlicedRisk, measure: str, output: Output, limit: int) -> None:
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    if output is Output.CSV:
        show(found.to_frame(measure), output)
        return
    table, footer = parts_for_people(found, measure, limit)
    title = f"{found.node or 'all'} by {found.by}: {found.view}, {found.base_currency}"
    show(table, output, title=title, footer=footer)


def _print_tails(found: SlicedRisk, tails: int) -> None:
    rows = found.parts.tail_frame().rename(columns={"item": found.by})
    shown = [scenario.label for scenario in found.parts.tail[:tails]]
    title = "Scenarios of the ES, worst first, and what lost most in each"
    show(rows[rows["scenario"].isin(shown)].drop(columns="weight"), Output.TABLE, title=title)


def _code(found: RiskReport, named: Sequence[str] | None) -> int:
    """3 where positions are not covered, or a set or a method that was named has no figure."""
    lacking = any(not each.methods.figures for each in found.sets)
    failed = named is not None and any(each.methods.failures for each in found.sets)
    return 3 if lacking or failed or not found.provenance.coverage.is_complete else 0
