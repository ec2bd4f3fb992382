"""What the other factors do when a few are shocked: their distribution given the shock.

With normal moves the mean is ``Σ_us Σ_ss⁻¹ x`` and the covariance the Schur complement. With a
Student t the mean is the same; the degrees grow by the number of shocked directions ``k`` and the
scale by ``(ν + d²) / (ν + k)``, where d is the shock's distance by the scale matrix: after a shock
as large as that the rest is wild too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.factors.covariance.matrices import CovarianceMatrix, Dense, LowRank
from riskplatform.factors.covariance.result import CovarianceResult
from riskplatform.market.content import FloatArray
from riskplatform.risk.parametric import Covariance
from riskplatform.stress.plausibility import (
    Plausibility,
    as_root,
    checked_degrees,
    checked_moves,
    of_distance,
)
from riskplatform.stress.roots import DenseRoot, LowRankRoot, Places, Root, missed

_MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class Conditional:
    """Moves of all factors given those of some; the shocked ones are as they were given.

    ``residual`` is the root of the scale matrix of the ``free`` factors about their mean: of their
    covariance where moves are normal. ``degrees`` are those of the conditional t. Where the shock
    is impossible, ``rest`` names by how much each shocked factor is beyond what the covariance
    allows, and the others follow the nearest shock that it does.
    """

    names: tuple[str, ...]
    shocked: Places
    free: Places
    moves: FloatArray = field(repr=False)
    residual: Root = field(repr=False)
    degrees: float | None
    plausibility: Plausibility
    rest: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_possible(self) -> bool:
        return not self.rest

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of an impossible shock."""
        if not self.rest:
            return ()
        named = ", ".join(list(self.rest)[:_MOST_NAMED])
        more = f" and {len(self.rest) - _MOST_NAMED} more" if len(self.rest) > _MOST_NAMED else ""
        return (
            f"The shock is impossible under the covariance: {named}{more} cannot move so, or not "
            "so far from one another. The others follow the nearest shock that is possible.",
        )

    @property
    def deviations(self) -> FloatArray:
        """Standard deviation of each factor about its mean; shocked ones have none."""
        found = np.zeros(len(self.names))
        if self.free.size:
            found[self.free] = self.residual.deviations() * math.sqrt(self._spread)
        return found

    def residual_covariance(self) -> CovarianceMatrix:
        """Of the free factors, as low rank plus diagonal where the covariance was."""
        if isinstance(self.residual, LowRankRoot):
            part = self.residual.matrix
            return LowRank(
                part.loadings * math.sqrt(self._spread), part.own_variances * self._spread
            )
        assert isinstance(self.residual, DenseRoot)
        root = self.residual.matrix * math.sqrt(self._spread)
        return Dense(root @ root.T)

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Moves of all factors [draw, factor]; the shocked ones are the same in each."""
        found = np.tile(self.moves, (count, 1))
        if self.free.size:
            drawn = self.residual.moves(rng.standard_normal((count, self.residual.width)))
            if self.degrees is not None:
                mixed = self.degrees / rng.chisquare(self.degrees, count)
                drawn *= np.sqrt(mixed)[:, None]
            found[:, self.free] += drawn
        return found

    @property
    def _spread(self) -> float:
        """Covariance over scale matrix."""
        return 1.0 if self.degrees is None else self.degrees / (self.degrees - 2.0)

    def to_frame(self) -> pd.DataFrame:
        """One row per factor: its move, whether it was shocked, its deviation about the move."""
        shocked = np.zeros(len(self.names), dtype=np.bool_)
        shocked[self.shocked] = True
        return pd.DataFrame(
            {
                "factor_id": list(self.names),
                "shocked": shocked,
                "move": self.moves,
                "deviation": self.deviations,
            }
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "factors": self.to_frame().to_dict("records"),
            "degrees": self.degrees,
            "plausibility": self.plausibility.to_dict(),
            "is_possible": self.is_possible,
            "beyond": dict(self.rest),
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        table = self.to_frame().sort_values("shocked", ascending=False).head(20)
        return f"<p>{self.plausibility.words}</p>{table.to_html(index=False)}"


def conditional(
    covariance: Covariance | Root,
    shocks: Mapping[str, float] | Mapping[int, float],
    *,
    names: Sequence[str] | None = None,
    degrees: float | None = None,
    horizon_days: float = 1.0,
) -> Conditional:
    """Infer all factors from the ``shocks`` to some, by name or by place.

    ``covariance`` is daily; a root has its horizon already. ``names`` are those of its factors, if
    it does not know them itself.
    """
    checked_degrees(degrees)
    root = as_root(covariance, horizon_days)
    known = _names_of(covariance, names, root.size)
    shocked, values = _places(shocks, known)
    free = np.setdiff1d(np.arange(root.size), shocked)
    part = root.only(shocked)
    numbers = part.numbers(values)
    lost = missed(part, values, numbers)
    moves = root.moves(root.lifted(numbers, shocked))
    moves[shocked] = values
    length = float(np.linalg.norm(numbers))
    scale, rank = 1.0, part.rank
    if degrees is not None:
        # Of the scale matrix, then of what is left of it given the shock.
        shrink = (degrees - 2.0) / degrees
        scale = shrink * (degrees + length**2 / shrink) / (degrees + rank)
    return Conditional(
        names=known,
        shocked=shocked,
        free=free,
        moves=moves,
        residual=_residual(root, part, free, math.sqrt(scale)),
        degrees=None if degrees is None else degrees + rank,
        plausibility=of_distance(
            math.inf if lost.any() else length, rank, degrees=degrees, horizon_days=horizon_days
        ),
        rest={known[shocked[i]]: float(lost[i]) for i in np.flatnonzero(lost)},
    )


def _residual(root: Root, part: Root, free: Places, scale: float) -> Root:
    """The root of the free factors with what the shocked ones say taken out."""
    if not free.size:
        return DenseRoot(np.zeros((0, 1)))
    if isinstance(root, LowRankRoot):
        loadings = root.matrix.loadings
        own = root.matrix.own_variances
        assert isinstance(part, LowRankRoot)
        seen = part.matrix.loadings
        core = np.eye(root.matrix.rank) + (seen.T / part.matrix.own_variances) @ seen
        # (I + Bᵀ D⁻¹ B)⁻¹ is what the shocked factors leave of the common ones' covariance.
        lower = linalg.cholesky(core, lower=True)
        left = linalg.solve_triangular(lower, loadings[free].T, lower=True).T
        return LowRankRoot(LowRank(left * scale, own[free] * scale**2))
    assert isinstance(root, DenseRoot)
    assert isinstance(part, DenseRoot)
    return DenseRoot(part.left_out(root.matrix[free]) * scale)


def _names_of(
    covariance: Covariance | Root, names: Sequence[str] | None, size: int
) -> tuple[str, ...]:
    if isinstance(covariance, CovarianceResult):
        return covariance.names
    known = tuple(f"factor {place + 1}" for place in range(size)) if names is None else tuple(names)
    if len(known) != size:
        raise UserInputError(f"{len(known)} names do not fit a covariance of {size} factors.")
    return known


def _places(
    shocks: Mapping[str, float] | Mapping[int, float], names: tuple[str, ...]
) -> tuple[Places, FloatArray]:
    """Where the shocked factors are, in the order of the covariance, and their moves."""
    if not shocks:
        raise UserInputError("Nothing is shocked.", hint="Name at least one factor and its move.")
    place = {name: i for i, name in enumerate(names)}
    found: dict[int, float] = {}
    for key, move in shocks.items():
        if isinstance(key, str):
            if key not in place:
                raise UnknownNameError("factor", key, names)
            found[place[key]] = move
        elif not 0 <= key < len(names):
            raise UserInputError(f"There is no factor number {key}; there are {len(names)}.")
        else:
            found[int(key)] = move
    order = sorted(found)
    values: ArrayLike = [found[i] for i in order]
    return np.array(order, dtype=np.intp), checked_moves(values, len(order))
