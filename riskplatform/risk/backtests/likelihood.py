"""Likelihood ratios of coin tosses, and p-values from lists of statistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, xlogy

from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.verdict import PValue, PValueKind

# Statistics closer than this are the same one, computed in another order.
_SAME = 1e-9


def toss_ratio(failures: ArrayLike, trials: ArrayLike, probability: float) -> FloatArray:
    """−2 log of the likelihood at ``probability`` over that at the share of failures found."""
    x, n = np.asarray(failures, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    share = np.divide(x, n, out=np.zeros(np.broadcast(x, n).shape), where=n > 0)
    free = xlogy(x, share) + xlogy(n - x, 1.0 - share)
    fixed = xlogy(x, probability) + xlogy(n - x, 1.0 - probability)
    return np.asarray(np.maximum(2.0 * (free - fixed), 0.0))


def chi_squared(statistic: float, freedom: int) -> PValue:
    """The upper tail of the chi-squared distribution."""
    how = f"chi-squared with {freedom} degree{'s' if freedom > 1 else ''} of freedom"
    return PValue(float(chdtrc(freedom, max(statistic, 0.0))), PValueKind.ASYMPTOTIC, how)


def enumerated(
    statistic: float, all_statistics: FloatArray, chances: FloatArray, how: str
) -> PValue:
    """Exact: the summed chances of all outcomes at least as extreme."""
    same = np.abs(all_statistics - statistic) <= _SAME * max(1.0, abs(statistic))
    ties = float(chances[same].sum())
    beyond = float(chances[(all_statistics > statistic) & ~same].sum())
    return PValue(min(beyond + ties, 1.0), PValueKind.EXACT, how, ties)


def simulated(statistic: float, drawn: FloatArray, how: str, *, low: bool = False) -> PValue:
    """From statistics drawn under the null; the one found counts as one of them (Dufour, 2006).

    ``low``: small statistics are the extreme ones.
    """
    found, others = (-statistic, -drawn) if low else (statistic, drawn)
    same = np.abs(others - found) <= _SAME * max(1.0, abs(found))
    beyond = np.count_nonzero((others > found) & ~same)
    ties = np.count_nonzero(same)
    draws = others.size + 1
    value, tied = float((beyond + ties + 1) / draws), float((ties + 1) / draws)
    return PValue(value, PValueKind.SIMULATED, how, tied)
