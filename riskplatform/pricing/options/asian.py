"""Geometric Asian options, averaged continuously, at equally spaced fixings or on any days.

The geometric average of a lognormal spot is lognormal, so Black's formula is exact (Kemna and
Vorst 1990; discrete: Turnbull and Wakeman 1991, Clewlow and Strickland 1998).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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
    mean_time: FloatArray,
    shared_time: FloatArray,
    past_share: FloatArray,
    past_average: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    """``shared_time``: the variance of the average of the fixings over that of one year."""
    for i in range(spot.size):
        s, k, t, v = spot[i], strike[i], max(time[i], 0.0), vol[i]
        centre, spread, past, average = mean_time[i], shared_time[i], past_share[i], past_average[i]
        told = time[i] + centre + spread + past + average
        status[i] = spot_status(s, k, told, v, rate[i], carry_yield[i])
        if status[i] == 0 and not s > 0.0:
            status[i] = _BAD_SPOT
        elif status[i] == 0 and not (spread >= 0.0 and 0.0 <= past <= 1.0 and average > 0.0):
            status[i] = _BAD_PARAMETER
        if status[i] != 0:
            continue
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
    t, n = np.maximum(np.asarray(time, np.float64), 0.0), np.asarray(fixings, np.float64)
    count = np.maximum(n, 1.0)
    centre = np.where(n > 0.0, t * (count + 1.0) / (2.0 * count), 0.5 * t)
    spread = t * (count + 1.0) * (2.0 * count + 1.0) / (6.0 * count * count)
    # A negative number of fixings becomes a negative variance, which the kernel refuses.
    spread = np.where(n > 0.0, spread, np.where(n < 0.0, -1.0, t / 3.0))
    return geometric_average(
        spot, strike, time, vol, rate, carry_yield, is_call, mean_time=centre, shared_time=spread,
        past_share=past_share, past_average=past_average, threads=threads,
    )  # fmt: skip


def geometric_average(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    mean_time: ArrayLike,
    shared_time: ArrayLike,
    past_share: ArrayLike = 0.0,
    past_average: ArrayLike = 1.0,
    threads: int | None = None,
) -> Priced:
    """Prices for fixings on any days, described by :func:`fixing_moments`; paid at ``time``.

    ``past_share`` of the whole average is known already and has the geometric average
    ``past_average``.
    """
    market = (spot, strike, time, vol, rate, carry_yield)
    average = (mean_time, shared_time, past_share, past_average)
    values, status = run(_kernel, (*market, *average), (is_call,), threads=threads)
    return Priced(values[0], status)


def fixing_moments(times: Sequence[float]) -> tuple[float, float]:
    """Mean time of fixings, and the mean over all pairs of the time that both have seen."""
    later = np.sort(np.asarray(times, dtype=np.float64))
    if later.size == 0:
        return 0.0, 0.0
    # The k-th smallest is the lesser of 2 (n - k) + 1 ordered pairs, counted from k = 1.
    pairs = 2.0 * np.arange(later.size, 0, -1) - 1.0
    return float(later.mean()), float(pairs @ later / later.size**2)
