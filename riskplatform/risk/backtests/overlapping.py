"""The traffic light and the count of exceptions for losses over several days that overlap.

Of ten-day losses, one for every day, a bad day is in ten, so that exceptions come in bunches and
the binomial distribution is far too narrow. The distribution of their number is simulated instead:
independent daily moves, normal or Student t, summed over the horizon, against the quantile of the
sum.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.arrangements import SEED
from riskplatform.risk.backtests.inputs import checked_level, hits_of, tail_of
from riskplatform.risk.backtests.likelihood import simulated, toss_ratio
from riskplatform.risk.backtests.shapes import Normal, Shape
from riskplatform.risk.backtests.traffic_light import Scheme, light_verdict, table_of
from riskplatform.risk.backtests.verdict import LEVEL, PValue, Verdict

SIMULATIONS = 20_000
# So many random numbers at a time.
_NUMBERS = 500_000
_SUMS = 400_000


@lru_cache(maxsize=32)
def overlapping_null(
    windows: int, horizon_days: int, confidence: float, shape: Shape, simulations: int, seed: int
) -> FloatArray:
    """Numbers of exceptions among ``windows`` overlapping losses of a correct VaR.

    For normal days the VaR is exact; for others it is the quantile of many sums drawn apart.
    """
    limit = _limit(horizon_days, confidence, shape, seed)
    rng = np.random.default_rng([seed, 5])
    size = windows + horizon_days - 1
    rows = max(1, _NUMBERS // size)
    counts = np.empty(simulations)
    for start in range(0, simulations, rows):
        stop = min(start + rows, simulations)
        path = np.cumsum(shape.draw(rng, (stop - start, size)), axis=1)
        path = np.concatenate([np.zeros((stop - start, 1)), path], axis=1)
        sums = path[:, horizon_days:] - path[:, :-horizon_days]
        counts[start:stop] = np.count_nonzero(sums < -limit, axis=1)
    counts.flags.writeable = False
    return counts


def overlapping_traffic_light(
    exceptions: ArrayLike,
    horizon_days: int,
    confidence: float = 0.99,
    *,
    scheme: Scheme = Scheme.BASEL,
    shape: Shape | None = None,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:
    """The light on a row of overlapping losses, one per day, each over ``horizon_days``.

    Zones begin where Basel's rule has them in the simulated distribution.
    """
    hits = hits_of(exceptions)
    shape = shape or Normal()
    tail_of(confidence)
    if horizon_days < 1:
        raise UserInputError(f"A horizon is 1 day or more; found {horizon_days}.")
    name = f"Basel traffic light, {horizon_days}-day losses that overlap"
    if not hits.size:
        return light_verdict(0, None, ("There is no loss to test on.",), (), level, name)
    drawn = overlapping_null(hits.size, horizon_days, confidence, shape, simulations, seed)
    cumulative = np.cumsum(np.bincount(drawn.astype(np.int64), minlength=hits.size + 1))
    table = table_of(cumulative / simulations, hits.size, confidence, scheme)
    count = int(hits.sum())
    how = f"{simulations:,} samples of independent {shape.label} days, seed {seed}"
    bunched = float(drawn.var()) / (hits.size * (1.0 - confidence) * confidence)
    notes = (
        f"The number of exceptions has {bunched:.2g} times the variance that independent days give "
        f"it; {hits.size:,} losses are worth about {hits.size / bunched:.0f} independent ones.",
        f"Yellow begins at {table.first_yellow}, red at {table.first_red}.",
    )
    return light_verdict(count, table, notes, (simulated(count, drawn, how),), level, name)


def overlapping_pof(
    exceptions: ArrayLike,
    horizon_days: int,
    confidence: float = 0.99,
    *,
    shape: Shape | None = None,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:
    """Kupiec's ratio on overlapping losses, against its simulated distribution: too many or few."""
    hits, tail = hits_of(exceptions), tail_of(confidence)
    shape = shape or Normal()
    if horizon_days < 1:
        raise UserInputError(f"A horizon is 1 day or more; found {horizon_days}.")
    windows, count = hits.size, int(hits.sum())
    statistic = float(toss_ratio(count, windows, tail)) if windows else None
    p_values: tuple[PValue, ...] = ()
    if statistic is not None:
        drawn = overlapping_null(windows, horizon_days, confidence, shape, simulations, seed)
        how = f"{simulations:,} samples of independent {shape.label} days, seed {seed}"
        p_values = (simulated(statistic, toss_ratio(drawn, windows, tail), how),)
    return Verdict(
        name=f"Kupiec POF, {horizon_days}-day losses that overlap",
        null=f"exceptions happen with probability {tail:.4g} in each window",
        alternative="they happen more often or less often than that",
        statistic=statistic,
        p_values=p_values,
        level=checked_level(level),
        sample_size=windows,
        exceptions=count,
        details=(("expected", windows * tail), ("share", count / windows if windows else 0.0)),
        notes=() if windows else ("There is no loss to test on.",),
    )


def _limit(horizon_days: int, confidence: float, shape: Shape, seed: int) -> float:
    tail = tail_of(confidence)
    if isinstance(shape, Normal):
        return -float(shape.quantile(tail)) * float(np.sqrt(horizon_days))
    rng, sums = np.random.default_rng([seed, 6]), np.zeros(_SUMS)
    for _ in range(horizon_days):
        sums += shape.draw(rng, (_SUMS,))
    return -float(np.quantile(sums, tail))
