"""Reads a grid at many market states: cubic in log-spot, one polynomial in each other axis."""

from __future__ import annotations

import math

import numpy as np

from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.status import FloatArray, Status, StatusArray

_OUT_OF_RANGE = int(Status.OUT_OF_RANGE)
# Rounding at the edges does not put a state outside.
_SLACK = 1e-9


@compiled
def _inside(nodes: FloatArray, x: float) -> bool:
    return bool(nodes[0] - _SLACK <= x <= nodes[-1] + _SLACK)


@compiled
def _spot_weights(nodes: FloatArray, x: float, weights: FloatArray) -> int:
    """Fill the four Lagrange weights around ``x``; the first of the four nodes."""
    first = min(max(int(np.searchsorted(nodes, x)) - 2, 0), nodes.size - 4)
    for i in range(4):
        weight = 1.0
        for j in range(4):
            if j != i:
                weight *= (x - nodes[first + j]) / (nodes[first + i] - nodes[first + j])
        weights[i] = weight
    return first


@compiled
def _chebyshev_weights(nodes: FloatArray, x: float, weights: FloatArray) -> None:
    """Fill the barycentric weights of Chebyshev's points of the second kind (Salzer 1972)."""
    total, last = 0.0, nodes.size - 1
    for i in range(nodes.size):
        if x == nodes[i]:
            weights[:] = 0.0
            weights[i] = 1.0
            return
        weights[i] = (1.0 if i % 2 == 0 else -1.0) / (x - nodes[i])
        if i in (0, last):
            weights[i] *= 0.5
        total += weights[i]
    for i in range(nodes.size):
        weights[i] /= total


@compiled
def read_grid(
    spot: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    values: FloatArray,
    status: StatusArray,
    log_spots: FloatArray,
    log_vols: FloatArray,
    rates: FloatArray,
    yields: FloatArray,
    table: FloatArray,
) -> None:
    """``table`` is [rate, yield, vol, spot]."""
    by_spot, by_vol = np.empty(4), np.empty(log_vols.size)
    by_rate, by_yield = np.empty(rates.size), np.empty(yields.size)
    for i in range(spot.size):
        x, y = math.log(spot[i]), math.log(vol[i])
        inside = _inside(log_spots, x) and _inside(log_vols, y)
        if not (inside and _inside(rates, rate[i]) and _inside(yields, carry_yield[i])):
            status[i] = _OUT_OF_RANGE
            continue
        first = _spot_weights(log_spots, x, by_spot)
        _chebyshev_weights(log_vols, y, by_vol)
        _chebyshev_weights(rates, rate[i], by_rate)
        _chebyshev_weights(yields, carry_yield[i], by_yield)
        total = 0.0
        for j in range(rates.size):
            for k in range(yields.size):
                part = 0.0
                for m in range(log_vols.size):
                    row = table[j, k, m]
                    at_spot = 0.0
                    for n in range(4):
                        at_spot += by_spot[n] * row[first + n]
                    part += by_vol[m] * at_spot
                total += by_rate[j] * by_yield[k] * part
        values[0, i] = max(total, 0.0)
