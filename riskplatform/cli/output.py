"""What a command prints: a table for people, JSON or CSV for programs, on standard output.

Everything else (progress, warnings, errors) goes to standard error, so that a pipe stays clean.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from enum import StrEnum
from numbers import Number
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from riskplatform.domain.plain_json import json_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Output", "err", "fail", "json_text", "note", "number_text", "out", "show", "show_value",
    "warn", "working",
]  # fmt: skip

# A pipe has no width of its own; numbers must not be cut there.
out = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, soft_wrap=True)


_KEPT_WIDTH = 16
"""Names up to this long stay on one line, however many numbers stand beside them."""


class Output(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def show(
    frame: pd.DataFrame,
    output: Output,
    *,
    title: str = "",
    footer: Sequence[str] = (),
    nothing: str = "",
) -> None:
    """Write ``frame``. Title and footer are for people and appear only beside a table.

    ``nothing`` says, where there are no rows, what makes some.
    """
    if nothing and frame.empty:
        note(nothing)
    match output:
        case Output.JSON:
            out.file.write(json_text(frame.to_dict("records")) + "\n")
        case Output.CSV:
            from riskplatform.reporting.export import csv_text

            out.file.write(csv_text(frame))
        case Output.TABLE:
            _table(frame, title)
            for line in footer:
                out.print(line, style="dim", highlight=False)


def show_value(value: dict[str, Any], output: Output) -> None:
    """Write one mapping: two columns for people, an object for programs."""
    if output is Output.JSON:
        out.file.write(json_text(value) + "\n")
        return
    import pandas as pd

    rows = [(key, _cell(item)) for key, item in value.items()]
    show(pd.DataFrame(rows, columns=["name", "value"]), output)


def _table(frame: pd.DataFrame, title: str) -> None:
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in frame.columns:
        numeric = all(isinstance(item, Number) for item in frame[name].dropna())
        longest = max((len(_cell(item)) for item in frame[name]), default=0)
        table.add_column(
            str(name).replace("_", " "),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
            min_width=None if numeric else min(longest, _KEPT_WIDTH),
        )
    for row in frame.itertuples(index=False, name=None):
        table.add_row(*(_cell(item) for item in row))
    out.print(table)


def _cell(value: Any) -> str:
    """One cell for people: thousands separated, as many decimals as the size deserves."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return number_text(float(value))
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if isinstance(value, float) or kind in ("i", "u", "f"):
        return number_text(float(value))
    return str(value)


def number_text(number: float) -> str:
    """Whole above 10,000, two decimals above 1, else four significant digits."""
    # A loss of nothing is no negative nothing.
    number = number + 0.0
    size = abs(number)
    if size >= 10_000 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:,.2f}" if size >= 1 else f"{number:.4g}"


def note(text: str) -> None:
    """A remark for the person at the terminal."""
    err.print(text, highlight=False)


def warn(text: str) -> None:
    err.print(f"[yellow]Warning:[/yellow] {_escaped(text)}", highlight=False)


def fail(message: str, hint: str | None) -> None:
    """An error and the way out."""
    err.print(f"[red]Error:[/red] {_escaped(message)}", highlight=False)
    if hint:
        err.print(_escaped(hint), style="dim", highlight=False)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


@contextmanager
def working(text: str) -> Iterator[None]:
    """A spinner on standard error while something takes its time; silent in a pipe."""
    with err.status(text) if err.is_terminal else nullcontext():
        yield
