"""The risk of a node by factor: Taylor gains of each factor, and what full revaluation adds.

Sensitivities times the moves of the scenarios, first order and gamma; what they do not explain
(cross terms, the curvature of rates, barriers, higher orders) is an item of its own, so that the
items add up to the full-revaluation gains.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.risk.decomposition import Block
from riskplatform.risk.slices import SlicedRisk, taken_apart
from riskplatform.risk.standing import check_view
from riskplatform.risk.state import BookState
from riskplatform.risk.taylor import TaylorMoves, taylor_parts

BY_FACTOR = ("measure", "factor")
"""By kind of sensitivity (delta, gamma, vega, ...), or by each factor and kind."""
UNEXPLAINED = "unexplained"
NOTE = (
    "Taylor: sensitivities of today times the moves of each scenario, first order and gamma; "
    f"'{UNEXPLAINED}' is what full revaluation gains beyond them."
)


def exposures_of(state: BookState, node: str | None) -> FloatArray:
    """A node's sensitivities, one per column of the facts: Q E."""
    return np.asarray(state.book.known.exposures.T @ state.held_by(node)).ravel()


def factor_risk(
    state: BookState,
    by: str,
    moves: TaylorMoves,
    node: str | None = None,
    view: str | None = None,
    confidence: float = 0.99,
    *,
    incremental: bool = False,
    shown: int = 20,
    drivers: int = 5,
) -> SlicedRisk:
    """``moves`` are those of the view's scenario set; the book knows its sensitivities."""
    chosen = state.book.view(view)
    check_view(chosen, confidence)
    if by not in BY_FACTOR:
        raise UnknownNameError("factor slice", by, BY_FACTOR)
    exposures, columns = exposures_of(state, node), state.book.known.columns
    total = state.gains(node, chosen.name)
    return taken_apart(
        state, node, chosen, taylor_blocks(exposures, columns, moves, total, by), by, confidence,
        incremental=incremental, shown=shown, drivers=drivers, note=NOTE,
    )  # fmt: skip


def taylor_blocks(
    exposures: FloatArray, columns: pd.DataFrame, moves: TaylorMoves, total: FloatArray, by: str
) -> Iterable[Block]:
    """Items and what they gain in each scenario, the unexplained rest last."""
    explained = np.zeros_like(total)
    groups = columns["factor_id"] if by == "factor" else pd.Series("", index=columns.index)
    used = np.flatnonzero(exposures)
    for name, rows in groups.iloc[used].groupby(groups.iloc[used], sort=True):
        places = np.asarray(rows.index, dtype=np.intp)
        parts = taylor_parts(exposures[places], columns.iloc[places], moves)
        if parts:
            block = np.stack(list(parts.values()))
            explained += block.sum(axis=0)
            yield [f"{measure} {name}".strip() for measure in parts], block
    yield [UNEXPLAINED], (total - explained)[None, :]
