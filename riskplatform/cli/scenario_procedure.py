"""Stress of procedure: no liquidity, a closed exchange, old prices, gaps through stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, Currency, DeskFolder, Format, Node, day, open_desk
from riskplatform.cli.output import Output, note, show, show_value, warn, working
from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    from riskplatform.stress.procedure import ProcedureResult

app = typer.Typer(
    help="What could be done if one could not sell, trade, trust a price or be stopped in time.",
    no_args_is_help=True,
)

Limit = Annotated[int, typer.Option("--limit", help="At most so many lines.", min=1)]
Confidence = Annotated[float, typer.Option(help="Of VaR and ES, such as 0.99.")]


def add_to(parent: typer.Typer) -> None:
    """Join the group to that of scenarios."""
    parent.add_typer(app, name="procedure", help=app.info.help)


@app.command()
def liquidity(
    node: Node = None,
    volume_left: Annotated[
        float, typer.Option("--volume-left", help="Share of the usual volume that is left.")
    ] = 0.1,
    participation: Annotated[float, typer.Option(help="Share of it that can be ours.")] = 0.2,
    haircut: Annotated[
        list[str] | None,
        typer.Option(
            help="Share lost by selling at once, by instrument or asset class, repeatable; those "
            "of the house if none.",
            metavar="OF=SHARE",
        ),
    ] = None,
    limit: Limit = 20,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """How long getting out takes when volumes dry up, and its cost. Exit code 3 when
    something is in no number."""
    opened = open_desk(desk, base_currency=currency)
    with working("Valuing the book"):
        found = opened.zero_liquidity(
            node, day(as_of), volume_left=volume_left, participation=participation,
            haircuts=_haircuts(haircut),
        )  # fmt: skip
    return _show(found, output, limit)


def _haircuts(haircut: list[str] | None) -> dict[str, float] | None:
    """Those given over those of the house."""
    if not haircut:
        return None
    from riskplatform.stress.procedure_liquidity import HAIRCUTS

    return {**HAIRCUTS, **shares_of(haircut, "--haircut equity=0.2")}


@app.command()
def closed(
    exchange: Annotated[str, typer.Argument(help="Such as XNYS.", metavar="EXCHANGE")],
    node: Node = None,
    closed_days: Annotated[
        float, typer.Option("--closed-days", help="Trading days that it is closed for.")
    ] = 5.0,
    confidence: Confidence = 0.99,
    limit: Limit = 20,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """What is stuck while an exchange is closed, and its risk. Exit code 3 when
    something is in no number."""
    opened = open_desk(desk, base_currency=currency)
    with working("Valuing the book"):
        found = opened.exchange_closed(
            exchange, node, day(as_of), closed_days=closed_days, confidence=confidence
        )
    return _show(found, output, limit)


@app.command()
def stale(
    node: Node = None,
    older_than_days: Annotated[
        float, typer.Option("--older-than", help="Weekdays after which a mark is old.")
    ] = 1.0,
    age: Annotated[
        list[str] | None,
        typer.Option(
            help="Take the mark of an instrument to be so many days old; repeatable.",
            metavar="INSTRUMENT=DAYS",
        ),
    ] = None,
    confidence: Confidence = 0.99,
    limit: Limit = 20,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """How much stands on old marks, and the loss that they may hide. Exit code 3 when
    something is in no number."""
    opened = open_desk(desk, base_currency=currency)
    with working("Valuing the book"):
        found = opened.stale_prices(
            node, day(as_of), older_than_days=older_than_days,
            ages=shares_of(age, "--age AAPL.XNAS=10"), confidence=confidence,
        )  # fmt: skip
    return _show(found, output, limit)


@app.command()
def gaps(
    stop: Annotated[
        list[str],
        typer.Option(
            help="Share after which something is to be closed, by instrument or asset class; "
            "repeatable.",
            metavar="OF=SHARE",
        ),
    ],
    gap: Annotated[
        list[str],
        typer.Option(
            help="Share by which prices jump against every line: one for all, or by instrument or "
            "asset class, repeatable.",
            metavar="[OF=]SHARE",
        ),
    ],
    node: Node = None,
    limit: Limit = 20,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """What stop-losses cost when prices jump past them. Exit code 3 when
    something is in no number."""
    jump = gap_of(gap)
    opened = open_desk(desk, base_currency=currency)
    with working("Valuing the book"):
        found = opened.gap_through_stops(
            shares_of(stop, "--stop equity=0.08"), jump, node, day(as_of)
        )
    return _show(found, output, limit)


def gap_of(texts: list[str]) -> float | dict[str, float]:
    """One share for all, or by name."""
    if len(texts) == 1 and "=" not in texts[0]:
        return _number(texts[0], texts[0], "--gap 0.2")
    return shares_of(texts, "--gap equity=0.2")


def shares_of(texts: list[str] | None, example: str) -> dict[str, float]:
    """``OF=NUMBER``, as typed."""
    found: dict[str, float] = {}
    for text in texts or ():
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name:
            raise UserInputError(
                f"{text!r} names nothing and its number.", hint=f"Write {example}."
            )
        found[name] = _number(value, text, example)
    return found


def _number(value: str, text: str, example: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise UserInputError(f"{text!r} has no number.", hint=f"Write {example}.") from error


def _show(found: ProcedureResult, output: Output, limit: int) -> int:
    if output is Output.JSON:
        show_value(found.to_dict(), output)
    elif output is Output.CSV:
        show(found.to_frame(), output)
    else:
        facts = {name.replace("_", " "): value for name, value in found.summary.items()}
        show_value(facts, output)
        base = found.provenance.base_currency
        title = f"{found.name}: {found.node or 'everything'}, in {base}"
        show(found.to_frame().head(limit), output, title=title, footer=[str(found.provenance)])
    for words in found.notes:
        note(words)
    for failure in found.coverage.failures[:10]:
        warn(failure.message)
    return 0 if found.coverage.is_complete else 3
