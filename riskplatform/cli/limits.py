"""Limits: which there are, how they stand, what still fits, and when they were not kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskplatform.cli.cube_progress import Watch
from riskplatform.cli.options import HERE, AsOf, DeskFolder, Format, Node, day, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show, warn
from riskplatform.cli.scenario_options import Days

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.risk.limits import LimitReport

app = typer.Typer(help="What the book may have: limits, checks and headroom.", no_args_is_help=True)

INCOMPLETE, BREACH = 3, 4
"""Exit codes, as the program's own list has them."""
DEFAULT_DAYS = 500

File = Annotated[Path, typer.Argument(help="YAML or CSV.", metavar="FILE")]
Record = Annotated[
    bool, typer.Option("--record", help="Keep the check, so that history can tell of it.")
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], help="First day.", metavar="YYYY-MM-DD"),
]
From = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=["%Y-%m-%d"],
        help="First day on which the new terms hold; for all time if not given.",
        metavar="YYYY-MM-DD",
    ),
]


class SideOption(StrEnum):
    """One side of a trade."""

    BUY = "buy"
    SELL = "sell"


class FileFormat(StrEnum):
    """How limits are written to a file."""

    YAML = "yaml"
    CSV = "csv"


@app.command("list")
def list_limits(
    node: Node = None, as_of: AsOf = None, desk: DeskFolder = HERE, output: Format = Output.TABLE
) -> None:
    """Limits of a node and all below it: in force on a day, or all that are known."""
    found = open_desk(desk).limits(day(as_of), node=node)
    if not found:
        note("There are no limits; write some in a file and set them with `limits set FILE`.")
    show(_listed(found, output), output, title=f"{len(found)} limits")


def _listed(found: Any, output: Output) -> pd.DataFrame:
    import pandas as pd

    from riskplatform.risk.limits import limit_terms
    from riskplatform.risk.limits.definition import TERMS
    from riskplatform.risk.limits.report import scope_words

    if output is not Output.TABLE:
        return pd.DataFrame([limit_terms(limit) for limit in found], columns=list(TERMS))
    rows = [
        (each.limit_id, each.node, each.measure, scope_words(each), each.soft, each.hard,
         each.direction, each.unit, each.valid_from, each.valid_until, each.owner)
        for each in found
    ]  # fmt: skip
    columns = ["limit_id", "node", "measure", "of", "soft", "hard", "direction", "unit", "from",
               "until", "owner"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


@app.command("set")
def set_limits(
    file: File,
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    from_: From = None,
    desk: DeskFolder = HERE,
) -> None:
    """Record the limits of a file: all of it or nothing. What they were stays readable."""
    done = open_desk(desk).set_limits(file, reason=reason, effective_from=day(from_))
    note(f"{done.added} limits recorded, {done.unchanged} as they were.")


@app.command("export")
def export(
    to: Annotated[
        Path | None,
        typer.Option("--to", help="File to write, .yaml or .csv; standard output if not given."),
    ] = None,
    as_: Annotated[FileFormat, typer.Option("--as", help="Without --to.")] = FileFormat.YAML,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
) -> None:
    """Write the limits as `limits set` reads them."""
    from riskplatform.desk.limit_files import limits_text

    opened = open_desk(desk)
    if to is None:
        out.file.write(limits_text(opened.limits(day(as_of)), f".{as_.value}"))
        return
    note(f"{opened.export_limits(to, day(as_of))} limits written to {to}.")


@app.command("check")
def check(
    node: Node = None,
    record: Record = False,
    problems: Annotated[
        bool, typer.Option("--problems", help="Only limits that are not green.")
    ] = False,
    days: Days = None,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """How limits stand: green, amber from the soft limit, red beyond the hard one. Exit code 4 when
    a hard limit is breached, else 3 when a limit could not be measured."""
    opened = open_desk(desk)
    watch = Watch()
    try:
        with watch:
            found = opened.check_limits(
                day(as_of), node=node, days=days or DEFAULT_DAYS, progress=watch.tell
            )
    except KeyboardInterrupt:
        note(f"Stopped. {watch.kept()} The same command goes on from there.")
        return 130
    if watch.rows:
        opened.record_cubes()
    _print(found, output, problems=problems)
    if record:
        note(f"Kept as run {opened.record_limits_check(found)}.")
    if found.breaches:
        return BREACH
    return 0 if found.is_complete else INCOMPLETE


_SHOWN = ["limit_id", "of", "light", "value", "soft", "hard", "unit", "utilisation", "headroom",
          "subject"]  # fmt: skip


def _print(found: LimitReport, output: Output, *, problems: bool) -> None:
    frame = found.to_frame()
    if problems:
        frame = frame[frame["light"] != "green"]
    if output is Output.JSON:
        told = found.to_dict()
        if problems:
            told["limits"] = [each for each in told["limits"] if each["light"] != "green"]
        out.file.write(json_text(told) + "\n")
    elif output is Output.CSV:
        show(frame, output)
    else:
        order = [c.limit.limit_id for c in found.worst_first()]
        frame = frame.set_index("limit_id").loc[[i for i in order if i in set(frame["limit_id"])]]
        shown = frame.reset_index()[_SHOWN]
        shown["utilisation"] = [
            "" if used != used else f"{used:.0%}" for used in shown["utilisation"].astype(float)
        ]
        counts = ", ".join(f"{count} {light}" for light, count in found.counts.items() if count)
        origin = found.provenance
        footer = (
            f"{counts}",
            f"as of {origin.as_of}, in {origin.base_currency}, run {origin.run_id}, coverage "
            f"{origin.coverage}",
        )
        show(shown, output, title=f"{len(found)} limits", footer=footer)
    for each in found.checks:
        if each.failure is not None:
            warn(f"{each.limit.limit_id} is not measured: {each.failure.message}")


@app.command("headroom")
def headroom(
    node: Annotated[
        str, typer.Option("--node", help="Portfolio in which it is traded.", metavar="PORTFOLIO")
    ],
    instruments: Annotated[
        list[str] | None,
        typer.Argument(help="All that the portfolio holds if none is named.", metavar="INSTRUMENT"),
    ] = None,
    side: Annotated[SideOption | None, typer.Option(help="Both if not given.")] = None,
    lot: Annotated[float, typer.Option(help="Quantities are multiples of it.")] = 1.0,
    soft: Annotated[bool, typer.Option("--soft", help="What fits without a warning.")] = False,
    unpaid: Annotated[
        bool, typer.Option("--unpaid", help="Do not take the price from cash.")
    ] = False,
    days: Days = None,
    as_of: AsOf = None,
    desk: DeskFolder = HERE,
    output: Format = Output.TABLE,
) -> int:
    """The largest trades that still fit, and the limit that is met first. Exit code 3 when a limit
    could not be asked."""
    opened = open_desk(desk)
    watch = Watch()
    with watch:
        found = opened.headroom(
            instruments or None, node, day(as_of), sides=None if side is None else [side.value],
            lot=lot, soft=soft, paid=not unpaid, days=days or DEFAULT_DAYS, progress=watch.tell,
        )  # fmt: skip
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
    else:
        origin = found.provenance
        footer = (f"as of {origin.as_of}, in {origin.base_currency}, limits asked "
                  f"{origin.coverage}",)  # fmt: skip
        frame = found.to_frame()
        if output is Output.TABLE:
            frame = frame.drop(columns=["node", "lot"])
            frame["quantity"] = frame["quantity"].astype(object).where(
                ~frame.pop("is_unlimited"), "any"
            )  # fmt: skip
        show(frame, output, title=f"What still fits in {node}", footer=footer)
    for failure in found.provenance.coverage.failures:
        warn(f"{failure.subject} could not be asked: {failure.message}")
    return 0 if found.provenance.coverage.is_complete else INCOMPLETE


@app.command("history")
def history(
    since: Since = None, node: Node = None, desk: DeskFolder = HERE, output: Format = Output.TABLE
) -> None:
    """When limits were amber, red or not measured, and for how long, by the checks kept."""
    opened = open_desk(desk)
    found = opened.breaches(day(since))
    frame = found.to_frame()
    if node is not None:
        tree = opened.portfolios()
        frame = frame[frame["node"].isin(set(tree.walk(tree.node(node).portfolio_id)))]
    if not found.days:
        note("No check has been kept; keep one with `limits check --record`.")
    if output is Output.TABLE:
        frame["until"] = frame["until"].fillna("lasting")
    show(frame, output, title=str(found))
