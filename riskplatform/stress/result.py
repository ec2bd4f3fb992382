"""What every node of a book gains or loses in each stress scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """What is to be said of one scenario beside its number."""

    scenario_id: str
    title: str
    kind: str
    when: str
    content_hash: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StressResult:
    """Signed gains in the base currency, by full revaluation, of everything below ``node``.

    ``gains`` [node, scenario] leave haircuts out; ``haircuts`` [node, scenario] are what selling
    costs, zero or negative. ``by_group`` [group, scenario] are the gains of the node asked for by
    ``groups``. ``steps`` [node, step] are those after each step of a path, by ``step_labels``.
    """

    node: str
    nodes: tuple[str, ...]
    scenarios: tuple[ScenarioLine, ...]
    gains: FloatArray = field(repr=False)
    haircuts: FloatArray = field(repr=False)
    groups: tuple[str, ...]
    by_group: FloatArray = field(repr=False)
    step_labels: tuple[str, ...] = ()
    steps: FloatArray = field(repr=False)
    provenance: Provenance

    @property
    def base_currency(self) -> str:
        return self.provenance.base_currency

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(each.scenario_id for each in self.scenarios)

    def total(self, node: str | None = None) -> FloatArray:
        """Gains less haircuts of a node, by scenario; of the node asked for without one."""
        row = self._row(self.node if node is None else node)
        return np.asarray(self.gains[row] + self.haircuts[row])

    def gain(self, scenario_id: str, node: str | None = None) -> float:
        """One number."""
        if scenario_id not in self.labels:
            raise UnknownNameError("scenario of this result", scenario_id, self.labels)
        return float(self.total(node)[self.labels.index(scenario_id)])

    def worst_first(self) -> list[int]:
        """The places of scenarios, the largest loss of the node first."""
        return [int(place) for place in np.argsort(self.total(), kind="stable")]

    def to_frame(self) -> pd.DataFrame:
        """One row per scenario, the worst first: total, haircuts and gains by group."""
        row, total = self._row(self.node), self.total()
        return pd.DataFrame(
            [
                {
                    "scenario_id": self.scenarios[i].scenario_id,
                    "title": self.scenarios[i].title,
                    "kind": self.scenarios[i].kind,
                    "when": self.scenarios[i].when,
                    "gain": total[i],
                    **{name: self.by_group[g, i] for g, name in enumerate(self.groups)},
                    "haircuts": self.haircuts[row, i],
                }
                for i in self.worst_first()
            ]
        )

    def by_node(self) -> pd.DataFrame:
        """Gains with haircuts: nodes in rows, scenarios in columns."""
        return pd.DataFrame(
            self.gains + self.haircuts, index=list(self.nodes), columns=list(self.labels)
        )

    def path(self, scenario_id: str, node: str | None = None) -> pd.DataFrame:
        """What a node has gained after each step of a scenario's path."""
        row = self._row(self.node if node is None else node)
        own = [(f"{scenario_id} step ", label) for label in self.step_labels]
        chosen = [i for i, (start, label) in enumerate(own) if label.startswith(start)]
        gains = [*self.steps[row, chosen], self.gains[row, self.labels.index(scenario_id)]]
        numbers = range(1, len(gains) + 1)
        return pd.DataFrame({"step": numbers, "gain": gains, "change": np.diff(gains, prepend=0.0)})

    def notes(self) -> Mapping[str, tuple[str, ...]]:
        """What had to be said, by scenario."""
        return {each.scenario_id: each.notes for each in self.scenarios if each.notes}

    def only(self, ids: Sequence[str]) -> StressResult:
        """Some of the scenarios, in the order given."""
        from dataclasses import replace

        for name in ids:
            if name not in self.labels:
                raise UnknownNameError("scenario of this result", name, self.labels)
        places = [self.labels.index(name) for name in ids]
        return replace(
            self,
            scenarios=tuple(self.scenarios[i] for i in places),
            gains=self.gains[:, places],
            haircuts=self.haircuts[:, places],
            by_group=self.by_group[:, places],
        )

    def compared(self) -> pd.DataFrame:
        """Scenarios in columns: gains of the node by group, then haircuts, then the total."""
        table = pd.DataFrame(self.by_group, index=list(self.groups), columns=list(self.labels))
        table.loc["haircuts"] = self.haircuts[self._row(self.node)]
        table.loc["total"] = self.total()
        return table.rename_axis("group").reset_index()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "node": self.node,
            "scenarios": self.to_frame().to_dict("records"),
            "by_node": self.by_node().to_dict(),
            "notes": {name: list(each) for name, each in self.notes().items()},
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, float_format="{:,.0f}".format)
        return f"<p>{self.node}, {self.base_currency}, {self.provenance}</p>{table}"

    def _row(self, node: str) -> int:
        if node not in self.nodes:
            raise UnknownNameError("portfolio of this result", node, self.nodes)
        return self.nodes.index(node)
