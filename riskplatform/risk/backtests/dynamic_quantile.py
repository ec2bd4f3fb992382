"""Can exceptions be foretold? Engle and Manganelli (2004): the dynamic quantile test.

The exceptions of a day, less their probability, are regressed on what was known the day before.
The instruments here are a constant, the last ``lags`` exceptions and, where it is given, the VaR of
the day itself, which is known the day before.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.arrangements import SEED
from riskplatform.risk.backtests.inputs import checked_level, hits_of, tail_of, vectors
from riskplatform.risk.backtests.likelihood import chi_squared, simulated
from riskplatform.risk.backtests.verdict import LEVEL, PValue, Verdict

LAGS = 4
SIMULATIONS = 999
_TINY = 1e-10


@compiled
def dq_statistic(hits: np.ndarray, known: FloatArray, lags: int, tail: float) -> tuple[float, int]:
    """hᵀX(XᵀX)⁻Xᵀh / (p(1−p)) and the rank of X; ``known`` may be empty."""
    width = 1 + lags + (1 if known.size else 0)
    moment, cross, row = np.zeros((width, width)), np.zeros(width), np.empty(width)
    for t in range(lags, hits.size):
        row[0] = 1.0
        for lag in range(lags):
            row[1 + lag] = hits[t - 1 - lag] - tail
        if known.size:
            row[width - 1] = known[t]
        here = hits[t] - tail
        for i in range(width):
            if row[i] != 0.0:
                cross[i] += row[i] * here
                for j in range(i + 1):
                    moment[i, j] += row[i] * row[j]
    # Cholesky with zero pivots left out: a column that others make up adds nothing.
    total, rank = 0.0, 0
    solved = np.zeros(width)
    for i in range(width):
        own = moment[i, i]
        for j in range(i):
            value = moment[i, j]
            for k in range(j):
                value -= moment[i, k] * moment[j, k]
            moment[i, j] = value / moment[j, j] if moment[j, j] > 0.0 else 0.0
        left, right = own, cross[i]
        for k in range(i):
            left -= moment[i, k] * moment[i, k]
            right -= moment[i, k] * solved[k]
        if left > _TINY * own and own > 0.0:
            moment[i, i] = np.sqrt(left)
            solved[i] = right / moment[i, i]
            total += solved[i] * solved[i]
            rank += 1
        else:
            moment[i, i] = 0.0
    return total / (tail * (1.0 - tail)), rank


@compiled
def _dq_statistics(
    hits: np.ndarray, known: FloatArray, lags: int, tail: float, found: FloatArray
) -> None:
    for row in range(hits.shape[0]):
        found[row] = dq_statistic(hits[row], known, lags, tail)[0]


def dynamic_quantile(
    exceptions: ArrayLike,
    confidence: float,
    value_at_risk: ArrayLike | None = None,
    *,
    lags: int = LAGS,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:
    """The test on a row of days.

    The p-value that decides is simulated: independent exceptions of the stated probability, on the
    VaR as it was. With ``simulations`` 0 the asymptotic one decides.
    """
    hits, tail = hits_of(exceptions), tail_of(confidence)
    if lags < 0:
        raise UserInputError(f"The number of lags is 0 or more; found {lags}.")
    known = _scaled(value_at_risk, hits.size)
    speaks = hits.size - lags > 1 + lags + bool(known.size)
    p_values: tuple[PValue, ...] = ()
    statistic, rank = 0.0, 0
    if speaks:
        statistic, rank = dq_statistic(hits.astype(np.int8), known, lags, tail)
        p_values = (chi_squared(statistic, rank),)
        if simulations:
            null = _null(known.tobytes(), hits.size, lags, tail, simulations, seed)
            how = f"{simulations:,} samples of independent days, seed {seed}"
            p_values = (simulated(statistic, null, how), *p_values)
    instruments = f"a constant, the exceptions of the last {lags} days"
    instruments += " and the VaR of the day" if known.size else ""
    return Verdict(
        name="Engle-Manganelli dynamic quantile",
        null=f"exceptions have probability {tail:.4g} whatever is known the day before",
        alternative=f"they can be foretold from {instruments}",
        statistic=float(statistic) if speaks else None,
        p_values=p_values,
        level=checked_level(level),
        sample_size=hits.size,
        exceptions=int(hits.sum()),
        details=(("instruments", float(rank)), ("lags", float(lags))),
        notes=_notes(hits.size, int(hits.sum()), lags, speaks),
    )


def _scaled(value_at_risk: ArrayLike | None, days: int) -> FloatArray:
    """The VaR in units of its own spread, about its mean, which changes nothing but rounding."""
    if value_at_risk is None:
        return np.empty(0)
    (known,) = vectors(value_at_risk=value_at_risk)
    if known.size != days:
        raise UserInputError(f"{known.size} numbers of VaR do not fit {days} days.")
    spread = float(known.std()) if known.size else 0.0
    return np.ascontiguousarray((known - known.mean()) / spread) if spread > 0.0 else np.empty(0)


@lru_cache(maxsize=32)
def _null(
    known: bytes, days: int, lags: int, tail: float, simulations: int, seed: int
) -> FloatArray:
    """Statistics of independent exceptions; ``known`` is the scaled VaR, as bytes."""
    scaled = np.frombuffer(known, dtype=np.float64)
    rng = np.random.default_rng([seed, 4])
    found = np.empty(simulations)
    # In blocks, so that thirty years of days do not fill the memory.
    for start in range(0, simulations, 200):
        rows = min(200, simulations - start)
        hits = (rng.random((rows, days)) < tail).astype(np.int8)
        _dq_statistics(hits, scaled, lags, tail, found[start : start + rows])
    found.flags.writeable = False
    return found


def _notes(days: int, count: int, lags: int, speaks: bool) -> tuple[str, ...]:
    if not speaks:
        return (f"{days} days are too few for a regression on {lags} lags.",)
    if count < 5:
        return (f"With {count} exceptions the regression rests on very few days.",)
    return ()
