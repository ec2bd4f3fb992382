"""American options on a spot with a continuous yield.

A call is priced as the put with spot and strike, rate and yield exchanged (McDonald and Schroder).
A put with a boundary is the European put plus the interest earned less dividends lost where it is
exercised (Kim, 1990), the boundary by :mod:`riskplatform.pricing.options.american_boundary`. Where
waiting costs nothing it is the European put; where the rate is negative and the yield lower still
it has two boundaries and is priced on a lattice.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.american_boundary import (
    boundary_at_expiry,
    carry_to_samples,
    solve_boundary,
)
from riskplatform.pricing.options.american_scheme import ACCURATE, FAST, Scheme
from riskplatform.pricing.options.american_tree import tree_put
from riskplatform.pricing.options.black import spot_status
from riskplatform.pricing.options.compiled import compiled, regrouped
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.special import cdf, quick_cdf, quick_exp
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

# Below this deviation nothing moves; below this boundary nobody ever exercises.
SMALLEST_DEVIATION = 1e-6
_SMALLEST_BOUNDARY = 1e-8
_OVERFLOW = int(Status.OVERFLOW)


@compiled
def _certain_put(s: float, time: float, rate: float, carry_yield: float) -> float:
    """Without volatility: exercised at the best moment."""
    best = max(1.0 - s, math.exp(-rate * time) - s * math.exp(-carry_yield * time), 0.0)
    if rate * carry_yield > 0.0 and rate != carry_yield:
        moment = math.log(rate / (carry_yield * s)) / (rate - carry_yield)
        if 0.0 < moment < time:
            later = math.exp(-rate * moment) - s * math.exp(-carry_yield * moment)
            best = max(best, later)
    return best


@regrouped
def _exercise_premium(
    s: float,
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    scheme: Scheme,
    boundary: FloatArray,
    log_ratio: FloatArray,
) -> float:
    """Interest on the strike less dividends, over the time spent below the boundary."""
    top = boundary_at_expiry(rate, carry_yield)
    carry_to_samples(boundary, top, scheme.outer_matrix, log_ratio)
    log_s = math.log(s / top)
    deviation = vol * math.sqrt(time)
    drift = (rate - carry_yield) * math.sqrt(time) / vol + 0.5 * deviation
    total = 0.0
    for k in range(log_ratio.size):
        elapsed = scheme.outer_elapsed[k]
        v = deviation * elapsed
        d = (log_s + log_ratio[k]) / v + drift * elapsed
        t = time * elapsed * elapsed
        interest = rate * quick_exp(-rate * t) * quick_cdf(v - d)
        dividends = carry_yield * s * quick_exp(-carry_yield * t) * quick_cdf(-d)
        total += scheme.outer_weights[k] * elapsed * (interest - dividends)
    return 2.0 * time * total


@compiled
def _put(
    s: float,
    time: float,
    vol: float,
    rate: float,
    carry_yield: float,
    scheme: Scheme,
    boundary: FloatArray,
    work: FloatArray,
    log_ratio: FloatArray,
) -> float:
    """An American put with strike 1 and positive spot ``s``."""
    deviation = vol * math.sqrt(time)
    if deviation < SMALLEST_DEVIATION:
        return _certain_put(s, time, rate, carry_yield)
    if rate < 0.0 and carry_yield < rate:
        return tree_put(s, time, vol, rate, carry_yield)
    d = (math.log(s) + (rate - carry_yield) * time) / deviation + 0.5 * deviation
    european = math.exp(-rate * time) * cdf(deviation - d) - s * math.exp(
        -carry_yield * time
    ) * cdf(-d)
    european = max(european, 0.0)
    if rate < 0.0 or (rate == 0.0 and carry_yield >= 0.0):
        return european
    if boundary_at_expiry(rate, carry_yield) < _SMALLEST_BOUNDARY:
        return max(european, 1.0 - s)
    solve_boundary(time, vol, rate, carry_yield, scheme, boundary, work)
    if s <= boundary[0]:
        return 1.0 - s
    premium = _exercise_premium(s, time, vol, rate, carry_yield, scheme, boundary, log_ratio)
    if not math.isfinite(premium):
        return tree_put(s, time, vol, rate, carry_yield)
    return max(european + max(premium, 0.0), 1.0 - s)


@compiled
def _kernel(
    spot: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    vol: FloatArray,
    rate: FloatArray,
    carry_yield: FloatArray,
    is_call: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
    scheme: Scheme,
) -> None:
    boundary = np.empty(scheme.nodes.size)
    work = np.empty((5, scheme.inner_elapsed.size))
    log_ratio = np.empty(scheme.outer_elapsed.size)
    for i in range(spot.size):
        s, k, t, v, r, q = spot[i], strike[i], time[i], vol[i], rate[i], carry_yield[i]
        status[i] = spot_status(s, k, t, v, r, q)
        if status[i] != 0:
            continue
        t = max(t, 0.0)
        if is_call[i]:
            s, k, r, q = k, s, q, r
        if k <= 0.0:
            continue
        if s <= 0.0:
            value = max(1.0, math.exp(-r * t))
        else:
            value = _put(s / k, t, v, r, q, scheme, boundary, work, log_ratio)
        if math.isfinite(k * value):
            values[0, i] = k * value
        else:
            status[i] = _OVERFLOW


def american_price(
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    is_call: ArrayLike,
    *,
    accurate: bool = False,
    threads: int | None = None,
) -> Priced:
    """Prices; ``carry_yield`` equals ``rate`` for an option on a future.

    Times in years, rates continuously compounded. The error is below 1e-4 of spot; ``accurate``
    is twenty times slower and normally good to 1e-7 of spot.
    """
    numbers = (spot, strike, time, vol, rate, carry_yield)
    constants = (ACCURATE if accurate else FAST,)
    values, status = run(_kernel, numbers, (is_call,), constants=constants, threads=threads)
    return Priced(values[0], status)
