"""One question in words: what measures of which portfolios would be, in what, after what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, Currency, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show, warn, working

if TYPE_CHECKING:
    from riskplatform.stress.answer import Answer


def ask(
    question: Annotated[
        str,
        typer.Argument(
            help="A line such as 'gain, es of GEQ in equity_down_20 by sector with GEQ.NAM.CORE: "
            "AAPL +1000', a YAML file, or the name of a kept question.",
            metavar="QUESTION|FILE|NAME",
        ),
    ],
    save: Annotated[
        str | None, typer.Option(help="Keep the question under this name.", metavar="NAME")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Keep the answer in the lake.")
    ] = False,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """Scenarios, trades, portfolios and measures in one question. What is a column of the cube is
    read from it, and only what is touched is priced. Exit code 3 when something is in no number."""
    opened = open_desk(desk, base_currency=currency)
    with working("Asking the book"):
        found = opened.ask(question, day(as_of))
    if save:
        note(f"Kept as {opened.save_query(save, question)}.")
    if record:
        note(f"Recorded as run {opened.record_answer(found)}.")
    return show_answer(found, output)


def show_answer(found: Answer, output: Output) -> int:
    """A table for people; everything for programs."""
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
    elif output is Output.CSV:
        show(found.to_frame(), output)
    else:
        table = found.to_frame()
        empty = [name for name in ("scenario", "group") if (table[name] == "").all()]
        if not found.changes:
            empty += ["base", "difference"]
        title = "; ".join(found.changes) or "The book as it is"
        show(table.drop(columns=empty), output, title=title, footer=[str(found.provenance)])
    for words in found.notes:
        note(words)
    for failure in found.coverage.failures[:10]:
        warn(failure.message)
    return 0 if found.coverage.is_complete else 3


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command()(ask)
