"""Digital options: cash-or-nothing, asset-or-nothing, gap, one-touch and no-touch.

Reiner and Rubinstein (1991), as in Haug (2007), sections 4.19. A spot exactly at the strike at
expiry pays a call's half and a put's half, the limit of the formula at the money.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.barrier import SMALLEST_DEVIATION
from riskplatform.pricing.options.black import spot_status
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.special import cdf
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray
from riskplatform.pricing.options.touch import certain_touch_time, paid_at_touch, touch_chance

_BAD_BARRIER = int(Status.BAD_BARRIER)
_BAD_STRIKE = int(Status.BAD_STRIKE)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def _binary_kernel(
    spot: FloatArray,
    trigger: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    units: FloatArray,
    cash: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    """``units`` of the asset and ``cash``, where the spot ends beyond the trigger."""
    for i in range(spot.size):
        s, k, t, v = spot[i], trigger[i], max(time[i], 0.0), vol[i]
        r, q = rate[i], carry_yield[i]
        status[i] = spot_status(s, k, time[i] + units[i] + cash[i], v, r, q)
        if status[i] == 0 and not k > 0.0:
            status[i] = _BAD_STRIKE
        if status[i] != 0:
            continue
        sign = 1.0 if is_call[i] else -1.0
        forward, deviation = s * math.exp((r - q) * t), v * math.sqrt(t)
        if deviation > 0.0 and forward > 0.0:
            d1 = math.log(forward / k) / deviation + 0.5 * deviation
            ends, counted = cdf(sign * (d1 - deviation)), cdf(sign * d1)
        else:
            ends = 0.5 * (1.0 + sign * np.sign(forward - k))
            counted = ends
        value = math.exp(-r * t) * (units[i] * forward * counted + cash[i] * ends)
        if math.isfinite(value):
            values[0, i] = value
        else:
            status[i] = _OVERFLOW


@compiled
def _touch_value(
    distance: float, drift: float, v: float, r: float, t: float, at_hit: bool, is_no_touch: bool
) -> float:
    """One unit for touching, at the hit or at expiry, or for not touching."""
    if v * math.sqrt(t) < SMALLEST_DEVIATION:
        moment = certain_touch_time(distance, drift, t)
        if (moment < 0.0) != is_no_touch:
            return 0.0
        return math.exp(-r * (moment if at_hit and not is_no_touch else t))
    if at_hit and not is_no_touch:
        return paid_at_touch(distance, drift, v, r, t)
    chance = min(touch_chance(distance, drift, v, t), 1.0)
    return math.exp(-r * t) * (1.0 - chance if is_no_touch else chance)


@compiled
def _touch_kernel(
    spot: FloatArray,
    barrier: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    cash: FloatArray,
    is_up: NDArray[np.bool_],
    at_hit: NDArray[np.bool_],
    is_no_touch: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(spot.size):
        s, h, t, v = spot[i], barrier[i], max(time[i], 0.0), vol[i]
        r, q = rate[i], carry_yield[i]
        status[i] = spot_status(s, 1.0, time[i] + h + cash[i], v, r, q)
        if status[i] == 0 and not h > 0.0:
            status[i] = _BAD_BARRIER
        if status[i] != 0:
            continue
        if s >= h if is_up[i] else s <= h:
            value = 0.0 if is_no_touch[i] else (1.0 if at_hit[i] else math.exp(-r * t))
        elif s == 0.0 or t == 0.0:
            value = math.exp(-r * t) if is_no_touch[i] else 0.0
        else:
            drift = r - q - 0.5 * v * v
            value = _touch_value(math.log(h / s), drift, v, r, t, at_hit[i], is_no_touch[i])
        if math.isfinite(cash[i] * value):
            values[0, i] = cash[i] * value
        else:
            status[i] = _OVERFLOW


def cash_or_nothing(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    cash: ArrayLike = 1.0,
    threads: int | None = None,
) -> Priced:
    """``cash`` at expiry where a plain option would be exercised."""
    numbers = (spot, strike, time, vol, rate, carry_yield, 0.0, cash)
    values, status = run(_binary_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)


def asset_or_nothing(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> Priced:
    """One unit of the asset at expiry where a plain option would be exercised."""
    numbers = (spot, strike, time, vol, rate, carry_yield, 1.0, 0.0)
    values, status = run(_binary_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)


def gap_option(
    spot: ArrayLike,
    trigger: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> Priced:
    """Spot less ``strike`` (a put: the reverse) where the spot ends beyond ``trigger``."""
    sign = np.where(np.asarray(is_call, dtype=np.bool_), 1.0, -1.0)
    cash = -sign * np.asarray(strike, dtype=np.float64)
    numbers = (spot, trigger, time, vol, rate, carry_yield, sign, cash)
    values, status = run(_binary_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)


def one_touch(
    spot: ArrayLike,
    barrier: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    *,
    is_up: ArrayLike,
    cash: ArrayLike = 1.0,
    at_hit: ArrayLike = True,
    threads: int | None = None,
) -> Priced:
    """``cash`` when the barrier is touched, paid then or (not ``at_hit``) at expiry."""
    numbers = (spot, barrier, time, vol, rate, carry_yield, cash)
    values, status = run(_touch_kernel, numbers, (is_up, at_hit, False), threads=threads)
    return Priced(values[0], status)


def no_touch(
    spot: ArrayLike,
    barrier: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    *,
    is_up: ArrayLike,
    cash: ArrayLike = 1.0,
    threads: int | None = None,
) -> Priced:
    """``cash`` at expiry when the barrier was never touched."""
    numbers = (spot, barrier, time, vol, rate, carry_yield, cash)
    values, status = run(_touch_kernel, numbers, (is_up, False, True), threads=threads)
    return Priced(values[0], status)
