"""The unit P&L cube: what one unit of everything held gains in each scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.cube_facts import facts_of, still_words, warn_of_failures
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
from riskplatform.cli.output import Output, note, show, show_value, warn
from riskplatform.cli.scenario_options import (
    Asked,
    Choice,
    Days,
    File,
    Horizon,
    Kind,
    Scenarios,
    Seed,
    short,
)
from riskplatform.cli.sizes import size_text

if TYPE_CHECKING:
    from datetime import date

    from riskplatform.desk import Desk
    from riskplatform.simulation.cube import UnitCube

app = typer.Typer(
    help="What one unit of everything held gains in each scenario.", no_args_is_help=True
)

What = Annotated[
    str | None,
    typer.Argument(
        help="A set by its first digits, or a maker of scenarios; historical if not given.",
        metavar="SCENARIOS",
    ),
]
CubeId = Annotated[str, typer.Argument(help="Its first digits.", metavar="ID")]
By = Annotated[
    str | None,
    typer.Option(
        help="Slice: portfolio, portfolio_id, asset_class, kind, currency, sector, country, "
        "region, issuer_id, rating, exchange, tag or instrument_id.",
    ),
]


@app.command()
def build(
    what: What = None,
    scenarios: Scenarios = None,
    horizon_days: Horizon = None,
    days: Days = None,
    seed: Seed = None,
    option: Choice = None,
    file: File = None,
    kind: Kind = None,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Price every unit in every scenario; what is there is not priced again. Ctrl-C keeps what is
    done. Exit code 3 when something cannot be priced."""
    asked = Asked(
        what=what,
        scenarios=scenarios,
        horizon_days=horizon_days,
        days=days,
        seed=seed,
        choices=option,
        file=file,
        kinds=kind,
    )
    opened = open_desk(desk)
    watch = Watch()
    try:
        with watch:
            found = _built(opened, asked, day(as_of), watch)
    except KeyboardInterrupt:
        note(f"Stopped. {watch.kept()} The same command goes on from there.")
        return 130
    opened.record_cubes()
    if not watch.rows:
        note("This cube was there already.")
    show_value(facts_of(opened, found, output) | watch.facts(), output)
    if still := still_words(found):
        warn(still)
    warn_of_failures(found)
    return 0 if found.coverage.is_complete else 3


def _built(desk: Desk, asked: Asked, as_of: date | None, watch: Watch) -> UnitCube:
    if asked.is_id:
        chosen = desk.scenario_sets.open(str(asked.what))
        return desk.cube(chosen, as_of or chosen.as_of, progress=watch.tell)
    own = asked.of_file(desk, as_of)
    if own is not None:
        return desk.cube(own, as_of, progress=watch.tell)
    return desk.cube(asked.recipe(), as_of, progress=watch.tell, **asked.history)


@app.command("list")
def list_cubes(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """Cubes, finished and interrupted: scenarios, day, coverage and size."""
    table = open_desk(desk).cubes_table()
    if output is Output.TABLE:
        for name in ("cube_id", "scenario_set"):
            table[name] = table[name].map(short, na_action="ignore")
        table["created_at"] = table["created_at"].map("{:%Y-%m-%d %H:%M}".format)
        table["size"] = table.pop("size_bytes").map(size_text)
        # The coverage says it.
        table = table.drop(columns="instruments")
    show(
        table, output, title="Cubes",
        nothing="None is built: `riskplatform cube build historical`.",
    )  # fmt: skip


@app.command("show")
def show_cube(
    cube: CubeId,
    by: By = None,
    node: Node = None,
    worst: Annotated[int, typer.Option(help="So many worst scenarios.", min=1)] = 3,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """What a cube is; with --node or --by, what the book gains in its scenarios. Exit code 3 when
    something has no price."""
    opened = open_desk(desk, base_currency=currency)
    found = opened.open_cube(cube)
    if node is None and by is None:
        show_value(facts_of(opened, found, output), output)
        warn_of_failures(found)
        return 0 if found.coverage.is_complete else 3
    gains = opened.cube_profits(found, node=node, by=by)
    if not gains.groups:
        note(f"Nothing is held there on {found.cube.notes['as_of']}.")
    table = gains.to_frame(worst).sort_values("standard_deviation", ascending=False)
    whole = gains.total(1)
    footer = (
        f"Together in {gains.currency}: mean {whole['mean']:,.0f}, standard deviation "
        f"{whole['standard_deviation']:,.0f}, worst {whole['worst_1']:,.0f} in "
        f"{whole['scenario_1']}",
        f"as of {found.cube.notes['as_of']}, {len(gains.labels):,} scenarios, cube "
        f"{short(found.cube_id)}",
    )
    title = f"{node or opened.settings.name}: gains in {gains.currency} by {gains.by}"
    show(table, output, title=title, footer=footer)
    if gains.missing:
        some = ", ".join(gains.missing[:5])
        more = f" and {len(gains.missing) - 5} more" if len(gains.missing) > 5 else ""
        warn(f"{len(gains.missing)} names held have no price in the cube: {some}{more}")
    return 3 if gains.missing else 0


@app.command()
def prune(
    keep: Annotated[int, typer.Option(help="So many of the newest stay.", min=0)] = 3,
    keep_id: Annotated[
        list[str] | None, typer.Option(help="This one stays too; repeatable.", metavar="ID")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go; remove nothing.")
    ] = False,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Remove all but the newest cubes, and parts of builds that were interrupted."""
    found = open_desk(desk).prune_cubes(keep, keep_id or (), rehearse=dry_run)
    if output is not Output.TABLE:
        show_value(found.to_dict(), output)
        return
    for name in found.removed:
        note(f"{'Would remove' if dry_run else 'Removed'} {short(name)}.")
    verb = "would be freed" if dry_run else "freed"
    note(f"{size_text(found.freed_bytes)} {verb}; {len(found.kept)} kept.")
