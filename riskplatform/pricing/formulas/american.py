"""American options on a Leisen-Reimer lattice, many contracts at once.

Leisen and Reimer (1996), "Binomial models for option valuation - examining and improving
convergence", Applied Mathematical Finance 3: the tree is centred on the strike by the
Peizer-Pratt inversion, so that its error does not oscillate with the number of steps. The measured
error is in tests/pricing/formulas/test_american.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.pricing.formulas.arrays import BoolArray, FloatArray

DEFAULT_STEPS = 101
_AT_ONCE = 256  # contracts whose lattices fit into the processor's cache together
# Below this deviation the tree's factors are one to the last digit.
_SMALLEST_DEVIATION = 1e-6


def leisen_reimer(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    steps: int = DEFAULT_STEPS,
) -> FloatArray:
    """Prices of American options; ``carry_yield`` equals ``rate`` for an option on a future.

    Expired options and those without volatility are worth what can be had by exercising now or,
    without volatility, at expiry. ``steps`` is odd, so that the strike lies between two nodes.
    """
    if steps % 2 == 0:
        raise UserInputError(
            f"A Leisen-Reimer lattice of {steps} steps was asked.", hint="Give an odd number."
        )
    arrays = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (spot, strike, time, vol, rate, carry_yield)),
        np.asarray(is_call, dtype=np.bool_),
    )
    shape = arrays[0].shape
    columns = [np.ravel(array) for array in arrays]
    S, K, T, v, r, q, call = columns
    sign = np.where(call, 1.0, -1.0)
    years = np.maximum(T, 0.0)
    price = _certain(S, K, years, r, q, sign)
    random = np.flatnonzero(v * np.sqrt(years) > _SMALLEST_DEVIATION)
    for start in range(0, random.size, _AT_ONCE):
        some = random[start : start + _AT_ONCE]
        price[some] = _lattice(
            S[some], K[some], T[some], v[some], r[some], q[some], sign[some], steps
        )
    return price.reshape(shape)


def _certain(
    S: FloatArray, K: FloatArray, T: FloatArray, r: FloatArray, q: FloatArray, sign: FloatArray
) -> FloatArray:
    """Without volatility: exercised now or at expiry, whichever is worth more."""
    at_expiry = sign * (S * np.exp(-q * T) - K * np.exp(-r * T))
    return np.asarray(np.maximum(np.maximum(sign * (S - K), at_expiry), 0.0))


def _lattice(
    S: FloatArray,
    K: FloatArray,
    T: FloatArray,
    v: FloatArray,
    r: FloatArray,
    q: FloatArray,
    sign: FloatArray,
    steps: int,
) -> FloatArray:
    dt = T / steps
    deviation = v * np.sqrt(T)
    d2 = (np.log(S / K) + (r - q) * T) / deviation - 0.5 * deviation
    up_chance = _peizer_pratt(d2, steps)
    growth = np.exp((r - q) * dt)
    up = growth * _peizer_pratt(d2 + deviation, steps) / up_chance
    down = (growth - up_chance * up) / (1.0 - up_chance)
    discount = np.exp(-r * dt)
    weight_up, weight_down = (discount * up_chance), (discount * (1.0 - up_chance))
    # Nodes run along the first axis, so that each step works on whole rows of contracts.
    node = np.arange(steps + 1)[:, np.newaxis]
    level = S * up**node * down ** (steps - node)
    exercised = sign * (level - K)
    value = np.maximum(exercised, 0.0)
    for step in range(steps, 0, -1):
        # A node of the step before: the price one down move less.
        level = level[:step] / down
        value = weight_up * value[1:] + weight_down * value[:-1]
        np.maximum(value, sign * (level - K), out=value)
    return np.asarray(value[0])


def _peizer_pratt(z: FloatArray, steps: int) -> FloatArray:
    """The binomial probability whose ``steps`` draws are centred like N(z)."""
    scaled = z / (steps + 1.0 / 3.0 + 0.1 / (steps + 1.0))
    spread = np.sqrt(0.25 - 0.25 * np.exp(-(scaled**2) * (steps + 1.0 / 6.0)))
    is_up: BoolArray = z >= 0.0
    # A chance of exactly 0 or 1 would divide by zero; one in 1e15 prices the same.
    return np.asarray(np.clip(np.where(is_up, 0.5 + spread, 0.5 - spread), 1e-15, 1.0 - 1e-15))
