"""Stress scenarios: the library, and what the book would lose in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, Currency, DeskFolder, Format, Node, day, open_desk
from riskplatform.cli.output import Output, json_text, note, show, show_value, warn, working
from riskplatform.cli.scenario_procedure import add_to as add_procedures
from riskplatform.cli.scenario_reverse import add_to
from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.project.scenario_language import Scenario
    from riskplatform.stress.result import StressResult

app = typer.Typer(
    help="Stress scenarios: list, show, write, check and run them.", no_args_is_help=True
)

Ids = Annotated[
    list[str] | None, typer.Argument(help="Ids; the whole library if none.", metavar="[ID]...")
]
Id = Annotated[str, typer.Argument(help="Its id: the file's name without .yaml.", metavar="ID")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Another value of a parameter; repeatable.", metavar="NAME=VALUE"),
]
By = Annotated[
    str,
    typer.Option(
        help="Slice: asset_class, kind, currency, sector, country, region, issuer_id, rating, "
        "exchange, portfolio, portfolio_id or instrument_id."
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(help="Only historical, hypothetical, regulatory or replay.", metavar="KIND"),
]


@app.command("list")
def list_scenarios(
    kind: Kind = None, desk: DeskFolder = HERE, output: Format = Output.TABLE
) -> int:
    """The scenarios that can be run: the desk's own, and those that are shipped. Exit code 3 when
    a file cannot be used."""
    library = open_desk(desk).scenarios()
    table = library.to_frame()
    if kind is not None:
        table = table[table["kind"] == kind]
    if output is Output.TABLE:
        table = table[["scenario_id", "kind", "title", "when", "from"]]
    show(table, output, title="Stress scenarios")
    for failure in library.failures:
        warn(failure.message)
    return 3 if library.failures else 0


@app.command("show")
def show_scenario(
    scenario: Id, set_: Set = None, desk: DeskFolder = HERE, output: Format = Output.TABLE
) -> None:
    """What a scenario moves, by how much, and where that is from."""
    found = open_desk(desk).scenario(scenario, parameters_of(set_))
    if output is Output.JSON:
        show_value(found.to_dict(), output)
        return
    if output is Output.TABLE:
        show_value(_facts(found), output)
    show(_shocks(found), output, title="Moves, in order")


def _facts(found: Scenario) -> dict[str, object]:
    facts = {
        "scenario": found.scenario_id,
        "title": found.title,
        "kind": found.kind,
        "when": found.when,
        "description": found.description,
        "source": " ".join([found.source, found.url]).strip(),
        "parameters": ", ".join(f"{name} {value}" for name, value in found.parameters),
        "rest": _rest(found),
        "file": found.origin,
        "content": found.content_hash[:16],
    }
    return {name: value for name, value in facts.items() if value}


def _rest(found: Scenario) -> str:
    chosen = found.to_dict().get("propagation", {})
    how = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in chosen.items())
    return f"{found.rest}: {how}" if how else found.rest


def _shocks(found: Scenario) -> pd.DataFrame:
    import pandas as pd

    rows = [
        ("", f"{part.scenario.scenario_id} × {part.weight:g}", "combined", "")
        for part in found.parts
    ]
    listed = [("", shock) for shock in found.shocks]
    for number, step in enumerate(found.path, start=1):
        listed += [(f"{number} {step.title}".strip(), shock) for shock in step.shocks]
    for step_name, shock in listed:
        moves = str(shock).split(": ", 1)[1]
        rows.append((step_name, shock.target, str(shock.selection), moves))
    if found.replay is not None:
        rows.append(("", "replay", found.description or found.title, ""))
    return pd.DataFrame(rows, columns=["step", "of", "which", "moves"])


@app.command()
def new(
    scenario: Id,
    kind: Annotated[
        str, typer.Option(help="historical, hypothetical, regulatory or replay.")
    ] = "hypothetical",
    file: Annotated[
        Path | None, typer.Option("--from", help="Take this file, if it is right.", metavar="FILE")
    ] = None,
    desk: DeskFolder = HERE,
) -> None:
    """Write a scenario file into the desk, as a start or from a file of yours."""
    text = None
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserInputError(f"{file} cannot be read: {error}.") from error
    path = open_desk(desk).new_scenario(scenario, text, kind=kind)
    note(f"Written: {path}")


@app.command()
def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files; the whole library if none.", metavar="[FILE]..."),
    ] = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Check scenario files: every finding with its file, line and the nearest right word."""
    import pandas as pd

    findings = open_desk(desk).validate_scenarios(files)
    if output is not Output.TABLE or findings:
        rows = [(each.file, each.line, each.message) for each in findings]
        show(pd.DataFrame(rows, columns=["file", "line", "message"]), output)
    elif not findings:
        note("Every scenario can be used.")
    return 1 if findings else 0


@app.command()
def run(
    scenarios: Ids = None,
    node: Node = None,
    by: By = "asset_class",
    set_: Set = None,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Keep the result in the lake.")
    ] = False,
    limit: Annotated[int, typer.Option(help="At most so many, the worst first.", min=1)] = 100,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """What the book gains in scenarios by full revaluation, the worst first. Exit code 3 when
    something could not be computed."""
    opened = open_desk(desk, base_currency=currency)
    with working("Revaluing the book"):
        found = opened.run_scenarios(
            scenarios or None, node, day(as_of), parameters=parameters_of(set_), by=by
        )
    if record:
        note(f"Recorded as run {opened.record_stress(found)}.")
    if output is Output.JSON:
        show_value(found.to_dict(), output)
    else:
        table = found.to_frame().head(limit)
        if output is Output.TABLE:
            # Only where a scenario infers something is there a band to show.
            empty = [name for name in _OF_BANDS if table[name].isna().all()]
            table = table.drop(columns=["kind", "when", *empty])
            title = f"{found.node}: gains in {found.base_currency} by scenario"
            show(table, output, title=title, footer=[str(found.provenance)])
            _show_steps(found)
        else:
            show(table, output)
    _tell(found)
    return 0 if found.provenance.coverage.is_complete else 3


_OF_BANDS = ("low", "high", "distance", "probability", "beyond")


def _show_steps(found: StressResult) -> None:
    if len(found.scenarios) == 1 and found.step_labels:
        show(found.path(found.labels[0]), Output.TABLE, title="After each step")


def _tell(found: StressResult) -> None:
    few = len(found.scenarios) <= 3
    for name in found.labels if few else ():
        if words := found.band_words(name):
            note(f"{name}: {words}")
    for name, notes in found.notes().items():
        for words in notes if few else ():
            note(f"{name}: {words}")
    if not few and found.notes():
        note(f"{len(found.notes())} scenarios have notes; run one alone to read them.")
    for failure in found.provenance.coverage.failures[:10]:
        warn(failure.message)


@app.command()
def compare(
    scenarios: Annotated[list[str], typer.Argument(help="Two or more ids.", metavar="ID...")],
    node: Node = None,
    by: By = "asset_class",
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Scenarios beside each other: gains by group, haircuts and total."""
    if len(scenarios) < 2:
        raise UserInputError("Only one scenario is named.", hint="Name two or more to compare.")
    opened = open_desk(desk, base_currency=currency)
    with working("Revaluing the book"):
        found = opened.run_scenarios(scenarios, node, day(as_of), by=by)
    title = f"{found.node}: gains in {found.base_currency}"
    show(found.compared(), output, title=title, footer=[str(found.provenance)])
    _tell(found)
    return 0 if found.provenance.coverage.is_complete else 3


@app.command()
def explain(
    scenario: Id,
    node: Node = None,
    set_: Set = None,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """What each sort of factor gains in a scenario by itself, by full revaluation, and what they
    gain only together. Exit code 3 when something could not be computed."""
    opened = open_desk(desk, base_currency=currency)
    with working("Revaluing the book"):
        found = opened.explain_scenario(scenario, node, day(as_of), parameters=parameters_of(set_))
    if output is Output.JSON:
        show_value(found.to_dict(), output)
    else:
        title = f"{found.title}: {found.node or 'everything'}, in {found.provenance.base_currency}"
        show(found.to_frame(), output, title=title, footer=[str(found.provenance)])
    for failure in found.provenance.coverage.failures[:10]:
        warn(failure.message)
    return 0 if found.provenance.coverage.is_complete else 3


@app.command()
def schema() -> None:
    """The JSON Schema of scenario files, for editors."""
    from riskplatform.project.scenario_language.json_schema import json_schema

    typer.echo(json_text(json_schema()))


def parameters_of(pairs: list[str] | None) -> dict[str, str | float] | None:
    """Parameters as typed: NAME=VALUE."""
    if not pairs:
        return None
    found: dict[str, str | float] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise UserInputError(f"{pair!r} is no parameter.", hint="Write --set fall='-30 %'.")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            found[name.strip()] = value.strip()
    return found


add_to(app)
add_procedures(app)
