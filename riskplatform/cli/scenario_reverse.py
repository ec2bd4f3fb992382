"""Stress the other way round: what would have to happen, and what follows from a shock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, Node, day, open_desk
from riskplatform.cli.output import Output, note, show, show_value, warn, working
from riskplatform.errors import UserInputError

if TYPE_CHECKING:
    from riskplatform.stress.days_that_count import DaysThatCount
    from riskplatform.stress.reports import FragileReport, InferReport, Report, ReverseReport

Distribution = Annotated[str, typer.Option(help="gaussian, or t.")]
Degrees = Annotated[float, typer.Option(help="Degrees of freedom of the t; more than 2.")]
Horizon = Annotated[
    float, typer.Option("--horizon-days", help="Days over which it happens.", metavar="DAYS")
]
Days = Annotated[int, typer.Option("--days", help="Daily moves of history.", min=20)]
Regime = Annotated[
    str | None, typer.Option(help="Only turbulent or calm days of the history.", metavar="REGIME")
]
When = Annotated[
    str | None,
    typer.Option(
        help="Only days on which a factor was below or above a quantile of its own, such as "
        "'spot.IDX.US500<0.1'.",
        metavar="FACTOR<SHARE",
    ),
]
Still = Annotated[
    list[str] | None,
    typer.Option("--still", help="Factors that do not move, such as 'fx.*'; repeatable."),
]
Limit = Annotated[int, typer.Option("--limit", help="At most so many factors.", min=1)]


def add_to(app: typer.Typer) -> None:
    """Join the commands to those of scenarios."""
    app.command()(reverse)
    app.command()(infer)
    app.command()(fragile)


def reverse(
    loss: Annotated[
        float | None, typer.Option(help="The loss, positive, in the desk's currency.", min=0)
    ] = None,
    of_limit: Annotated[
        str | None,
        typer.Option(help="As much as this limit on VaR, ES or stress loss.", metavar="LIMIT"),
    ] = None,
    node: Node = None,
    answers: Annotated[int, typer.Option(help="How many different scenarios.", min=1)] = 3,
    distribution: Distribution = "gaussian",
    degrees: Degrees = 5.0,
    horizon_days: Horizon = 1.0,
    still: Still = None,
    bound: Annotated[
        list[str] | None,
        typer.Option(
            help="Lowest and highest move, as 'spot.IDX.*=-20 %:+5 %'; one may be left out; "
            "repeatable.",
            metavar="FACTOR=LOW:HIGH",
        ),
    ] = None,
    days: Days = 500,
    regime: Regime = None,
    when: When = None,
    limit: Limit = 15,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """The most likely scenarios in which a portfolio loses so much, by full revaluation. Exit code
    3 when something could not be computed."""
    opened = open_desk(desk)
    with working("Looking for the most likely loss"):
        found = opened.reverse_stress(
            loss, node, day(as_of), limit=of_limit, answers=answers, distribution=distribution,
            degrees=degrees, horizon_days=horizon_days, still=still or (),
            bounds=bounds_of(bound), days=days, counted=counted_of(regime, when),
        )  # fmt: skip
    if output is Output.TABLE:
        _show_answers(found, limit)
    elif output is Output.JSON:
        show_value(found.to_dict(), output)
    else:
        show(found.to_frame(), output)
    return _end(found, complete=bool(found.found.answers))


def _show_answers(found: ReverseReport, limit: int) -> None:
    title = f"{found.node}: losing {found.loss:,.0f} {found.base_currency}"
    columns = ["answer", "loss", "distance", "words", "kind", "drivers"]
    table = found.to_frame()
    if len(table):
        show(table[columns], Output.TABLE, title=title, footer=[str(found.provenance)])
        factors = found.factors(1)[["factor_id", "in_words", "sigmas", "loss"]].head(limit)
        show(factors, Output.TABLE, title="The likeliest, by factor")
        show(found.by_kind(1), Output.TABLE, title="The likeliest, by kind of factor")


def infer(
    shock: Annotated[
        list[str],
        typer.Option(
            help="A factor and its move, as 'spot.IDX.US500=-10 %'; repeatable.",
            metavar="FACTOR=MOVE",
        ),
    ],
    node: Node = None,
    distribution: Distribution = "gaussian",
    degrees: Degrees = 5.0,
    horizon_days: Horizon = 1.0,
    days: Days = 500,
    regime: Regime = None,
    when: When = None,
    draws: Annotated[int, typer.Option(help="Draws behind the band.", min=2)] = 1_000,
    limit: Limit = 25,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """What the other factors do when some are shocked, how likely that is, and what a portfolio
    gains, with its band. Exit code 3 when something could not be computed."""
    opened = open_desk(desk)
    with working("Inferring the rest"):
        found = opened.infer(
            dict(pair_of(text, "--shock 'fx.EUR=-5 %'") for text in shock), node, day(as_of),
            distribution=distribution, degrees=degrees, horizon_days=horizon_days, days=days,
            counted=counted_of(regime, when), draws=draws,
        )  # fmt: skip
    if output is Output.JSON:
        show_value(found.to_dict(), output)
    elif output is Output.TABLE:
        _show_inferred(found, limit)
    else:
        show(found.to_frame(), output)
    return _end(found)


def _show_inferred(found: InferReport, limit: int) -> None:
    likely = found.found.plausibility
    note(f"The shock is at {likely.distance:.2f} standard deviations: {likely.words}.")
    table = found.to_frame()[["factor_id", "shocked", "in_words", "move", "deviation"]]
    show(table.head(limit), Output.TABLE, title="Moves, and how far they may be missed")
    bands = found.bands()[["way", "at_mean", "mean", "deviation", "low", "high", "share"]]
    title = f"{found.node}: gains in {found.base_currency}"
    show(bands, Output.TABLE, title=title, footer=[str(found.provenance)])


def fragile(
    node: Node = None,
    distance: Annotated[float, typer.Option(help="In standard deviations.", min=0.01)] = 3.0,
    count: Annotated[int, typer.Option(help="How many directions.", min=1)] = 10,
    horizon_days: Horizon = 1.0,
    still: Still = None,
    days: Days = 500,
    regime: Regime = None,
    when: When = None,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """The directions of factors in which a portfolio loses most for how unlikely they are. Exit
    code 3 when something could not be computed."""
    opened = open_desk(desk)
    with working("Looking for fragile directions"):
        found = opened.fragile_directions(
            node, day(as_of), distance=distance, count=count, horizon_days=horizon_days,
            still=still or (), days=days, counted=counted_of(regime, when),
        )  # fmt: skip
    if output is Output.JSON:
        show_value(found.to_dict(), output)
    else:
        _show_directions(found, output)
    return _end(found)


def _show_directions(found: FragileReport, output: Output) -> None:
    title = f"{found.node}: losses in {found.base_currency} by direction"
    footer = [str(found.provenance)] if output is Output.TABLE else None
    show(found.to_frame(), output, title=title, footer=footer or [])


def _end(found: Report, *, complete: bool = True) -> int:
    for words in found.notes:
        note(words)
    for failure in found.coverage.failures[:10]:
        warn(failure.message)
    return 0 if complete and found.coverage.is_complete else 3


def pair_of(text: str, example: str) -> tuple[str, float | str]:
    """``FACTOR=MOVE``; a bare number is a move as history counts it."""
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not name or not value:
        raise UserInputError(f"{text!r} names no factor and move.", hint=f"Write {example}.")
    return name, move_of(value)


def move_of(text: str) -> float | str:
    """A number where it is one, else the text with its unit."""
    try:
        return float(text)
    except ValueError:
        return text


def bounds_of(
    texts: list[str] | None,
) -> dict[str, tuple[float | str | None, float | str | None]] | None:
    """``FACTOR=LOW:HIGH``, one of which may be left out."""
    if not texts:
        return None
    found: dict[str, tuple[float | str | None, float | str | None]] = {}
    for text in texts:
        name, value = pair_of(text, "--bound 'spot.*=-20 %:+5 %'")
        low, sign, high = str(value).partition(":")
        if not sign:
            raise UserInputError(
                f"{text!r} has no lowest and highest move.",
                hint="Write --bound 'spot.*=-20 %:+5 %'; leave out the one that is free.",
            )
        ends = [move_of(part.strip()) if part.strip() else None for part in (low, high)]
        found[name] = (ends[0], ends[1])
    return found


def counted_of(regime: str | None, when: str | None) -> DaysThatCount | None:
    """The days that count, as typed."""
    if regime is None and when is None:
        return None
    from riskplatform.stress.days_that_count import DaysThatCount

    if when is None:
        return DaysThatCount(regime=regime)
    for sign, word in (("<", "below"), (">", "above")):
        name, found, share = when.partition(sign)
        if found:
            try:
                chosen = {word: float(share)}
            except ValueError:
                break
            return DaysThatCount(regime=regime, factor_id=name.strip(), **chosen)  # type: ignore[arg-type]
    raise UserInputError(f"{when!r} names no days.", hint="Write --when 'spot.IDX.US500<0.1'.")
