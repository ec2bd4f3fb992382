"""The Brownian bridge as a rotation: the first numbers decide where a path ends.

A quasi-random sequence is most even in its first dimensions. The bridge spends those on the end of
the path, then on its middle, then on the quarters. It is an orthogonal matrix: independent normals
go in and independent normals, one per day, come out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from riskplatform.market.content import FloatArray


@lru_cache(maxsize=64)
def bridge_matrix(days: int) -> FloatArray:
    """Rows: days; columns: the order in which the path is decided. Daily normals = matrix @ z."""
    paths = np.zeros((days + 1, days))  # the path at each day, as a combination of the z
    paths[days, 0] = np.sqrt(days)
    known = [0, days]
    for column in range(1, days):
        left, right = _widest(known)
        middle = (left + right) // 2
        share = (middle - left) / (right - left)
        paths[middle] = (1.0 - share) * paths[left] + share * paths[right]
        paths[middle, column] = np.sqrt((middle - left) * (right - middle) / (right - left))
        known = sorted([*known, middle])
    matrix = np.diff(paths, axis=0)
    matrix.flags.writeable = False
    return matrix


def _widest(known: list[int]) -> tuple[int, int]:
    """The first of the widest gaps between days that are decided already."""
    gaps = [(known[i] - known[i + 1], known[i], known[i + 1]) for i in range(len(known) - 1)]
    _, left, right = min(gaps)
    return left, right
