"""The audit trail."""

from __future__ import annotations

from typing import Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format, open_desk
from riskplatform.cli.output import Output, fail, note, show

app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@app.command()
def verify(desk: DeskFolder = HERE) -> None:
    """Recompute the chain from the rows themselves; any edit is found and named."""
    opened = open_desk(desk)
    report = opened.ledger.audit.verify()
    if not report.is_intact:
        fail(f"The audit chain is broken: {report.problem}", "Restore the ledger's backup.")
        raise typer.Exit(1)
    note(f"The chain of {report.entries:,} entries is intact.")
    unsigned = opened.unsigned_approvals()
    for name, why in unsigned.items():
        fail(f"Proposal {name}: {why}.", "It is not executed.")
    if unsigned:
        raise typer.Exit(1)
    if people := opened.people().active:
        note(f"Every approval by a person since then is signed; {len(people)} are registered.")


@app.command("list")
def list_entries(
    limit: Annotated[int, typer.Option(help="At most so many, newest first.", min=1)] = 50,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Who did what, when and why, newest first."""
    import pandas as pd

    entries = open_desk(desk).ledger.audit.entries(limit=limit)
    rows = [
        (e.sequence, e.recorded_at, e.actor, e.action, e.row_count, e.payload.get("reason", ""))
        for e in reversed(entries)
    ]
    columns = ["sequence", "recorded_at", "actor", "action", "rows", "reason"]
    show(
        pd.DataFrame(rows, columns=columns), output, title="Audit trail",
        nothing="Nothing was written yet: portfolios, instruments and transactions come first, "
        "with `riskplatform portfolio import FILE`.",
    )  # fmt: skip
