"""Black's formula on the forward, plain (Black 1976) and with shifted forward and strike.

The one formula of all lognormal European options; :mod:`vanilla` puts spot and rates in front.
``discount`` is what multiplies the expected payoff: a discount factor, or the annuity of a
swaption. Without randomness (no time, no volatility, a zero forward, a strike that is not
positive) the price is the discounted intrinsic value, which is the limit of the formula.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.special import cdf, pdf
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

_NOT_FINITE = int(Status.NOT_FINITE)
_BAD_SPOT = int(Status.BAD_SPOT)
_BAD_STRIKE = int(Status.BAD_STRIKE)
_BAD_VOL = int(Status.BAD_VOL)
_BAD_DISCOUNT = int(Status.BAD_DISCOUNT)
_AT_KINK = int(Status.AT_KINK)
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def spot_status(
    spot: float, strike: float, time: float, vol: float, rate: float, carry_yield: float
) -> int:
    """The first thing wrong with a row of a lognormal model on the spot, or 0."""
    if not math.isfinite(spot + strike + time + vol + rate + carry_yield):
        return _NOT_FINITE
    if spot < 0.0:
        return _BAD_SPOT
    if strike < 0.0:
        return _BAD_STRIKE
    return _BAD_VOL if vol < 0.0 else 0


@compiled
def forward_status(forward: float, strike: float, time: float, vol: float, discount: float) -> int:
    """The first thing wrong with a row of a model on the forward, whatever the forward's sign."""
    if not math.isfinite(forward + strike + time + vol + discount):
        return _NOT_FINITE
    if vol < 0.0:
        return _BAD_VOL
    return _BAD_DISCOUNT if discount <= 0.0 else 0


@compiled
def undiscounted(forward: float, strike: float, deviation: float, sign: float) -> float:
    """Expected payoff; ``sign`` is 1 for a call, -1 for a put, ``deviation`` is vol × √time."""
    if not (deviation > 0.0 and forward > 0.0 and strike > 0.0):
        return max(sign * (forward - strike), 0.0) + 0.0
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    value = sign * (forward * cdf(sign * d1) - strike * cdf(sign * (d1 - deviation)))
    # Far out of the money the difference of the two terms may round to just below zero.
    return max(value, 0.0)


@compiled
def greeks_row(
    forward: float, strike: float, time: float, vol: float, sign: float, out: FloatArray
) -> int:
    """Fill ``out`` with the undiscounted price and sensitivities of :class:`ForwardGreeks`."""
    root = math.sqrt(time)
    deviation = vol * root
    out[0] = undiscounted(forward, strike, deviation, sign)
    if not (deviation > 0.0 and forward > 0.0 and strike > 0.0):
        out[1] = sign if sign * (forward - strike) > 0.0 else 0.0
        return _AT_KINK if forward == strike else 0
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    density = pdf(d1)
    out[1] = sign * cdf(sign * d1)
    out[2] = density / (forward * deviation)
    out[3] = forward * density * root
    out[4] = -0.5 * forward * density * vol / root
    out[5] = -density * d2 / vol
    out[6] = out[3] * d1 * d2 / vol
    return 0


@compiled
def _price_kernel(
    forward: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    discount: FloatArray,
    shift: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(forward.size):
        f, k = forward[i] + shift[i], strike[i] + shift[i]
        status[i] = forward_status(f, k, time[i], vol[i], discount[i])
        if status[i] == 0 and f < 0.0:
            status[i] = _BAD_SPOT
        if status[i] != 0:
            continue
        deviation = vol[i] * math.sqrt(max(time[i], 0.0))
        value = discount[i] * undiscounted(f, k, deviation, 1.0 if is_call[i] else -1.0)
        if math.isfinite(value):
            values[0, i] = value
        else:
            status[i] = _OVERFLOW


@compiled
def _greeks_kernel(
    forward: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    discount: FloatArray,
    shift: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(forward.size):
        f, k = forward[i] + shift[i], strike[i] + shift[i]
        status[i] = forward_status(f, k, time[i], vol[i], discount[i])
        if status[i] == 0 and f < 0.0:
            status[i] = _BAD_SPOT
        if status[i] != 0:
            continue
        sign = 1.0 if is_call[i] else -1.0
        status[i] = greeks_row(f, k, max(time[i], 0.0), vol[i], sign, values[:, i])
        status[i] = scale_row(values[:, i], discount[i], status[i])


@compiled
def scale_row(out: FloatArray, discount: float, code: int) -> int:
    """Discount a row; a number that is not finite takes the whole row with it."""
    for j in range(out.size):
        out[j] *= discount
        if not math.isfinite(out[j]):
            out[:] = 0.0
            return _OVERFLOW
    return code


class ForwardGreeks(NamedTuple):
    """Price and sensitivities to the forward, discounted.

    ``delta`` and ``gamma`` per unit of forward, ``vega`` and ``volga`` per 1.00 of volatility,
    ``vanna`` per both, ``theta`` per year of passing time at an unchanged discount. The
    sensitivity to ``discount`` is the price over ``discount``.
    """

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    vanna: FloatArray
    volga: FloatArray
    status: StatusArray


def black_price(
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
    *,
    shift: ArrayLike = 0.0,
    threads: int | None = None,
) -> Priced:
    """Prices; ``shift`` is added to forward and strike, as for rates that may be negative."""
    numbers = (forward, strike, time, vol, discount, shift)
    values, status = run(_price_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)


def black_greeks(
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
    *,
    shift: ArrayLike = 0.0,
    threads: int | None = None,
) -> ForwardGreeks:
    """Prices and sensitivities; without randomness and at the strike, only the price exists."""
    numbers = (forward, strike, time, vol, discount, shift)
    values, status = run(_greeks_kernel, numbers, (is_call,), outputs=7, threads=threads)
    return ForwardGreeks._make([*values, status])
