"""Have the VaR models been right? The scorecard of a portfolio, in the terminal."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from riskplatform.cli.options import (
    HERE,
    AsOf,
    Currency,
    DeskFolder,
    Format,
    Node,
    day,
    open_desk,
)
from riskplatform.cli.output import Output, json_text, note, out, show, warn, working

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.risk.backtests.result import BacktestResult


class Of(StrEnum):
    """Whose P&L is backtested."""

    HYPOTHETICAL = "hypothetical"
    ACTUAL = "actual"


Confidence = Annotated[float, typer.Option(help="Of the VaR, such as 0.99.")]
Days = Annotated[
    int | None,
    typer.Option(help="Days of P&L; 1,500 of today's book, or all of the actual."),
]
Window = Annotated[
    int | None, typer.Option(help="Days that each model looks back; as registered if not given.")
]
HorizonDays = Annotated[int, typer.Option(help="Days of each P&L and forecast.")]
Kind = Annotated[Of, typer.Option("--of", help="Today's book on past days, or what was made.")]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", help="This model; repeatable. All if not given.", metavar="MODEL"),
]
InUse = Annotated[
    str | None,
    typer.Option("--champion", help="Judge this model as the one in use.", metavar="MODEL"),
]
Tests = Annotated[bool, typer.Option("--tests", help="Every test in plain words.")]
Attribution = Annotated[
    bool,
    typer.Option(
        "--attribution/--no-attribution",
        help="FRTB's attribution test, a few seconds more.",
    ),
]
Record = Annotated[bool, typer.Option("--record", help="Keep the run in the lake.")]

_SHOWN = {
    "rank": "rank",
    "model": "model",
    "exceptions": "exceptions",
    "expected": "expected",
    "light": "light",
    "exceptions_last_250": "last 250",
    "pof_p": "POF p",
    "cc_p": "CC p",
    "es_p": "ES p",
    "quantile_score": "quantile score",
    "mcs_p": "MCS p",
}


def backtest(
    node: Node = None,
    confidence: Confidence = 0.99,
    days: Days = None,
    window_days: Window = None,
    horizon_days: HorizonDays = 1,
    of: Kind = Of.HYPOTHETICAL,
    model: Models = None,
    champion: InUse = None,
    tests: Tests = False,
    attribution: Attribution = True,
    record: Record = False,
    as_of: AsOf = None,
    currency: Currency = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """VaR models against the P&L of a portfolio, best first, without look-ahead. Exit code 3 when
    something is not covered."""
    opened = open_desk(desk, base_currency=currency)
    with working("Backtesting"):
        found = opened.backtest(
            node,
            day(as_of),
            confidence=confidence,
            window_days=window_days,
            horizon_days=horizon_days,
            of=of.value,
            models=model,
            champion=champion,
            days=days,
            with_attribution=attribution,
        )
    if record:
        note(f"Kept as run {opened.record_backtest(found)}.")
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
    elif output is Output.CSV:
        show(found.tests() if tests else found.to_frame(), output)
    else:
        _for_people(found, tests=tests)
    for failure in found.coverage.failures[:10]:
        warn(failure.message)
    if len(found.coverage.failures) > 10:
        warn(
            f"{len(found.coverage.failures) - 10:,} more are not covered; --output json lists all."
        )
    return 0 if found.coverage.is_complete else 3


def _for_people(found: BacktestResult, *, tests: bool) -> None:
    """The alert first, then what to use, the scorecard, the strip, the notes."""
    if found.alert is not None:
        out.print(f"ALERT  {found.alert.message}", style="bold red", highlight=False)
    out.print(found.recommendation, highlight=False)
    run, in_use = found.run, found.card.champion
    table = found.to_frame()[list(_SHOWN)].rename(columns=_SHOWN)
    table["model"] = [f"{name} *" if name == in_use else name for name in table["model"]]
    horizon = "" if run.horizon_days == 1 else f", {run.horizon_days} days"
    title = (
        f"{found.node}: {run.confidence:.4g} VaR{horizon}, {found.history.kind} P&L in "
        f"{found.provenance.base_currency}"
    )
    footer = [
        "* in use" if in_use else "the model in use is not among them",
        f"{len(run.dates):,} days from {run.dates[0]} to {run.dates[-1]}; p-values small where the "
        "model is rejected; MCS p above 0.1: could be the best",
        _attribution_words(found),
        f"as of {found.provenance.as_of}, coverage {found.coverage}, run {found.provenance.run_id}",
    ]
    show(table, Output.TABLE, title=title, footer=[line for line in footer if line])
    show(strip_of(found), Output.TABLE, title="Exceptions by year")
    if tests:
        show(_tests(found), Output.TABLE, title="Tests")
    for text in found.notes:
        note(text)


def strip_of(found: BacktestResult) -> pd.DataFrame:
    """Exceptions by year, models in their order of rank; ``!`` where a year has twice as many as
    expected and at least two more."""
    import pandas as pd

    years = found.years
    counts = dict(zip(years.index, years.to_numpy(dtype=float), strict=True))
    expected = counts["expected"]
    rows = [
        ["days", *(f"{number:,.0f}" for number in counts["days"])],
        ["expected", *(f"{number:.1f}" for number in expected)],
    ]
    for one in found.card.scores:
        many = (counts[one.name] >= 2 * expected) & (counts[one.name] >= expected + 2)
        pairs = zip(counts[one.name], many, strict=True)
        rows.append(
            [one.name, *(f"{count:.0f}{'!' if is_many else ''}" for count, is_many in pairs)]
        )
    return pd.DataFrame(rows, columns=["", *years.columns])


def _tests(found: BacktestResult) -> pd.DataFrame:
    import pandas as pd

    table = found.tests()
    answers = []
    for row in table.to_dict("records"):
        if row["p_value"] is None or row["p_value"] != row["p_value"]:
            answers.append(row["notes"] or "says nothing here")
        elif row["is_rejected"]:
            answers.append(f"rejected: {row['alternative']}")
        else:
            answers.append("not rejected")
    return pd.DataFrame(
        {
            "model": table["model"],
            "test": table["name"],
            "null": table["null"],
            "p": table["p_value"],
            "answer": answers,
        }
    )


def _attribution_words(found: BacktestResult) -> str:
    from riskplatform.domain.outcome import Failure

    given = found.attribution
    if given is None or isinstance(given, Failure):
        return "" if given is None else given.message
    if given.zone is None:
        return "FRTB attribution: no verdict, the P&L does not move."
    return (
        f"FRTB attribution, sensitivities against full revaluation on "
        f"{given.spearman.sample_size} days: {given.zone.value} (Spearman "
        f"{given.spearman.statistic:.3f}, Kolmogorov-Smirnov {given.distance.statistic:.3f})"
    )
