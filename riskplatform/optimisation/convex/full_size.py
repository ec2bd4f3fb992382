"""The size of a book whose ratio does not depend on it.

Of weights that pay for themselves (long against short) every part has the same ratio: the
constraints may leave the scale of a homogenised answer open. Then the largest book is taken that
they allow.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from riskplatform.optimisation.convex.certify import certified
from riskplatform.optimisation.convex.program import AT_MOST, EQUAL, Answer, Block, Part, Program
from riskplatform.optimisation.convex.solvers import solved
from riskplatform.optimisation.portfolio import Certificate

# How far from the way of the best ratio, relative to the largest weight, rounding may lead.
_WIDTH = 1e-7
# Weights above this are of any size.
_LARGEST = 1e4

Found = tuple[Answer, Certificate]


def sets_size(limits: Program) -> bool:
    """Whether some equality holds for one size of the weights only."""
    return any(block.cone == EQUAL and block.bound.any() for block in limits.blocks)


def at_full_size(program: Program, limits: Program, found: Found) -> Found | None:
    """An answer of a homogenised programme with the least scale that ``limits`` allow, certified
    anew; None where they allow any."""
    answer = found[0]
    weights = answer.x[: program.assets]
    largest = float(np.abs(weights).max())
    furthest = solved(_along(limits, weights / largest))
    if furthest is None or not furthest[1].is_good:
        return found
    size = float(furthest[0].x[limits.columns])
    if size >= 0.99 * _LARGEST:
        return None
    if not size > 0.0:
        return found
    there = furthest[0].x[: limits.columns]
    held = there[: program.assets]
    scale = float(weights @ held) / float(held @ held)
    moved = replace(answer, x=np.append(scale * there, scale))
    certificate = certified(program, moved)
    return (moved, certificate) if certificate.is_good else found


def _along(limits: Program, way: np.ndarray) -> Program:
    """How far the limits let the weights go, with one more column that says so."""
    each, wide = np.eye(len(way)), np.full((len(way), 1), _WIDTH)
    place, zero = limits.columns, np.zeros(len(way))
    above = Block("the way", (Part(0, each), Part(place, -way[:, None] - wide)), zero, AT_MOST)
    below = Block("the way", (Part(0, -each), Part(place, way[:, None] - wide)), zero, AT_MOST)
    return replace(
        limits,
        linear=np.append(np.zeros(place), -1.0),
        lower=np.append(limits.lower, 0.0),
        upper=np.append(limits.upper, _LARGEST),
        lower_of=(*limits.lower_of, ""),
        upper_of=(*limits.upper_of, ""),
        blocks=(*limits.blocks, above, below),
        covariance=None,
        risk=0.0,
    )
