"""What happened to the book, and adding to it by hand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, Node, day, open_desk
from riskplatform.cli.output import Output, note, show
from riskplatform.errors import UserInputError

app = typer.Typer(help="What happened to the book.", no_args_is_help=True)

Since = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="First day.", metavar="YYYY-MM-DD"),
]
Reason = Annotated[str, typer.Option(help="Why, for the audit trail.")]


@app.command()
def add(
    transaction: Annotated[
        str, typer.Argument(help="One transaction as JSON, or @FILE with one.", metavar="JSON")
    ],
    reason: Reason = "",
    correct: Annotated[
        bool, typer.Option("--correct", help="Replace what is recorded under this id.")
    ] = False,
    desk: DeskFolder = HERE,
) -> None:
    """Add or correct one transaction; the recorded one stays, a correction is a new row."""
    from riskplatform.domain.codec import from_terms
    from riskplatform.domain.transactions import Transaction

    opened = open_desk(desk)
    row = from_terms(Transaction, _json(transaction))
    if correct:
        opened.correct(row, reason=reason)
        note(f"Corrected {row.transaction_id}.")
        return
    report = opened.add_transactions([row], reason=reason)
    note(f"Added {report.added}, already there {report.unchanged}.")


@app.command()
def void(
    transaction_id: Annotated[str, typer.Argument(help="The transaction's id.", metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")],
    desk: DeskFolder = HERE,
) -> None:
    """Declare that a transaction never happened; its history stays readable."""
    open_desk(desk).void(transaction_id, reason=reason)
    note(f"Voided {transaction_id}.")


@app.command()
def history(
    node: Node = None,
    instrument: Annotated[
        str | None, typer.Option(help="Only this instrument.", metavar="ID")
    ] = None,
    start: Since = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(help="At most so many rows, newest first.", min=1)] = 50,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Transactions, newest first."""
    frame = open_desk(desk).transactions(
        node=node, instrument_id=instrument, start=day(start), end=day(as_of), limit=limit
    )
    show(frame, output, title="Transactions", footer=(f"{len(frame)} rows shown",))


def _json(text: str) -> dict[str, object]:
    source = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
    try:
        value = json.loads(source)
    except json.JSONDecodeError as error:
        raise UserInputError(f"The transaction is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise UserInputError("The transaction must be one JSON object.")
    return value
