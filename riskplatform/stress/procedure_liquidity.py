"""Zero liquidity: how long it takes to get out when volumes dry up, and what getting out costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.risk.state import BookState
from riskplatform.stress.procedure import (
    ProcedureResult,
    checked_share,
    frame_of,
    held_lines,
    per_line,
    procedure_result,
)

HAIRCUTS: Mapping[str, float] = MappingProxyType(
    {
        "equity": 0.15,
        "government": 0.04,
        "credit": 0.12,
        "rates": 0.04,
        "fx": 0.08,
        "commodity": 0.15,
        "crypto": 0.30,
        "other": 0.15,
    }
)
"""Assumptions of the house, of the size of the Basel Committee's standard supervisory haircuts
(CRE22: equities of a main index 15 to 20 %, long government bonds 4 %, long corporate bonds 6 to
12 %, currencies 8 %); give your own where you know better."""


def zero_liquidity(
    state: BookState,
    node: str | None = None,
    *,
    volume_left: float = 0.1,
    participation: float = 0.2,
    haircuts: float | Mapping[str, float] = HAIRCUTS,
    within_days: Sequence[float] = (1.0, 5.0, 20.0),
) -> ProcedureResult:
    """Volumes fall to ``volume_left`` of what they are, of which ``participation`` can be ours.

    ``days`` are those until a line is sold; ``haircut`` is what is lost on all of it if it must be
    sold at once instead. Lines without a daily volume can never be sold as far as is known: they
    are in the haircut, and are listed.
    """
    checked_share(volume_left, "share of volume that is left")
    if not 0.0 < participation <= 1.0:
        raise UserInputError(f"A participation of {participation:g}; it lies above 0, up to 1.")
    lines = held_lines(state, node)
    book = state.book
    shares = per_line(state, lines, haircuts, what="haircut")
    daily = book.known.daily_volumes[lines.places]
    rate = np.nan_to_num(daily) * volume_left * participation
    days = np.divide(
        np.abs(lines.quantities), rate, out=np.full(rate.size, np.inf), where=rate > 0.0
    )
    costs = np.abs(lines.values) * shares
    known = np.isfinite(daily)
    unknown = _without_volume([book.instrument_ids[place] for place in lines.places[~known]])
    summary = {
        "gross_value": lines.gross,
        "value_without_volume": float(np.abs(lines.values[~known]).sum()),
        "days_to_unwind": float(days[known].max(initial=0.0)),
        "haircut_loss": float(costs.sum()),
    }
    for span in within_days:
        if not (math.isfinite(span) and span > 0.0):
            raise UserInputError(f"{span:g} days were asked for; it is a number above 0.")
        sold = np.abs(lines.values) * np.minimum(span / np.maximum(days, 1e-300), 1.0)
        total = float(sold.sum()) / lines.gross if lines.gross else 1.0
        summary[f"share_sold_in_{span:g}_days"] = total
    table = frame_of(
        state, lines, daily_volume=daily, days=np.where(known, days, np.nan), haircut=costs
    )
    return procedure_result(
        state,
        lines,
        "zero liquidity",
        summary,
        table.sort_values(["days", "haircut"], ascending=False, na_position="first"),
        {"volume left": volume_left, "participation": participation, "haircuts": dict(haircuts)
         if isinstance(haircuts, Mapping) else haircuts},
        failures=unknown,
    )  # fmt: skip


def _without_volume(names: Sequence[str]) -> tuple[Failure, ...]:
    return tuple(
        Failure(FailureReason.MISSING_DATA, f"{name} has no daily volume.", name) for name in names
    )
