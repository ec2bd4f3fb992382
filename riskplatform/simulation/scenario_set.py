"""The one type that every maker of scenarios ends in: moves of factors, with weights and labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.facts import Reference, SetFacts
from riskplatform.simulation.kinds import Kinds, shocked_levels
from riskplatform.simulation.recipe import Recipe
from riskplatform.simulation.weights import checked_weights, effective_sample_size
from riskplatform.store.mapped import give_back

if TYPE_CHECKING:
    from riskplatform.simulation.describe import Description


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ScenarioSet:
    """Scenarios in rows, factors in columns; ``weights`` sum to 1 and all downstream honour them.

    Two sets are equal when recipe, seed, inputs and date are: their numbers then are too.
    """

    facts: SetFacts
    moves: FloatArray = field(repr=False)
    weights: FloatArray = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        count, axis = len(self.labels), self.facts.axis
        if count == 0:
            raise UserInputError("A scenario set needs at least one scenario.")
        moves = _read_only(self.moves)
        if moves.shape != (count, len(axis)):
            raise UserInputError(
                f"The moves have shape {moves.shape}; {count} labels and {len(axis)} factors "
                f"need {(count, len(axis))}."
            )
        _check_finite(moves, axis, self.labels)
        object.__setattr__(self, "moves", moves)
        object.__setattr__(self, "weights", _read_only(checked_weights(self.weights, count)))
        object.__setattr__(self, "labels", tuple(self.labels))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_unpickled, (self.facts, self.moves, self.weights, self.labels))

    def __len__(self) -> int:
        return len(self.labels)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ScenarioSet)
            and self.scenario_set_id == other.scenario_set_id
            and self.as_of == other.as_of
        )

    def __hash__(self) -> int:
        return hash((self.scenario_set_id, self.as_of))

    @property
    def scenario_set_id(self) -> str:
        return self.facts.scenario_set_id

    @property
    def axis(self) -> FactorAxis:
        return self.facts.axis

    @property
    def factor_ids(self) -> tuple[str, ...]:
        return self.facts.axis.factor_ids

    @property
    def kinds(self) -> Kinds:
        return self.facts.axis.kinds

    @property
    def as_of(self) -> date:
        return self.facts.axis.as_of

    @property
    def horizon_days(self) -> int:
        return self.facts.horizon_days

    @property
    def recipe(self) -> Recipe:
        return self.facts.recipe

    @property
    def seed(self) -> int | None:
        return self.facts.seed

    @property
    def inputs(self) -> Mapping[str, str]:
        return self.facts.inputs

    @property
    def notes(self) -> tuple[str, ...]:
        return self.facts.notes

    @property
    def reference(self) -> Reference | None:
        return self.facts.reference

    @property
    def effective_sample_size(self) -> float:
        """How many equally weighted scenarios would be as precise."""
        return effective_sample_size(self.weights)

    def moves_hash(self) -> str:
        """SHA-256 of the numbers themselves: the proof of a bit-for-bit rerun."""
        found = content_hash(self.moves, self.weights, self.labels)
        give_back(self.moves)
        return found

    def levels(self, today: ArrayLike) -> FloatArray:
        """The factors' levels in each scenario, from ``today``'s levels."""
        return shocked_levels(np.asarray(today, dtype=np.float64), self.moves, self.kinds)

    def describe(self) -> Description:
        """Moments of each factor and the correlations, beside what went in."""
        from riskplatform.simulation.describe import described

        return described(self)

    def subset(self, which: Sequence[int] | Sequence[str] | NDArray[Any]) -> ScenarioSet:
        """Some scenarios, by position, by mask or by label; their weights again sum to 1."""
        from riskplatform.simulation.selections import subset

        return subset(self, which)

    def with_factors(self, factor_ids: Iterable[str]) -> ScenarioSet:
        """All scenarios for some of the factors, in the order asked."""
        from riskplatform.simulation.selections import with_factors

        return with_factors(self, factor_ids)

    def permuted(self, order: Sequence[int] | NDArray[Any]) -> ScenarioSet:
        """The same scenarios in another order."""
        from riskplatform.simulation.selections import permuted

        return permuted(self, order)

    def with_zero(self) -> ScenarioSet:
        """A scenario without any move put first; it counts nothing (weight 0)."""
        from riskplatform.simulation.selections import with_zero

        return with_zero(self)

    def to_frame(self) -> pd.DataFrame:
        """One row per scenario: its weight, then the move of each factor."""
        index = pd.Index(self.labels, name="scenario")
        frame = pd.DataFrame(np.array(self.moves), index=index, columns=list(self.factor_ids))
        frame.insert(0, "weight", self.weights, allow_duplicates=True)
        return frame

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain JSON, without the numbers of the scenarios."""
        counts = {"scenarios": len(self), "effective_sample_size": self.effective_sample_size}
        return {**self.facts.to_dict(), **counts}

    def __str__(self) -> str:
        return (
            f"{len(self):,} scenarios × {len(self.factor_ids):,} factors, "
            f"{self.horizon_days}-day, {self.recipe.maker}, as of {self.as_of}, "
            f"set {self.scenario_set_id[:16]}"
        )

    def _repr_html_(self) -> str:
        from riskplatform.simulation.describe import html_of

        return html_of(self)


def _unpickled(
    facts: SetFacts, moves: FloatArray, weights: FloatArray, labels: tuple[str, ...]
) -> ScenarioSet:
    """What comes out of a pickle is nobody else's: sealed again, not copied."""
    moves.flags.writeable = weights.flags.writeable = False
    return ScenarioSet(facts=facts, moves=moves, weights=weights, labels=labels)


def _read_only(array: ArrayLike) -> FloatArray:
    """As it is when nobody can write it, else a copy: a maker hands over, a person keeps theirs."""
    kept = np.ascontiguousarray(array, dtype=np.float64)
    if kept.flags.writeable and (kept is array or kept.base is not None):
        kept = kept.copy()
    kept.flags.writeable = False
    return kept


def _check_finite(moves: FloatArray, axis: FactorAxis, labels: Sequence[str]) -> None:
    if np.isfinite(moves).all():
        return
    rows, columns = np.nonzero(~np.isfinite(moves))
    raise UserInputError(
        f"{rows.size} moves are not finite, the first of {axis.factor_ids[columns[0]]} in "
        f"scenario {labels[rows[0]]!r}."
    )
