"""Sample moments made exact: the mean and covariance of a block are those that were asked."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.simulation.products import product
from riskplatform.simulation.roots import inverse_lower, lower_root

# With fewer rows than this many times the columns, a whitened sample would lose its shape.
ROWS_PER_COLUMN = 2


def matches_covariance(rows: int, columns: int) -> bool:
    """Whether a block is large enough to match the covariance and not the variances alone."""
    return rows >= ROWS_PER_COLUMN * columns


def matched(normals: FloatArray) -> FloatArray:
    """The sample moved and turned to mean zero and unit covariance (unit variances if small)."""
    rows, columns = normals.shape
    centred = normals - normals.mean(axis=0)
    if not matches_covariance(rows, columns):
        return np.asarray(centred / np.sqrt(np.square(centred).mean(axis=0)), dtype=np.float64)
    covariance = product(centred.T, centred) / rows
    return product(centred, inverse_lower(lower_root(covariance)).T)
