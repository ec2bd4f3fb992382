"""A programme as an interior-point method wants it: all inequalities as one list C x ≤ c, and its
system of equations at given weights of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse

from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.program import AT_MOST, EQUAL, Answer, Block, Places, Program

Solve = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]

# Added to the diagonal, in parts of its size, so that rounding cannot make it negative.
_LIFT = 1e-13
_SPARSE_COST = 100.0
_DENSE = 0.1
_WEIGHS = 1e-12


class _Fold(NamedTuple):
    """A hinge: where its helpers are, its rows over the core, and where they lie in C."""

    columns: slice
    matrix: FloatArray | sparse.csr_array
    rows: tuple[slice, ...]


class NormalEquations:
    """Columns are the programme's, then one slack for each limit that has helpers in it.

    Core columns are all but the helpers of hinges. Everything is in units in which the objective
    is of the size of one.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.is_curved = program.is_quadratic
        self._split()
        self._write_balance()
        self._write_rows()
        self._write_objective()

    def _split(self) -> None:
        program = self.program
        self._is_helper = np.zeros(program.columns, dtype=np.bool_)
        for hinge in program.hinges:
            self._is_helper[hinge.first : hinge.first + hinge.count] = True
        folded = {place for hinge in program.hinges for place in hinge.blocks}
        self._equal: list[int] = []
        self._plain: list[int] = []
        self._loose: list[int] = []
        for place, block in enumerate(program.blocks):
            if place in folded:
                continue
            if block.cone == EQUAL:
                self._equal.append(place)
            elif block.cone == AT_MOST:
                (self._loose if self._touches_helpers(block) else self._plain).append(place)
            else:
                raise ValueError(f"a block in the cone {block.cone!r}")

    def _touches_helpers(self, block: Block) -> bool:
        return any(
            self._is_helper[first : first + matrix.shape[1]].any() for first, matrix in block.parts
        )

    def _write_balance(self) -> None:
        """Equalities, and limits on helpers with a slack each."""
        program = self.program
        blocks = [program.blocks[i] for i in (*self._equal, *self._loose)]
        slacks = sum(len(program.blocks[i].bound) for i in self._loose)
        self.columns = program.columns + slacks
        whole = [block.whole(program.columns) for block in blocks]
        table = sparse.vstack(whole, format="csr") if whole else None
        rows = 0 if table is None else table.shape[0]
        equal_rows = rows - slacks
        extra = sparse.csr_array(
            (np.ones(slacks), (np.arange(equal_rows, rows), np.arange(slacks))),
            shape=(rows, slacks),
        )
        body = sparse.csr_array((0, program.columns)) if table is None else table
        self.balance = sparse.csr_array(sparse.hstack([body, extra], format="csr"))
        self.level = np.concatenate([block.bound for block in blocks]) if blocks else np.empty(0)
        self._is_helper = np.append(self._is_helper, np.zeros(slacks, dtype=np.bool_))
        self.core = np.flatnonzero(~self._is_helper)
        self.helpers = np.flatnonzero(self._is_helper)

    def _write_rows(self) -> None:
        program = self.program
        slacks = self.columns - program.columns
        lower = np.append(program.lower, np.zeros(slacks))
        upper = np.append(program.upper, np.full(slacks, np.inf))
        # A column between equal bounds does not move: it has no inside to go through.
        self.is_fixed = (lower == upper) & ~self._is_helper
        self.fixed_at = np.where(self.is_fixed, lower, 0.0)
        self._low = np.flatnonzero(np.isfinite(lower) & ~self.is_fixed)
        self._high = np.flatnonzero(np.isfinite(upper) & ~self.is_fixed)
        ends = [-lower[self._low], upper[self._high]]
        at = len(self._low) + len(self._high)
        where: dict[int, slice] = {}
        for place in (*self._plain, *(i for hinge in program.hinges for i in hinge.blocks)):
            bound = program.blocks[place].bound
            where[place] = slice(at, at + len(bound))
            ends.append(bound)
            at += len(bound)
        self.bound = np.concatenate(ends)
        self._where = where
        self._hinged = [(i, where[i]) for hinge in program.hinges for i in hinge.blocks]
        self._folds = [
            _Fold(
                slice(hinge.first, hinge.first + hinge.count),
                self._over_core(program.blocks[hinge.blocks[0]]),
                tuple(where[place] for place in hinge.blocks),
            )
            for hinge in program.hinges
        ]
        self._write_plain(len(self._low) + len(self._high))

    def _write_plain(self, first: int) -> None:
        """All rows without helpers as one dense and one sparse table over the core."""
        self._plain_rows: list[tuple[FloatArray | sparse.csr_array, Places]] = []
        if not self._plain:
            return
        blocks = [self.program.blocks[place].whole(self.columns) for place in self._plain]
        table = sparse.csr_array(sparse.vstack(blocks, format="csr")[:, self.core])
        is_dense = np.diff(table.indptr) > _DENSE * len(self.core)
        for chosen in (np.flatnonzero(is_dense), np.flatnonzero(~is_dense)):
            if len(chosen):
                part = table[chosen]
                made = part.toarray() if is_dense[chosen[0]] else sparse.csr_array(part)
                self._plain_rows.append((made, first + chosen))

    def _over_core(self, block: Block) -> FloatArray | sparse.csr_array:
        whole = block.whole(self.columns)[:, self.core]
        rows, columns = whole.shape
        # What AᵀA costs: sparse work is so much dearer per number.
        sparse_work = _SPARSE_COST * whole.nnz**2 / max(rows, 1)
        return sparse.csr_array(whole) if sparse_work < rows * columns**2 else whole.toarray()

    def _write_objective(self) -> None:
        program = self.program
        linear = np.append(program.linear, np.zeros(self.columns - program.columns))
        curve = 0.0
        if program.covariance is not None and self.is_curved:
            curve = program.risk * float(program.covariance.variances().max())
        self._scale = 1.0 / max(float(np.abs(linear).max(initial=0.0)), curve, 1e-300)
        self.linear = linear * self._scale
        self._risk = program.risk * self._scale

    def curved(self, x: FloatArray) -> FloatArray:
        """P x, scaled."""
        out = np.zeros(self.columns)
        covariance = self.program.covariance
        if covariance is not None and self.is_curved:
            out[: self.program.assets] = self._risk * covariance.multiply(x[: self.program.assets])
        return out

    def multiply(self, x: FloatArray) -> FloatArray:
        """C x."""
        out = np.empty(len(self.bound))
        lows = len(self._low)
        out[:lows] = -x[self._low]
        out[lows : lows + len(self._high)] = x[self._high]
        inside = x[self.core]
        for matrix, rows in self._plain_rows:
            out[rows] = matrix @ inside
        for place, where in self._hinged:
            out[where] = self.program.blocks[place].multiply(x)
        return out

    def transposed(self, z: FloatArray) -> FloatArray:
        """Cᵀ z."""
        lows = len(self._low)
        out = np.zeros(self.columns)
        out[self._low] -= z[:lows]
        out[self._high] += z[lows : lows + len(self._high)]
        for matrix, rows in self._plain_rows:
            out[self.core] += matrix.T @ z[rows]
        for place, where in self._hinged:
            for first, matrix in self.program.blocks[place].parts:
                out[first : first + matrix.shape[1]] += matrix.T @ z[where]
        return out

    def factor(self, weight: FloatArray) -> Solve:
        """Solves P x + Cᵀ W C x + Eᵀ y = a, E x = b for any a and b."""
        lows = len(self._low)
        diagonal = np.zeros(self.columns)
        diagonal[self._low] += weight[:lows]
        diagonal[self._high] += weight[lows : lows + len(self._high)]
        table = self._table(diagonal[self.core])
        for matrix, rows in self._plain_rows:
            _add_square(table, matrix, weight[rows])
        own = diagonal.copy()
        crosses: list[tuple[_Fold, FloatArray]] = []
        for fold in self._folds:
            delta = diagonal[fold.columns]
            one = weight[fold.rows[0]]
            if len(fold.rows) == 1:
                own[fold.columns] = one + delta
                _add_square(table, fold.matrix, one * delta / (one + delta))
                crosses.append((fold, -one))
            else:
                other = weight[fold.rows[1]]
                total = one + other + delta
                own[fold.columns] = total
                # All terms are positive: nothing cancels as a weight goes to infinity.
                joint = (4.0 * one * other + delta * (one + other)) / total
                _add_square(table, fold.matrix, joint)
                crosses.append((fold, other - one))
        return self._solver(table, own, crosses)

    def _table(self, diagonal: FloatArray) -> FloatArray:
        count, assets = len(self.core), self.program.assets
        table = np.zeros((count, count), order="F")
        covariance = self.program.covariance
        if covariance is not None and self.is_curved:
            # Weights are the first columns and never helpers.
            if isinstance(covariance, LowRank):
                loadings = covariance.loadings
                table[:assets, :assets] = self._risk * (loadings @ loadings.T)
                place = np.arange(assets)
                table[place, place] += self._risk * covariance.own_variances
            else:
                np.multiply(covariance.dense(), self._risk, out=table[:assets, :assets])
        place = np.arange(count)
        table[place, place] += diagonal
        return table

    def _solver(
        self, table: FloatArray, own: FloatArray, crosses: list[tuple[_Fold, FloatArray]]
    ) -> Solve:
        core, helpers = self.core, self.helpers
        fixed = np.flatnonzero(self.is_fixed[core])
        table[fixed, :] = table[:, fixed] = 0.0
        table[fixed, fixed] = 1.0
        factor = linalg.cho_factor(
            _lifted(table, _LIFT), lower=True, overwrite_a=True, check_finite=False
        )
        balance_core = self._balance_without_helpers(own, crosses)
        balance_core[:, fixed] = 0.0
        balance_helpers = self.balance[:, helpers]
        divide = 1.0 / own[helpers]
        side = linalg.cho_solve(factor, balance_core.T, check_finite=False)
        system = balance_core @ side
        if balance_helpers.nnz:
            system += (balance_helpers.multiply(divide) @ balance_helpers.T).toarray()
        joint = None
        if len(system):
            joint = linalg.cho_factor(_lifted(system, 1e-16), check_finite=False)

        def solve(right: FloatArray, level: FloatArray) -> tuple[FloatArray, FloatArray]:
            inner = right[core].copy()
            for fold, cross in crosses:
                inner -= fold.matrix.T @ (cross * right[fold.columns] / own[fold.columns])
            inner[fixed] = 0.0
            inner = linalg.cho_solve(factor, inner, check_finite=False)
            y = np.zeros(len(level))
            if joint is not None:
                held = balance_core @ inner - level
                if balance_helpers.nnz:
                    held += balance_helpers @ (divide * right[helpers])
                y = linalg.cho_solve(joint, held, check_finite=False)
                inner = inner - side @ y
            x = np.zeros(self.columns)
            x[core] = inner
            rest = right - self.balance.T @ y
            for fold, cross in crosses:
                left = rest[fold.columns] - cross * (fold.matrix @ inner)
                x[fold.columns] = left / own[fold.columns]
            return x, y

        return solve

    def _balance_without_helpers(
        self, own: FloatArray, crosses: list[tuple[_Fold, FloatArray]]
    ) -> FloatArray:
        """The rows of E over the core, once helpers are eliminated from them."""
        out = np.asarray(self.balance[:, self.core].toarray())
        for fold, cross in crosses:
            part = self.balance[:, np.arange(fold.columns.start, fold.columns.stop)]
            if part.nnz:
                scaled = np.asarray(part.multiply(cross / own[fold.columns]).toarray())
                out -= scaled @ fold.matrix
        return out

    def answer(self, x: FloatArray, y: FloatArray, price: FloatArray, steps: int) -> Answer:
        """In the programme's own terms."""
        program = self.program
        price, y = price / self._scale, y / self._scale
        rows: list[FloatArray] = [np.empty(0)] * len(program.blocks)
        at = 0
        for place in (*self._equal, *self._loose):
            count = len(program.blocks[place].bound)
            rows[place] = y[at : at + count]
            at += count
        for place, where in self._where.items():
            rows[place] = price[where]
        lower, upper = np.zeros(self.columns), np.zeros(self.columns)
        lows = len(self._low)
        lower[self._low] = price[:lows]
        upper[self._high] = price[lows : lows + len(self._high)]
        self._price_fixed(x, rows, lower, upper)
        kept = slice(0, program.columns)
        name = "interior point"
        return Answer(x[kept], tuple(rows), lower[kept], upper[kept], name, steps)

    def _price_fixed(
        self,
        x: FloatArray,
        rows: list[FloatArray],
        lower: FloatArray,
        upper: FloatArray,
    ) -> None:
        """What holds a column that cannot move is whatever slope is left there."""
        program = self.program
        left = program.curved(x[: program.columns]) + program.linear
        for block, price in zip(program.blocks, rows, strict=True):
            left = left + block.transposed(price, program.columns)
        fixed = np.flatnonzero(self.is_fixed)
        lower[fixed] = np.maximum(left[fixed], 0.0)
        upper[fixed] = np.maximum(-left[fixed], 0.0)


def _lifted(table: FloatArray, least: float) -> FloatArray:
    place = np.arange(len(table))
    table[place, place] *= 1.0 + _LIFT
    table[place, place] += least
    return table


def _add_square(
    table: FloatArray, matrix: FloatArray | sparse.csr_array, weight: FloatArray
) -> None:
    """The lower half of table += Aᵀ diag(weight) A."""
    if isinstance(matrix, np.ndarray):
        # Near the answer most rows (scenarios that are no loss, say) weigh nothing.
        kept = np.flatnonzero(weight > _WEIGHS * weight.max(initial=0.0))
        scaled = matrix[kept] * np.sqrt(weight[kept])[:, None]
        # One half only, and into the table itself (which is in Fortran's order).
        linalg.blas.dsyrk(1.0, scaled.T, beta=1.0, c=table, lower=1, overwrite_c=1)
        return
    found = (matrix.T.multiply(weight) @ matrix).tocoo()
    row, column = found.coords
    np.add.at(table, (row, column), found.data)
