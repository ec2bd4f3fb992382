"""The conditions of Karush, Kuhn and Tucker, written without the package's own form or multipliers.

At the best weights the slope of what is made least is a sum of the normals of the constraints that
are tight, with weights that are not negative: those weights are found here by least squares.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import optimize

from riskplatform.market.content import FloatArray

Row = tuple[FloatArray, float]


def miss(
    weights: FloatArray,
    slope: FloatArray,
    at_most: Sequence[Row] = (),
    equal: Sequence[Row] = (),
    low: float | FloatArray = 0.0,
    high: float | FloatArray = np.inf,
    tight: float = 1e-6,
) -> float:
    """How far from optimal, relative to the slope; infinite where a constraint is broken."""
    count = len(weights)
    normals: list[FloatArray] = []
    for row, bound in at_most:
        left = bound - float(row @ weights)
        if left < -tight:
            return float("inf")
        if left <= tight:
            normals.append(row)
    for row, bound in equal:
        if abs(float(row @ weights) - bound) > tight:
            return float("inf")
        normals += [row, -row]
    identity = np.eye(count)
    lows, highs = np.broadcast_to(low, count), np.broadcast_to(high, count)
    if (weights < lows - tight).any() or (weights > highs + tight).any():
        return float("inf")
    normals += [-identity[i] for i in np.flatnonzero(weights <= lows + tight)]
    normals += [identity[i] for i in np.flatnonzero(weights >= highs - tight)]
    size = float(np.abs(slope).max())
    if not normals:
        return float(np.abs(slope).max()) / max(size, 1e-300)
    table = np.array([row / max(np.abs(row).max(), 1e-300) for row in normals]).T
    left = optimize.nnls(table, -slope / size)[1]
    return float(left)
