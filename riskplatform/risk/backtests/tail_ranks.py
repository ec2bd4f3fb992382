"""Z3 of Acerbi and Szekely (2014): the ES that the ranks of what happened give.

The PITs of the worst days, put back into each day's forecast, give an ES; it is held against the
one that uniform PITs give on average. 0 is expected, negative numbers mean a tail that is too thin.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.arrangements import SEED
from riskplatform.risk.backtests.inputs import checked_level, tail_of, vectors
from riskplatform.risk.backtests.likelihood import simulated
from riskplatform.risk.backtests.shapes import Shape
from riskplatform.risk.backtests.verdict import LEVEL, PValue, Verdict

SIMULATIONS = 9_999
_SMALLEST = 1e-14


def z3(
    pits: ArrayLike,
    confidence: float,
    shape: Shape,
    location: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
    *,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:
    """The test on a row of PITs; the forecast of each day is ``location + scale · shape``."""
    (ranks,) = vectors(pits=np.atleast_1d(np.asarray(pits, dtype=np.float64)))
    if not ((ranks > 0.0) & (ranks < 1.0)).all():
        raise UserInputError("Z3 needs PITs above 0 and below 1.")
    tail, days = tail_of(confidence), ranks.size
    count = math.floor(days * tail + 1e-9)
    statistic: float | None = None
    p_values: tuple[PValue, ...] = ()
    if count:
        middle, width = _forecasts(location, scale, days)
        expected = mean_of_lowest(days, count, shape)
        # The ES of each day is linear in the mean of the worst quantiles.
        whole = middle + width * expected
        if (whole >= 0.0).any():
            raise UserInputError("Z3 needs forecasts whose ES is a loss on every day.")
        fixed, slope = float(np.mean(middle / whole)), float(np.mean(width / whole))
        found = float(shape.quantile(np.sort(ranks)[:count]).mean())
        statistic = 1.0 - fixed - slope * found
        drawn = 1.0 - fixed - slope * _lowest_means(days, count, shape, simulations, seed)
        how = f"{simulations:,} samples of uniform PITs through {shape.label}, seed {seed}"
        p_values = (simulated(statistic, drawn, how, low=True),)
    note = f"{days} days have less than one day in a tail of {tail:.4g}."
    return Verdict(
        name="Acerbi-Szekely Z3",
        null=f"the tail of each day's {shape.label} forecast is right",
        alternative="the tail of the forecasts is too thin",
        statistic=statistic,
        p_values=p_values,
        level=checked_level(level),
        sample_size=days,
        details=(("days in the tail", float(count)),),
        notes=() if count else (note,),
    )


@lru_cache(maxsize=64)
def mean_of_lowest(days: int, count: int, shape: Shape) -> float:
    """The expected mean of the ``count`` smallest of ``days`` draws of the shape.

    The average density of those order statistics is days / count times the chance that fewer than
    ``count`` of the other days fall below.
    """
    from scipy.integrate import quad
    from scipy.special import bdtr

    def part(log_p: float) -> float:
        p = math.exp(log_p)
        return p * float(shape.quantile(p)) * float(bdtr(count - 1, days - 1, p))

    value, _ = quad(part, math.log(_SMALLEST), -1e-9, limit=400, epsabs=1e-12)
    return float(value) * days / count


def _forecasts(location: ArrayLike, scale: ArrayLike, days: int) -> tuple[FloatArray, FloatArray]:
    middle, width = vectors(location=location, scale=scale)
    if {middle.size, width.size} - {1, days}:
        raise UserInputError(f"One location and scale per day are needed, or one; {days} days.")
    if (width <= 0.0).any():
        raise UserInputError("A scale is above 0.")
    return middle, width


@lru_cache(maxsize=64)
def _lowest_means(days: int, count: int, shape: Shape, simulations: int, seed: int) -> FloatArray:
    """Means of the quantiles at the ``count`` smallest of ``days`` uniforms.

    By the gaps between sorted uniforms, which are exponential: nothing is sorted.
    """
    rng = np.random.default_rng([seed, 9])
    means = np.empty(simulations)
    rows = max(1, 500_000 // count)
    for start in range(0, simulations, rows):
        stop = min(start + rows, simulations)
        gaps = np.cumsum(rng.standard_exponential((stop - start, count)), axis=1)
        whole = gaps[:, -1] + rng.standard_gamma(days + 1.0 - count, stop - start)
        means[start:stop] = shape.quantile(gaps / whole[:, None]).mean(axis=1)
    means.flags.writeable = False
    return means
