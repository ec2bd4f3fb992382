"""Why constraints cannot hold together: the fewest that cannot, and how much each must give.

First every limit may give, at the cost of what it gives (an elastic programme): that says whether
there is a conflict, how large, and which limits pull at it. Of those, one after the other is left
out; one without which the rest can hold belongs to the conflict (deletion filter, Chinneck).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.binding import IMPLIED
from riskplatform.optimisation.convex.program import (
    AT_MOST,
    EQUAL,
    SECOND_ORDER,
    Answer,
    Block,
    Part,
    Places,
    Program,
    bound_name,
)
from riskplatform.optimisation.convex.solvers import clarabel, highs, mixed_integer
from riskplatform.optimisation.portfolio import Binding

_NOTHING = 1e-7
# What is only implied gives way last.
_IMPLIED_COST = 1e3
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Given:
    """A limit, its constraint, and by how much it gives in the elastic programme."""

    constraint: str
    limit: str
    amount: float


def conflict_of(program: Program) -> tuple[Binding, ...] | None:
    """Empty where the constraints can hold together; None where that could not be found out."""
    elastic = _Elastic(program, None)
    if not elastic.is_solved:
        return None
    gives = elastic.given()
    # Several amounts that are nothing each are the solver's rounding, and no conflict.
    if elastic.total <= _NOTHING or not gives:
        return ()
    members = _fewest(program, elastic)
    named = {each.constraint for each in gives}
    order = [*members, *sorted(named - set(members))]
    return tuple(_binding(name, gives, name in members) for name in order)


def _fewest(program: Program, elastic: _Elastic) -> list[str]:
    """A set that cannot hold together, and can without any one of its members."""
    everyone = elastic.constraints
    suspects = [name for name in everyone if name in elastic.pulling]
    if not suspects or _can_hold(program, suspects):
        suspects = everyone
    # Implied constraints are tried last, so that they stay where something else could go.
    for name in sorted(suspects, key=lambda each: each in IMPLIED, reverse=True):
        fewer = [each for each in suspects if each != name]
        if fewer and not _can_hold(program, fewer):
            suspects = fewer
    return suspects


def _can_hold(program: Program, constraints: Collection[str]) -> bool:
    found = _Elastic(program, constraints)
    return found.is_solved and found.total <= _NOTHING


def _binding(name: str, gives: Sequence[Given], is_member: bool) -> Binding:
    mine = sorted((each for each in gives if each.constraint == name), key=lambda e: -e.amount)
    total = sum(each.amount for each in mine)
    if not mine:
        return Binding(name, 0.0, f"{name} is part of the conflict and can stay if others give.")
    told = "; ".join(f"{each.limit} must give {each.amount:.3g}" for each in mine[:_MOST_NAMED])
    more = f"; and {len(mine) - _MOST_NAMED} more" if len(mine) > _MOST_NAMED else ""
    also = "" if is_member else " (another conflict)"
    return Binding(name, total, f"{name}{also}: {told}{more}.")


class _Elastic:
    """The programme in which limits of ``kept`` constraints (all for None) may give, others are
    gone, and what is given is made least in units of weight."""

    def __init__(self, program: Program, kept: Collection[str] | None) -> None:
        self._program, self._kept = program, kept
        self._columns = program.columns
        self._costs: list[float] = []
        self._limits: list[tuple[str, str, float]] = []
        self._owner: list[str] = []
        blocks: list[Block] = []
        for block in program.blocks:
            if not block.is_limit:
                blocks.append(block)
            elif self._holds(block.constraint):
                blocks.append(self._loosened(block))
        lower, upper = program.lower.copy(), program.upper.copy()
        for ends, owners, is_upper in (
            (lower, program.lower_of, False),
            (upper, program.upper_of, True),
        ):
            owned = np.array([bool(each) for each in owners])
            blocks += self._from_bounds(ends, owners, owned, is_upper)
            ends[owned] = np.inf if is_upper else -np.inf
        self._solve(blocks, lower, upper)

    @property
    def constraints(self) -> list[str]:
        return list(dict.fromkeys(self._owner))

    def given(self) -> list[Given]:
        """What gives, and by how much in its own units."""
        if self._answer is None:
            return []
        amounts = self._answer.x[self._program.columns :]
        out: dict[tuple[str, str], float] = {}
        for (constraint, limit, unit), amount in zip(self._limits, amounts, strict=True):
            if amount > _NOTHING:
                key = (constraint, limit)
                out[key] = out.get(key, 0.0) + float(amount) * unit
        return [Given(constraint, limit, amount) for (constraint, limit), amount in out.items()]

    def _holds(self, constraint: str) -> bool:
        return self._kept is None or constraint in self._kept

    def _room(self, constraint: str, limits: Sequence[str], units: FloatArray) -> int:
        first = self._columns
        self._columns += len(limits)
        cost = _IMPLIED_COST if constraint in IMPLIED else 1.0
        self._costs += [cost] * len(limits)
        self._limits += [
            (constraint, limit, float(unit)) for limit, unit in zip(limits, units, strict=True)
        ]
        return first

    def _loosened(self, block: Block) -> Block:
        """Rows a·x ≤ b + unit · r, with the row's largest coefficient as the unit."""
        self._owner.append(block.constraint)
        count = len(block.bound)
        if block.cone == SECOND_ORDER:
            first = self._room(block.constraint, [block.name(0)], np.array([block.unit]))
            room = np.zeros((count, 1))
            room[0] = -1.0
            return replace(block, parts=(*block.parts, Part(first, room)))
        units = np.maximum(_largest(block), 1e-12)
        names = [block.name(i) for i in range(count)]
        give = Part(
            self._room(block.constraint, names, units), sparse.csr_array(sparse.diags_array(-units))
        )
        parts = (*block.parts, give)
        if block.cone == EQUAL:
            back = self._room(block.constraint, names, units)
            parts = (*parts, Part(back, sparse.csr_array(sparse.diags_array(units))))
        return replace(block, parts=parts)

    def _from_bounds(
        self, ends: FloatArray, owners: Sequence[str], owned: Places, is_upper: bool
    ) -> list[Block]:
        out = []
        for name in dict.fromkeys(owners):
            if not name or not self._holds(name):
                continue
            rows = np.array([i for i in np.flatnonzero(owned).tolist() if owners[i] == name])
            sign = 1.0 if is_upper else -1.0
            count = len(rows)
            pick = sparse.csr_array(
                (np.full(count, sign), (np.arange(count), rows)),
                shape=(count, self._program.columns),
            )
            names = [bound_name(self._program, int(i), is_upper) for i in rows]
            self._owner.append(name)
            first = self._room(name, names, np.ones(count))
            room = sparse.csr_array(-sparse.eye_array(count))
            parts = (Part(0, pick), Part(first, room))
            out.append(Block(name, parts, sign * ends[rows], AT_MOST, tuple(names)))
        return out

    def _solve(self, blocks: list[Block], lower: FloatArray, upper: FloatArray) -> None:
        old, extra = self._program, self._columns - self._program.columns
        program = replace(
            old,
            linear=np.concatenate([np.zeros(old.columns), self._costs]),
            lower=np.append(lower, np.zeros(extra)),
            upper=np.append(upper, np.full(extra, np.inf)),
            lower_of=("",) * self._columns,
            upper_of=("",) * self._columns,
            blocks=tuple(blocks),
            covariance=None,
            risk=0.0,
            hinges=(),
        )
        if program.integers is not None:
            counted = mixed_integer(program)
            self._answer: Answer | None = None if counted is None else counted.answer
        else:
            self._answer = clarabel(program) if program.has_cones else highs(program)
        self.is_solved = self._answer is not None
        self.pulling: set[str] = set()
        self.total = np.inf
        if self._answer is not None:
            self.total = float(np.maximum(self._answer.x[old.columns :], 0.0).sum())
            for block, price in zip(blocks, self._answer.rows, strict=True):
                if block.is_limit and np.abs(price).max(initial=0.0) > _NOTHING:
                    self.pulling.add(block.constraint)


def _largest(block: Block) -> FloatArray:
    """The largest coefficient of each row."""
    out = np.zeros(len(block.bound))
    for _, matrix in block.parts:
        size = abs(matrix).max(axis=1)
        out = np.maximum(out, size.toarray().ravel() if sparse.issparse(size) else size)
    return out
