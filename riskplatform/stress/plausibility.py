"""How likely a move of factors is: its distance of Mahalanobis and the chance of one as far.

Distances are counted in standard deviations of the covariance that is given; a Student t has that
covariance, so that its scale matrix is ``Σ (ν − 2) / ν``. Its mean is zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_horizon
from riskplatform.risk.parametric import Covariance
from riskplatform.stress.roots import Places, Root, missed, root_of

DAYS_PER_YEAR = 252.0
LEAST_DEGREES = 2.0


@dataclass(frozen=True, slots=True)
class Plausibility:
    """``distance`` in standard deviations over ``dimensions`` independent directions.

    ``probability`` is the chance of a move at least as far in any direction (chi-square or F);
    ``beyond`` that of one at least as far in this direction alone, which is the chance of a loss
    that is linear. ``degrees`` are those of a Student t, none for the normal distribution. An
    impossible move has an infinite distance.
    """

    distance: float
    dimensions: int
    degrees: float | None
    horizon_days: float
    probability: float
    beyond: float

    @property
    def is_possible(self) -> bool:
        return math.isfinite(self.distance)

    @property
    def distribution(self) -> str:
        return "gaussian" if self.degrees is None else f"t ({self.degrees:g} degrees)"

    @property
    def years(self) -> float:
        """Once in so many years, by ``beyond``; infinite where it never happens."""
        if self.beyond <= 0.0:
            return math.inf
        return self.horizon_days / (DAYS_PER_YEAR * self.beyond)

    @property
    def words(self) -> str:
        """How often, for a person."""
        return in_words(self.years, self.distribution)

    @property
    def sentence(self) -> str:
        """Distance, dimensions and how often."""
        if not self.is_possible:
            return "The shock is impossible under the covariance."
        many = "direction" if self.dimensions == 1 else "directions"
        return (
            f"The shock is {self.distance:.1f} sigma away in {self.dimensions} {many}: "
            f"{self.words}."
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "distance": self.distance if self.is_possible else None,
            "dimensions": self.dimensions,
            "distribution": self.distribution,
            "horizon_days": self.horizon_days,
            "probability": self.probability,
            "beyond": self.beyond,
            "years": self.years if math.isfinite(self.years) else None,
            "words": self.words,
        }

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame([self.to_dict()])

    def _repr_html_(self) -> str:
        return f"<p><b>{self.distance:.2f} sigma</b>, {self.words}</p>"


def in_words(years: float, distribution: str) -> str:
    """``once in 40 years``, and by which distribution."""
    return f"{_often(years)}, by the {distribution} distribution"


def _often(years: float) -> str:
    if math.isinf(years):
        return "never"
    # No digit of a million years means anything.
    if years >= 1e6:
        return "less than once in a million years"
    days, months = years * DAYS_PER_YEAR, years * 12.0
    if days < 1.5:
        return "every day"
    if months < 1.0:
        return f"once in {days:,.0f} days"
    if years < 1.0:
        return "once a month" if months < 1.5 else f"once in {months:,.0f} months"
    return "once a year" if years < 1.5 else f"once in {years:,.0f} years"


def plausibility(
    moves: ArrayLike,
    covariance: Covariance | Root,
    places: Sequence[int] | Places | None = None,
    *,
    degrees: float | None = None,
    horizon_days: float = 1.0,
) -> Plausibility:
    """Of ``moves``, one for each factor at ``places``; of all factors without these.

    ``covariance`` is daily, and grows with the horizon. A move outside of a singular covariance
    (two factors that are always the same, moved apart) is impossible.
    """
    root = as_root(covariance, horizon_days)
    part = root if places is None else root.only(np.asarray(places, dtype=np.intp))
    wanted = checked_moves(moves, part.size)
    numbers = part.numbers(wanted)
    if missed(part, wanted, numbers).any():
        return of_distance(math.inf, part.rank, degrees=degrees, horizon_days=horizon_days)
    distance = float(np.linalg.norm(numbers))
    return of_distance(distance, part.rank, degrees=degrees, horizon_days=horizon_days)


def of_distance(
    distance: float,
    dimensions: int,
    *,
    degrees: float | None = None,
    horizon_days: float = 1.0,
) -> Plausibility:
    """Of a distance that is known already."""
    checked_degrees(degrees)
    checked_horizon(horizon_days)
    square = distance * distance
    if math.isinf(distance):
        probability = beyond = 0.0
    elif degrees is None:
        probability = float(special.chdtrc(dimensions, square)) if dimensions else 1.0
        beyond = float(special.ndtr(-distance))
    else:
        scaled = square * degrees / (degrees - 2.0)
        probability = (
            float(special.fdtrc(dimensions, degrees, scaled / dimensions)) if dimensions else 1.0
        )
        beyond = float(special.stdtr(degrees, -math.sqrt(scaled)))
    return Plausibility(distance, dimensions, degrees, horizon_days, probability, beyond)


def as_root(covariance: Covariance | Root, horizon_days: float = 1.0) -> Root:
    """A root as it is, which has its horizon; anything else as the root over one."""
    if hasattr(covariance, "pulled"):
        return cast("Root", covariance)
    return root_of(covariance, horizon_days=checked_horizon(horizon_days))


def checked_degrees(degrees: float | None) -> float | None:
    """None for normal; a t has a covariance above two degrees of freedom only."""
    if degrees is not None and not (math.isfinite(degrees) and degrees > LEAST_DEGREES):
        raise UserInputError(
            f"{degrees:g} degrees of freedom were given; a Student t has a covariance above 2.",
            hint="Give more than 2, such as 5; none for a normal distribution.",
        )
    return degrees


def checked_moves(moves: ArrayLike, size: int) -> FloatArray:
    """One finite number for each factor."""
    values = np.asarray(moves, dtype=np.float64)
    if values.shape != (size,):
        raise UserInputError(f"{values.size} moves do not fit {size} factors.")
    if not np.isfinite(values).all():
        raise UserInputError("A move is no number.")
    return values
