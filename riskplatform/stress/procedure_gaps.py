"""Gaps through stops: what a stop-loss was to cost, and what it costs when the price jumps past it.

A stop is an order to sell at the next price, not at its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from riskplatform.domain.instruments.base import AssetClass
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.book import RiskBook
from riskplatform.risk.state import BookState
from riskplatform.stress.procedure import (
    ProcedureResult,
    checked_share,
    frame_of,
    held_lines,
    per_line,
    procedure_result,
)


@dataclass(frozen=True, slots=True)
class StopLoss:
    """A rule: what ``of`` names is closed when its price has gone ``at`` against it, as a share.

    ``of`` is an instrument or an asset class; an instrument's own rule comes before its class's.
    """

    of: str
    at: float

    def __post_init__(self) -> None:
        checked_share(self.at, f"stop of {self.of}")


def gap_through_stops(
    state: BookState,
    stops: Sequence[StopLoss],
    gap: float | Mapping[str, float],
    node: str | None = None,
) -> ProcedureResult:
    """Prices jump by ``gap`` (one share, or by instrument or asset class) against every line.

    Long lines fall, short ones rise. ``at_stop`` is what the rules would let a line lose,
    ``at_gap`` what it loses; a line whose gap stays short of its stop is not stopped. Lines with
    no rule lose the gap too, and are told apart.
    """
    if not stops:
        raise UserInputError("No stop-loss rule is given.", hint="Give one, as StopLoss(of, at).")
    book = state.book
    rules = _rules(book, stops)
    classes = book.attributes["asset_class"].astype(str).to_numpy()
    lines = held_lines(state, node)
    jump = per_line(state, lines, gap, what="gap", default=0.0)
    stop = np.array(
        [
            rules.get(book.instrument_ids[place], rules.get(str(classes[place]), np.nan))
            for place in lines.places
        ],
        dtype=np.float64,
    )
    worth = np.abs(lines.values)
    has_rule = np.isfinite(stop)
    passed = has_rule & (jump > stop)
    at_gap = worth * jump
    at_stop = worth * np.where(has_rule, np.minimum(stop, jump), np.nan)
    beyond = np.where(passed, at_gap - np.nan_to_num(at_stop), 0.0)
    summary = {
        "value_with_stops": float(worth[has_rule].sum()),
        "value_without_stops": float(worth[~has_rule].sum()),
        "lines_stopped": float(passed.sum()),
        "loss_at_stops": float(at_stop[has_rule].sum()),
        "loss_at_gap": float(at_gap[has_rule].sum()),
        "loss_beyond_stops": float(beyond.sum()),
        "loss_without_stops": float(at_gap[~has_rule].sum()),
    }
    table = frame_of(
        state, lines, stop=stop, gap=jump, stopped=passed, at_stop=at_stop, at_gap=at_gap,
        beyond=beyond,
    )  # fmt: skip
    return procedure_result(
        state,
        lines,
        "gap through stops",
        summary,
        table.sort_values(["beyond", "at_gap"], ascending=False),
        {"stops": {each.of: each.at for each in stops}, "gap": gap},
        notes=("Prices of options are taken to gap by the same share as any other.",)
        if (book.attributes["kind"].astype(str).str.contains("option")).any()
        else (),
    )


def _rules(book: RiskBook, stops: Sequence[StopLoss]) -> dict[str, float]:
    """By instrument or asset class; a name that is neither is refused."""
    known = {*book.instrument_ids, *(each.value for each in AssetClass)}
    for each in stops:
        if each.of not in known:
            raise UnknownNameError("instrument or asset class of a stop", each.of, known)
    return {each.of: each.at for each in stops}
