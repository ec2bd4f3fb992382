"""European single-barrier options, watched continuously, by Reiner and Rubinstein (1991).

As written by Haug, "The Complete Guide to Option Pricing Formulas" (2007), section 4.17: a price
is a sum of the terms A to F. The rebate of a knock-out is paid when it is hit, that of a knock-in
at expiry when it was never hit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from riskplatform.pricing.formulas.arrays import FloatArray
from riskplatform.pricing.formulas.black import black_scholes_merton


def single_barrier(
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
) -> FloatArray:
    """Price while the barrier has not been touched; beyond it, what touching it has made of it."""
    numbers = (spot, strike, barrier, time, vol, rate, carry_yield, rebate)
    *arrays, call, up, out = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in numbers),
        *(np.asarray(x, dtype=np.bool_) for x in (is_call, is_up, is_out)),
    )
    S, K, H, T, v, r, q, R = arrays
    touched = np.where(up, S >= H, S <= H)
    years = np.maximum(T, 0.0)
    alive = ~touched & (years > 0.0) & (v > 0.0)
    safe = [np.where(alive, x, y) for x, y in ((S, 1.0), (H, 0.5), (years, 1.0), (v, 0.2))]
    untouched = _untouched(safe[0], K, safe[1], safe[2], safe[3], r, q, R, call, up, out)
    plain = black_scholes_merton(S, K, T, v, r, q, call)
    # At expiry, or where nothing moves, an untouched knock-out pays and a knock-in does not.
    certain = np.where(out, plain, R * np.exp(-r * years))
    after = np.where(out, R, plain)
    return np.asarray(np.where(touched, after, np.where(alive, untouched, certain)))


def _untouched(
    S: FloatArray, K: FloatArray, H: FloatArray, T: FloatArray, v: FloatArray,
    r: FloatArray, q: FloatArray, R: FloatArray, call: FloatArray, up: FloatArray, out: FloatArray,
) -> FloatArray:  # fmt: skip
    """Haug's sums of the terms, by kind."""
    phi, eta = np.where(call, 1.0, -1.0), np.where(up, -1.0, 1.0)
    b, deviation = r - q, v * np.sqrt(T)
    mu = (b - 0.5 * v * v) / (v * v)
    carried, discount, ratio = S * np.exp(-q * T), np.exp(-r * T), H / S
    shift = (1.0 + mu) * deviation
    x1, x2 = np.log(S / K) / deviation + shift, np.log(S / H) / deviation + shift
    y1, y2 = np.log(H * H / (S * K)) / deviation + shift, np.log(ratio) / deviation + shift

    def direct(x: FloatArray) -> FloatArray:
        return np.asarray(
            phi * carried * ndtr(phi * x) - phi * K * discount * ndtr(phi * (x - deviation))
        )

    def mirrored(y: FloatArray) -> FloatArray:
        image = phi * carried * ratio ** (2.0 * (mu + 1.0)) * ndtr(eta * y)
        paid = phi * K * discount * ratio ** (2.0 * mu) * ndtr(eta * (y - deviation))
        return np.asarray(image - paid)

    A, B, C, D = direct(x1), direct(x2), mirrored(y1), mirrored(y2)
    E = (
        R
        * discount
        * (ndtr(eta * (x2 - deviation)) - ratio ** (2.0 * mu) * ndtr(eta * (y2 - deviation)))
    )
    root = np.sqrt(np.maximum(mu * mu + 2.0 * r / (v * v), 0.0))
    z = np.log(ratio) / deviation + root * deviation
    F = R * (
        ratio ** (mu + root) * ndtr(eta * z)
        + ratio ** (mu - root) * ndtr(eta * (z - 2.0 * root * deviation))
    )
    # With the strike beyond the barrier on the paying side, touching is (or is not) certain.
    beyond = np.where(up, K > H, K < H)
    pays_towards = call == up
    inside = np.where(pays_towards, np.where(beyond, A, B - C + D), np.where(beyond, A - B + D, C))
    return np.asarray(np.where(out, A - inside + F, inside + E))
