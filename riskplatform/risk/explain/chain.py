"""Several days explained one by one as one period: every term is the sum of its days.

Over one long step what was traded or has ended on the way is only followed roughly; day by day it
belongs to the book from the evening of its day on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pandas as pd

from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.errors import UserInputError
from riskplatform.risk.explain.accounting import NUMBERS
from riskplatform.risk.explain.result import ExplainResult

_LINE = ["portfolio_id", "instrument_id"]
_BEFORE = ("quantity_before", "balance_before", "value_before")
_AFTER = ("quantity_after", "balance_after", "value_after")
_ALWAYS = ("is_marked", "is_covered")


def chained(days: Sequence[ExplainResult]) -> ExplainResult:
    """One result of days that follow one another, of one node and one way."""
    if not days:
        raise UserInputError("There is no day to explain.")
    first, last = days[0], days[-1]
    for before, after in pairwise(days):
        if after.since != before.as_of or (after.node, after.way) != (first.node, first.way):
            raise UserInputError(
                f"{before.node} to {before.as_of} ({before.way}) is not followed by {after.node} "
                f"from {after.since} ({after.way})."
            )
    lines = _lines(days)
    failures: dict[tuple[str | None, str], Failure] = {
        (failure.subject, failure.message): failure
        for day in days
        for failure in day.coverage.failures
    }
    coverage = Coverage(int(lines["is_covered"].sum()), tuple(failures.values()))
    inputs = {**last.provenance.inputs, "since": first.since.isoformat(), "steps": "daily"}
    return ExplainResult(
        first.node,
        first.since,
        first.way,
        lines,
        _factors(days),
        replace(last.provenance, inputs=inputs, coverage=coverage),
        first.tolerance,
        tuple(dict.fromkeys(note for day in days for note in day.notes)),
    )


def _lines(days: Sequence[ExplainResult]) -> pd.DataFrame:
    summed = [
        name for name in NUMBERS if name not in (*_BEFORE, *_AFTER)
    ] + [term.name for term in days[0].terms]  # fmt: skip
    summed = list(dict.fromkeys(summed))
    rows = pd.concat([day.lines for day in days], ignore_index=True)
    groups = rows.groupby(_LINE, sort=False)
    others = [name for name in rows.columns if name not in (*_LINE, *summed, *_ALWAYS)]
    table = pd.concat(
        [groups[others].first(), groups[summed].sum(), groups[list(_ALWAYS)].all()], axis=1
    )
    # A line that came later began with nothing, one that went ended with nothing.
    for names, day in ((_BEFORE, days[0]), (_AFTER, days[-1])):
        known = day.lines.set_index(_LINE)[list(names)].reindex(table.index)
        table[list(names)] = known.fillna(0.0)
    return table.reset_index()[list(rows.columns)]


def _factors(days: Sequence[ExplainResult]) -> pd.DataFrame:
    """Moves and gains of each factor together; relative moves are added and not compounded."""
    rows = pd.concat([day.factors for day in days], ignore_index=True)
    if rows.empty:
        return days[0].factors
    keys = ["term", "factor", "years"]
    return rows.groupby(keys, sort=False, dropna=False)[["move", "pnl"]].sum().reset_index()
