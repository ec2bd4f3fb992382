"""Lookback options, watched continuously: floating strike (Goldman, Sosin and Gatto 1979) and
fixed strike (Conze and Viswanathan 1991).

All four stand on one number: what is expected beyond a level, of the maximum above or of the
minimum below it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.black import spot_status
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.special import cdf, pdf, scaled_cdf
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

_SMALLEST_DEVIATION = 1e-7
# Twice the carry over the variance, below which the formula, a difference over it, loses digits.
_NO_CARRY = 2e-3
_BAD_SPOT = int(Status.BAD_SPOT)
_BAD_PARAMETER = int(Status.BAD_PARAMETER)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def _reflected(x: float, k: float, t: float, v: float, sign: float) -> float:
    """The part of the extreme beyond the end, undiscounted, spot 1; ``k`` = 2 carry / variance."""
    deviation = v * math.sqrt(t)
    growth = math.exp(0.5 * k * v * v * t)
    d = (0.5 * k * deviation * deviation - x) / deviation + 0.5 * deviation
    image = scaled_cdf(k * x, sign * (d - k * deviation))
    return (growth * cdf(sign * d) - image) / k


@compiled
def _beyond(x: float, carry: float, t: float, v: float, sign: float) -> float:
    """Expected max - exp(x) above (``sign`` 1), or exp(x) - min below it (-1); spot 1."""
    deviation = v * math.sqrt(t)
    level, growth = math.exp(x), math.exp(carry * t)
    if deviation < _SMALLEST_DEVIATION:
        return max(sign * (growth - level), sign * (1.0 - level), 0.0)
    d = (carry * t - x) / deviation + 0.5 * deviation
    ends = sign * (growth * cdf(sign * d) - level * cdf(sign * (d - deviation)))
    k = 2.0 * carry / (v * v)
    if abs(k) > _NO_CARRY:
        return ends + sign * _reflected(x, k, t, v, sign)
    # A parabola through the limit at no carry and two points where the formula is still good.
    d0 = -x / deviation + 0.5 * deviation
    middle = deviation * (sign * pdf(d0) + d0 * cdf(sign * d0))
    above, below = _reflected(x, _NO_CARRY, t, v, sign), _reflected(x, -_NO_CARRY, t, v, sign)
    u = k / _NO_CARRY
    bend = 0.5 * (above + below) - middle
    return ends + sign * (middle + 0.5 * u * (above - below) + u * u * bend)


@compiled
def _kernel(
    spot: FloatArray,
    strike: FloatArray,
    extreme: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    is_call: NDArray[np.bool_],
    is_floating: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(spot.size):
        s, k, m, t, v = spot[i], strike[i], extreme[i], max(time[i], 0.0), vol[i]
        r, q = rate[i], carry_yield[i]
        # A floating call looks at the minimum as a fixed put does.
        sign = 1.0 if is_call[i] != is_floating[i] else -1.0
        status[i] = spot_status(s, k, time[i] + m, v, r, q)
        if status[i] == 0 and not s > 0.0:
            status[i] = _BAD_SPOT
        elif status[i] == 0 and not (m > 0.0 and sign * (m - s) >= 0.0):
            status[i] = _BAD_PARAMETER
        if status[i] != 0:
            continue
        discount = math.exp(-r * t)
        if is_floating[i]:
            value = discount * s * _beyond(math.log(m / s), r - q, t, v, sign)
            value += sign * (m * discount - s * math.exp(-q * t))
        else:
            level = max(m, k) if sign > 0.0 else min(m, k)
            value = discount * max(sign * (m - k), 0.0)
            if level > 0.0:
                value += discount * s * _beyond(math.log(level / s), r - q, t, v, sign)
        if math.isfinite(value):
            values[0, i] = max(value, 0.0)
        else:
            status[i] = _OVERFLOW


def floating_lookback(
    spot: ArrayLike,
    extreme: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> Priced:
    """Spot less minimum (call) or maximum less spot; ``extreme`` is what has been seen so far."""
    numbers = (spot, 0.0, extreme, time, vol, rate, carry_yield)
    values, status = run(_kernel, numbers, (is_call, True), threads=threads)
    return Priced(values[0], status)


def fixed_lookback(
    spot: ArrayLike,
    strike: ArrayLike,
    extreme: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> Priced:
    """Maximum less strike (call) or strike less minimum; ``extreme`` is the one seen so far."""
    numbers = (spot, strike, extreme, time, vol, rate, carry_yield)
    values, status = run(_kernel, numbers, (is_call, False), threads=threads)
    return Priced(values[0], status)
