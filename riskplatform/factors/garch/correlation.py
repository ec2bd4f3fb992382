"""Correlations that move: DCC(1,1) of Engle (2002) on standardised residuals.

``Q(t+1) = (1 − a − b) S + a z(t) z(t)ᵀ + b Q(t)``, correlations are those of Q. S is the sample
correlation of z, and a and b maximise the likelihood of pairs of series (Engle, Shephard and
Sheppard 2008), which needs no inverse of large matrices and does not suffer from their size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from riskplatform.errors import UserInputError
from riskplatform.factors.compiled import compiled
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.market.content import FloatArray

_LARGEST_PERSISTENCE = 0.9999
# Series that are nearly the same would rule the likelihood of a pair.
_LARGEST_CORRELATION = 0.999


@dataclass(frozen=True)
class DynamicCorrelation:
    """Tomorrow's correlation, the long-run one, and the memory between them.

    ``news`` is a, ``memory`` is b; both zero is constant correlation.
    """

    correlation: FloatArray
    long_run: FloatArray
    news: float
    memory: float
    log_likelihood_gain: float


def constant_correlation(standardised: FloatArray) -> FloatArray:
    """Correlation of residuals [day, series], about zero as residuals are."""
    moment = standardised.T @ standardised / len(standardised)
    return to_correlation(moment)[1]


def fit_dynamic_correlation(standardised: FloatArray) -> DynamicCorrelation:
    """Estimate a and b, and run them to the day after the last."""
    if standardised.ndim != 2 or standardised.shape[1] < 2:
        raise UserInputError("A dynamic correlation is between at least two series.")
    long_run = constant_correlation(standardised)
    size = np.sqrt(np.mean(standardised**2, axis=0))
    z = np.ascontiguousarray(standardised / np.where(size > 0, size, 1.0))
    first, second = _pairs(z.shape[1])
    target = np.clip(long_run[first, second], -_LARGEST_CORRELATION, _LARGEST_CORRELATION)

    def loss(point: FloatArray) -> float:
        news, memory = _unconstrained(point)
        return -pair_log_likelihood(z, first, second, target, news, memory)

    constant = pair_log_likelihood(z, first, second, target, 0.0, 0.0)
    start = np.array([math.log(0.98 / 0.02), math.log(0.03 / 0.97)])
    found = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4})
    gain = -float(found.fun) - constant
    news, memory = _unconstrained(found.x) if gain > 0 else (0.0, 0.0)
    return DynamicCorrelation(
        correlation=next_correlation(z, long_run, news, memory),
        long_run=long_run,
        news=news,
        memory=memory,
        log_likelihood_gain=max(gain, 0.0),
    )


def next_correlation(
    standardised: FloatArray, long_run: FloatArray, news: float, memory: float
) -> FloatArray:
    """The correlation of the day after the last, from Q(1) = S.

    The recursion is linear, so it is one weighted product over days.
    """
    days = len(standardised)
    weights = news * memory ** np.arange(days - 1, -1, -1, dtype=np.float64)
    of_long_run = (1.0 - news - memory) * np.sum(memory ** np.arange(days)) + memory**days
    moment = (standardised * weights[:, np.newaxis]).T @ standardised
    return to_correlation(of_long_run * long_run + moment)[1]


def _unconstrained(point: FloatArray) -> tuple[float, float]:
    """a and b from two numbers of any size: the persistence a + b, and the share of a in it."""
    persistence = _LARGEST_PERSISTENCE / (1.0 + math.exp(-min(max(point[0], -50.0), 50.0)))
    share = 1.0 / (1.0 + math.exp(-min(max(point[1], -50.0), 50.0)))
    return persistence * share, persistence * (1.0 - share)


def _pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Each series with the one half a turn away; neighbours in a table are often tenors of one
    curve and say little of how correlations move."""
    places = np.arange(count if count % 2 else count // 2)
    return places, (places + count // 2) % count


@compiled
def pair_log_likelihood(
    z: FloatArray,
    first: np.ndarray,
    second: np.ndarray,
    target: FloatArray,
    news: float,
    memory: float,
) -> float:
    """Sum over days and mean over pairs of the normal log-likelihood of their correlation."""
    total = 0.0
    rest = 1.0 - news - memory
    for p in range(first.size):
        i, j = first[p], second[p]
        own_i, own_j, cross = 1.0, 1.0, target[p]
        for t in range(z.shape[0]):
            x, y = z[t, i], z[t, j]
            rho = cross / math.sqrt(own_i * own_j)
            left = 1.0 - rho * rho
            total -= 0.5 * (math.log(left) + (x * x - 2.0 * rho * x * y + y * y) / left)
            own_i = rest + news * x * x + memory * own_i
            own_j = rest + news * y * y + memory * own_j
            cross = rest * target[p] + news * x * y + memory * cross
    return total / first.size
