"""Square roots of a covariance: moves of factors as sums of independent numbers, and back.

In the independent numbers the distance of Mahalanobis is plain length, so that the most likely
move with some property is the shortest vector with it. A low rank plus diagonal has a root too
wide to be square and too simple to be written down: nothing here makes a dense matrix of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import LowRank, to_correlation
from riskplatform.market.content import FloatArray
from riskplatform.risk.parametric import Covariance, matrix_of
from riskplatform.simulation.roots import checked_covariance

Places = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

# Eigenvalues below this share of the largest are rounding, as in the covariances themselves.
_ROUNDING = 1e-12
POSSIBLE = 1e-6
"""A move may lie outside of what a covariance can do by this share of its length."""


class Root(Protocol):
    """S with S Sᵀ = Σ: ``size`` factors from ``width`` independent numbers of variance one."""

    @property
    def size(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def rank(self) -> int:
        """In how many directions the factors can move."""
        ...

    def moves(self, numbers: FloatArray) -> FloatArray:
        """S z of [..., width]."""
        ...

    def pulled(self, gradient: FloatArray) -> FloatArray:
        """Sᵀ g of [..., size]: a gradient by moves as one by the independent numbers."""
        ...

    def numbers(self, moves: FloatArray) -> FloatArray:
        """The shortest z whose S z is as near to ``moves`` [size] as it can be."""
        ...

    def only(self, places: Places) -> Root:
        """The root of some of the factors, with numbers of its own."""
        ...

    def lifted(self, numbers: FloatArray, places: Places) -> FloatArray:
        """Numbers of the root of some factors as those of this one; all others are nothing."""
        ...

    def deviations(self) -> FloatArray:
        """Standard deviation of each factor."""
        ...


@dataclass(frozen=True, eq=False)
class DenseRoot:
    """S as an array; what of it is rounding is left out, so that a singular Σ is narrower."""

    matrix: FloatArray

    @property
    def size(self) -> int:
        return len(self.matrix)

    @property
    def width(self) -> int:
        return int(self.matrix.shape[1])

    def moves(self, numbers: FloatArray) -> FloatArray:
        return np.asarray(numbers @ self.matrix.T)

    def pulled(self, gradient: FloatArray) -> FloatArray:
        return np.asarray(gradient @ self.matrix)

    def numbers(self, moves: FloatArray) -> FloatArray:
        left, singular, right = self._parts
        scale = self.deviations()
        units = np.divide(moves, scale, out=np.zeros(self.size), where=scale > 0.0)
        return np.asarray((left.T @ units / singular) @ right)

    def only(self, places: Places) -> DenseRoot:
        return DenseRoot(self.matrix[places])

    def lifted(self, numbers: FloatArray, places: Places) -> FloatArray:
        return numbers

    def deviations(self) -> FloatArray:
        return np.asarray(np.sqrt(np.sum(self.matrix**2, axis=1)))

    def left_out(self, rows: FloatArray) -> FloatArray:
        """Rows [..., width] of a wider root without what the factors of this one say."""
        right = self._parts[2]
        return np.asarray(rows - (rows @ right.T) @ right)

    @property
    def rank(self) -> int:
        return len(self._parts[1])

    @cached_property
    def _parts(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Singular values and vectors of the root in units of each factor's deviation."""
        scale = self.deviations()
        per_unit = np.divide(1.0, scale, out=np.zeros(self.size), where=scale > 0.0)
        left, singular, right = linalg.svd(self.matrix * per_unit[:, None], full_matrices=False)
        most = singular[0] if singular.size else 0.0
        kept = singular**2 > _ROUNDING * self.size * most**2
        return left[:, kept], singular[kept], right[kept]


@dataclass(frozen=True, eq=False)
class LowRankRoot:
    """[B, √D] of ``B Bᵀ + D``, its second part kept as the diagonal that it is."""

    matrix: LowRank

    @property
    def size(self) -> int:
        return self.matrix.size

    @property
    def width(self) -> int:
        return self.matrix.rank + self.matrix.size

    def moves(self, numbers: FloatArray) -> FloatArray:
        rank = self.matrix.rank
        common = numbers[..., :rank] @ self.matrix.loadings.T
        return np.asarray(common + numbers[..., rank:] * self._own)

    def pulled(self, gradient: FloatArray) -> FloatArray:
        common = gradient @ self.matrix.loadings
        return np.concatenate([common, gradient * self._own], axis=-1)

    def numbers(self, moves: FloatArray) -> FloatArray:
        return self.pulled(self.matrix.solve(moves))

    def only(self, places: Places) -> LowRankRoot:
        part = LowRank(self.matrix.loadings[places], self.matrix.own_variances[places])
        return LowRankRoot(part)

    def lifted(self, numbers: FloatArray, places: Places) -> FloatArray:
        rank = self.matrix.rank
        found = np.zeros(self.width)
        found[:rank] = numbers[:rank]
        found[rank + places] = numbers[rank:]
        return found

    def deviations(self) -> FloatArray:
        return np.sqrt(self.matrix.variances())

    @property
    def rank(self) -> int:
        return self.size

    @property
    def _own(self) -> FloatArray:
        return np.sqrt(self.matrix.own_variances)


def root_of(covariance: Covariance, *, horizon_days: float = 1.0) -> Root:
    """The root of a daily covariance over a horizon, by which variances grow."""
    matrix = matrix_of(covariance)
    if isinstance(matrix, LowRank):
        longer = LowRank(
            matrix.loadings * np.sqrt(horizon_days), matrix.own_variances * horizon_days
        )
        return LowRankRoot(longer if horizon_days != 1.0 else matrix)
    values = checked_covariance(matrix.dense(), "The covariance")
    scale, correlation = to_correlation(values * horizon_days)
    # A factor that never moves is no number of its own.
    moving = np.flatnonzero(scale > 0.0)
    if not moving.size:
        raise UserInputError("No factor of the covariance has a variance.")
    found, basis = linalg.eigh(correlation[np.ix_(moving, moving)])
    kept = found > _ROUNDING * len(found) * found[-1]
    root = np.zeros((len(values), int(kept.sum())))
    root[moving] = scale[moving, None] * basis[:, kept] * np.sqrt(found[kept])
    # Largest first, so that the first numbers are those that matter most.
    return DenseRoot(np.ascontiguousarray(root[:, ::-1]))


def missed(root: Root, moves: FloatArray, numbers: FloatArray) -> FloatArray:
    """What of ``moves`` the covariance cannot do, by factor; zeros where it can do them all."""
    rest = moves - root.moves(numbers)
    scale = root.deviations()
    counted = np.where(scale > 0.0, scale, 1.0)
    length = float(np.linalg.norm(np.where(scale > 0.0, moves / counted, 0.0)))
    # A factor without variance that is moved cannot be, however little; others by rounding.
    wrong = np.where(scale > 0.0, np.abs(rest) > POSSIBLE * length * counted, moves != 0.0)
    return np.where(wrong, rest, 0.0)
