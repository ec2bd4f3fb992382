"""The volatility that a price implies, lognormal (shifted) and normal.

The time value of the out-of-the-money option is searched, by Householder steps of third order
inside a shrinking bracket: its logarithm where it is small, itself where it is large, from a guess
that is right in both limits (after Jäckel, "Let's be rational", 2015). About four steps.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.pricing.options.black import forward_status
from riskplatform.pricing.options.compiled import compiled
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.special import cdf, inverse_cdf, pdf
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

_MOST_STEPS = 60
_CLOSE = 4e-16
_BAD_SPOT = int(Status.BAD_SPOT)
_BELOW_INTRINSIC = int(Status.BELOW_INTRINSIC)
_ABOVE_MAXIMUM = int(Status.ABOVE_MAXIMUM)
_NOT_CONVERGED = int(Status.NOT_CONVERGED)
_NO_TIME_VALUE = int(Status.NO_TIME_VALUE)
# How far below intrinsic, relative to the larger of forward and strike, is still rounding.
_ROUNDING = 4e-16


@compiled
def _householder(ratio: float, second: float, third: float) -> float:
    """The step for -f/f' = ``ratio``, f''/f' = ``second`` and f'''/f' = ``third``."""
    bottom = 1.0 + ratio * (second + third * ratio / 6.0)
    step = ratio * (1.0 + 0.5 * second * ratio) / bottom
    # Far from the root the correction may turn the step round; Newton's does not.
    return step if bottom > 0.0 and step * ratio > 0.0 else ratio


@compiled
def _normalised(x: float, s: float) -> float:
    """The call over √(forward × strike), for x = log(forward / strike) ≤ 0."""
    return math.exp(0.5 * x) * cdf(x / s + 0.5 * s) - math.exp(-0.5 * x) * cdf(x / s - 0.5 * s)


@compiled
def _guess(x: float, target: float, most: float) -> float:
    """Right where the target is tiny, at the point of inflection, and where it is near ``most``."""
    bend = math.sqrt(-2.0 * x)
    middle = _normalised(x, bend) if x < 0.0 else 0.0
    if target < middle:
        edge = cdf(x / (math.sqrt(3.0) * bend)) * (target / middle) ** (1.0 / 3.0)
        return x / (math.sqrt(3.0) * inverse_cdf(edge))
    return -2.0 * inverse_cdf(cdf(-0.5 * bend) * (most - target) / (most - middle))


@compiled
def _lognormal(x: float, target: float) -> float:
    """The deviation at which the normalised call is worth ``target``."""
    most = math.exp(0.5 * x)
    bend = math.sqrt(-2.0 * x)
    low, high = 0.0, math.inf
    small = x < 0.0 and target < _normalised(x, bend)
    s = _guess(x, target, most)
    for _ in range(_MOST_STEPS):
        value = _normalised(x, s)
        if value < target:
            low = max(low, s)
        else:
            high = min(high, s)
        slope = pdf(x / s) * math.exp(-0.125 * s * s)
        second = x * x / (s * s * s) - 0.25 * s
        third = second * second - 3.0 * x * x / (s * s * s * s) - 0.25
        ratio = (target - value) / slope
        if small:
            pull = slope / value
            ratio = math.log(target / value) / pull
            third += 2.0 * pull * pull - 3.0 * second * pull
            second -= pull
        following = s + _householder(ratio, second, third)
        if not low <= following <= high:
            following = 0.5 * (low + high) if high < math.inf else 2.0 * s
        if abs(following - s) <= _CLOSE * s:
            return following
        s = following
    return s


@compiled
def _normal(target: float) -> float:
    """u = gap / deviation at which the option per unit of gap, φ(u)/u - Φ(-u), is ``target``."""
    if target > 0.5:
        u = 0.3989422804014327 / (target + 0.5)
    else:
        u = 1.0
        for _ in range(4):
            tail = -2.0 * math.log(target * 2.5066282746310002 * u * (u * u + 2.0))
            u = math.sqrt(max(tail, 0.04))
    low, high = 0.0, math.inf
    for _ in range(_MOST_STEPS):
        density = pdf(u)
        value = density / u - cdf(-u)
        if value > target:
            low = max(low, u)
        else:
            high = min(high, u)
        pull = -density / (u * u * value)
        ratio = math.log(target / value) / pull
        second = -u - 2.0 / u
        third = second * second - 1.0 + 2.0 / (u * u)
        third += 2.0 * pull * pull - 3.0 * second * pull
        following = u + _householder(ratio, second - pull, third)
        if not low <= following <= high:
            following = 0.5 * (low + high) if high < math.inf else 2.0 * u
        if abs(following - u) <= _CLOSE * u:
            return following
        u = following
    return u


@compiled
def _kernel(
    price: FloatArray,
    forward: FloatArray,
    strike: FloatArray,
    time: FloatArray,
    discount: FloatArray,
    shift: FloatArray,
    is_call: NDArray[np.bool_],
    is_normal: NDArray[np.bool_],
    values: FloatArray,
    status: StatusArray,
) -> None:
    for i in range(price.size):
        f, k = forward[i] + shift[i], strike[i] + shift[i]
        status[i] = forward_status(f, k, time[i] + price[i], 0.0, discount[i])
        if status[i] == 0 and not is_normal[i] and not (f > 0.0 and k > 0.0):
            status[i] = _BAD_SPOT
        if status[i] == 0 and not time[i] > 0.0:
            status[i] = _NO_TIME_VALUE
        if status[i] != 0:
            continue
        sign = 1.0 if is_call[i] else -1.0
        value = price[i] / discount[i] - max(sign * (f - k), 0.0)
        # Many small volatilities round to no time value; 0 is one of them.
        if value <= 0.0:
            if value < -_ROUNDING * max(abs(f), abs(k)):
                status[i] = _BELOW_INTRINSIC
        elif is_normal[i]:
            gap = abs(f - k)
            # A gap that cannot be told from none: at the money the price is deviation × φ(0).
            if gap <= 1e-15 * value:
                values[0, i] = value * 2.5066282746310002 / math.sqrt(time[i])
            else:
                values[0, i] = gap / (_normal(value / gap) * math.sqrt(time[i]))
        elif value >= min(f, k):
            status[i] = _ABOVE_MAXIMUM
        else:
            found = _lognormal(-abs(math.log(f / k)), value / (math.sqrt(f) * math.sqrt(k)))
            values[0, i] = found / math.sqrt(time[i])
        if not math.isfinite(values[0, i]):
            values[0, i] = 0.0
            status[i] = _NOT_CONVERGED


def implied_vol(
    price: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
    *,
    shift: ArrayLike = 0.0,
    threads: int | None = None,
) -> Priced:
    """Black volatilities; a price at its intrinsic value implies 0."""
    numbers = (price, forward, strike, time, discount, shift)
    values, status = run(_kernel, numbers, (is_call, False), threads=threads)
    return Priced(values[0], status)


def implied_normal_vol(
    price: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    discount: ArrayLike,
    is_call: ArrayLike,
    *,
    threads: int | None = None,
) -> Priced:
    """Bachelier volatilities, in units of the forward per root of a year."""
    numbers = (price, forward, strike, time, discount, 0.0)
    values, status = run(_kernel, numbers, (is_call, True), threads=threads)
    return Priced(values[0], status)
