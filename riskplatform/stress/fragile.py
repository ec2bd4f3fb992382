"""The directions in which a book is most fragile: the loss per unit of unlikeliness.

For a linear book there is one: the gradient in independent numbers, ``Σ w``. Others are told by
what they carry of the book's variance (principal components), by their part of the gradient alone
(groups of factors), or by how the book bends: directions of large negative gamma, along which it
loses both ways and of which the gradient says nothing. Each is revalued in full at some distance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.result import CovarianceResult
from riskplatform.market.content import FloatArray
from riskplatform.risk.parametric import Covariance
from riskplatform.stress.directions import directions
from riskplatform.stress.factor_bounds import FactorBounds
from riskplatform.stress.plausibility import as_root
from riskplatform.stress.revaluer import Revaluer, counted
from riskplatform.stress.reverse_space import Space
from riskplatform.stress.roots import BoolArray, Root


@dataclass(frozen=True, eq=False)
class FragileDirection:
    """Moves of ``distance`` standard deviations in the way that loses more.

    ``loss`` is by full revaluation, ``opposite`` that of the same moves the other way; ``linear``
    and ``bent`` are what slope and curvature make of it. ``share`` of the variance of a linear
    book lies in this direction.
    """

    name: str
    moves: FloatArray = field(repr=False)
    distance: float
    loss: float
    opposite: float
    linear: float
    bent: float
    share: float

    @property
    def loss_per_sigma(self) -> float:
        return self.loss / self.distance


@dataclass(frozen=True, eq=False)
class FragileDirections:
    """Directions with the largest loss first, and the names of the factors."""

    names: tuple[str, ...]
    deviations: FloatArray = field(repr=False)
    directions: tuple[FragileDirection, ...]

    @property
    def worst(self) -> FragileDirection:
        return self.directions[0]

    def to_frame(self) -> pd.DataFrame:
        """One row per direction, with the factors that move most in it."""
        return pd.DataFrame(
            [
                {
                    "direction": each.name,
                    "loss": each.loss,
                    "loss_per_sigma": each.loss_per_sigma,
                    "opposite": each.opposite,
                    "linear": each.linear,
                    "bent": each.bent,
                    "share_of_variance": each.share,
                    "factors": ", ".join(self._largest(each)),
                }
                for each in self.directions
            ]
        )

    def factors(self, place: int = 0) -> pd.DataFrame:
        """The moves of one direction, the largest in standard deviations first."""
        each = self.directions[place]
        sigmas = self._sigmas(each)
        order = np.argsort(-np.abs(sigmas), kind="stable")
        return pd.DataFrame(
            {
                "factor_id": [self.names[i] for i in order],
                "move": each.moves[order],
                "sigmas": sigmas[order],
            }
        )

    def _largest(self, each: FragileDirection, count: int = 3) -> list[str]:
        sigmas = self._sigmas(each)
        order = np.argsort(-np.abs(sigmas), kind="stable")[:count]
        return [f"{self.names[i]} {sigmas[i]:+.1f}σ" for i in order]

    def _sigmas(self, each: FragileDirection) -> FloatArray:
        sizes = self.deviations
        return np.divide(each.moves, sizes, out=np.zeros(sizes.size), where=sizes > 0.0)

    def to_dict(self) -> dict[str, Any]:
        return {
            "directions": self.to_frame().to_dict("records"),
            "distance": self.directions[0].distance if self.directions else None,
        }

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format="{:,.4g}".format))


def minimal_shock_directions(
    covariance: Covariance | Root,
    book: Revaluer | ArrayLike,
    *,
    names: Sequence[str] | None = None,
    bounds: FactorBounds | None = None,
    groups: Mapping[str, BoolArray] | None = None,
    distance: float = 3.0,
    count: int = 10,
    horizon_days: float = 1.0,
) -> FragileDirections:
    """The ``count`` directions in which the book loses most at ``distance`` standard deviations.

    Of ``bounds`` only fixed factors are heeded: a direction has no end.
    """
    if not distance > 0.0:
        raise UserInputError(f"A distance of {distance:g} was given; it is a number above 0.")
    root = as_root(covariance, horizon_days)
    if names is None and isinstance(covariance, CovarianceResult):
        names = covariance.names
    known = tuple(names or (f"factor {place + 1}" for place in range(root.size)))
    space = Space.of(root, FactorBounds.none(root.size) if bounds is None else bounds)
    counter = counted(book, space.deviations)
    found = directions(space, counter, groups or {})
    steps = distance * found.basis
    moves = space.moves(np.concatenate([steps, -steps]))
    up, down = np.split(counter.losses(moves), 2)
    inside = found.basis @ found.frame.T
    bent = 0.5 * distance**2 * np.sum((inside @ found.bend) * inside, axis=1)
    slopes = found.basis @ found.slope
    variance = float(found.slope @ found.slope)
    made = []
    for place, name in enumerate(found.names):
        sign = 1.0 if not up[place] < down[place] else -1.0
        better, worse = (up, down) if sign > 0 else (down, up)
        if not np.isfinite(better[place]):
            continue
        made.append(
            FragileDirection(
                name=name,
                moves=moves[place if sign > 0 else place + len(found.names)],
                distance=distance,
                loss=float(better[place]),
                opposite=float(worse[place]),
                linear=float(sign * distance * slopes[place]),
                bent=float(bent[place]),
                share=float(slopes[place] ** 2 / variance) if variance > 0.0 else 0.0,
            )
        )
    made.sort(key=lambda each: -each.loss)
    return FragileDirections(known, space.deviations, tuple(made[:count]))
