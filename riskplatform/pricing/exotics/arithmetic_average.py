"""Arithmetic averages on any days, exactly but for a mesh: backwards, one fixing at a time.

With the share as the unit of account the value is spot × f(x), where x is what the strike still
lacks, in units of the spot (Večeř 2001; Benhamou 2002): before a fixing of weight w, x becomes
x × (old spot / new spot) - w. Where x has fallen to zero a call is exercised for certain and f is
known; above zero f is carried on a mesh of log x, each step one convolution with the normal
density (exact to rounding on a mesh finer than half its deviation) and one spline. One pass gives
the value at every spot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from riskplatform.pricing.exotics.contracts import AverageOption
from riskplatform.pricing.exotics.flat_market import FlatMarket
from riskplatform.pricing.options.status import FloatArray

# Mesh points per deviation of the shortest step between fixings, and how many there may be.
_PER_DEVIATION = 3.0
_FEWEST, _MOST = 1024, 8192
_REACH = 8.0
# A step much shorter than the mesh is wide: the function is smooth on its scale.
_HERMITE = np.polynomial.hermite_e.hermegauss(12)


def average_values(contract: AverageOption, market: FlatMarket, spots: FloatArray) -> FloatArray:
    """Values of a call or put on an arithmetic average with at least one fixing to come."""
    weight = 1.0 / contract.count
    lacking = (contract.strike - contract.known_part(spots) * weight) / spots
    steps = np.diff(np.array([0.0, *contract.fixing_times]))
    rest = contract.time - contract.fixing_times[-1]
    call = spots * _call_in_shares(lacking, weight, steps, rest, market)
    if contract.is_call:
        return np.maximum(call, 0.0)
    held = spots * _expected(weight, steps, rest, market)
    paid = math.exp(-market.rate * contract.time) * lacking * spots
    return np.maximum(call - held + paid, 0.0)


def _expected(
    weight: float, steps: Sequence[float] | FloatArray, rest: float, m: FlatMarket
) -> float:
    """The value of the fixings to come, per unit of spot."""
    times = np.cumsum(steps)
    ends = times[-1] + rest
    return float(weight * np.exp((m.rate - m.carry_yield) * times - m.rate * ends).sum())


def _call_in_shares(
    lacking: FloatArray, weight: float, steps: FloatArray, rest: float, market: FlatMarket
) -> FloatArray:
    """f at today's ``lacking``."""
    total = float(np.sum(steps)) + rest
    certain = _expected(weight, steps, rest, market) - math.exp(-market.rate * total) * lacking
    above = lacking > 0.0
    if not above.any():
        return certain
    mesh = _mesh(np.log(lacking[above]), weight, steps, market)
    values = _before_last(np.exp(mesh), weight, steps[-1], rest, market)
    ahead = 1
    for step in steps[-2::-1]:
        later = steps[steps.size - ahead :]
        values = _step(mesh, values, weight, float(step), later, rest, market)
        ahead += 1
    from scipy.interpolate import CubicSpline

    found = certain.copy()
    found[above] = CubicSpline(mesh, values)(np.log(lacking[above]))
    return found


def _mesh(
    log_lacking: FloatArray, weight: float, steps: FloatArray, market: FlatMarket
) -> FloatArray:
    """Log x from far below one weight to above every strike that today's spots have."""
    later = steps[1:] if steps.size > 1 else steps
    shortest = market.vol * math.sqrt(float(later.min()))
    whole = market.vol * math.sqrt(float(np.sum(steps)))
    drift = abs(market.rate - market.carry_yield) * float(np.sum(steps)) + 0.5 * whole**2
    low = min(math.log(weight) - 1.0, float(log_lacking.min())) - _REACH * whole - drift
    high = max(float(log_lacking.max()), math.log(weight * steps.size)) + _REACH * whole + drift
    count = int((high - low) / shortest * _PER_DEVIATION)
    return np.linspace(low, high, min(max(count, _FEWEST), _MOST))


def _before_last(
    x: FloatArray, weight: float, step: float, rest: float, market: FlatMarket
) -> FloatArray:
    """f when one fixing is to come: a plain call struck at x / weight."""
    from scipy.special import ndtr

    deviation = market.vol * math.sqrt(step)
    forward = math.exp((market.rate - market.carry_yield) * step)
    d1 = np.log(weight * forward / x) / deviation + 0.5 * deviation
    discount = math.exp(-market.rate * (step + rest))
    return np.asarray(discount * (weight * forward * ndtr(d1) - x * ndtr(d1 - deviation)))


def _step(
    mesh: FloatArray,
    values: FloatArray,
    weight: float,
    step: float,
    later: FloatArray,
    rest: float,
    market: FlatMarket,
) -> FloatArray:
    """f one fixing earlier: the mean over what the spot does until then, in units of the share."""
    from scipy.interpolate import CubicSpline
    from scipy.signal import fftconvolve

    curve = CubicSpline(mesh, values)
    left = float(np.sum(later)) + rest
    owed, discount = _expected(weight, later, rest, market), math.exp(-market.rate * left)

    def after_fixing(log_x: FloatArray) -> FloatArray:
        x = np.exp(log_x) - weight
        found = owed - discount * x
        inside = x > math.exp(mesh[0])
        found[inside] = curve(np.minimum(np.log(x[inside]), mesh[-1]))
        return found

    deviation = market.vol * math.sqrt(step)
    # In units of the share the spot's own drift gains half the variance: log x falls by as much.
    shift = (market.rate - market.carry_yield) * step + 0.5 * deviation**2
    kept = math.exp(-market.carry_yield * step)
    width = mesh[1] - mesh[0]
    if deviation < 1.5 * width:
        points, weights = _HERMITE
        at = mesh[:, None] - shift + deviation * points
        found = after_fixing(at.ravel()).reshape(at.shape) @ weights
        return np.asarray(kept * found / math.sqrt(2.0 * math.pi))
    pad = math.ceil(_REACH * deviation / width)
    offsets = width * np.arange(-pad, pad + 1)
    density = np.exp(-0.5 * (offsets / deviation) ** 2)
    wide = mesh[0] + width * np.arange(-pad, mesh.size + pad)
    mean = fftconvolve(after_fixing(wide - shift), density / density.sum(), mode="valid")
    return np.asarray(kept * mean)
