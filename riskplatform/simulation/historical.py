"""Historical scenarios: what happened, plain or with recent days counting more.

Age weighting is that of Boudoukh, Richardson and Whitelaw (1998): the newest move counts most and
each older one ``decay`` times the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.simulation.facts import SetFacts
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.kinds import kinds_with
from riskplatform.simulation.recipe import Recipe, need, registered
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import equal_weights, normalised
from riskplatform.simulation.windows import Windows, windows

KindChoices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class FromHistory(Recipe):
    """What all uses of a history share.

    ``window_days`` is how many moves at most are used, the newest; ``kinds`` replaces the kind of
    move of a factor ("EQ.MKT") or of a type of factor ("EQ").
    """

    horizon_days: int = 1
    window_days: int | None = None
    kinds: KindChoices = ()

    def __post_init__(self) -> None:
        chosen = self.kinds.items() if isinstance(self.kinds, Mapping) else self.kinds
        object.__setattr__(self, "kinds", tuple((str(key), str(kind)) for key, kind in chosen))
        need(self.horizon_days >= 1, f"The horizon is {self.horizon_days} days; at least 1.")
        need(
            self.window_days is None or self.window_days >= 1,
            f"The window is {self.window_days} days; at least 1, or None for all.",
        )

    def applied_to(self, history: FactorHistory) -> FactorHistory:
        """The history with this recipe's kinds, cut to the days that its window needs."""
        axis = history.axis
        if self.kinds:
            chosen = kinds_with(axis.factor_ids, axis.kinds, dict(self.kinds))
            history = history.moving_by(chosen)
        if self.window_days is None:
            return history
        return history.last(self.window_days + self.horizon_days)


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Historical(FromHistory):
    """Every move of the window counts the same."""

    maker: ClassVar[str] = "historical"
    overlapping: bool = True


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class AgeWeighted(FromHistory):
    """The newest move counts most; each older one ``decay`` times the next."""

    maker: ClassVar[str] = "age_weighted"
    decay: float = 0.98

    def __post_init__(self) -> None:
        super().__post_init__()
        need(0.0 < self.decay <= 1.0, f"The decay is {self.decay}; it is above 0 and at most 1.")


def historical_set(history: FactorHistory, recipe: Historical | None = None) -> ScenarioSet:
    """The moves that happened, each as one scenario."""
    recipe = recipe or Historical()
    used = recipe.applied_to(history)
    found = windows(used, recipe.horizon_days, overlapping=recipe.overlapping)
    return history_set(used, recipe, found, equal_weights(len(found)))


def age_weighted_set(history: FactorHistory, recipe: AgeWeighted | None = None) -> ScenarioSet:
    """The moves that happened, newer ones counting more."""
    recipe = recipe or AgeWeighted()
    used = recipe.applied_to(history)
    found = windows(used, recipe.horizon_days)
    ages = np.arange(len(found) - 1, -1, -1, dtype=np.float64)
    weights = normalised(np.power(recipe.decay, ages))
    return history_set(used, recipe, found, weights)


def history_set(
    history: FactorHistory,
    recipe: FromHistory,
    found: Windows,
    weights: FloatArray,
    inputs: Mapping[str, str] | None = None,
) -> ScenarioSet:
    """A set of one scenario per window."""
    facts = SetFacts(
        axis=history.axis,
        horizon_days=recipe.horizon_days,
        recipe=recipe,
        seed=None,
        inputs={"history": history.digest, **(inputs or {})},
        coverage=history.coverage,
        notes=found.notes,
    )
    return ScenarioSet(facts=facts, moves=found.moves, weights=weights, labels=found.labels())
