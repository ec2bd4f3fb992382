"""Programmes of single periods put together into one over all periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from riskplatform.factors.covariance.matrices import CovarianceMatrix
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.program import AT_MOST, Block, Hinge, Part, Program


class Stack:
    """Columns are the weights of each period, one period after the other, and then helpers."""

    def __init__(self, asset_ids: Sequence[str], periods: int) -> None:
        self._ids, self._periods = tuple(asset_ids), periods
        self._count = len(self._ids)
        whole = self._count * periods
        self._linear = np.zeros(whole)
        self._lower, self._upper = np.full(whole, -np.inf), np.full(whole, np.inf)
        self._lower_of, self._upper_of = [""] * whole, [""] * whole
        self._blocks: list[Block] = []
        self._hinges: list[Hinge] = []
        self.counts_holdings = False

    def hold(self, period: int, program: Program) -> None:
        """Constraints of the weights of a period."""
        at = period * self._count
        here = slice(at, at + self._count)
        self._lower[here] = program.lower[: self._count]
        self._upper[here] = program.upper[: self._count]
        self._lower_of[here] = program.lower_of[: self._count]
        self._upper_of[here] = program.upper_of[: self._count]
        self._add(program, [(at, 1.0)], period)

    def change(self, period: int, program: Program) -> None:
        """Constraints of the change from the period before to this one."""
        at = period * self._count
        steps = [(at, 1.0), (at - self._count, -1.0)]
        self._add(program, steps, period)
        each = sparse.csr_array(sparse.eye_array(self._count))
        sides = (
            (1.0, program.upper[: self._count], program.upper_of),
            (-1.0, -program.lower[: self._count], program.lower_of),
        )
        for sign, ends, owners in sides:
            for owner in dict.fromkeys(name for name in owners[: self._count] if name):
                rows = [i for i in range(self._count) if owners[i] == owner]
                parts = tuple(Part(first, sign * side * each[rows]) for first, side in steps)
                names = tuple(
                    f"{owner} of {self._ids[i]} in period {period + 1} at most {ends[i]:g}"
                    for i in rows
                )
                self._blocks.append(Block(owner, parts, ends[rows], AT_MOST, names))

    def pull(self, period: int, values: FloatArray) -> None:
        """Add to the linear part of what is made least."""
        at = period * self._count
        self._linear[at : at + self._count] += values

    def price_change(self, period: int, prices: FloatArray, start: FloatArray) -> None:
        """Make a unit of change, up or down, cost its price."""
        at = period * self._count
        count = self._count
        each = sparse.csr_array(sparse.eye_array(count))
        parts = [Part(at, each)]
        if period:
            parts.append(Part(at - count, sparse.csr_array(-each)))
        bound = np.zeros(count) if period else start
        first = self._helpers(np.zeros(count), np.full(count, np.inf), prices)
        less = Part(first, sparse.csr_array(-each))
        place = len(self._blocks)
        other = [Part(where, sparse.csr_array(-matrix)) for where, matrix in parts]
        for side, ends in ((parts, bound), (other, -bound)):
            block = Block("trade", (*side, less), ends, AT_MOST, is_limit=False)
            self._blocks.append(block)
        self._hinges.append(Hinge((place, place + 1), first, count))

    def finished(self, covariance: CovarianceMatrix) -> Program:
        return Program(
            assets=self._count * self._periods,
            linear=self._linear,
            lower=self._lower,
            upper=self._upper,
            lower_of=tuple(self._lower_of),
            upper_of=tuple(self._upper_of),
            blocks=tuple(self._blocks),
            covariance=covariance,
            risk=1.0,
            hinges=tuple(self._hinges),
            asset_ids=tuple(
                name if not period else f"{name} in period {period + 1}"
                for period in range(self._periods)
                for name in self._ids
            ),
        )

    def _helpers(self, lower: FloatArray, upper: FloatArray, linear: FloatArray) -> int:
        first = len(self._linear)
        self._lower = np.append(self._lower, lower)
        self._upper = np.append(self._upper, upper)
        self._linear = np.append(self._linear, linear)
        self._lower_of += [""] * len(lower)
        self._upper_of += [""] * len(lower)
        return first

    def _add(self, program: Program, steps: Sequence[tuple[int, float]], period: int) -> None:
        """Rows and helpers of one programme, its weights being sums of columns with a sign."""
        if program.integers is not None:
            self.counts_holdings = True
        rest = slice(self._count, None)
        first = self._helpers(program.lower[rest], program.upper[rest], program.linear[rest])
        start = len(self._blocks)
        told = f" in period {period + 1}" if period else ""
        for block in program.blocks:
            parts: list[Part] = []
            for part in block.parts:
                parts += self._moved(part, steps, first)
            names = tuple(f"{name}{told}" for name in block.names)
            self._blocks.append(replace(block, parts=tuple(parts), names=names))
        for hinge in program.hinges:
            blocks = tuple(start + place for place in hinge.blocks)
            self._hinges.append(Hinge(blocks, hinge.first - self._count + first, hinge.count))

    def _moved(self, part: Part, steps: Sequence[tuple[int, float]], helpers: int) -> list[Part]:
        at, matrix = part
        if at >= self._count:
            return [Part(at - self._count + helpers, matrix)]
        width = min(matrix.shape[1], self._count - at)
        own = matrix[:, :width]
        out = [Part(first + at, own if sign == 1.0 else sign * own) for first, sign in steps]
        if width < matrix.shape[1]:
            out.append(Part(helpers, matrix[:, width:]))
        return out
