"""The risk of a node over all the scenario sets that were asked for, with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from riskplatform.domain.outcome import Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.node_risk import NodeRisk, OtherMeasures
from riskplatform.risk.sample import Question
from riskplatform.risk.slices import SlicedRisk
from riskplatform.risk.tree_risk import TreeRisk


@dataclass(frozen=True, eq=False)
class RiskReport:
    """``sets`` one by one; ``slices`` and ``tree`` where they were asked for, of the first set."""

    node: str
    question: Question
    sets: tuple[NodeRisk, ...]
    slices: SlicedRisk | None
    tree: TreeRisk | None
    provenance: Provenance

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What has no figure: methods and measures; positions are in the coverage."""
        found: list[Failure] = []
        for each in self.sets:
            found += each.methods.failures
            found += [each.measures] if isinstance(each.measures, Failure) else []
            found += each.failures
        return tuple(found)

    @property
    def headline(self) -> RiskFigures | None:
        """The first figure of the first set: what the scenarios themselves say."""
        return next((each for found in self.sets for each in found.methods.figures), None)

    def of(self, scenario_set: str) -> NodeRisk:
        """The risk in one scenario set."""
        for each in self.sets:
            if each.view == scenario_set:
                return each
        raise UnknownNameError("scenario set", scenario_set, [each.view for each in self.sets])

    def to_frame(self) -> pd.DataFrame:
        """One row per scenario set and method: VaR and ES with their intervals."""
        return pd.concat([each.to_frame() for each in self.sets], ignore_index=True)

    def measures_frame(self) -> pd.DataFrame:
        """One row per other measure, one column per scenario set."""
        known = {
            each.view: each.measures.to_dict()
            for each in self.sets
            if isinstance(each.measures, OtherMeasures)
        }
        names = list(dict.fromkeys(name for values in known.values() for name in values))
        columns = {view: [values.get(name) for name in names] for view, values in known.items()}
        return pd.DataFrame({"measure": names, **columns}, dtype=object)

    def to_dict(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "confidence": self.question.confidence,
            "horizon_days": self.question.horizon_days,
            "sets": [each.to_dict() for each in self.sets],
            "slices": self.slices.to_dict() if self.slices else None,
            "tree": self.tree.to_dict() if self.tree else None,
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        shown = ["scenario_set", "method", "var", "var_low", "var_high", "es", "volatility"]
        table = self.to_frame().reindex(columns=shown)
        return f"<p><b>{self.node}</b> {self.provenance}</p>" + str(
            table.to_html(index=False, float_format="{:,.0f}".format)
        )


@dataclass(frozen=True, eq=False)
class TailReport:
    """The scenarios of the ES, worst first, each with the items that lost most in it."""

    of: SlicedRisk
    provenance: Provenance

    def to_frame(self) -> pd.DataFrame:
        """One row per scenario and driver; ``pnl`` is what the item gained there."""
        return self.of.parts.tail_frame().rename(columns={"item": self.of.by})

    def to_dict(self) -> dict[str, Any]:
        return {
            "node": self.of.node,
            "by": self.of.by,
            "scenario_set": self.of.view,
            "confidence": self.of.parts.confidence,
            "es": float(self.of.parts.totals[2]),
            "tail": [scenario.to_dict() for scenario in self.of.parts.tail],
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        return f"<p>{self.provenance}</p>" + str(
            self.to_frame().to_html(index=False, float_format="{:,.0f}".format)
        )
