"""What is known about a scenario set before and after its numbers are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from riskplatform.domain.outcome import Coverage
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray, content_hash, frozen_array
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.products import correlation_from
from riskplatform.simulation.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The moments that went in, at the set's horizon, to hold the scenarios against."""

    mean: FloatArray
    deviation: FloatArray
    correlation: FloatArray | None = None

    @classmethod
    def of(cls, mean: FloatArray, covariance: FloatArray) -> Reference:
        deviation = np.sqrt(np.diagonal(covariance))
        return cls(
            frozen_array(mean, what="the mean"),
            frozen_array(deviation, what="the standard deviations"),
            frozen_array(correlation_from(covariance), what="the correlations"),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetFacts:
    """Factors, recipe, seed and inputs of a set, and what had to be said while making it.

    ``inputs`` maps the name of each input to its hash; ``coverage`` counts factors, with the
    reason for each that was left out; ``notes`` are the repairs and choices made on the way.
    """

    axis: FactorAxis
    horizon_days: int
    recipe: Recipe
    seed: int | None
    inputs: Mapping[str, str]
    coverage: Coverage
    notes: tuple[str, ...] = ()
    reference: Reference | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.horizon_days < 1:
            raise UserInputError(f"The horizon is {self.horizon_days} days; at least 1 is needed.")
        object.__setattr__(self, "inputs", MappingProxyType(dict(self.inputs)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view of a mapping does not pickle; workers get a plain copy.
        return (_rebuilt, (self.to_fields(),))

    def to_fields(self) -> dict[str, Any]:
        return {
            "axis": self.axis,
            "horizon_days": self.horizon_days,
            "recipe": self.recipe,
            "seed": self.seed,
            "inputs": dict(self.inputs),
            "coverage": self.coverage,
            "notes": self.notes,
            "reference": self.reference,
        }

    @property
    def scenario_set_id(self) -> str:
        """SHA-256 over recipe, seed, horizon, factors and the hashes of the inputs."""
        return content_hash(
            self.recipe.to_dict(), self.seed, self.horizon_days, self.axis.digest, self.inputs
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, without the numbers of the scenarios."""
        return {
            "scenario_set_id": self.scenario_set_id,
            "as_of": self.axis.as_of.isoformat(),
            "horizon_days": self.horizon_days,
            "recipe": self.recipe.to_dict(),
            "seed": self.seed,
            "inputs": dict(self.inputs),
            "factor_ids": list(self.axis.factor_ids),
            "kinds": [kind.value for kind in self.axis.kinds],
            "coverage": self.coverage.to_dict(),
            "notes": list(self.notes),
        }


def _rebuilt(fields: dict[str, Any]) -> SetFacts:
    return SetFacts(**fields)
