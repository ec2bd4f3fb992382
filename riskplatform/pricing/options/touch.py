"""The first time a spot touches a level: the chance of it, and one unit paid then.

Continuous watching, constant volatility and rates. Shared by barriers and one-touch digitals.
"""

from __future__ import annotations

import math

import numpy as np

from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.special import cdf, scaled_cdf

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(48)


@compiled
def touch_chance(distance: float, drift: float, vol: float, time: float) -> float:
    """The chance that log-spot moves by ``distance`` (either sign) before ``time``."""
    deviation = vol * math.sqrt(time)
    eta = math.copysign(1.0, -distance)
    direct = cdf(eta * (distance - drift * time) / deviation)
    exponent = 2.0 * drift * distance / (vol * vol)
    image = scaled_cdf(exponent, eta * (distance + drift * time) / deviation)
    return direct + image


@compiled
def paid_at_touch(distance: float, drift: float, vol: float, rate: float, time: float) -> float:
    """The value of one unit paid when log-spot has moved by ``distance``, if before ``time``."""
    variance = vol * vol
    inside = drift * drift + 2.0 * rate * variance
    if inside < 0.0:
        return _by_quadrature(distance, drift, vol, rate, time)
    deviation = vol * math.sqrt(time)
    eta = math.copysign(1.0, -distance)
    root = math.sqrt(inside)
    up = scaled_cdf(
        distance * (drift + root) / variance, eta * (distance + root * time) / deviation
    )
    down = scaled_cdf(
        distance * (drift - root) / variance, eta * (distance - root * time) / deviation
    )
    return up + down


@compiled
def _by_quadrature(distance: float, drift: float, vol: float, rate: float, time: float) -> float:
    """Where a negative rate makes the closed form complex: in parts, over the chance."""
    total = math.exp(-rate * time) * touch_chance(distance, drift, vol, time)
    for i in range(_POINTS.size):
        # Squared, so that samples crowd where the chance begins to rise.
        share = 0.5 * (1.0 + _POINTS[i])
        t = time * share * share
        weight = rate * time * share * _WEIGHTS[i]
        total += weight * math.exp(-rate * t) * touch_chance(distance, drift, vol, t)
    return total


@compiled
def certain_touch_time(distance: float, drift: float, time: float) -> float:
    """When log-spot without randomness has moved by ``distance``; -1 when not before ``time``."""
    if drift * distance > 0.0 and distance / drift <= time:
        return distance / drift
    return -1.0
