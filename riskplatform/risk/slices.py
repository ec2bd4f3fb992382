"""The risk of a node by slice, position or place in the tree: alone, as a component, without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.valuation import PLACES
from riskplatform.risk.book import ScenarioView, in_slices
from riskplatform.risk.decomposition import MEASURES, Block, Decomposition, decompose
from riskplatform.risk.measures import diversification_ratio, volatility
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.standing import check_view
from riskplatform.risk.state import BookState

_ROWS_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class SlicedRisk:
    """``parts`` add up to the node's risk; ``standalone`` [item, measure] is of each item alone.

    ``note`` says what the items are where that is not plain. Horizon: the scenarios' own.
    """

    node: str
    by: str
    view: str
    scenario_set: str
    base_currency: str
    horizon_days: float
    parts: Decomposition
    standalone: FloatArray
    note: str = ""
    provenance: Provenance | None = None

    @property
    def diversification(self) -> dict[str, float]:
        """By measure: the items' risks together over the whole's; 1 where nothing diversifies."""
        totals = self.standalone.sum(axis=0)
        return {
            name: diversification_ratio([totals[i]], float(self.parts.totals[i]))
            for i, name in enumerate(MEASURES)
        }

    def with_provenance(self, provenance: Provenance) -> SlicedRisk:
        return replace(self, provenance=provenance)

    def to_frame(self, measure: str | None = None) -> pd.DataFrame:
        """One row per item; with a measure, the largest component of it first."""
        frame = self.parts.to_frame()
        for place, name in enumerate(MEASURES):
            alone = pd.Series(self.standalone[:, place], index=list(self.parts.items))
            frame[f"{name}_alone"] = alone.reindex(frame.index)
        if measure is not None:
            if measure not in MEASURES:
                raise UnknownNameError("measure", measure, MEASURES)
            frame = frame.sort_values(measure, key=abs, ascending=False, kind="stable")
        return frame.reset_index().rename(columns={"item": self.by})

    def to_dict(self) -> dict[str, Any]:
        rows = self.to_frame().astype(object)
        return {
            **self.parts.to_dict(),
            "node": self.node,
            "by": self.by,
            "scenario_set": self.view,
            "horizon_days": self.horizon_days,
            "base_currency": self.base_currency,
            "diversification": self.diversification,
            "note": self.note,
            "items": rows.where(rows.notna(), None).to_dict("records"),
            "provenance": self.provenance.to_dict() if self.provenance else None,
        }

    def _repr_html_(self) -> str:
        head = f"<p>{self.node or 'all'} by {self.by}, {self.view}, in {self.base_currency}</p>"
        return head + str(self.to_frame("es").to_html(index=False, float_format="{:,.4g}".format))


def sliced_risk(
    state: BookState,
    by: str,
    node: str | None = None,
    view: str | None = None,
    confidence: float = 0.99,
    *,
    incremental: bool = True,
    shown: int = 20,
    drivers: int = 5,
) -> SlicedRisk:
    """``by`` a slice of instruments (``instrument_id`` for positions) or a place in the tree.

    ``incremental`` recomputes the risk without each item, in full.
    """
    chosen = state.book.view(view)
    check_view(chosen, confidence)
    return taken_apart(
        state, node, chosen, blocks_by(state, by, node, chosen), by, confidence,
        incremental=incremental, shown=shown, drivers=drivers,
    )  # fmt: skip


def taken_apart(
    state: BookState,
    node: str | None,
    view: ScenarioView,
    blocks: Iterable[Block],
    by: str,
    confidence: float,
    *,
    incremental: bool,
    shown: int,
    drivers: int,
    note: str = "",
) -> SlicedRisk:
    """Any blocks of items whose gains add up to those of the node."""
    alone: list[FloatArray] = []

    def watched() -> Iterable[Block]:
        for names, block in blocks:
            values = np.asarray(block, dtype=np.float64)
            if len(values):
                alone.append(_alone(values, confidence, view.weights))
            yield names, values

    parts = decompose(
        state.gains(node, view.name),
        watched(),
        confidence,
        weights=view.weights,
        incremental=incremental,
        labels=view.labels,
        shown=shown,
        drivers=drivers,
    )
    book = state.book
    return SlicedRisk(
        node=book.nodes[book.row(node)],
        by=by,
        view=view.name,
        scenario_set=view.scenario_set,
        base_currency=book.base_currency,
        horizon_days=float(view.horizon_days),
        parts=parts,
        standalone=np.concatenate(alone) if alone else np.zeros((0, len(MEASURES))),
        note=note,
    )


def _alone(values: FloatArray, confidence: float, weights: FloatArray | None) -> FloatArray:
    found = var_and_es(values, confidence, weights)
    return np.stack([volatility(values, weights), found.var, found.es], axis=1)


def blocks_by(state: BookState, by: str, node: str | None, view: ScenarioView) -> Iterable[Block]:
    """What the items of a node gain, a block at a time."""
    names, held = held_in(state, by, node)
    for first in range(0, len(names), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        yield names[rows], view.of(held[rows])


def held_in(state: BookState, by: str, node: str | None) -> tuple[Sequence[str], sparse.csr_matrix]:
    """The groups of what a node holds in this state, and what is in each [group, instrument]."""
    book = state.book
    if by in PLACES:
        names, _ = book.sliced(by, node)
        rows = [state.held_by(name or None) for name in names]
        return names, sparse.csr_matrix(np.stack(rows))
    return in_slices(book.attributes, by, state.held_by(node))
