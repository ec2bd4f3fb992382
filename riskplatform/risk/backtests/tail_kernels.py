"""VaR, ES and PIT of a weighted sample, compiled: what all historical models end in.

Of losses sorted with the worst first, VaR is the one at which the weights reach the tail, and ES
the mean of that much weight, the last loss counting in part: with 500 equal weights and 99% the
fifth worst, and the mean of the worst five.
"""

from __future__ import annotations

import numpy as np

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray

_ROUNDING = 1e-10


@compiled
def weighted_tail(moves: FloatArray, weights: FloatArray, tail: float) -> tuple[float, float]:
    """VaR and ES as positive losses; the weights sum to 1."""
    order = np.argsort(moves)
    filled, total, worst = 0.0, 0.0, 0.0
    for place in order:
        worst = -moves[place]
        left = tail - filled
        if weights[place] >= left - _ROUNDING:
            return worst, (total + left * worst) / tail
        filled += weights[place]
        total += weights[place] * worst
    return worst, total / filled


@compiled
def weighted_place(moves: FloatArray, weights: FloatArray, value: float) -> float:
    """The PIT of ``value``: weight below it and half of that at it, as if ``value`` were one more
    move of average weight, so that it is never 0 or 1."""
    below = 0.0
    for k in range(moves.size):
        if moves[k] < value:
            below += weights[k]
        elif moves[k] == value:
            below += 0.5 * weights[k]
    if np.isnan(value):
        return np.nan
    return (below * moves.size + 0.5) / (moves.size + 1.0)


@compiled
def fill_weighted(
    moves: FloatArray, weights: FloatArray, tail: float, value: float, out: FloatArray
) -> None:
    """``out`` becomes VaR, ES, PIT."""
    out[0], out[1] = weighted_tail(moves, weights, tail)
    out[2] = weighted_place(moves, weights, value)


@compiled
def ewma_variances(moves: FloatArray, decay: float, warm_up: int, out: FloatArray) -> None:
    """Row t is the forecast for move t, the last one tomorrow's; started on ``warm_up`` moves."""
    start = 0.0
    for t in range(warm_up):
        start += moves[t] * moves[t] / warm_up
    for t in range(warm_up + 1):
        out[t] = start
    for t in range(warm_up, moves.size):
        out[t + 1] = decay * out[t] + (1.0 - decay) * moves[t] * moves[t]


@compiled
def recentre(values: FloatArray) -> None:
    """To mean 0 and variance 1 in place; values that do not move become zeros."""
    mean, square = 0.0, 0.0
    for value in values:
        mean += value / values.size
    for value in values:
        square += (value - mean) ** 2 / values.size
    deviation = np.sqrt(square)
    for k in range(values.size):
        values[k] = (values[k] - mean) / deviation if deviation > 0.0 else 0.0
