"""Questions that are kept: list, show, and ask them again."""

from __future__ import annotations

from typing import Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show, warn, working

app = typer.Typer(help="Questions that are kept, asked again as one.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Of a kept question.", metavar="NAME")]


@app.command("list")
def list_kept(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """The questions that are kept."""
    show(
        open_desk(desk).queries(), output, title="Questions",
        nothing='None is kept: `riskplatform ask "var, es of NODE" --save NAME`.',
    )  # fmt: skip


@app.command("show")
def show_kept(name: Name, desk: DeskFolder = HERE) -> None:
    """The file of a kept question."""
    from riskplatform.desk.query_files import named, path_of

    opened = open_desk(desk)
    named(opened, name)
    out.file.write(path_of(opened, name).read_text(encoding="utf-8"))


@app.command()
def run(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names; all that are kept if none.", metavar="[NAME]..."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Keep the answers in the lake.")
    ] = True,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Ask kept questions again and record the answers. Exit code 3 when one has no answer, or
    something is in no number."""
    opened = open_desk(desk)
    with working("Asking the book"):
        found = opened.run_saved_queries(names or None, day(as_of), record=record)
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
    else:
        show(found.to_frame(), output, title=f"Answers as of {found.as_of}")
    for failure in found.failures:
        warn(failure.message)
    if found.run_ids:
        note(f"Recorded as runs {', '.join(found.run_ids)}.")
    whole = all(each.coverage.is_complete for each in found.answers)
    return 0 if whole and found.coverage.is_complete else 3
