"""Stress scenarios as a scenario set, so that cube, limits and what-if see them as any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

import numpy as np

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import MissingDataError, RiskPlatformError, UserInputError
from riskplatform.market.content import content_hash
from riskplatform.project.scenario_language.scenario import INFER, Scenario
from riskplatform.simulation.facts import SetFacts
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.recipe import Recipe, registered
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import equal_weights
from riskplatform.stress.band_draws import Drawn, drawn, draws_set, written
from riskplatform.stress.factor_table import FactorTable
from riskplatform.stress.moves import Fill, Moves, moves_of


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Stress(Recipe):
    """Scenarios by id and the hash of what each does; none means all of the desk's library.

    Each stands for itself and none for a likelihood: weights are equal and mean nothing. Nothing
    passes but what the scenario moves: the clock stands still.
    """

    maker: ClassVar[str] = "stress"
    version: ClassVar[int] = 2
    scenarios: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, scenarios: Sequence[Scenario]) -> Stress:
        return cls(scenarios=tuple((each.scenario_id, each.content_hash) for each in scenarios))


@dataclass(frozen=True, slots=True, eq=False)
class StressMoves:
    """The set of some scenarios, the moves behind it, and the scenarios that could not be put
    on this book with the reason of each; ``draws`` are of those that infer the rest."""

    whole: ScenarioSet
    moves: tuple[Moves, ...] = field(repr=False)
    failures: tuple[Failure, ...] = ()
    draws: ScenarioSet | None = None
    drawn: tuple[Drawn, ...] = field(default=(), repr=False)


def needs_history(scenario: Scenario) -> bool:
    """Whether it counts in sigma, infers the rest or replays."""
    if any(each.replay is not None or each.rest == INFER for each in scenario.all_of()):
        return True
    return any(
        getattr(value, "unit", None) == "sigma"
        for shock in scenario.everything()
        for _, value in shock.amounts
    )


def stress_moves(
    scenarios: Sequence[Scenario],
    table: FactorTable,
    as_of: date,
    *,
    history: FactorHistory | None = None,
    fill: Fill | None = None,
    inputs: Mapping[str, str] | None = None,
) -> StressMoves:
    """One column for each scenario, and one for each step of a path before its last."""
    if not scenarios:
        raise UserInputError("No scenario is named.", hint="See `riskplatform scenario list`.")
    found: list[Moves] = []
    failures: list[Failure] = []
    for each in scenarios:
        try:
            found.append(moves_of(each, table, history=history, fill=fill))
        except RiskPlatformError as error:
            failures.append(_failure(each, error))
    if not found:
        raise UserInputError("; ".join(each.message for each in failures[:3]))
    values = np.concatenate([each.values for each in found])
    labels = tuple(label for each in found for label in each.labels())
    notes = [f"{m.scenario.scenario_id}: {note}" for m in found for note in m.notes]
    facts = SetFacts(
        axis=table.axis(as_of),
        horizon_days=1,
        recipe=Stress.of(scenarios),
        seed=None,
        # What the scenarios say in words is not all: groups and levels are the book's.
        inputs={"moves": content_hash(values, labels), **written(found), **(inputs or {})},
        coverage=Coverage(len(found), tuple(failures)),
        notes=tuple(notes),
    )
    whole = ScenarioSet(
        facts=facts, moves=values, weights=equal_weights(len(values)), labels=labels
    )
    about = drawn(found, table)
    draws = draws_set(about, scenarios, table, as_of, inputs or {})
    return StressMoves(whole, tuple(found), tuple(failures), draws, about)


def _failure(scenario: Scenario, error: RiskPlatformError) -> Failure:
    absent = isinstance(error, MissingDataError)
    reason = FailureReason.MISSING_DATA if absent else FailureReason.INVALID_DATA
    return Failure(reason, f"{scenario.scenario_id}: {error}", scenario.scenario_id)
