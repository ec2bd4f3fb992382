"""Orders: which there are, what became of one, and the wish to change or cancel it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from riskplatform.cli.execute import Reason
from riskplatform.cli.options import HERE, DeskFolder, Format, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show
from riskplatform.errors import UserInputError

app = typer.Typer(help="Orders, and what became of them.", no_args_is_help=True)

_SHOWN = ["client_order_id", "status", "side", "quantity", "filled", "average_price", "currency",
          "instrument_id", "portfolio_id", "slice", "attempt", "last_at", "reason"]  # fmt: skip

Id = Annotated[
    str, typer.Argument(help="The id, or its first four characters or more.", metavar="ORDER")
]


@app.command("list")
def list_orders(
    is_open: Annotated[bool, typer.Option("--open", help="Only what is worked.")] = False,
    instrument: Annotated[
        str | None, typer.Option("--instrument", help="Only of one.", metavar="INSTRUMENT")
    ] = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> None:
    """Orders in the order of sending. Quantities are positive; the side says which way."""
    found = open_desk(desk).orders(is_open=is_open, instrument_id=instrument)
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    frame = found.to_frame()
    rows = frame if output is Output.CSV else frame[_SHOWN]
    show(
        rows, output, title=f"{len(found)} orders",
        nothing="There is none: `riskplatform execute start` trades what is approved and waits "
        "(`riskplatform rebalance targets`).",
    )  # fmt: skip


@app.command("show")
def show_order(order: Id, desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """All that was said of an order: by the gate, by us, by the venue, with its audit entries."""
    found = open_desk(desk).order(order)
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
        return
    state, asked = found.state, found.state.order
    title = (
        f"{state.client_order_id}: {asked.side} {state.quantity:f} {asked.key.instrument_id} for "
        f"{asked.key.portfolio_id}, {state.status}, {state.filled:f} filled"
    )
    show(found.to_frame(), output, title=title)


@app.command("replace")
def replace(
    order: Id,
    reason: Reason,
    quantity: Annotated[
        str | None,
        typer.Option("--quantity", help="The new total; what is filled counts in it."),
    ] = None,
    limit_price: Annotated[
        str | None, typer.Option("--limit-price", help="The new limit, of a limit order.")
    ] = None,
    desk: DeskFolder = HERE,
) -> None:
    """Ask the engine that runs for another quantity or limit price of an order. The gate judges
    it first; `orders show` tells what became of it. Its plan goes on."""
    name = open_desk(desk).replace_order(
        order,
        quantity=_number("--quantity", quantity),
        limit_price=_number("--limit-price", limit_price),
        reason=reason,
    )
    note(f"The engine is asked to replace {name}; see riskplatform orders show {name}.")


def _number(option: str, text: str | None) -> Decimal | None:
    """Exactly as it was written."""
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UserInputError(f"{option} is {text!r}.", hint="Give a number.") from None


@app.command("cancel")
def cancel(order: Id, reason: Reason, desk: DeskFolder = HERE) -> None:
    """Ask the engine to cancel an order. Its plan goes on; to stop that, pause or kill."""
    name = open_desk(desk).cancel_order(order, reason=reason)
    note(f"The engine is asked to cancel {name}.")
