"""European single-barrier options, watched continuously, with rebate: Reiner and Rubinstein (1991).

As written by Haug (2007), section 4.17, with image terms in logarithms, so that low volatility does
not overflow. The rebate of a knock-out is paid when it is hit, that of a knock-in at expiry when
it was never hit. On or beyond the barrier the option is what touching has made of it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.black import spot_status
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.special import cdf, scaled_cdf
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray
from riskplatform.pricing.options.touch import certain_touch_time, paid_at_touch, touch_chance
from riskplatform.pricing.options.vanilla import european

# Below this deviation nothing moves.
SMALLEST_DEVIATION = 1e-7
_BAD_STRIKE = int(Status.BAD_STRIKE)
_BAD_BARRIER = int(Status.BAD_BARRIER)
_BAD_REBATE = int(Status.BAD_REBATE)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def _knock_in(
    s: float,
    k: float,
    h: float,
    t: float,
    v: float,
    r: float,
    q: float,
    is_call: bool,
    is_up: bool,
) -> float:
    """A knock-in without rebate while untouched."""
    phi, eta = (1.0 if is_call else -1.0), (-1.0 if is_up else 1.0)
    deviation = v * math.sqrt(t)
    drift = r - q - 0.5 * v * v
    spot_now, strike_now = s * math.exp(-q * t), k * math.exp(-r * t)
    distance = math.log(h / s)
    fold = 2.0 * drift * distance / (v * v)
    centre = drift * t / deviation
    x1, x2 = math.log(s / k) / deviation + centre, -distance / deviation + centre
    y1 = (2.0 * distance + math.log(s / k)) / deviation + centre
    y2 = distance / deviation + centre
    a = spot_now * cdf(phi * (x1 + deviation)) - strike_now * cdf(phi * x1)
    b = spot_now * cdf(phi * (x2 + deviation)) - strike_now * cdf(phi * x2)
    c = spot_now * scaled_cdf(fold + 2.0 * distance, eta * (y1 + deviation))
    c -= strike_now * scaled_cdf(fold, eta * y1)
    d = spot_now * scaled_cdf(fold + 2.0 * distance, eta * (y2 + deviation))
    d -= strike_now * scaled_cdf(fold, eta * y2)
    beyond = k > h if is_up else k < h
    if is_call == is_up:
        return phi * (a if beyond else b - c + d)
    return phi * (a - b + d if beyond else c)


@compiled
def _untouched(
    s: float,
    k: float,
    h: float,
    t: float,
    v: float,
    r: float,
    q: float,
    rebate: float,
    is_call: bool,
    is_up: bool,
    is_out: bool,
) -> float:
    distance, drift = math.log(h / s), r - q - 0.5 * v * v
    plain = european(s, k, t, v, r, q, 1.0 if is_call else -1.0)
    if v * math.sqrt(t) < SMALLEST_DEVIATION:
        moment = certain_touch_time(distance, drift, t)
        if is_out:
            return plain if moment < 0.0 else rebate * math.exp(-r * moment)
        return rebate * math.exp(-r * t) if moment < 0.0 else plain
    inside = min(max(_knock_in(s, k, h, t, v, r, q, is_call, is_up), 0.0), plain)
    if is_out:
        paid = rebate * paid_at_touch(distance, drift, v, r, t) if rebate > 0.0 else 0.0
        return plain - inside + paid
    missed = max(1.0 - touch_chance(distance, drift, v, t), 0.0)
    return inside + rebate * math.exp(-r * t) * missed


@compiled
def _kernel(
    spot: FloatArray,
    strike: FloatArray,
    barrier: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    rebate: FloatArray,
    is_call: NDArray[np.bool_],
    is_up: NDArray[np.bool_],
    is_out: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(spot.size):
        s, k, h, t, v = spot[i], strike[i], barrier[i], max(time[i], 0.0), vol[i]
        r, q, paid = rate[i], carry_yield[i], rebate[i]
        status[i] = spot_status(s, k, time[i] + h + paid, v, r, q)
        if status[i] == 0 and not k > 0.0:
            status[i] = _BAD_STRIKE
        elif status[i] == 0 and not h > 0.0:
            status[i] = _BAD_BARRIER
        elif status[i] == 0 and paid < 0.0:
            status[i] = _BAD_REBATE
        if status[i] != 0:
            continue
        call, up, out = is_call[i], is_up[i], is_out[i]
        if s >= h if up else s <= h:
            value = paid if out else european(s, k, t, v, r, q, 1.0 if call else -1.0)
        elif s == 0.0 or t == 0.0:
            plain = european(s, k, t, v, r, q, 1.0 if call else -1.0)
            value = plain if out else paid * math.exp(-r * t)
        else:
            value = _untouched(s, k, h, t, v, r, q, paid, call, up, out)
        if math.isfinite(value):
            values[0, i] = value
        else:
            status[i] = _OVERFLOW


def barrier_price(
    spot: ArrayLike,
    strike: ArrayLike,
    barrier: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    *,
    is_call: ArrayLike,
    is_up: ArrayLike,
    is_out: ArrayLike,
    rebate: ArrayLike = 0.0,
    threads: int | None = None,
) -> Priced:
    """Prices of options that were not touched before now."""
    numbers = (spot, strike, barrier, time, vol, rate, carry_yield, rebate)
    values, status = run(_kernel, numbers, (is_call, is_up, is_out), threads=threads)
    return Priced(values[0], status)
