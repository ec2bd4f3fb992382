"""VaR, ES and volatility of every node of a tree at once, with what each part makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.domain.outcome import Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.risk.book import ScenarioView
from riskplatform.risk.decomposition import MEASURES
from riskplatform.risk.intervals import LEVEL, mean_beyond_interval, order_statistic_bounds
from riskplatform.risk.shares import RiskShares, risk_shares
from riskplatform.risk.standing import check_view
from riskplatform.risk.state import BookState


@dataclass(frozen=True, eq=False)
class PositionRisk:
    """One row per node and instrument that it holds; ``components`` [row, measure] are of the
    node's own risk, and those of one node add up to it."""

    nodes: np.ndarray
    instruments: np.ndarray
    quantities: FloatArray
    components: FloatArray


@dataclass(frozen=True, eq=False)
class TreeRisk:
    """``figures`` and ``components`` [node, measure]; measures are volatility, VaR and ES.

    ``figures`` are of a node alone, ``components`` its share in the risk of the first node, the
    whole: those of nodes that do not overlap add up. Bounds are sampling intervals.
    """

    nodes: tuple[str, ...]
    parents: tuple[str | None, ...]
    view: str
    scenario_set: str
    base_currency: str
    confidence: float
    horizon_days: float
    scenarios: int
    figures: FloatArray
    var_bounds: FloatArray
    es_bounds: FloatArray
    level: float
    components: FloatArray
    positions: PositionRisk | None
    instrument_ids: tuple[str, ...]
    failures: tuple[Failure, ...]
    provenance: Provenance | None = None

    def with_provenance(self, provenance: Provenance) -> TreeRisk:
        return replace(self, provenance=provenance)

    def to_frame(self) -> pd.DataFrame:
        """One row per node, parents before children."""
        frame = pd.DataFrame({"portfolio_id": self.nodes, "parent_id": self.parents})
        for place, measure in enumerate(MEASURES):
            frame[measure] = self.figures[:, place]
        for name, bounds in (("var", self.var_bounds), ("es", self.es_bounds)):
            frame[f"{name}_low"], frame[f"{name}_high"] = bounds[:, 0], bounds[:, 1]
        for place, measure in enumerate(MEASURES):
            total = self.figures[0, place]
            frame[f"{measure}_component"] = self.components[:, place]
            frame[f"{measure}_share"] = self.components[:, place] / total if total else 0.0
        return frame

    def positions_frame(self, node: str | None = None) -> pd.DataFrame:
        """Positions of a node, or of all: components of the node's own risk."""
        if self.positions is None:
            return pd.DataFrame(columns=["portfolio_id", "instrument_id", "quantity", *MEASURES])
        found = self.positions
        frame = pd.DataFrame(
            {
                "portfolio_id": np.array(self.nodes, dtype=object)[found.nodes],
                "instrument_id": np.array(self.instrument_ids, dtype=object)[found.instruments],
                "quantity": found.quantities,
                **dict(zip(MEASURES, found.components.T, strict=True)),
            }
        )
        if node is None:
            return frame
        if node not in self.nodes:
            raise UnknownNameError("portfolio", node, self.nodes)
        return frame[frame["portfolio_id"] == node].reset_index(drop=True)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, without positions."""
        return {
            "scenario_set": self.view,
            "scenario_set_id": self.scenario_set,
            "base_currency": self.base_currency,
            "confidence": self.confidence,
            "horizon_days": self.horizon_days,
            "scenarios": self.scenarios,
            "interval_level": self.level,
            "nodes": _records(self.to_frame()),
            "failures": [failure.to_dict() for failure in self.failures],
            "provenance": self.provenance.to_dict() if self.provenance else None,
        }

    def _repr_html_(self) -> str:
        head = (
            f"<p>{self.confidence:.4g} {self.horizon_days:g}-day, {self.view}, in "
            f"{self.base_currency}</p>"
        )
        return head + str(self.to_frame().to_html(index=False, float_format="{:,.4g}".format))


def all_nodes_risk(
    state: BookState,
    view: str | None = None,
    confidence: float = 0.99,
    *,
    with_positions: bool = False,
    level: float = LEVEL,
) -> TreeRisk:
    """Every node's risk over the view's own horizon, by the Hull rule and the view's weights."""
    book = state.book
    chosen = book.view(view)
    check_view(chosen, confidence)
    named = [book.named(row) for row in range(len(book.nodes))]
    gains = np.stack([state.gains(node, chosen.name) for node in named])
    weights = chosen.weights
    shares = [risk_shares(each, confidence, weights) for each in gains]
    low, high = order_statistic_bounds(gains, confidence, weights, level=level)
    positions = None
    if with_positions:
        held = sparse.csr_matrix(np.stack([state.held_by(node) for node in named]))
        positions = _positions(chosen, held, shares)
    return TreeRisk(
        nodes=book.nodes,
        parents=tuple(book.parent(node) for node in book.nodes),
        view=chosen.name,
        scenario_set=chosen.scenario_set,
        base_currency=book.base_currency,
        confidence=confidence,
        horizon_days=float(chosen.horizon_days),
        scenarios=len(chosen.labels),
        figures=np.array([[each.volatility, each.var, each.es] for each in shares]),
        var_bounds=np.stack([low, high], axis=1),
        es_bounds=np.array([_es_bounds(each, level) for each in shares]),
        level=level,
        components=shares[0].components(gains),
        positions=positions,
        instrument_ids=book.instrument_ids,
        failures=tuple(_failures(book.nodes, shares)),
    )


def _es_bounds(found: RiskShares, level: float) -> tuple[float, float]:
    tail = 1.0 - found.confidence
    interval = mean_beyond_interval(
        found.total, found.shares, found.var, found.es, tail, level
    )  # fmt: skip
    return interval.low, interval.high


def _positions(
    view: ScenarioView, held: sparse.csr_matrix, shares: list[RiskShares]
) -> PositionRisk:
    """Quantities [node, instrument] times what one unit makes of each node's risk."""
    found = held.tocoo()
    count = len(MEASURES)
    # A column for every node and measure; wanted are those of the nodes that hold an instrument.
    columns = sparse.csc_matrix(np.concatenate([each.weights for each in shares], axis=1))
    pairs = np.repeat(found.col, count), (found.row[:, None] * count + np.arange(count)).ravel()
    shape = (held.shape[1], count * held.shape[0])
    # Each entry says which one it was, so that the answers go back in the order of positions.
    wanted = sparse.csr_matrix((np.arange(1.0, pairs[0].size + 1.0), pairs), shape)
    per_unit = np.empty(pairs[0].size)
    per_unit[wanted.data.astype(np.intp) - 1] = view.weighed_where(columns, wanted)
    components = -found.data[:, None] * per_unit.reshape(-1, count)
    return PositionRisk(found.row, found.col, found.data, components)


def _failures(nodes: tuple[str, ...], shares: list[RiskShares]) -> list[Failure]:
    return [
        Failure(each.var_failure.reason, each.var_failure.message, node)
        for node, each in zip(nodes, shares, strict=True)
        if each.var_failure is not None
    ]


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows as plain JSON: what has no bound is None."""
    clean = frame.replace([np.inf, -np.inf], np.nan).astype(object)
    return clean.where(clean.notna(), None).to_dict("records")
