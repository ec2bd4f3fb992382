"""Profile-likelihood intervals of VaR and ES of a Pareto tail: one-sided as the tail itself is.

The likelihood is that of the excesses times that of how many there are. Written in VaR (or ES),
shape and share beyond the threshold, it is maximised over the last two for each value of the first;
the interval holds the values that lose no more than half a chi-square quantile.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import special

from riskplatform.risk.extreme import TailModel, growth, mean_growth
from riskplatform.risk.intervals import LEVEL, Interval, TailIntervals
from riskplatform.risk.pareto import LARGEST_SHAPE, log_likelihood

_SMALLEST_SHAPE = -0.5


def profile_intervals(model: TailModel, confidence: float, level: float = LEVEL) -> TailIntervals:
    """VaR and ES; for a model fitted by maximum likelihood."""
    found = model.tail(confidence)
    return TailIntervals(
        _interval(model, 1.0 - confidence, float(found.var), growth, level),
        _interval(model, 1.0 - confidence, float(found.es), mean_growth, level),
    )


def _interval(
    model: TailModel,
    tail: float,
    middle: float,
    grown: Callable[[float, float], float],
    level: float,
) -> Interval:
    from scipy import optimize

    best = profile_likelihood(model, tail, middle, grown)
    drop = 0.5 * float(special.chdtri(1, 1.0 - level))

    def gap(value: float) -> float:
        return best - drop - profile_likelihood(model, tail, value, grown)

    reach = middle - model.threshold
    low = model.threshold + 1e-6 * reach
    if gap(low) > 0.0:
        low = float(optimize.brentq(gap, low, middle, rtol=1e-5))
    high, step = middle, 0.3 * reach
    for _ in range(60):
        high += step
        if gap(high) > 0.0:
            high = float(optimize.brentq(gap, high - step, high, rtol=1e-5))
            break
        step *= 1.6
    else:
        high = math.inf
    return Interval(low, high, level, "profile likelihood")


def profile_likelihood(
    model: TailModel,
    tail: float,
    value: float,
    grown: Callable[[float, float], float],
) -> float:
    """The largest log-likelihood with VaR, or ES, held at ``value``."""
    from scipy import optimize

    start = [model.pareto.shape, 0.0]
    inside = model.count - model.excesses.size

    def cost(point: tuple[float, float]) -> float:
        shape, moved = float(point[0]), float(point[1])
        share = model.share_beyond * math.exp(moved)
        if not (_SMALLEST_SHAPE <= shape <= LARGEST_SHAPE and tail < share < 1.0):
            return 1e300
        reach = grown(shape, share / tail)
        if reach <= 0.0:
            return 1e300
        own = log_likelihood(model.excesses, shape, (value - model.threshold) / reach)
        if own == -math.inf:
            return 1e300
        return -(own + model.excesses.size * math.log(share) + inside * math.log1p(-share))

    options = {"initial_simplex": [start, [start[0] + 0.1, 0.0], [start[0], 0.1]],
               "xatol": 1e-5, "fatol": 1e-7, "maxfev": 400}  # fmt: skip
    found = optimize.minimize(cost, start, method="Nelder-Mead", options=options)
    return -float(found.fun)
