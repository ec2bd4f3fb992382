"""Geometric Asian options, averaged continuously or at equally spaced fixings.

The geometric average of a lognormal spot is lognormal, so Black's formula is exact (Kemna and
Vorst 1990; discrete: Turnbull and Wakeman 1991, Clewlow and Strickland 1998).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.black import spot_status, undiscounted
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

_BAD_SPOT = int(Status.BAD_SPOT)
_BAD_PARAMETER = int(Status.BAD_PARAMETER)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def _kernel(
    spot: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    fixings: FloatArray,
    past_share: FloatArray,
    past_average: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    """No fixings mean that all time is averaged."""
    for i in range(spot.size):
        s, k, t, v = spot[i], strike[i], max(time[i], 0.0), vol[i]
        n, past, average = fixings[i], past_share[i], past_average[i]
        status[i] = spot_status(s, k, time[i] + n + past + average, v, rate[i], carry_yield[i])
        if status[i] == 0 and not s > 0.0:
            status[i] = _BAD_SPOT
        elif status[i] == 0 and not (n >= 0.0 and 0.0 <= past <= 1.0 and average > 0.0):
            status[i] = _BAD_PARAMETER
        if status[i] != 0:
            continue
        # Mean time of the average, and its variance over that of log-spot at one year.
        centre, spread = 0.5 * t, t / 3.0
        if n > 0.0:
            centre = t * (n + 1.0) / (2.0 * n)
            spread = t * (n + 1.0) * (2.0 * n + 1.0) / (6.0 * n * n)
        left = 1.0 - past
        drift = (rate[i] - carry_yield[i] - 0.5 * v * v) * centre
        deviation = left * v * math.sqrt(spread)
        mean = past * math.log(average) + left * (math.log(s) + drift)
        forward = math.exp(mean + 0.5 * deviation * deviation)
        value = undiscounted(forward, k, deviation, 1.0 if is_call[i] else -1.0)
        value *= math.exp(-rate[i] * t)
        if math.isfinite(value):
            values[0, i] = value
        else:
            status[i] = _OVERFLOW


def geometric_asian(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    fixings: ArrayLike = 0,
    past_share: ArrayLike = 0.0,
    past_average: ArrayLike = 1.0,
    threads: int | None = None,
) -> Priced:
    """Prices; ``fixings`` still to come, the last at expiry, or 0 for continuous averaging.

    ``past_share`` of the whole average is known already and has the geometric average
    ``past_average``.
    """
    numbers = (spot, strike, time, vol, rate, carry_yield, fixings, past_share, past_average)
    values, status = run(_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)
