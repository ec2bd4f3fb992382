"""Days of exceptions drawn under the null, and the statistics that are computed from them.

Exceptions that are independent leave, given how many there are, every arrangement of them over the
days equally likely. That makes tests of independence exact without knowing how likely an exception
is. An arrangement is the sorted days of its exceptions, so that a thousand arrangements of ten
years are a small array.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.likelihood import toss_ratio

SIMULATIONS = 4_999
SEED = 20_240_101

IntArray = NDArray[np.int64]


@compiled
def draw_days(days: int, count: int, uniforms: FloatArray, places: IntArray) -> None:
    """Fill ``places`` with ``count`` different days, sorted (Floyd's method)."""
    for k in range(count):
        top = days - count + k
        picked = min(int(uniforms[k] * (top + 1)), top)
        for j in range(k):
            if places[j] == picked:
                picked = top
                break
        # Insert in order; counts are a few dozen.
        j = k
        while j > 0 and places[j - 1] > picked:
            places[j] = places[j - 1]
            j -= 1
        places[j] = picked


@compiled
def transitions_of(places: IntArray, count: int, days: int) -> tuple[int, int, int, int]:
    """How often no-no, no-yes, yes-no, yes-yes follow each other."""
    together = 0
    for k in range(1, count):
        if places[k] - places[k - 1] == 1:
            together += 1
    first = 1 if count > 0 and places[0] == 0 else 0
    last = 1 if count > 0 and places[count - 1] == days - 1 else 0
    began, ended = count - first - together, count - last - together
    return days - 1 - began - ended - together, began, ended, together


@compiled
def _log_power(count: float, share: float) -> float:
    return count * np.log(share) if count > 0.0 else 0.0


@compiled
def independence_ratio(n00: float, n01: float, n10: float, n11: float) -> float:
    """−2 log of the likelihood of one probability over that of one for each state of yesterday."""
    quiet, after, total = n00 + n01, n10 + n11, n00 + n01 + n10 + n11
    if quiet == 0.0 or after == 0.0:
        return 0.0
    yes = n01 + n11
    free = _log_power(n00, n00 / quiet) + _log_power(n01, n01 / quiet)
    free += _log_power(n10, n10 / after) + _log_power(n11, n11 / after)
    fixed = _log_power(total - yes, (total - yes) / total) + _log_power(yes, yes / total)
    return max(2.0 * (free - fixed), 0.0)


@compiled
def _independence_ratios(
    days: int, counts: IntArray, starts: IntArray, uniforms: FloatArray, ratios: FloatArray
) -> None:
    places = np.empty(days, dtype=np.int64)
    for row in range(counts.size):
        count = counts[row]
        draw_days(days, count, uniforms[starts[row] : starts[row] + count], places)
        n00, n01, n10, n11 = transitions_of(places, count, days)
        ratios[row] = independence_ratio(n00, n01, n10, n11)


def drawn_days(days: int, counts: IntArray, rng: np.random.Generator) -> list[IntArray]:
    """For each count, that many days drawn at random."""
    found = []
    for count in counts:
        places = np.empty(int(count), dtype=np.int64)
        draw_days(days, int(count), rng.random(int(count)), places)
        found.append(places)
    return found


@lru_cache(maxsize=256)
def independence_null(days: int, count: int, simulations: int, seed: int) -> FloatArray:
    """Likelihood ratios of independence for random arrangements of ``count`` exceptions."""
    return _ratios(days, np.full(simulations, count, dtype=np.int64), seed)


@lru_cache(maxsize=256)
def coverage_null(days: int, probability: float, simulations: int, seed: int) -> FloatArray:
    """Ratios of coverage and independence together, with binomial numbers of exceptions."""
    rng = np.random.default_rng([seed, 1])
    counts = rng.binomial(days, probability, simulations).astype(np.int64)
    both = toss_ratio(counts, days, probability) + _ratios(days, counts, seed)
    both.flags.writeable = False
    return both


def _ratios(days: int, counts: IntArray, seed: int) -> FloatArray:
    rng = np.random.default_rng([seed, 2])
    ends = np.cumsum(counts)
    ratios = np.empty(counts.size)
    uniforms = rng.random(int(ends[-1]) if ends.size else 0)
    _independence_ratios(days, counts, ends - counts, uniforms, ratios)
    ratios.flags.writeable = False
    return ratios
