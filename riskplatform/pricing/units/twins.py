"""The kernels once more in plain NumPy and SciPy: slower, shorter, to compare with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtr

from riskplatform.pricing.units.default_table import DefaultTable
from riskplatform.pricing.units.layout import FloatArray

_SMALL = 0.1
_TERMS = 10


def linear_values(
    states: FloatArray, weights: sparse.csr_matrix, coefficients: sparse.csr_matrix
) -> FloatArray:
    """coefficients @ exp(weights @ states.T): [row, state]."""
    return np.asarray(coefficients @ np.exp(weights @ states.T))


def default_values(states: FloatArray, table: DefaultTable) -> FloatArray:
    """The ISDA integrals of each leg: [leg, state]."""
    logs = table.logs @ states.T
    joint, alive = logs[0::2], logs[1::2]
    at_once, later, _ = decay_integrals(joint[:-1] - joint[1:])
    paid = table.flat[:-1, None] * at_once + table.slope[:-1, None] * later
    each = np.exp(joint[:-1]) * (alive[:-1] - alive[1:]) * paid
    legs = [
        each[start : stop - 1].sum(axis=0)
        for start, stop in zip(table.first[:-1], table.first[1:], strict=True)
    ]
    return np.array(legs).reshape(len(legs), states.shape[0])


def decay_integrals(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Integrals over u in [0, 1] of exp(-x u) times 1, u and u squared."""
    small = np.abs(x) < _SMALL
    near = np.where(small, x, 0.0)
    series = [np.zeros_like(x) for _ in range(3)]
    term = np.ones_like(x)
    for k in range(_TERMS):
        for power in range(3):
            series[power] += term / (k + 1 + power)
        term = term * -near / (k + 1)
    far = np.where(small, 1.0, x)
    end = np.exp(-far)
    first = (1.0 - end) / far
    second = (first - end) / far
    closed = (first, second, (2.0 * second - end) / far)
    one, two, three = (np.where(small, s, c) for s, c in zip(series, closed, strict=True))
    return one, two, three


def option_values(
    annuity: FloatArray,
    floating: FloatArray,
    volatility: FloatArray,
    root_time: FloatArray,
    strike: FloatArray,
    sign: FloatArray,
    shift: FloatArray,
    is_normal: NDArray[np.bool_],
) -> FloatArray:
    """Value and derivatives by annuity, floating leg and volatility: [4, option, state]."""
    with np.errstate(all="ignore"):
        forward = floating / annuity
        deviation = np.maximum(volatility, 0.0) * root_time[:, None]
        moved, level = forward + shift[:, None], (strike + shift)[:, None]
        side = sign[:, None]
        gain = side * (moved - level)
        d = gain / deviation
        density = np.exp(-0.5 * d * d) / np.sqrt(2.0 * np.pi)
        normal = (deviation * (d * ndtr(d) + density), side * ndtr(d), density)
        d1 = np.log(moved / level) / deviation + 0.5 * deviation
        one, two = ndtr(side * d1), ndtr(side * (d1 - deviation))
        density = moved * np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi)
        lognormal = (side * (moved * one - level * two), side * one, density)
        certain = (np.maximum(gain, 0.0), np.where(gain > 0, side, 0.0), np.zeros_like(gain))
        is_certain = ~(deviation > 0) | (~is_normal[:, None] & (level <= 0) & (moved > 0))
        refused = ~is_normal[:, None] & (deviation > 0) & ~(moved > 0)
        price, delta, vega = (
            np.where(refused, np.nan, np.where(is_certain, c, np.where(is_normal[:, None], n, b)))
            for c, n, b in zip(certain, normal, lognormal, strict=True)
        )
        price = np.maximum(price, 0.0)
        return np.stack(
            [
                annuity * price,
                price - forward * delta,
                delta,
                annuity * vega * root_time[:, None],
            ]
        )
