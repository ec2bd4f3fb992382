"""How long from one exception to the next? Christoffersen and Pelletier (2004), Weibull.

Independent exceptions have no memory: the days between them are exponential. Under the Weibull
alternative the chance of the next exception falls with the days since the last one (shape below 1:
they cluster) or rises (above 1). The days before the first and after the last exception are known
in part only and enter by their chance of lasting so long.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.arrangements import SEED, IntArray, draw_days
from riskplatform.risk.backtests.inputs import checked_level, count_text, hits_of
from riskplatform.risk.backtests.likelihood import chi_squared, simulated
from riskplatform.risk.backtests.verdict import LEVEL, PValue, Verdict

SIMULATIONS = 1_999
LEAST_EXCEPTIONS = 2
_FEW_EXCEPTIONS = 6


@compiled
def _profile(log_shape: float, durations: FloatArray, size: int, whole: int) -> float:
    """The log-likelihood at a shape, the rate being the best one; the first ``whole`` durations
    have been seen to their end."""
    shape = np.exp(log_shape)
    power, logs = 0.0, 0.0
    for k in range(size):
        log = np.log(durations[k])
        power += np.exp(shape * log)
        if k < whole:
            logs += log
    return float(whole * (np.log(whole / power) + log_shape - 1.0) + (shape - 1.0) * logs)


@compiled
def weibull_ratio(places: IntArray, count: int, days: int, work: FloatArray) -> tuple[float, float]:
    """The likelihood ratio of shape 1 and the best shape, from sorted days of exceptions."""
    whole = count - 1
    for k in range(whole):
        work[k] = places[k + 1] - places[k]
    size = whole
    if places[0] > 0:
        work[size] = places[0] + 1
        size += 1
    if places[count - 1] < days - 1:
        work[size] = days - 1 - places[count - 1]
        size += 1
    total = 0.0
    for k in range(size):
        total += work[k]
    for k in range(size):
        work[k] /= total / size
    low, high, golden = np.log(0.05), np.log(20.0), 0.6180339887498949
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left = _profile(left, work, size, whole)
    at_right = _profile(right, work, size, whole)
    for _ in range(40):
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = _profile(left, work, size, whole)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = _profile(right, work, size, whole)
    middle = 0.5 * (low + high)
    best = _profile(middle, work, size, whole)
    return max(2.0 * (best - _profile(0.0, work, size, whole)), 0.0), np.exp(middle)


@compiled
def _weibull_ratios(days: int, count: int, uniforms: FloatArray, ratios: FloatArray) -> None:
    places, work = np.empty(count, dtype=np.int64), np.empty(count + 2)
    for row in range(ratios.size):
        draw_days(days, count, uniforms[row], places)
        ratios[row] = weibull_ratio(places, count, days, work)[0]


@lru_cache(maxsize=256)
def duration_null(days: int, count: int, simulations: int, seed: int) -> FloatArray:
    """Likelihood ratios of random arrangements of ``count`` exceptions."""
    uniforms = np.random.default_rng([seed, 3]).random((simulations, count))
    ratios = np.empty(simulations)
    _weibull_ratios(days, count, uniforms, ratios)
    ratios.flags.writeable = False
    return ratios


def durations(
    exceptions: ArrayLike,
    *,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:
    """The test on a row of days; with ``simulations`` the p-value of random orders decides."""
    hits = hits_of(exceptions)
    places = np.flatnonzero(hits).astype(np.int64)
    count = places.size
    speaks = LEAST_EXCEPTIONS <= count < hits.size
    p_values: tuple[PValue, ...] = ()
    statistic, shape = 0.0, 1.0
    if speaks:
        statistic, shape = weibull_ratio(places, count, hits.size, np.empty(count + 2))
        p_values = (chi_squared(statistic, 1),)
        if simulations:
            null = duration_null(hits.size, count, simulations, seed)
            how = f"{simulations:,} random orders of the days, seed {seed}"
            p_values = (simulated(statistic, null, how), *p_values)
    return Verdict(
        name="Christoffersen-Pelletier duration",
        null="the chance of an exception does not depend on how long ago the last one was",
        alternative="exceptions cluster (Weibull shape below 1) or keep apart (above 1)",
        statistic=float(statistic) if speaks else None,
        p_values=p_values,
        level=checked_level(level),
        sample_size=hits.size,
        exceptions=count,
        details=(("Weibull shape", float(shape)),) if speaks else (),
        notes=_notes(count, hits.size),
    )


def _notes(count: int, days: int) -> tuple[str, ...]:
    found = f"{count_text(count, 'exception')} in {count_text(days, 'day')}"
    if count < LEAST_EXCEPTIONS:
        return (f"{found}: there is no time between two of them.",)
    if count == days:
        return ("With an exception on every day nothing can be said of the time between them.",)
    if count < _FEW_EXCEPTIONS:
        return (f"{found} say little of the time between them.",)
    return ()
