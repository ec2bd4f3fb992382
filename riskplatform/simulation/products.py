"""Matrix products whose bits do not depend on the number of threads.

A BLAS splits its work by the number of threads it has, and with the split the order of the sums
changes: the last bits of a product then differ between one core and eight. These loops add in
one order always, and are still fast enough: 10,000 × 200 by 200 × 200 takes under 0.1 s.
"""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray


def product(left: FloatArray, right: FloatArray) -> FloatArray:
    """``left @ right`` for two matrices, the same bits everywhere."""
    # Here and not above: the compiler takes a third of a second to import.
    from riskplatform.simulation.matrix_kernels import add_product

    out = np.zeros((left.shape[0], right.shape[1]))
    add_product(np.ascontiguousarray(left), np.ascontiguousarray(right), out)
    return out


def covariance_of(moves: FloatArray) -> FloatArray:
    """The sample covariance of columns (divisor: days less one)."""
    centred = moves - moves.mean(axis=0)
    return np.asarray(product(centred.T, centred) / (moves.shape[0] - 1), dtype=np.float64)


def correlation_from(covariance: FloatArray) -> FloatArray:
    """The correlation of a covariance; a factor without variance has correlation 0 with all."""
    deviation = np.sqrt(np.diagonal(covariance))
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0.0)
    correlation = np.clip(covariance * scale[:, None] * scale, -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation, dtype=np.float64)
