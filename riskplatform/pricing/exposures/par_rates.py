"""From zero rates to par rates: each node quotes an annual swap, up to a year a deposit.

A curve that was loaded as zero rates names no quotes, so every curve is taken to be quoted at its
own nodes on itself. The Jacobian of those par rates is inverted, as a bootstrap does.
"""

from __future__ import annotations

import numpy as np

from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import FloatArray


def par_rates(curve: Curve) -> FloatArray:
    """The par rate of each node."""
    return np.array([_par(curve, float(end))[0] for end in curve.times])


def par_jacobian(curve: Curve) -> FloatArray:
    """Par rates by zero rates: [node quoted, node moved]."""
    return np.stack([_par(curve, float(end))[1] for end in curve.times])


def by_par_rates(by_zero: FloatArray, curve: Curve) -> FloatArray:
    """A gradient [unit, node] by zero rates as one by par rates."""
    return np.asarray(np.linalg.solve(par_jacobian(curve).T, by_zero.T).T)


def _par(curve: Curve, end: float) -> tuple[float, FloatArray]:
    """The rate of a swap from today to ``end``, paid yearly back from it, and its derivative."""
    count = int(np.ceil(end - 1e-9))
    times = end - np.arange(count)[::-1]
    accruals = np.diff(times, prepend=0.0)
    discounts = curve.discount(times)
    moves = discounts[:, None] * curve.node_jacobian(times)
    annuity = float(accruals @ discounts)
    rate = (1.0 - float(discounts[-1])) / annuity
    return rate, (-moves[-1] - rate * (accruals @ moves)) / annuity
