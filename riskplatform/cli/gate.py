"""The gate before the venue: its rules, what it said of orders, and releases."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format, day, open_desk
from riskplatform.cli.output import Output, note, show, show_value
from riskplatform.cli.person import passphrase_of_actor

if TYPE_CHECKING:
    from riskplatform.execution.gate import GateRules

app = typer.Typer(
    help="What every order is held to before it goes out, and what was said of each.",
    no_args_is_help=True,
)


@app.command()
def rules(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """Every check: whether it blocks, trims, warns or is off, and its thresholds."""
    import pandas as pd

    found = open_desk(desk).gate_rules()
    if output is Output.JSON:
        show_value(found.to_dict(), output)
        return
    table = pd.DataFrame(_rows(found), columns=["check", "mode", "thresholds"])
    show(table, output, title="Gate", footer=(f"rules {found.digest}",))


@app.command()
def decisions(
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day (UTC); all if not given."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day (UTC); all if not given."
        ),
    ] = None,
    verdict: Annotated[
        str | None, typer.Option(help="Only those: allow, trim or block.", metavar="VERDICT")
    ] = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """What the gate said of orders, and why."""
    found = open_desk(desk).gate_decisions(since=day(since), until=day(until), verdict=verdict)
    if output is Output.TABLE:
        if found.empty:
            note("The gate said nothing in this time.")
            return
        found["at"] = found["at"].map("{:%Y-%m-%d %H:%M:%S}".format)
        found = found.drop(columns="client_order_id")
    show(found, output, title="Decisions of the gate")


@app.command()
def release(
    portfolio: Annotated[str, typer.Argument(metavar="PORTFOLIO")],
    instrument: Annotated[str, typer.Argument(metavar="INSTRUMENT")],
    side: Annotated[str, typer.Argument(help="buy or sell.", metavar="SIDE")],
    reason: Annotated[str, typer.Option(help="Why it may go on.")],
    person: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="Who lets it; named in the rules (repeats.released_by). Who acts if not given.",
        ),
    ] = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Let a line go on that was stopped for repeating itself too often."""
    opened = open_desk(desk)
    found = opened.release_line(
        portfolio, instrument, side, reason=reason, person=person,
        passphrase=passphrase_of_actor(opened),
    )  # fmt: skip
    show_value(found.to_dict(), output)


def _rows(found: GateRules) -> list[tuple[str, str, str]]:
    rows = []
    for check, terms in found.to_dict().items():
        told: dict[str, Any] = dict(terms)
        mode = str(told.pop("mode"))
        words = ", ".join(f"{name} {_word(value)}" for name, value in told.items())
        rows.append((check, mode, words))
    return rows


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return f"{value:,.12g}" if isinstance(value, int | float) else str(value)
