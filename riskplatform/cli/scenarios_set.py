"""Scenario sets: what the factors of the book may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, note, show, show_value, warn, working
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
from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    from riskplatform.simulation.describe import Description
    from riskplatform.simulation.scenario_set import ScenarioSet

app = typer.Typer(help="Scenario sets: what the factors may do.", no_args_is_help=True)

# The correlations of so many factors are compared; of all, they would take a minute.
_COMPARED = 200

Maker = Annotated[
    str | None,
    typer.Argument(
        help="historical, age_weighted, volatility_scaled, filtered_historical, factor_model, "
        "gaussian or student_t; none with --from.",
        metavar="MAKER",
    ),
]


@app.command()
def build(
    maker: Maker = None,
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
    """Make a scenario set and keep it. Exit code 3 when a factor has no history."""
    if maker is None and file is None:
        raise UserInputError("Name a maker, or give a file of moves by --from.")
    asked = Asked(
        what=maker,
        scenarios=scenarios,
        horizon_days=horizon_days,
        days=days,
        seed=seed,
        choices=option,
        file=file,
        kinds=kind,
    )
    if asked.is_id:
        raise UserInputError(f"{maker!r} is an id; see that set by `scenarios-set show {maker}`.")
    recipe = asked.recipe() if file is None else None
    opened = open_desk(desk)
    before = set(opened.scenario_sets.list())
    with working("Making the scenarios"):
        found = asked.of_file(opened, day(as_of))
        if found is None and recipe is not None:
            found = opened.scenario_set(recipe, day(as_of), **asked.history)
    assert found is not None
    if found.scenario_set_id in before:
        note("This set was there already.")
    show_value(_facts(found, output), output)
    for failure in found.facts.coverage.failures[:10]:
        warn(failure.message)
    return 0 if found.facts.coverage.is_complete else 3


@app.command("list")
def list_sets(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """The sets that are kept: maker, size, horizon, day and seed."""
    table = open_desk(desk).scenario_sets_table()
    if output is Output.TABLE:
        table["scenario_set"] = table["scenario_set"].map(short)
        table["size"] = table.pop("size_bytes").map(size_text)
        table["seed"] = table["seed"].map("{:.0f}".format, na_action="ignore")
    show(
        table, output, title="Scenario sets",
        nothing="None is kept: `riskplatform scenarios-set build factor_model`.",
    )  # fmt: skip


@app.command("show")
def show_set(
    scenario_set: Annotated[str, typer.Argument(help="Its first digits.", metavar="ID")],
    factor: Annotated[
        str | None, typer.Option(help="Only this factor, such as spot.NAME.", metavar="NAME")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many factors.", min=1)] = 20,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """What a set is, the moments of its most volatile factors, and what went in beside them."""
    found = open_desk(desk).scenario_sets.open(scenario_set)
    if factor is not None:
        row = found.with_factors([factor]).describe().to_frame().loc[factor]
        show_value({"factor": factor, **{str(name): row[name] for name in row.index}}, output)
        return
    chosen = _most_volatile(found, _COMPARED)
    described = found.with_factors(chosen).describe()
    moments = described.to_frame().head(limit).reset_index()
    check = _correlation_check(found, described)
    if output is Output.JSON:
        facts = _facts(found, output)
        facts |= {"correlation_check": check, "moments": moments.to_dict("records")}
        show_value(facts, output)
        return
    if output is Output.TABLE:
        show_value(_facts(found, output), output)
    show(moments, output, title="Most volatile factors of each kind of move", footer=[check])


def _facts(found: ScenarioSet, output: Output) -> dict[str, Any]:
    whole, people = found.scenario_set_id, output is Output.TABLE
    facts = {
        "scenario_set": short(whole) if people else whole,
        "maker": found.recipe.maker,
        "as_of": found.as_of,
        "scenarios": len(found),
        "factors": len(found.factor_ids),
        "horizon_days": found.horizon_days,
        "seed": str(found.seed) if people and found.seed is not None else found.seed,
        "effective_sample_size": round(found.effective_sample_size, 6),
        "coverage": str(found.facts.coverage) if people else found.facts.coverage.to_dict(),
    }
    notes = {f"note {i}" if i > 1 else "note": each for i, each in enumerate(found.notes, 1)}
    return facts | (notes if people else {"notes": list(found.notes)})


def _most_volatile(found: ScenarioSet, most: int) -> list[str]:
    """The largest deviations of each kind of move in turn, since their units differ."""
    import numpy as np
    import pandas as pd

    mean = found.weights @ found.moves
    variance = found.weights @ np.square(found.moves) - np.square(mean)
    frame = pd.DataFrame({"kind": found.kinds, "variance": variance}, index=found.factor_ids)
    place = frame.groupby("kind")["variance"].rank(ascending=False, method="first")
    return [str(name) for name in place.nsmallest(most, keep="first").index]


def _correlation_check(found: ScenarioSet, described: Description) -> str:
    """How far correlations are from those that went in, beside the error of one."""
    import numpy as np

    if found.reference is None:
        return "No moments went in that these could be compared with: they are the data's own."
    if described.input_correlation is None:
        return "No correlations were kept of what went in: there are too many factors."
    gaps = (described.correlation - described.input_correlation).to_numpy()
    usual = float(np.sqrt(np.square(gaps[np.triu_indices(len(gaps), 1)]).mean()))
    return (
        f"Correlations of {len(gaps)} factors: {usual:.4f} from their input as a rule (root mean "
        f"square), {described.correlation_gap:.4f} at most; by chance up to "
        f"{found.effective_sample_size**-0.5:.4f} as a rule, more where tails are fat."
    )
