"""Counting holdings: columns that are 0 or 1, with a linear or a quadratic objective.

Good holdings are looked for first: the largest of the answer without counting, then exchanges of
one for another while that helps. How far from the best of all they can be is bounded by HiGHS,
which takes whole columns with linear objectives: a variance is put under tangent planes (outer
approximation, Duran and Grossmann 1986) that know of the 0 and 1 of each asset's own part of it
(perspective cuts, Frangioni and Gentile 2006). Searches end after a number of nodes and never by a
clock, so that the same inputs give the same weights anywhere.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.program import AT_MOST, Answer, Block, Part, Program
from riskplatform.optimisation.convex.solvers import mixed_integer, solved
from riskplatform.optimisation.portfolio import Certificate

_MOST_ROUNDS = 8
_MOST_NODES = 200
_MOST_EXCHANGES = 200
_GAP = 1e-6
# A floor that rises by less than this in a round is not worth another.
_RISE = 0.01

Found = tuple[Answer, Certificate] | None


def solved_in_whole_numbers(program: Program) -> tuple[Found, tuple[str, ...]]:
    """The best answer found, and a note on how far from the best of all it can be."""
    relaxed = solved(replace(program, integers=None))
    if relaxed is None:
        return None, ()
    best = _exchanged(program, _first_guess(program, relaxed[0].x))
    floor = relaxed[1].objective
    if program.is_quadratic:
        best, floor = _by_planes(program, relaxed[0].x, best, floor)
    else:
        found = mixed_integer(program, most_nodes=_MOST_NODES)
        if found is not None:
            best = _better(best, _at(program, found.answer.x))
            floor = max(floor, found.floor)
    if best is None:
        return None, ()
    gap = max(_gap(best[1].objective, floor), best[1].gap)
    return (best[0], replace(best[1], gap=gap)), _note(gap)


def _by_planes(
    program: Program, start: FloatArray, best: Found, floor: float
) -> tuple[Found, float]:
    own = _own_variance(program)
    planes = [_plane(program, own, start)]
    for _ in range(_MOST_ROUNDS):
        if best is not None:
            planes.append(_plane(program, own, best[0].x))
            if _gap(best[1].objective, floor) <= _GAP:
                break
        master = mixed_integer(_under(program, planes), most_nodes=_MOST_NODES)
        if master is None:
            break
        x = master.answer.x[: program.columns]
        risen = master.floor > floor + _RISE * abs(floor)
        floor = max(floor, master.floor)
        tried = _at(program, x)
        planes.append(_plane(program, own, x))
        if tried is not None:
            planes.append(_plane(program, own, tried[0].x))
        is_better = _better(best, tried) is not best
        best = _better(best, tried)
        if not risen and not is_better:
            break
    return best, floor


def _better(one: Found, other: Found) -> Found:
    if one is None or other is None:
        return one or other
    return other if other[1].objective < one[1].objective else one


def _note(gap: float) -> tuple[str, ...]:
    if gap <= 1e-5:
        return ()
    return (f"Other holdings could improve the objective by {100 * gap:.2g} % at the very most.",)


def _gap(value: float, floor: float) -> float:
    return max(value - floor, 0.0) / max(abs(value), 1e-300)


def _at(program: Program, x: FloatArray) -> Found:
    """The best weights where the whole columns are as in x."""
    assert program.integers is not None
    held = np.round(x[program.integers])
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[program.integers] = upper[program.integers] = held
    found = solved(replace(program, lower=lower, upper=upper, integers=None))
    return found if found is not None and found[1].is_good else None


def _first_guess(program: Program, x: FloatArray) -> Found:
    """The largest holdings of the relaxed answer, as many as may be held."""
    assert program.integers is not None
    weights = np.abs(x[: program.assets])
    guess = x.copy()
    for most in range(_most_held(program), 0, -1):
        held = np.zeros(len(program.integers))
        held[np.argsort(-weights, kind="stable")[:most]] = 1.0
        guess[program.integers] = held
        found = _at(program, guess)
        if found is not None:
            return found
    return None


def _exchanged(program: Program, best: Found) -> Found:
    """The smallest holding goes for the asset that the slope wants most, while that helps."""
    if best is None or not program.is_quadratic:
        return best
    assert program.integers is not None
    left = _MOST_EXCHANGES
    while left > 0:
        x = best[0].x
        held = x[program.integers] > 0.5
        out = np.flatnonzero(held)[np.argsort(np.abs(x[: program.assets][held]))]
        slope = (program.curved(x) + program.linear)[: program.assets]
        into = np.flatnonzero(~held)[np.argsort(slope[~held])]
        found: Found = None
        for one, other in [(one, other) for other in into[:8] for one in out[:4]]:
            left -= 1
            trial = x.copy()
            trial[program.integers[[one, other]]] = 0.0, 1.0
            tried = _at(program, trial)
            if tried is not None and tried[1].objective < best[1].objective * (1.0 - 1e-9):
                found = tried
                break
        if found is None:
            return best
        best = found
    return best


def _most_held(program: Program) -> int:
    assert program.integers is not None
    first = int(program.integers[0])
    for block in program.blocks:
        if len(block.bound) == 1 and block.is_limit and block.parts[0].first == first:
            return int(block.bound[0])
    return len(program.integers)


def _own_variance(program: Program) -> FloatArray:
    """A diagonal that the covariance keeps non-negative when it is taken off."""
    assert program.covariance is not None
    sigma = program.covariance.dense()
    scale = np.sqrt(np.maximum(np.diagonal(sigma), 1e-300))
    least = float(np.linalg.eigvalsh(sigma / np.outer(scale, scale))[0])
    return np.asarray(program.risk * max(0.999 * least - 1e-12, 0.0) * scale**2)


def _plane(program: Program, own: FloatArray, x: FloatArray) -> tuple[FloatArray, float]:
    """Of ½ r·wᵀΣw at x: slope, and minus its value at the origin; the own part of an asset that is
    not held is nothing, so that its share of that value counts by the whole column."""
    slope = program.curved(x)
    weights = x[: program.assets]
    alone = 0.5 * own * weights**2
    value = 0.5 * float(x @ slope) - float(alone.sum())
    assert program.integers is not None
    slope[program.integers] -= alone
    return slope, value


def _under(program: Program, planes: list[tuple[FloatArray, float]]) -> Program:
    """The quadratic part replaced by one more column above all planes."""
    place = program.columns
    slopes = np.array([slope for slope, _ in planes])
    bound = np.array([value for _, value in planes])
    unit = max(float(np.abs(slopes).max()), 1e-300)
    rows = Part(0, sparse.csr_array(slopes / unit))
    below = Part(place, np.full((len(planes), 1), -1.0))
    block = Block("tangent planes", (rows, below), bound / unit, AT_MOST, is_limit=False)
    return replace(
        program,
        linear=np.append(program.linear, unit),
        lower=np.append(program.lower, 0.0),
        upper=np.append(program.upper, np.inf),
        lower_of=(*program.lower_of, ""),
        upper_of=(*program.upper_of, ""),
        blocks=(*program.blocks, block),
        covariance=None,
        risk=0.0,
        hinges=(),
    )
