"""Are PITs uniform? Kolmogorov-Smirnov, Anderson-Darling and Cramér-von Mises.

All three take the PITs to be independent; whether they are, Berkowitz asks.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.berkowitz import checked_pits
from riskplatform.risk.backtests.inputs import checked_level, count_text
from riskplatform.risk.backtests.verdict import LEVEL, PValue, PValueKind, Verdict

LEAST_DAYS = 5
_EDGE = 1e-12


def kolmogorov_smirnov(pits: ArrayLike, *, level: float = LEVEL) -> Verdict:
    """The largest distance between the share of PITs below a value and that value."""
    from scipy.stats import kstwo

    values = np.sort(checked_pits(pits))
    n = values.size
    if n < LEAST_DAYS:
        return _verdict("Kolmogorov-Smirnov", values, None, None, level)
    above = np.arange(1, n + 1) / n - values
    below = values - np.arange(n) / n
    distance = float(max(above.max(), below.max()))
    how = f"distribution of the distance for {n:,} days"
    exact = PValue(float(kstwo.sf(distance, n)), PValueKind.EXACT, how)
    return _verdict("Kolmogorov-Smirnov", values, distance, exact, level)


def anderson_darling(pits: ArrayLike, *, level: float = LEVEL) -> Verdict:
    """Squared distances that weigh most in the two tails."""
    values = np.sort(checked_pits(pits))
    n = values.size
    if n < LEAST_DAYS:
        return _verdict("Anderson-Darling", values, None, None, level)
    inside = np.clip(values, _EDGE, 1.0 - _EDGE)
    odd = 2.0 * np.arange(1, n + 1) - 1.0
    statistic = -n - float(odd @ (np.log(inside) + np.log1p(-inside[::-1]))) / n
    p_value = PValue(1.0 - anderson_darling_limit(statistic), PValueKind.ASYMPTOTIC,
                     "limit of many days, right to 1e-3 from ten days on")  # fmt: skip
    return _verdict("Anderson-Darling", values, statistic, p_value, level)


def cramer_von_mises(pits: ArrayLike, *, level: float = LEVEL) -> Verdict:
    """Squared distances that weigh the same everywhere."""
    from scipy.stats import cramervonmises

    values = np.sort(checked_pits(pits))
    if values.size < LEAST_DAYS:
        return _verdict("Cramér-von Mises", values, None, None, level)
    found = cramervonmises(values, "uniform")
    # Two terms of the expansion may pass 1 by a hair.
    chance = min(max(float(found.pvalue), 0.0), 1.0)
    how = "limit of many days with a correction of order 1/days"
    p_value = PValue(chance, PValueKind.ASYMPTOTIC, how)
    return _verdict("Cramér-von Mises", values, float(found.statistic), p_value, level)


def anderson_darling_limit(value: float) -> float:
    """The chance that the statistic of many days is below ``value`` (Marsaglia, 2004)."""
    z = value
    if z <= 0.0:
        return 0.0
    if z < 2.0:
        series = (2.00012 + (0.247105 - (0.0649821 - (0.0347962 - (0.0116720 - 0.00168691 * z)
                  * z) * z) * z) * z)  # fmt: skip
        return math.exp(-1.2337141 / z) / math.sqrt(z) * series
    series = 1.0776 - (2.30695 - (0.43424 - (0.082433 - (0.008056 - 0.0003146 * z)
             * z) * z) * z) * z  # fmt: skip
    # The fit runs out of digits far in the tail.
    return math.exp(-math.exp(series)) if z < 30.0 else 1.0


def _verdict(
    name: str, values: FloatArray, statistic: float | None, p_value: PValue | None, level: float
) -> Verdict:
    n = values.size
    notes: tuple[str, ...] = ()
    if p_value is None:
        notes = (f"{count_text(n, 'PIT')}; at least {LEAST_DAYS} are needed.",)
    return Verdict(
        name=f"{name} on PITs",
        null="what happened is spread over the forecast distributions as they say (uniform PITs)",
        alternative="it falls too often into some part of them",
        statistic=statistic,
        p_values=() if p_value is None else (p_value,),
        level=checked_level(level),
        sample_size=n,
        notes=notes,
    )
