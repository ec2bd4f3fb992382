"""The two recursions in time that the market is made of, for many series at once."""

from __future__ import annotations

import numpy as np

from riskplatform.market.synthetic.streams import FloatArray

# A relative variance beyond this has no likeness in markets; heavy tails would else reach it.
LARGEST_VARIANCE = 9.0


def gjr_variance(
    shocks: FloatArray, alpha: FloatArray, gamma: FloatArray, beta: FloatArray
) -> FloatArray:
    """Relative variance by GJR-GARCH(1,1) with mean one: row t belongs to shock t.

    One row more than ``shocks`` comes back: the last is the variance of the day after. ``gamma``
    is the extra weight of negative shocks, the leverage effect.
    """
    days, width = shocks.shape
    variance = np.empty((days + 1, width), dtype=np.float64)
    variance[0] = 1.0
    news = (alpha + gamma * (shocks < 0.0)) * shocks * shocks + beta
    floor = 1.0 - alpha - 0.5 * gamma - beta
    for day in range(days):
        np.multiply(news[day], variance[day], out=variance[day + 1])
        variance[day + 1] += floor
        np.minimum(variance[day + 1], LARGEST_VARIANCE, out=variance[day + 1])
    return variance


def accumulate(shocks: FloatArray, keep: FloatArray) -> FloatArray:
    """y(t) = keep(t) · y(t-1) + shock(t), from y = 0: a walk pulled back to zero."""
    result = np.empty_like(shocks)
    carried = np.zeros(shocks.shape[1], dtype=np.float64)
    for day in range(shocks.shape[0]):
        carried = keep[day] * carried + shocks[day]
        result[day] = carried
    return result


def smooth(values: FloatArray, weight: float) -> FloatArray:
    """Exponential average along days, started at the first row."""
    result = np.empty_like(values)
    state = values[0].copy()
    for day in range(values.shape[0]):
        state += weight * (values[day] - state)
        result[day] = state
    return result
