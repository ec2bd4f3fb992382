"""Location and scale of the normal, EWMA and Student t models, day by day, compiled.

Quantiles follow outside, for all days at once.
"""

from __future__ import annotations

import math

import numpy as np

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.tail_kernels import ewma_variances

LARGEST_FREEDOM = 100.0
SMALLEST_FREEDOM = 2.1
_GOLDEN = 0.6180339887498949


@compiled
def roll_moments(pnl: FloatArray, first: int, window: int, out: FloatArray) -> None:
    """Mean and standard deviation (over window − 1) of the moves before each day."""
    for t in range(first, pnl.size):
        mean, square = 0.0, 0.0
        for k in range(t - window, t):
            mean += pnl[k]
        mean /= window
        for k in range(t - window, t):
            square += (pnl[k] - mean) ** 2
        out[t - first, 0] = mean
        out[t - first, 1] = math.sqrt(square / (window - 1))


@compiled
def roll_ewma(
    pnl: FloatArray, first: int, window: int, decay: float, warm_up: int, out: FloatArray
) -> None:
    """Mean zero and the EWMA volatility forecast for each day."""
    variances = np.empty(window + 1)
    for t in range(first, pnl.size):
        ewma_variances(pnl[t - window : t], decay, warm_up, variances)
        out[t - first, 0] = 0.0
        out[t - first, 1] = math.sqrt(variances[window])


@compiled
def t_log_likelihood(moves: FloatArray, location: float, scale: float, freedom: float) -> float:
    """Of Student t with that location and scale."""
    constant = math.lgamma(0.5 * (freedom + 1.0)) - math.lgamma(0.5 * freedom)
    constant -= 0.5 * math.log(freedom * math.pi) + math.log(scale)
    total, product = 0.0, 1.0
    for k in range(moves.size):
        z = (moves[k] - location) / scale
        product *= 1.0 + z * z / freedom
        # One logarithm for many days; the product must not overflow.
        if product > 1e200:
            total += math.log(product)
            product = 1.0
    total += math.log(product)
    return moves.size * constant - 0.5 * (freedom + 1.0) * total


@compiled
def _settle(moves: FloatArray, freedom: float, point: FloatArray, steps: int) -> None:
    """Location and scale of the largest likelihood at these degrees of freedom (EM, sped up)."""
    location, scale = point[0], point[1]
    for _ in range(steps):
        weight, weighted, square = 0.0, 0.0, 0.0
        inverse = 1.0 / (scale * scale)
        for k in range(moves.size):
            gap = moves[k] - location
            w = (freedom + 1.0) / (freedom + gap * gap * inverse)
            weight += w
            weighted += w * moves[k]
            square += w * gap * gap
        fresh = weighted / weight
        # The parameter expansion of Kent, Tyler and Vardi (1994): divide by the weights.
        grown = math.sqrt(square / weight)
        moved = abs(fresh - location) + abs(grown - scale)
        location, scale = fresh, grown
        if moved < 1e-7 * scale or scale <= 0.0:
            break
    point[0], point[1] = location, scale


@compiled
def fit_student(moves: FloatArray, point: FloatArray) -> None:
    """Fill ``point`` with location, scale and degrees of freedom by maximum likelihood.

    Golden section over 1 / freedom; location and scale are settled at each.
    """
    mean, deviation = moves.mean(), moves.std()
    point[0], point[1], point[2] = mean, deviation, LARGEST_FREEDOM
    if deviation <= 0.0:
        return
    point[1] = 0.8 * deviation
    low, high = 1.0 / LARGEST_FREEDOM, 1.0 / SMALLEST_FREEDOM
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    _settle(moves, 1.0 / left, point, 30)
    at_left = t_log_likelihood(moves, point[0], point[1], 1.0 / left)
    _settle(moves, 1.0 / right, point, 30)
    at_right = t_log_likelihood(moves, point[0], point[1], 1.0 / right)
    while high - low > 1e-4:
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            _settle(moves, 1.0 / left, point, 30)
            at_left = t_log_likelihood(moves, point[0], point[1], 1.0 / left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            _settle(moves, 1.0 / right, point, 30)
            at_right = t_log_likelihood(moves, point[0], point[1], 1.0 / right)
    point[2] = 2.0 / (low + high)
    _settle(moves, point[2], point, 30)


@compiled
def roll_student(pnl: FloatArray, first: int, window: int, out: FloatArray) -> None:
    """Location, scale and degrees of freedom fitted to the moves before each day."""
    for t in range(first, pnl.size):
        fit_student(pnl[t - window : t], out[t - first])
