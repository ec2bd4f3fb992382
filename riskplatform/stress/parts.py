"""What each sort of factor gains in a scenario, moved alone, and what they gain only together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.provenance import Provenance
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.stress.factor_table import FactorTable

TOGETHER, HAIRCUTS = "together", "haircuts"
_WORDS = {
    NodeKind.FX: "currencies",
    NodeKind.ZERO: "rates",
    NodeKind.HAZARD: "credit spreads",
    NodeKind.VOL: "volatilities",
    NodeKind.SKEW: "skews of volatility",
    NodeKind.CARRY: "dividends and yields",
    NodeKind.BASIS: "basis",
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ScenarioParts:
    """Signed gains of a node by full revaluation: ``alone`` by sort of factor, ``together`` what
    the whole gains beyond their sum, ``haircuts`` what selling costs."""

    node: str
    scenario_id: str
    title: str
    alone: Mapping[str, float]
    together: float
    haircuts: float
    provenance: Provenance

    @property
    def total(self) -> float:
        return sum(self.alone.values()) + self.together + self.haircuts

    def series(self) -> pd.Series:
        """All parts, which add up to the total."""
        return pd.Series({**self.alone, TOGETHER: self.together, HAIRCUTS: self.haircuts})

    def to_frame(self) -> pd.DataFrame:
        """One row per part, the largest first, then the total."""
        parts = self.series()
        parts = parts[parts != 0.0].sort_values(key=np.abs, ascending=False)
        names = [*parts.index, "total"]
        return pd.DataFrame({"factors": names, "gain": [*parts, self.total]})

    def to_dict(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "scenario_id": self.scenario_id,
            "alone": dict(self.alone),
            TOGETHER: self.together,
            HAIRCUTS: self.haircuts,
            "total": self.total,
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, float_format="{:,.0f}".format)
        return f"<p>{self.title}, {self.node}. {self.provenance}</p>{table}"


def by_sort(table: FactorTable, moves: FloatArray) -> dict[str, FloatArray]:
    """The moves of each sort of factor that moves, all others still: prices by asset class."""
    classes = table.groups["asset_class"].fillna("other").astype(str).to_numpy()
    words = np.array(
        [_WORDS.get(node.kind) or f"{classes[row]} prices" for row, node in enumerate(table.nodes)],
        dtype=object,
    )
    moving = moves != 0.0
    return {str(name): np.where(words == name, moves, 0.0) for name in dict.fromkeys(words[moving])}
