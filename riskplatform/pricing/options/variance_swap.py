"""The fair variance of a variance swap, replicated by a strip of options.

Demeterfi, Derman, Kamal and Zou (1999), "More than you ever wanted to know about volatility swaps":
the log payoff is followed by straight lines between the strikes, puts up to the boundary and calls
from it; the lines' slopes are the weights. Rows are swaps, columns strikes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.pricing.options.black import spot_status
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray
from riskplatform.pricing.options.vanilla import european

_NOT_FINITE = int(Status.NOT_FINITE)
_BAD_STRIKE = int(Status.BAD_STRIKE)
_BAD_PARAMETER = int(Status.BAD_PARAMETER)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def _wing(
    strikes: FloatArray,
    vols: FloatArray,
    start: int,
    direction: int,
    spot: float,
    time: float,
    rate: float,
    carry_yield: float,
) -> float:
    """The value of one side of the strip, from the boundary strike outwards; over 2 / time."""
    boundary = strikes[start]
    total, slope = 0.0, 0.0
    j = start
    while 0 <= j + direction < strikes.size:
        k, beyond = strikes[j], strikes[j + direction]
        # The log payoff at the two strikes; the line between them has this slope.
        here = (k - boundary) / boundary - math.log(k / boundary)
        there = (beyond - boundary) / boundary - math.log(beyond / boundary)
        steeper = (there - here) / abs(beyond - k)
        option = european(spot, k, time, vols[j], rate, carry_yield, float(direction))
        total += (steeper - slope) * option
        slope = steeper
        j += direction
    return total


@compiled
def _kernel(
    spot: FloatArray,
    time: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    strikes: FloatArray,
    vols: FloatArray,
    boundary: FloatArray,
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(spot.size):
        s, t, r, q = spot[i], time[i], rate[i], carry_yield[i]
        status[i] = spot_status(s, boundary[i], t, 0.0, r, q)
        start = -1
        for j in range(strikes.shape[1]):
            if not math.isfinite(strikes[i, j] + vols[i, j]):
                status[i] = _NOT_FINITE
            elif strikes[i, j] <= 0.0 or (j > 0 and strikes[i, j] <= strikes[i, j - 1]):
                status[i] = _BAD_STRIKE
            elif vols[i, j] < 0.0:
                status[i] = _BAD_PARAMETER
            elif strikes[i, j] == boundary[i]:
                start = j
        if status[i] == 0 and (start < 0 or not (t > 0.0 and s > 0.0)):
            status[i] = _BAD_PARAMETER
        if status[i] != 0:
            continue
        puts = _wing(strikes[i], vols[i], start, -1, s, t, r, q)
        calls = _wing(strikes[i], vols[i], start, 1, s, t, r, q)
        growth = s * math.exp((r - q) * t) / boundary[i]
        drift = (r - q) * t - (growth - 1.0) - math.log(boundary[i] / s)
        value = 2.0 / t * (drift + math.exp(r * t) * (puts + calls))
        if math.isfinite(value):
            values[i] = value
        else:
            status[i] = _OVERFLOW


def fair_variance(
    spot: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    strikes: ArrayLike,
    vols: ArrayLike,
    boundary: ArrayLike,
) -> Priced:
    """[swap]: yearly variances; ``strikes`` rise along the last axis and hold ``boundary``.

    The outermost strike on each side only ends the last line; nothing is bought there.
    """
    grid = np.broadcast_arrays(
        *(np.atleast_2d(np.asarray(x, dtype=np.float64)) for x in (strikes, vols))
    )
    columns = np.broadcast_arrays(
        np.empty(grid[0].shape[0]),
        *(np.asarray(x, dtype=np.float64) for x in (spot, time, rate, carry_yield, boundary)),
    )[1:]
    s, t, r, q, edge = (np.array(column, order="C") for column in columns)
    levels, smiles = (np.array(np.broadcast_to(g, (s.size, g.shape[1]))) for g in grid)
    values, status = np.zeros(s.size), np.zeros(s.size, dtype=np.int8)
    _kernel(s, t, r, q, levels, smiles, edge, values, status)
    return Priced(values, status)
