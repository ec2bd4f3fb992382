"""European options on a spot: Black-Scholes-Merton, Garman-Kohlhagen and Black-76.

The forward is spot × exp((rate - carry_yield) × time), the discount exp(-rate × time), the rest is
Black's formula. For a currency ``carry_yield`` is the foreign rate; for a future it equals
``rate`` (and :func:`future_greeks` moves both together). An expired option is worth its intrinsic
value.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.black import (
    greeks_row,
    scale_row,
    spot_status,
    undiscounted,
)
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

_OVERFLOW = int(Status.OVERFLOW)


@compiled
def european(
    spot: float,
    strike: float,
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    sign: float,
) -> float:
    """The price of one option; ``sign`` is 1 for a call and -1 for a put."""
    t = max(time, 0.0)
    forward = spot * math.exp((rate - carry_yield) * t)
    return math.exp(-rate * t) * undiscounted(forward, strike, vol * math.sqrt(t), sign)


@compiled
def _price_kernel(
    spot: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(spot.size):
        s, k, t, v, r, q = spot[i], strike[i], time[i], vol[i], rate[i], carry_yield[i]
        status[i] = spot_status(s, k, t, v, r, q)
        if status[i] != 0:
            continue
        value = european(s, k, t, v, r, q, 1.0 if is_call[i] else -1.0)
        if math.isfinite(value):
            values[0, i] = value
        else:
            status[i] = _OVERFLOW


@compiled
def _greeks_kernel(
    spot: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(spot.size):
        s, k, v, r, q = spot[i], strike[i], vol[i], rate[i], carry_yield[i]
        status[i] = spot_status(s, k, time[i], v, r, q)
        if status[i] != 0:
            continue
        t = max(time[i], 0.0)
        growth = math.exp((r - q) * t)
        out = values[:, i]
        code = greeks_row(s * growth, k, t, v, 1.0 if is_call[i] else -1.0, out)
        code = scale_row(out, math.exp(-r * t), code)
        price, carried, vanna, volga = out[0], s * growth * out[1], out[5], out[6]
        out[1] *= growth
        out[2] *= growth * growth
        # The forward's theta, the forward's own drift, and the roll of the discount.
        out[4] += r * price - (r - q) * carried
        out[5] = t * (carried - price)
        out[6] = -t * carried
        out[7] = vanna * growth
        out[8] = volga
        status[i] = scale_row(out, 1.0, code)


class SpotGreeks(NamedTuple):
    """Price and sensitivities.

    ``delta``, ``gamma``: per unit of spot; ``vega``, ``volga``: per 1.00 of volatility; ``theta``:
    per year of passing time (a day is 1/365 of it); ``rho``, ``dividend_rho``: per 1.00 of the
    rate and of the yield; ``vanna``: per unit of spot and 1.00 of volatility.
    """

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    rho: FloatArray
    dividend_rho: FloatArray
    vanna: FloatArray
    volga: FloatArray
    status: StatusArray


def vanilla_price(
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
    """Prices; times in years, rates continuously compounded."""
    numbers = (spot, strike, time, vol, rate, carry_yield)
    values, status = run(_price_kernel, numbers, (is_call,), threads=threads)
    return Priced(values[0], status)


def vanilla_greeks(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> SpotGreeks:
    """Prices and sensitivities; without randomness and at the strike, only the price exists."""
    numbers = (spot, strike, time, vol, rate, carry_yield)
    values, status = run(_greeks_kernel, numbers, (is_call,), outputs=9, threads=threads)
    return SpotGreeks._make([*values, status])


def future_greeks(
    future: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> SpotGreeks:
    """Black-76: the future stays where it is when the rate moves; it has no dividend rho."""
    found = vanilla_greeks(future, strike, time, vol, rate, rate, is_call, threads=threads)
    return found._replace(
        rho=found.rho + found.dividend_rho, dividend_rho=np.zeros_like(found.dividend_rho)
    )
