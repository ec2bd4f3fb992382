"""The standard form that constraints compile to, and that solvers and checks share.

Least ½ r·wᵀΣw + qᵀx such that b - A x lies in a cone for every block of rows, and x between its
bounds. The first columns of x are the weights w; the others are helpers, such as the loss beyond
VaR in a scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.factors.covariance.matrices import CovarianceMatrix
from riskplatform.market.content import FloatArray

EQUAL, AT_MOST, SECOND_ORDER, EXPONENTIAL = "equal", "at most", "second order", "exponential"

Places = NDArray[np.intp]


class Part(NamedTuple):
    """A matrix over the columns from ``first`` on; dense or sparse."""

    first: int
    matrix: FloatArray | sparse.csr_array


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of one constraint: b - A x in ``cone``.

    A second-order or exponential block is one cone each (three rows for the latter, or a multiple
    of three). ``is_limit`` is false for rows that only say what a helper column means, and that
    nobody can give way on. All rows are divided by ``unit``.
    """

    constraint: str
    parts: tuple[Part, ...]
    bound: FloatArray
    cone: str
    names: tuple[str, ...] = ()
    is_limit: bool = True
    unit: float = 1.0

    def multiply(self, x: FloatArray) -> FloatArray:
        """A x."""
        out = np.zeros(len(self.bound))
        for first, matrix in self.parts:
            out += matrix @ x[first : first + matrix.shape[1]]
        return out

    def transposed(self, z: FloatArray, columns: int) -> FloatArray:
        """Aᵀ z."""
        out = np.zeros(columns)
        for first, matrix in self.parts:
            out[first : first + matrix.shape[1]] += matrix.T @ z
        return out

    def whole(self, columns: int) -> sparse.csr_array:
        """A over all columns."""
        total = sparse.csr_array((len(self.bound), columns))
        for first, matrix in self.parts:
            found = sparse.coo_array(matrix)
            row, column = found.coords
            place = (row, column + first)
            total = total + sparse.csr_array((found.data, place), shape=total.shape)
        return total

    def name(self, row: int) -> str:
        return self.names[row] if self.names else self.constraint


@dataclass(frozen=True, slots=True)
class Hinge:
    """Helpers z ≥ 0 with a·x - z ≤ b; of two sides also -a·x - z ≤ -b, so that z ≥ |a·x - b|.

    ``blocks`` says where its one or two blocks are, ``first`` and ``count`` where the helpers are.
    """

    blocks: tuple[int, ...]
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class Program:
    """``lower_of`` and ``upper_of`` name the constraint a bound comes from, empty for none.

    Objectives below ``floor`` are as good as nothing: a gap is not measured against less.
    """

    assets: int
    linear: FloatArray
    lower: FloatArray
    upper: FloatArray
    lower_of: tuple[str, ...]
    upper_of: tuple[str, ...]
    blocks: tuple[Block, ...]
    covariance: CovarianceMatrix | None = None
    risk: float = 0.0
    hinges: tuple[Hinge, ...] = ()
    integers: Places | None = None
    asset_ids: tuple[str, ...] = ()
    floor: float = 0.0

    @property
    def columns(self) -> int:
        return len(self.linear)

    @property
    def is_quadratic(self) -> bool:
        return self.covariance is not None and self.risk > 0.0

    @property
    def has_cones(self) -> bool:
        return any(block.cone in (SECOND_ORDER, EXPONENTIAL) for block in self.blocks)

    def curved(self, x: FloatArray) -> FloatArray:
        """P x."""
        out = np.zeros(self.columns)
        if self.covariance is not None and self.risk:
            out[: self.assets] = self.risk * self.covariance.multiply(x[: self.assets])
        return out

    def objective(self, x: FloatArray) -> float:
        return float(0.5 * x @ self.curved(x) + self.linear @ x)

    def with_blocks(self, blocks: Sequence[Block]) -> Program:
        """Other rows; the hinges are no longer known to be such."""
        return replace(self, blocks=tuple(blocks), hinges=())


@dataclass(frozen=True, eq=False)
class Answer:
    """Of a solver: x, and multipliers of every block, of lower and of upper bounds (≥ 0)."""

    x: FloatArray
    rows: tuple[FloatArray, ...]
    lower: FloatArray
    upper: FloatArray
    solver: str
    iterations: int | None = None


def homogenised(program: Program) -> Program:
    """The same constraints on y = κ w: one more column κ ≥ 0, and all bounds as rows with it.

    A ratio such as Sharpe's has its largest value where the part that is held to 1 is least risky.
    """
    place = program.columns
    blocks = [
        replace(
            block,
            parts=(*block.parts, Part(place, -block.bound[:, None])),
            bound=np.zeros_like(block.bound),
        )
        for block in program.blocks
    ]
    lower = np.where(program.lower == 0.0, 0.0, -np.inf)
    bounds = (
        (
            -1.0,
            program.lower,
            np.isfinite(program.lower) & (program.lower != 0.0),
            program.lower_of,
        ),
        (1.0, program.upper, np.isfinite(program.upper), program.upper_of),
    )
    for sign, values, chosen, owners in bounds:
        for owner in sorted({owners[i] for i in np.flatnonzero(chosen)}):
            rows = np.array([i for i in np.flatnonzero(chosen) if owners[i] == owner])
            blocks.append(_scaled_bounds(program, owner, rows, sign, values[rows]))
    return replace(
        program,
        linear=np.append(program.linear, 0.0),
        lower=np.append(lower, 0.0),
        upper=np.full(place + 1, np.inf),
        lower_of=(*program.lower_of, ""),
        upper_of=("",) * (place + 1),
        blocks=tuple(blocks),
        hinges=tuple(program.hinges),
    )


def _scaled_bounds(
    program: Program, owner: str, rows: Places, sign: float, values: FloatArray
) -> Block:
    count = len(rows)
    pick = sparse.csr_array(
        (np.full(count, sign), (np.arange(count), rows)), shape=(count, program.columns)
    )
    parts = (Part(0, pick), Part(program.columns, -sign * values[:, None]))
    names = tuple(bound_name(program, int(i), sign > 0.0) for i in rows)
    return Block(owner, parts, np.zeros(count), AT_MOST, names)


def bound_name(program: Program, column: int, is_upper: bool) -> str:
    """In words, for an asset: "ABC at most 0.05"."""
    value = (program.upper if is_upper else program.lower)[column]
    known = program.asset_ids[column] if column < len(program.asset_ids) else f"column {column}"
    return f"{known} at {'most' if is_upper else 'least'} {value:g}"
