"""Compiled loops of the engine: blocks of states run beside each other, on plain threads.

Each has a plain twin in :mod:`riskplatform.pricing.units.twins`, which the tests compare.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from riskplatform.pricing.threads import spread, stretches
from riskplatform.pricing.units.default_table import DefaultTable
from riskplatform.pricing.units.layout import FloatArray

IntArray = NDArray[np.int64]
Index = NDArray[np.int32]

# States of a block lie beside each other, so that one load of a weight serves all of them.
BLOCK = 16
# exp(k × ln 2 + r) = 2^k × exp(r): ln 2 in two parts, so that r keeps all its digits.
_PER_LN2 = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_ROUND = 6755399441055744.0
_LARGEST = 708.0
_ROOT_TWO = math.sqrt(2.0)
_DENSITY = 1.0 / math.sqrt(2.0 * math.pi)
# Below this the closed forms of the decay integrals lose digits and nine terms are exact.
_SMALL = 0.1
_TERMS = 10


@njit(inline="always", error_model="numpy")
def _exp_block(logs: FloatArray, bits: IntArray, powers: FloatArray, out: FloatArray) -> None:
    """exp of BLOCK numbers without a call, so that the compiler can run them side by side.

    ``powers`` is ``bits`` read as doubles: a power of two is written as its exponent's bits.
    """
    for j in range(BLOCK):
        x = min(max(logs[j], -_LARGEST), _LARGEST)
        shifted = x * _PER_LN2 + _ROUND
        k = shifted - _ROUND
        r = (x - k * _LN2_HIGH) - k * _LN2_LOW
        # Taylor to the 13th power: |r| < 0.347, so the rest is below 1e-17.
        p = 1.0 + r * (1.0 / 13.0)
        p = 1.0 + r * (1.0 / 12.0) * p
        p = 1.0 + r * (1.0 / 11.0) * p
        p = 1.0 + r * (1.0 / 10.0) * p
        p = 1.0 + r * (1.0 / 9.0) * p
        p = 1.0 + r * (1.0 / 8.0) * p
        p = 1.0 + r * (1.0 / 7.0) * p
        p = 1.0 + r * (1.0 / 6.0) * p
        p = 1.0 + r * (1.0 / 5.0) * p
        p = 1.0 + r * (1.0 / 4.0) * p
        p = 1.0 + r * (1.0 / 3.0) * p
        p = 1.0 + r * (1.0 / 2.0) * p
        out[j] = 1.0 + r * p
        bits[j] = (np.int64(k) + 1023) << 52
    for j in range(BLOCK):
        value = out[j] * powers[j]
        # What is too large or not a number must stay so, and be seen.
        out[j] = value if abs(logs[j]) <= _LARGEST else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def fill_linear(
    states: FloatArray,
    w_first: Index,
    w_place: Index,
    w_value: FloatArray,
    c_first: Index,
    c_place: Index,
    c_value: FloatArray,
    first: int,
    last: int,
    result: FloatArray,
) -> None:
    """coefficients @ exp(weights @ states.T), [row, state], of the states from first to last."""
    nodes = states.shape[1]
    columns, rows = len(w_first) - 1, len(c_first) - 1
    state = np.zeros((nodes, BLOCK))
    worth = np.empty((columns, BLOCK))
    total = np.empty(BLOCK)
    bits = np.empty(BLOCK, np.int64)
    powers = bits.view(np.float64)
    for start in range(first, last, BLOCK):
        width = min(BLOCK, last - start)
        for j in range(width):
            for node in range(nodes):
                state[node, j] = states[start + j, node]
        for column in range(columns):
            total[:] = 0.0
            for at in range(w_first[column], w_first[column + 1]):
                value, place = w_value[at], w_place[at]
                for j in range(BLOCK):
                    total[j] += value * state[place, j]
            _exp_block(total, bits, powers, worth[column])
        for row in range(rows):
            total[:] = 0.0
            for at in range(c_first[row], c_first[row + 1]):
                value, place = c_value[at], c_place[at]
                for j in range(BLOCK):
                    total[j] += value * worth[place, j]
            for j in range(width):
                result[row, start + j] = total[j]


@njit(nogil=True, cache=True, error_model="numpy")
def fill_defaults(
    states: FloatArray,
    first: IntArray,
    flat: FloatArray,
    slope: FloatArray,
    l_first: Index,
    l_place: Index,
    l_value: FloatArray,
    start: int,
    stop: int,
    result: FloatArray,
) -> None:
    """The ISDA integrals of each leg, [leg, state], of the states from start to stop."""
    width = stop - start
    for job in range((len(first) - 1) * width):
        leg, s = job // width, start + job % width
        total = 0.0
        joint, alive = 0.0, 0.0
        for point in range(first[leg], first[leg + 1]):
            next_joint, next_alive = 0.0, 0.0
            for at in range(l_first[2 * point], l_first[2 * point + 1]):
                next_joint += l_value[at] * states[s, l_place[at]]
            for at in range(l_first[2 * point + 1], l_first[2 * point + 2]):
                next_alive += l_value[at] * states[s, l_place[at]]
            if point > first[leg]:
                at_once, later = decay_integrals(joint - next_joint)
                paid = flat[point - 1] * at_once + slope[point - 1] * later
                total += math.exp(joint) * (alive - next_alive) * paid
            joint, alive = next_joint, next_alive
        result[leg, s] = total


@njit(inline="always", error_model="numpy")
def decay_integrals(x: float) -> tuple[float, float]:
    """Integrals over u in [0, 1] of exp(-x u) and of u exp(-x u)."""
    if abs(x) < _SMALL:
        at_once, later, term = 0.0, 0.0, 1.0
        for k in range(_TERMS):
            at_once += term / (k + 1)
            later += term / (k + 2)
            term *= -x / (k + 1)
        return at_once, later
    end = math.exp(-x)
    at_once = (1.0 - end) / x
    return at_once, (at_once - end) / x


@njit(nogil=True, cache=True, error_model="numpy")
def fill_options(
    annuity: FloatArray,
    floating: FloatArray,
    volatility: FloatArray,
    root_time: FloatArray,
    strike: FloatArray,
    sign: FloatArray,
    shift: FloatArray,
    is_normal: NDArray[np.bool_],
    start: int,
    stop: int,
    result: FloatArray,
) -> None:
    """Value, and its derivatives by annuity, floating leg and volatility: [4, option, state].

    A lognormal volatility of a forward at or below zero (shift included) is not a number.
    """
    width = stop - start
    for job in range(annuity.shape[0] * width):
        i, s = job // width, start + job % width
        forward = floating[i, s] / annuity[i, s]
        deviation = max(volatility[i, s], 0.0) * root_time[i]
        if is_normal[i]:
            price, delta, vega = _bachelier(forward, strike[i], deviation, sign[i])
        else:
            price, delta, vega = _black(
                forward + shift[i], strike[i] + shift[i], deviation, sign[i]
            )
        result[0, i, s] = annuity[i, s] * price
        result[1, i, s] = price - forward * delta
        result[2, i, s] = delta
        result[3, i, s] = annuity[i, s] * vega * root_time[i]


@njit(inline="always", error_model="numpy")
def _certain(forward: float, strike: float, sign: float) -> tuple[float, float, float]:
    """Price, delta and vega when nothing is left to chance."""
    gain = sign * (forward - strike)
    return (gain, sign, 0.0) if gain > 0.0 else (0.0 * gain, 0.0, 0.0)


@njit(inline="always", error_model="numpy")
def _bachelier(
    forward: float, strike: float, deviation: float, sign: float
) -> tuple[float, float, float]:
    if not deviation > 0.0:
        return _certain(forward, strike, sign)
    d = sign * (forward - strike) / deviation
    density = _DENSITY * math.exp(-0.5 * d * d)
    chance = 0.5 * math.erfc(-d / _ROOT_TWO)
    return max(deviation * (d * chance + density), 0.0) + 0.0 * d, sign * chance, density


@njit(inline="always", error_model="numpy")
def _black(
    forward: float, strike: float, deviation: float, sign: float
) -> tuple[float, float, float]:
    if not deviation > 0.0:
        return _certain(forward, strike, sign)
    if not forward > 0.0:
        return np.nan, np.nan, np.nan
    if strike <= 0.0:
        return _certain(forward, strike, sign)
    d1 = math.log(forward / strike) / deviation + 0.5 * deviation
    one = 0.5 * math.erfc(-sign * d1 / _ROOT_TWO)
    two = 0.5 * math.erfc(-sign * (d1 - deviation) / _ROOT_TWO)
    price = max(sign * (forward * one - strike * two), 0.0) + 0.0 * d1
    return price, sign * one, forward * _DENSITY * math.exp(-0.5 * d1 * d1)


def linear_values(states: FloatArray, weights: Any, coefficients: Any) -> FloatArray:
    """coefficients @ exp(weights @ states.T): [row, state]."""
    parts = (*csr_parts(weights), *csr_parts(coefficients))
    result = np.empty((coefficients.shape[0], len(states)))
    _by_states(fill_linear, (states, *parts), result)
    return result


def default_values(states: FloatArray, table: DefaultTable) -> FloatArray:
    """The ISDA integrals of each leg: [leg, state]."""
    parts = (table.first, table.flat, table.slope, *csr_parts(table.logs))
    result = np.empty((len(table.first) - 1, len(states)))
    _by_states(fill_defaults, (states, *parts), result)
    return result


def option_values(annuity: FloatArray, *columns: Any) -> FloatArray:
    """Value, and its derivatives by annuity, floating leg and volatility: [4, option, state]."""
    result = np.empty((4, *annuity.shape))
    _by_states(fill_options, (annuity, *columns), result)
    return result


def _by_states(kernel: Callable[..., None], columns: tuple[Any, ...], result: FloatArray) -> None:
    """Fill ``result`` [..., state], stretches of states beside each other."""
    pieces = stretches(result.shape[-1], BLOCK)
    spread(lambda piece: kernel(*columns, *piece, result), pieces)


def csr_parts(matrix: Any) -> tuple[Index, Index, FloatArray]:
    """The three arrays of a sparse matrix, as the kernels take them."""
    return (
        matrix.indptr.astype(np.int32, copy=False),
        matrix.indices.astype(np.int32, copy=False),
        matrix.data,
    )
