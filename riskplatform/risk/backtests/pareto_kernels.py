"""EVT: a generalised Pareto tail on the losses beyond a threshold, day by day, compiled.

The fit is that of ``simulation.gpd`` (maximum likelihood by the profile of Grimshaw, the same
bounds of the shape), written out so that five thousand fits take a second.
"""

from __future__ import annotations

import math

import numpy as np

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray

LARGEST_SHAPE = 0.5
SMALLEST_SHAPE = -0.5
_GOLDEN = 0.6180339887498949
_TINY_RATIO = 1e-9


@compiled
def _cost(ratio: float, unit: FloatArray) -> tuple[float, float]:
    """Minus the profile log-likelihood per excess, and the shape, at a shape over scale."""
    shape = 0.0
    for k in range(unit.size):
        shape += math.log1p(ratio * unit[k])
    shape /= unit.size
    if abs(ratio) < 1e-12:
        return 1.0, 0.0
    return math.log(shape / ratio) + shape + 1.0, shape


@compiled
def _ratio_at(place: float, lowest: float) -> float:
    """A line from 0 to 3 that covers the ratios: negative ones up to 1, then a geometric climb."""
    if place <= 1.0:
        return lowest * (1.0 - place)
    return 1e-3 * (math.exp((place - 1.0) * 12.0) - 1.0)


@compiled
def fit_tail(excesses: FloatArray) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution."""
    mean = excesses.mean()
    if mean <= 0.0:
        return 0.0, 0.0
    unit = excesses / mean
    lowest = -1.0 / unit.max()
    best, best_cost = 1.0, math.inf
    for k in range(1, 60):
        place = 0.01 + k * 0.05
        cost = _cost(_ratio_at(place, lowest), unit)[0]
        if cost < best_cost:
            best, best_cost = place, cost
    low, high = max(best - 0.05, 0.005), best + 0.05
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left = _cost(_ratio_at(left, lowest), unit)[0]
    at_right = _cost(_ratio_at(right, lowest), unit)[0]
    for _ in range(40):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = _cost(_ratio_at(left, lowest), unit)[0]
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = _cost(_ratio_at(right, lowest), unit)[0]
    ratio = _ratio_at(0.5 * (low + high), lowest)
    shape = _cost(ratio, unit)[1]
    if abs(ratio) <= _TINY_RATIO:
        return 0.0, mean
    if SMALLEST_SHAPE <= shape <= LARGEST_SHAPE:
        return shape, mean * shape / ratio
    # At the bound the scale is that which keeps the mean.
    bounded = min(max(shape, SMALLEST_SHAPE), LARGEST_SHAPE)
    return bounded, mean * (1.0 - bounded)


@compiled
def _survival(excess: float, shape: float, scale: float) -> float:
    if scale <= 0.0:
        return 1.0 if excess <= 0.0 else 0.0
    if abs(shape) < 1e-9:
        return math.exp(-excess / scale)
    inside = 1.0 + shape * excess / scale
    return inside ** (-1.0 / shape) if inside > 0.0 else 0.0


@compiled
def roll_pareto(
    pnl: FloatArray, first: int, window: int, beyond: int, tail: float, out: FloatArray
) -> None:
    """VaR, ES and PIT from the ``beyond`` largest losses of the window; the next is the threshold.

    The PIT of a move that is no such loss is its place among the moves.
    """
    share = beyond / window
    for t in range(first, pnl.size):
        ordered = np.sort(pnl[t - window : t])
        threshold = -ordered[beyond]
        shape, scale = fit_tail(-ordered[:beyond] - threshold)
        if abs(shape) < 1e-9:
            excess = scale * math.log(share / tail)
        else:
            excess = scale / shape * ((tail / share) ** -shape - 1.0)
        out[t - first, 0] = threshold + excess
        out[t - first, 1] = threshold + (excess + scale) / (1.0 - shape)
        loss = -pnl[t]
        if loss > threshold:
            place = share * _survival(loss - threshold, shape, scale)
            # Beyond the end of a bounded tail; half of one move, as in a sample.
            out[t - first, 2] = max(place, 0.5 / (window + 1.0) * 1e-3)
        elif np.isnan(loss):
            out[t - first, 2] = np.nan
        else:
            below, level = 0.0, 0.0
            for value in ordered:
                if value < pnl[t]:
                    below += 1.0
                elif value == pnl[t]:
                    level += 0.5
            out[t - first, 2] = (below + level + 0.5) / (window + 1.0)
