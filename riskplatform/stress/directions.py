"""A few directions in which a book is worth looking at, and how it bends in them.

The steepest one first (the gradient in independent numbers), that of each group of factors by
itself, the principal components that carry the book's variance and the largest ones, and in the
space of these the ones in which the book bends most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from riskplatform.market.content import FloatArray
from riskplatform.stress.revaluer import Counted
from riskplatform.stress.reverse_space import Space
from riskplatform.stress.roots import BoolArray

_BY_BOOK, _BY_SIZE = 6, 4
_ROUNDING = 1e-9
_BEND_STEP = 1.5
"""Standard deviations: curvature is wanted as a stress sees it, not as a derivative."""


@dataclass(frozen=True, eq=False)
class Directions:
    """``basis`` [direction, width] of length one each, by what each is; ``slope`` is the gradient
    of the loss by independent numbers without a move, ``bend`` [direction, direction] its second
    derivatives in the orthonormal ``frame`` [direction, width] of the same space."""

    names: tuple[str, ...]
    basis: FloatArray = field(repr=False)
    slope: FloatArray = field(repr=False)
    frame: FloatArray = field(repr=False)
    bend: FloatArray = field(repr=False)


def directions(space: Space, book: Counted, groups: Mapping[str, BoolArray]) -> Directions:
    """``groups`` are masks of factors by name."""
    at = space.moves(np.zeros(space.root.width))
    gradient = book.slope(at) if at.any() else book.slope_at_rest()
    slope = space.pulled(gradient)
    named: list[tuple[str, FloatArray]] = [("steepest", slope)]
    for name, mask in groups.items():
        named.append((name, space.pulled(np.where(mask, gradient, 0.0))))
    named += _components(space, slope)
    names, basis = _of_length_one(named, space.root.width)
    frame = _frame(basis)
    bend = _bends(space, book, frame)
    found, turned = linalg.eigh(bend) if len(frame) else (np.empty(0), np.empty((0, 0)))
    # The loss grows both ways along these: the gradient says nothing of them.
    rounding = _ROUNDING * max(float(np.linalg.norm(slope)), float(np.abs(found).max(initial=0.0)))
    order = [k for k in np.argsort(-found)[:_BY_SIZE] if found[k] > rounding]
    bent = [(f"curvature {i}", turned[:, k] @ frame) for i, k in enumerate(order, start=1)]
    more, others = _of_length_one(bent, space.root.width)
    return Directions(
        names=(*names, *more),
        basis=np.concatenate([basis, others]),
        slope=slope,
        frame=frame,
        bend=bend,
    )


def _components(space: Space, slope: FloatArray) -> list[tuple[str, FloatArray]]:
    """Principal components: the first numbers of a root are the largest of them."""
    width = space.root.width
    count = min(width, 200)
    by_book = np.argsort(-(slope[:count] ** 2), kind="stable")[:_BY_BOOK]
    chosen = sorted({*by_book.tolist(), *range(min(_BY_SIZE, width))})
    found = []
    for place in chosen:
        unit = np.zeros(width)
        unit[place] = 1.0
        # A root that is wider than it is high has shorter numbers for the same moves.
        shortest = space.root.numbers(space.root.moves(unit))
        found.append((f"component {place + 1}", space.inside(shortest)))
    return found


def _of_length_one(
    named: list[tuple[str, FloatArray]], width: int
) -> tuple[tuple[str, ...], FloatArray]:
    """Without those that are nothing."""
    kept = [(name, v, float(np.linalg.norm(v))) for name, v in named]
    largest = max((size for *_, size in kept), default=0.0)
    kept = [each for each in kept if each[2] > 1e-12 * largest]
    units = [vector / size for _, vector, size in kept]
    return tuple(name for name, *_ in kept), np.array(units).reshape(len(units), width)


def _frame(basis: FloatArray) -> FloatArray:
    """An orthonormal basis of what the directions span."""
    if not len(basis):
        return basis
    _, singular, right = linalg.svd(basis, full_matrices=False)
    return np.asarray(right[singular > 1e-8 * singular[0]])


def _bends(space: Space, book: Counted, frame: FloatArray) -> FloatArray:
    """Second differences of the loss, all in one batch; nothing where there is no value."""
    count = len(frame)
    if not count:
        return np.zeros((0, 0))
    step = _BEND_STEP * frame
    first, second = np.triu_indices(count, 1)
    pairs = [step[first] + step[second], -step[first] - step[second]]
    places = np.concatenate([np.zeros((1, frame.shape[1])), step, -step, *pairs])
    found = book.losses(space.moves(places))
    middle, up, down = found[0], found[1 : count + 1], found[count + 1 : 2 * count + 1]
    both, neither = np.split(found[2 * count + 1 :], 2)
    square = (up + down - 2.0 * middle) / _BEND_STEP**2
    cross = (both + neither - 2.0 * middle) / _BEND_STEP**2
    bend = np.diag(square)
    bend[first, second] = bend[second, first] = 0.5 * (cross - square[first] - square[second])
    return np.where(np.isfinite(bend), bend, 0.0)
