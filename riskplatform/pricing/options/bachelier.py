"""Bachelier's formula: the forward is normal, so forward and strike may be negative.

``vol`` is in units of the forward per root of a year (0.01 is 100 basis points for a rate).
``discount`` is what multiplies the expected payoff, see :mod:`black`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.black import ForwardGreeks, forward_status, scale_row
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.special import cdf, pdf
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

_AT_KINK = int(Status.AT_KINK)


@compiled
def undiscounted_normal(forward: float, strike: float, deviation: float, sign: float) -> float:
    """Expected payoff; ``deviation`` is vol × √time."""
    gap = sign * (forward - strike)
    if not deviation > 0.0:
        return max(gap, 0.0) + 0.0
    d = gap / deviation
    return max(gap * cdf(d) + deviation * pdf(d), 0.0)


@compiled
def _greeks_row(
    forward: float, strike: float, time: float, vol: float, sign: float, out: FloatArray
) -> int:
    root = math.sqrt(time)
    deviation = vol * root
    out[0] = undiscounted_normal(forward, strike, deviation, sign)
    if not deviation > 0.0:
        out[1] = sign if sign * (forward - strike) > 0.0 else 0.0
        return _AT_KINK if forward == strike else 0
    d = (forward - strike) / deviation
    density = pdf(d)
    out[1] = sign * cdf(sign * d)
    out[2] = density / deviation
    out[3] = root * density
    out[4] = -0.5 * vol * density / root
    out[5] = -density * d / vol
    out[6] = out[3] * d * d / vol
    return 0


@compiled
def _kernel(
    forward: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    discount: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    only_price = values.shape[0] == 1
    for i in range(forward.size):
        f, k, t = forward[i], strike[i], max(time[i], 0.0)
        status[i] = forward_status(f, k, time[i], vol[i], discount[i])
        if status[i] != 0:
            continue
        sign = 1.0 if is_call[i] else -1.0
        if only_price:
            values[0, i] = undiscounted_normal(f, k, vol[i] * math.sqrt(t), sign)
        else:
            status[i] = _greeks_row(f, k, t, vol[i], sign, values[:, i])
        status[i] = scale_row(values[:, i], discount[i], status[i])


def bachelier_price(
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> Priced:
    """Prices."""
    numbers = (forward, strike, time, vol, discount)
    values, status = run(_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)


def bachelier_greeks(
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> ForwardGreeks:
    """Prices and sensitivities; without randomness and at the strike, only the price exists."""
    numbers = (forward, strike, time, vol, discount)
    values, status = run(_kernel, numbers, (is_call,), outputs=7, threads=threads)
    return ForwardGreeks._make([*values, status])
