"""A credit curve as of one day: piecewise-constant hazard rates and a recovery.

``hazard_rates[i]`` holds from the previous node to ``times[i]``; the last one goes on for ever.
Times are Act/365F year fractions from ``as_of``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.curves import (
    BASIS_POINT,
    check_nodes,
    checked_times,
    frozen_array,
    hash_of,
)
from riskplatform.market.interpolation import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class CreditCurve:
    """Survival of one issuer; two curves are equal when their content is."""

    issuer_id: str
    as_of: date
    times: FloatArray
    hazard_rates: FloatArray
    recovery: float

    def __post_init__(self) -> None:
        subject = f"Credit curve {self.issuer_id} of {self.as_of}"
        times, hazards = frozen_array(self.times), frozen_array(self.hazard_rates)
        check_nodes(subject, times, hazards, "hazard rate")
        if hazards.min() < 0:
            raise DataError(
                f"{subject} has the hazard rate {hazards.min():.6g}; 0 or more is accepted."
            )
        if not 0 <= self.recovery < 1:
            raise DataError(
                f"{subject} has the recovery {self.recovery}; 0 or more and below 1 is accepted."
            )
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "hazard_rates", hazards)

    def cumulative_hazard(self, t: npt.ArrayLike) -> FloatArray:
        """Minus the log of survival."""
        at = checked_times(f"Credit curve {self.issuer_id} of {self.as_of}", t)
        return cumulative_hazard(self.times, self.hazard_rates, at)

    def survival(self, t: npt.ArrayLike) -> FloatArray:
        """Probability of no default up to each ``t``."""
        return np.exp(-self.cumulative_hazard(t))

    def default_probability(self, start: npt.ArrayLike, end: npt.ArrayLike) -> FloatArray:
        """Probability, seen today, of a default between two times."""
        return self.survival(start) - self.survival(end)

    def hazard(self, t: npt.ArrayLike) -> FloatArray:
        """The hazard rate at each ``t``; at a node the one that ends there."""
        at = checked_times(f"Credit curve {self.issuer_id} of {self.as_of}", t)
        index = np.minimum(np.searchsorted(self.times, at, side="left"), len(self.times) - 1)
        return np.asarray(self.hazard_rates[index])[()]

    def shifted(self, shift_bp: npt.ArrayLike) -> CreditCurve:
        """Hazard rates moved by one number (parallel) or one per node; none goes below zero."""
        shift = np.asarray(shift_bp, dtype=np.float64) * BASIS_POINT
        if shift.shape not in ((), self.times.shape):
            raise UserInputError(
                f"Credit curve {self.issuer_id} was to be shifted by {shift.shape} numbers; one or "
                f"one for each of its {len(self.times)} nodes is accepted."
            )
        return replace(self, hazard_rates=np.maximum(self.hazard_rates + shift, 0.0))

    def content_hash(self) -> str:
        """SHA-256 of identity, nodes and recovery: equal content, equal hash, everywhere."""
        head = f"credit|{self.issuer_id}|{self.as_of.isoformat()}|"
        return hash_of(head, self.times, self.hazard_rates, np.array([self.recovery]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CreditCurve) and self.content_hash() == other.content_hash()

    def __hash__(self) -> int:
        return hash(self.content_hash())


def cumulative_hazard(times: FloatArray, hazard_rates: FloatArray, t: FloatArray) -> FloatArray:
    """Hazard integrated from 0 to each ``t``; leading axes of the hazards are carried along."""
    starts = np.concatenate([[0.0], times[:-1]])
    # The last piece has no end.
    widths = np.concatenate([np.diff(times, prepend=0.0)[:-1], [np.inf]])
    spent = np.clip(np.asarray(t)[..., None] - starts, 0.0, widths)
    return np.asarray(hazard_rates @ np.moveaxis(spent, -1, 0))[()]
