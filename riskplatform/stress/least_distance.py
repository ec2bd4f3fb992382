"""The shortest vector that keeps to linear constraints: ``min ‖z‖`` with ``G z ≥ h``.

By the reduction of Lawson and Hanson (Solving Least Squares Problems, chapter 23) to non-negative
least squares, which either finds it or proves that there is none. Many constraints are taken in
only when they are violated, since few of thousands of bounds ever bind.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from riskplatform.market.content import FloatArray

_FEASIBLE = 1e-9
_MOST_ROUNDS = 60
_ADDED_AT_ONCE = 50

Rows = Callable[[NDArray[np.intp]], FloatArray]


def shortest(rows: FloatArray, bounds: FloatArray) -> FloatArray | None:
    """The shortest z with ``rows @ z >= bounds``; None where no vector is."""
    wanted = np.asarray(bounds, dtype=np.float64)
    length = np.linalg.norm(rows, axis=1)
    if (wanted[length == 0.0] > 0.0).any():
        return None
    binding = length > 0.0
    if not binding.any() or (wanted <= 0.0).all():
        return np.zeros(rows.shape[1])
    unit = rows[binding] / length[binding, None]
    reach = wanted[binding] / length[binding]
    # Of the size of one, so that the residual says what is feasible and what is rounding.
    size = float(np.abs(reach).max())
    multipliers = _dual(unit, reach / size)
    if multipliers is None:
        return None
    active = multipliers > 0.0
    found = (
        linalg.lstsq(unit[active], reach[active])[0] if active.any() else np.zeros(rows.shape[1])
    )
    if (unit @ found >= reach - _FEASIBLE * size).all():
        return np.asarray(found)
    # Rounding has made a row too many active; the multipliers themselves are right then.
    return np.asarray(unit.T @ multipliers * size)


def _dual(unit: FloatArray, reach: FloatArray) -> FloatArray | None:
    """Multipliers u ≥ 0 with the answer ``unitᵀ u``; None where there is no answer."""
    from scipy import optimize

    # An orthonormal basis of the rows: there may be thousands of columns and a few rows.
    triangle = linalg.qr(unit.T, mode="r")[0][: min(unit.shape)]
    stacked = np.vstack([triangle, reach])
    target = np.zeros(len(stacked))
    target[-1] = 1.0
    found, _ = optimize.nnls(stacked, target, maxiter=30 * stacked.shape[1] + 100)
    rest = target - stacked @ found
    if rest[-1] <= _FEASIBLE:
        return None
    return np.asarray(found / rest[-1])


def shortest_within(
    rows: FloatArray,
    bounds: FloatArray,
    others: Rows,
    left: Callable[[FloatArray], FloatArray],
) -> FloatArray | None:
    """The same with many more constraints, known by how much of each is left at a vector.

    ``others(places)`` are rows of them, ``left(z)`` is ``row @ z - bound`` of all.
    """
    taken = np.empty(0, dtype=np.intp)
    for _ in range(_MOST_ROUNDS):
        all_rows, all_bounds = rows, bounds
        if taken.size:
            more = others(taken)
            zero = left(np.zeros(rows.shape[1]))[taken]
            all_rows = np.vstack([rows, more])
            all_bounds = np.concatenate([bounds, -zero])
        found = shortest(all_rows, all_bounds)
        if found is None:
            return None
        slack = left(found)
        violated = np.setdiff1d(np.flatnonzero(slack < -_FEASIBLE), taken)
        if not violated.size:
            return found
        worst = violated[np.argsort(slack[violated])][:_ADDED_AT_ONCE]
        taken = np.concatenate([taken, worst])
    return None
