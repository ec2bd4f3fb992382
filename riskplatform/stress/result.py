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
from riskplatform.stress.band import ProfitBand, band_of_draws
from riskplatform.stress.plausibility import Plausibility


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """What is to be said of one scenario beside its number."""

    scenario_id: str
    title: str
    kind: str
    when: str
    content_hash: str
    notes: tuple[str, ...] = ()
    plausibility: Plausibility | None = None
    """Of the shock of a scenario that infers the rest."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StressResult:
    """Signed gains in the base currency, by full revaluation, of everything below ``node``.

    ``gains`` [node, scenario] leave haircuts out; ``haircuts`` [node, scenario] are what selling
    costs, zero or negative. ``by_group`` [group, scenario] are the gains of the node asked for by
    ``groups``. ``steps`` [node, step] are those after each step of a path, by ``step_labels``.
    ``drawn`` [node, draw] are gains, by full revaluation too, in draws of what the factors that a
    scenario infers may do beside their mean.
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
    drawn: Mapping[str, FloatArray] = field(default_factory=dict, repr=False)
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
        return float(self.total(node)[self._place(scenario_id)])

    def band(
        self, scenario_id: str, node: str | None = None, share: float = 0.9
    ) -> ProfitBand | None:
        """What the factors that are inferred leave open, haircuts taken off; none where the rest
        stands still or every factor is named."""
        place = self._place(scenario_id)
        if scenario_id not in self.drawn:
            return None
        row = self._row(self.node if node is None else node)
        gains = self.drawn[scenario_id][row] + self.haircuts[row, place]
        return band_of_draws(self.gain(scenario_id, node), gains, share)

    def worst_first(self) -> list[int]:
        """The places of scenarios, the largest loss of the node first."""
        return [int(place) for place in np.argsort(self.total(), kind="stable")]

    def to_frame(self) -> pd.DataFrame:
        """One row per scenario, the worst first: total, its 90 % band, gains by group, haircuts.

        Scenarios that infer the rest have a band (``low``, ``high``), the ``distance`` of their
        shock in standard deviations, the ``probability`` of one as far in any direction and that
        of one ``beyond`` it in its own; the others have none.
        """
        row, total = self._row(self.node), self.total()
        return pd.DataFrame(
            [
                {
                    "scenario_id": self.scenarios[i].scenario_id,
                    "title": self.scenarios[i].title,
                    "kind": self.scenarios[i].kind,
                    "when": self.scenarios[i].when,
                    "gain": total[i],
                    **self._likely(self.scenarios[i]),
                    **{name: self.by_group[g, i] for g, name in enumerate(self.groups)},
                    "haircuts": self.haircuts[row, i],
                }
                for i in self.worst_first()
            ]
        )

    def band_words(self, scenario_id: str, node: str | None = None) -> str:
        """Band and plausibility for a person; nothing where there is none."""
        band = self.band(scenario_id, node)
        if band is None:
            return ""
        likely = self.scenarios[self._place(scenario_id)].plausibility
        words = (
            f"{band.share:.0%} of the outcomes lie from {band.low:,.0f} to {band.high:,.0f} "
            f"{self.base_currency}, by {band.way} of {band.draws} draws of what is inferred."
        )
        return words if likely is None else f"{words} {likely.sentence}"

    def _likely(self, line: ScenarioLine) -> dict[str, float]:
        band, likely = self.band(line.scenario_id), line.plausibility
        return {
            "low": np.nan if band is None else band.low,
            "high": np.nan if band is None else band.high,
            "distance": np.nan if likely is None else likely.distance,
            "probability": np.nan if likely is None else likely.probability,
            "beyond": np.nan if likely is None else likely.beyond,
        }

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
        gains = [*self.steps[row, chosen], self.gains[row, self._place(scenario_id)]]
        numbers = range(1, len(gains) + 1)
        return pd.DataFrame({"step": numbers, "gain": gains, "change": np.diff(gains, prepend=0.0)})

    def notes(self) -> Mapping[str, tuple[str, ...]]:
        """What had to be said, by scenario."""
        return {each.scenario_id: each.notes for each in self.scenarios if each.notes}

    def only(self, ids: Sequence[str]) -> StressResult:
        """Some of the scenarios, in the order given."""
        from dataclasses import replace

        places = [self._place(name) for name in ids]
        return replace(
            self,
            scenarios=tuple(self.scenarios[i] for i in places),
            gains=self.gains[:, places],
            haircuts=self.haircuts[:, places],
            by_group=self.by_group[:, places],
            drawn={name: self.drawn[name] for name in ids if name in self.drawn},
        )

    def compared(self) -> pd.DataFrame:
        """Scenarios in columns: gains of the node by group, then haircuts, then the total."""
        table = pd.DataFrame(self.by_group, index=list(self.groups), columns=list(self.labels))
        table.loc["haircuts"] = self.haircuts[self._row(self.node)]
        table.loc["total"] = self.total()
        return table.rename_axis("group").reset_index()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        rows = self.to_frame()
        return {
            "node": self.node,
            "scenarios": rows.astype(object).where(rows.notna(), None).to_dict("records"),
            "bands": {name: self._told(name) for name in self.labels if name in self.drawn},
            "by_node": self.by_node().to_dict(),
            "notes": {name: list(each) for name, each in self.notes().items()},
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, float_format="{:,.0f}".format)
        return f"<p>{self.node}, {self.base_currency}, {self.provenance}</p>{table}"

    def _told(self, scenario_id: str) -> dict[str, Any]:
        band, likely = self.band(scenario_id), self.scenarios[self._place(scenario_id)].plausibility
        assert band is not None
        return {
            **band.to_dict(),
            "plausibility": None if likely is None else likely.to_dict(),
        }

    def _place(self, scenario_id: str) -> int:
        if scenario_id not in self.labels:
            raise UnknownNameError("scenario of this result", scenario_id, self.labels)
        return self.labels.index(scenario_id)

    def _row(self, node: str) -> int:
        if node not in self.nodes:
            raise UnknownNameError("portfolio of this result", node, self.nodes)
        return self.nodes.index(node)
