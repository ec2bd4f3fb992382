"""Draws of what the factors that a scenario infers may do, as a scenario set of their own.

They are not in the set of the scenarios: there each column stands for itself, and the worst of them
is a loss; here all columns of a scenario together are its band.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

import numpy as np

from riskplatform.domain.outcome import Coverage
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.project.scenario_language.scenario import Scenario
from riskplatform.simulation.facts import SetFacts
from riskplatform.simulation.recipe import Recipe, registered
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import equal_weights
from riskplatform.stress.defaults import DefaultMove
from riskplatform.stress.factor_table import FactorTable
from riskplatform.stress.moves import Moves
from riskplatform.stress.plausibility import Plausibility, of_distance

DRAWS = 200
"""Of each scenario. Of a normal P&L the ends of a 90 % band are then known to 9 % of its width
from the middle; all of them are revalued in the time of one more of the library."""
INFERRED = "inferred"
"""Among the inputs of a stress set: the plausibility of each scenario that has a band."""


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class StressDraws(Recipe):
    """The scenarios that are drawn about, by id and hash, and how often each."""

    maker: ClassVar[str] = "stress_draws"
    scenarios: tuple[tuple[str, str], ...] = ()
    draws: int = DRAWS

    @classmethod
    def of(cls, scenarios: Sequence[Scenario]) -> StressDraws:
        return cls(scenarios=tuple((each.scenario_id, each.content_hash) for each in scenarios))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The draws of one scenario [draw, factor] by the table's axis."""

    scenario_id: str
    values: FloatArray = field(repr=False)
    defaults: tuple[DefaultMove, ...] = ()

    def labels(self) -> tuple[str, ...]:
        return tuple(f"{self.scenario_id} draw {i}" for i in range(1, len(self.values) + 1))


def drawn(found: Sequence[Moves], table: FactorTable) -> tuple[Drawn, ...]:
    """Of every scenario with a band; the same scenario on the same history has the same draws."""
    return tuple(
        Drawn(
            each.scenario.scenario_id,
            each.inferred.draws(table, each.values[-1], DRAWS, _seed(each.scenario)),
            each.defaults,
        )
        for each in found
        if each.inferred is not None and each.inferred.has_band
    )


def _seed(scenario: Scenario) -> int:
    return int(scenario.content_hash[:16], 16)


def draws_set(
    draws: Sequence[Drawn],
    scenarios: Sequence[Scenario],
    table: FactorTable,
    as_of: date,
    inputs: Mapping[str, str],
) -> ScenarioSet | None:
    """All draws as one set; none where nothing is inferred."""
    if not draws:
        return None
    values = np.concatenate([each.values for each in draws])
    labels = tuple(label for each in draws for label in each.labels())
    names = {each.scenario_id for each in draws}
    facts = SetFacts(
        axis=table.axis(as_of),
        horizon_days=1,
        recipe=StressDraws.of([each for each in scenarios if each.scenario_id in names]),
        seed=None,
        inputs={**inputs, "moves": content_hash(values, labels)},
        coverage=Coverage(len(draws), ()),
        notes=(),
    )
    return ScenarioSet(facts=facts, moves=values, weights=equal_weights(len(values)), labels=labels)


def written(found: Sequence[Moves]) -> dict[str, str]:
    """The plausibility of what is inferred as an input of the set, which a cube keeps."""
    told = {
        each.scenario.scenario_id: _plain(each.inferred.plausibility)
        for each in found
        if each.inferred is not None and each.inferred.has_band
    }
    return {INFERRED: json.dumps(told, sort_keys=True)} if told else {}


def read(inputs: Mapping[str, Any]) -> dict[str, Plausibility]:
    """By scenario, from what :func:`written` has put down."""
    told = json.loads(str(inputs.get(INFERRED, "{}")))
    return {name: _plausibility(each) for name, each in told.items()}


def _plain(found: Plausibility) -> dict[str, Any]:
    return {
        "distance": found.distance if found.is_possible else None,
        "dimensions": found.dimensions,
        "degrees": found.degrees,
        "horizon_days": found.horizon_days,
    }


def _plausibility(told: Mapping[str, Any]) -> Plausibility:
    distance = np.inf if told["distance"] is None else float(told["distance"])
    return of_distance(
        distance,
        int(told["dimensions"]),
        degrees=told["degrees"],
        horizon_days=float(told["horizon_days"]),
    )
