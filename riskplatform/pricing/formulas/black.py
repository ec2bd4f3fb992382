"""European options: Black's formula and its three faces.

Black (1976) on the forward is the one formula; Black-Scholes-Merton and Garman-Kohlhagen only
name the forward. At expiry, without volatility or with a zero strike the price is the discounted
intrinsic value, which is the limit of the formula. All arguments broadcast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from riskplatform.pricing.formulas.arrays import FloatArray

# Below it the price is the intrinsic value to the last digit.
_SMALLEST_DEVIATION = 1e-14


def black(
    forward: ArrayLike,
    strike: ArrayLike,
    deviation: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
) -> FloatArray:
    """Price from the forward; ``deviation`` is volatility times the root of time."""
    F, K, s, df, call = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (forward, strike, deviation, discount)),
        np.asarray(is_call, dtype=np.bool_),
    )
    sign = np.where(call, 1.0, -1.0)
    is_random = (s > _SMALLEST_DEVIATION) & (F > 0.0) & (K > 0.0)
    safe_s = np.where(is_random, s, 1.0)
    safe_ratio = np.where(is_random, F, 1.0) / np.where(is_random, K, 1.0)
    d1 = np.log(safe_ratio) / safe_s + 0.5 * safe_s
    d2 = d1 - safe_s
    random = sign * (F * ndtr(sign * d1) - K * ndtr(sign * d2))
    certain = np.maximum(sign * (F - K), 0.0)
    # Far out of the money the difference of the two terms may round to just below zero.
    return np.asarray(df * np.where(is_random, np.maximum(random, 0.0), certain))


def black_76(
    future: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    is_call: ArrayLike,
) -> FloatArray:
    """Option on a future, the premium paid up front."""
    years = _elapsing(time)
    return black(future, strike, _deviation(vol, years), _discount(rate, years), is_call)


def black_scholes_merton(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
) -> FloatArray:
    """Option on a share or index that yields ``carry_yield``, both rates continuous."""
    years = _elapsing(time)
    growth = np.exp((np.asarray(rate) - np.asarray(carry_yield)) * years)
    forward = np.asarray(spot, dtype=np.float64) * growth
    return black(forward, strike, _deviation(vol, years), _discount(rate, years), is_call)


def garman_kohlhagen(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    domestic_rate: ArrayLike,
    foreign_rate: ArrayLike,
    is_call: ArrayLike,
) -> FloatArray:
    """Option to buy (sell) one unit of the foreign currency, priced in the domestic one."""
    return black_scholes_merton(spot, strike, time, vol, domestic_rate, foreign_rate, is_call)


def _elapsing(time: ArrayLike) -> FloatArray:
    """Time that is still to run; an expired option has none."""
    return np.maximum(np.asarray(time, dtype=np.float64), 0.0)


def _deviation(vol: ArrayLike, years: FloatArray) -> FloatArray:
    return np.asarray(np.asarray(vol, dtype=np.float64) * np.sqrt(years))


def _discount(rate: ArrayLike, years: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-np.asarray(rate, dtype=np.float64) * years))
