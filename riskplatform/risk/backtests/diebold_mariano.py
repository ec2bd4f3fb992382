"""Is one model's score better than another's by more than chance? Diebold and Mariano (1995).

The mean difference of daily scores over its standard error, which allows for differences that
remember each other (Newey and West, Bartlett weights), against Student t with the small-sample
correction of Harvey, Leybourne and Newbold (1997) for one step ahead.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.inputs import checked_level, vectors
from riskplatform.risk.backtests.verdict import LEVEL, PValue, PValueKind, Verdict

LEAST_DAYS = 20


def default_lags(days: int) -> int:
    """4 (days / 100)^(2/9), rounded down."""
    return math.floor(4.0 * math.pow(days / 100.0, 2.0 / 9.0))


def long_run_variance(values: FloatArray, lags: int) -> float:
    """Of the sum over the root of its length; Bartlett weights keep it from being negative."""
    centred = values - values.mean()
    total = float(centred @ centred)
    for lag in range(1, min(lags, values.size - 1) + 1):
        weight = 1.0 - lag / (lags + 1.0)
        total += 2.0 * weight * float(centred[lag:] @ centred[:-lag])
    return total / values.size


def diebold_mariano(
    scores: ArrayLike, others: ArrayLike, *, lags: int | None = None, level: float = LEVEL,
    names: tuple[str, str] = ("the first model", "the second model"),
) -> Verdict:  # fmt: skip
    """The test on two rows of daily scores; a negative statistic speaks for the first."""
    first, second = vectors(scores=scores, other_scores=others)
    gap = first - second
    days = gap.size
    lags = default_lags(days) if lags is None else lags
    if lags < 0:
        raise UserInputError(f"The number of lags is 0 or more; found {lags}.")
    variance = long_run_variance(gap, lags) if days else 0.0
    # Differences of nothing but rounding are none.
    floor = (1e-12 * float(np.abs(first).max(initial=0.0))) ** 2
    speaks = days >= LEAST_DAYS and variance > floor
    statistic: float | None = None
    p_values: tuple[PValue, ...] = ()
    if speaks:
        correction = math.sqrt((days - 1.0) / days)
        statistic = correction * float(gap.mean()) / math.sqrt(variance / days)
        how = f"Student t with {days - 1:,} degrees of freedom, {lags} lags"
        chance = 2.0 * float(stdtr(days - 1, -abs(statistic)))
        p_values = (PValue(chance, PValueKind.ASYMPTOTIC, how),)
    return Verdict(
        name="Diebold-Mariano",
        null=f"{names[0]} and {names[1]} have the same score on average",
        alternative=_alternative(statistic, names),
        statistic=statistic,
        p_values=p_values,
        level=checked_level(level),
        sample_size=days,
        details=(("mean difference", float(gap.mean()) if days else 0.0), ("lags", float(lags))),
        notes=() if speaks else (_silence(days),),
    )


def _alternative(statistic: float | None, names: tuple[str, str]) -> str:
    if statistic is None:
        return "one of the two has the smaller score"
    better, worse = names if statistic < 0 else names[::-1]
    return f"they differ; the smaller, better score here is that of {better}, not of {worse}"


def _silence(days: int) -> str:
    if days < LEAST_DAYS:
        return f"{days} days; at least {LEAST_DAYS} are needed."
    return "The two rows of scores are the same."
