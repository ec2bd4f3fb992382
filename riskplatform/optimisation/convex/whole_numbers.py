"""Counting holdings: columns that are 0 or 1, with a linear or a quadratic objective.

HiGHS takes whole columns with linear objectives only. A variance is put under tangent planes
(outer approximation, Duran and Grossmann 1986): each round finds the best set of holdings by the
planes so far, then the best weights of that set exactly. The planes bound from below what any set
can reach, so that the gap is known whenever one stops.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.program import AT_MOST, Answer, Block, Part, Program
from riskplatform.optimisation.convex.solvers import mixed_integer, solved
from riskplatform.optimisation.portfolio import Certificate

_MOST_ROUNDS = 40
_GAP = 1e-6
_TIME_OF_A_ROUND_S = 5.0

Found = tuple[Answer, Certificate] | None


def solved_in_whole_numbers(program: Program) -> tuple[Found, tuple[str, ...]]:
    """The best answer found, and a note on how far from the best of all it can be."""
    if not program.is_quadratic:
        first = mixed_integer(program)
        if first is None:
            return None, ()
        best = _at(program, first.x)
        return best, _note(0.0 if best is None else best[1].gap)
    relaxed = solved(replace(program, integers=None))
    if relaxed is None:
        return None, ()
    planes = [_plane(program, relaxed[0].x)]
    floor, best = relaxed[1].objective, _first_guess(program, relaxed[0].x)
    for _ in range(_MOST_ROUNDS):
        if best is not None:
            planes.append(_plane(program, best[0].x))
        master = mixed_integer(_under(program, planes), time_limit_s=_TIME_OF_A_ROUND_S)
        if master is None:
            break
        x = master.x[: program.columns]
        floor = max(floor, float(program.linear @ x + master.x[-1]) * (1.0 - 1e-6))
        planes.append(_plane(program, x))
        tried = _at(program, x)
        if tried is not None and (best is None or tried[1].objective < best[1].objective):
            best = tried
        if best is not None and _gap(best[1].objective, floor) <= _GAP:
            break
    if best is None:
        return None, ()
    gap = max(_gap(best[1].objective, floor), best[1].gap)
    return (best[0], replace(best[1], gap=gap)), _note(gap)


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
    most = _most_held(program)
    guess = x.copy()
    held = np.zeros(len(program.integers))
    held[np.argsort(-weights, kind="stable")[:most]] = 1.0
    guess[program.integers] = held
    return _at(program, guess)


def _most_held(program: Program) -> int:
    assert program.integers is not None
    first = int(program.integers[0])
    for block in program.blocks:
        if len(block.bound) == 1 and block.is_limit and block.parts[0].first == first:
            return int(block.bound[0])
    return len(program.integers)


def _plane(program: Program, x: FloatArray) -> tuple[FloatArray, float]:
    """The tangent of ½ r·wᵀΣw at x: slope, and minus its value at the origin."""
    slope = program.curved(x)
    return slope, 0.5 * float(x @ slope)


def _under(program: Program, planes: list[tuple[FloatArray, float]]) -> Program:
    """The quadratic part replaced by one more column above all planes."""
    place = program.columns
    slopes = np.array([slope for slope, _ in planes])
    bound = np.array([value for _, value in planes])
    unit = max(float(np.abs(slopes).max()), 1e-300)
    rows = Part(0, sparse.csr_array(slopes / unit))
    below = Part(place, np.full((len(planes), 1), -1.0 / unit))
    block = Block("tangent planes", (rows, below), bound / unit, AT_MOST, is_limit=False)
    return replace(
        program,
        linear=np.append(program.linear, 1.0),
        lower=np.append(program.lower, -np.inf),
        upper=np.append(program.upper, np.inf),
        lower_of=(*program.lower_of, ""),
        upper_of=(*program.upper_of, ""),
        blocks=(*program.blocks, block),
        covariance=None,
        risk=0.0,
        hinges=(),
    )
