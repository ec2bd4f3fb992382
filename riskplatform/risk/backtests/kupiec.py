"""Does the VaR fail as often as it says? Kupiec (1995): proportion of failures."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc, chdtri, gammaln, xlog1py, xlogy

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.inputs import checked_level, hits_of, tail_of
from riskplatform.risk.backtests.likelihood import chi_squared, enumerated, toss_ratio
from riskplatform.risk.backtests.verdict import LEVEL, Verdict


def pof(exceptions: ArrayLike, confidence: float, *, level: float = LEVEL) -> Verdict:
    """Kupiec's test on a row of days, True where the loss was larger than the VaR."""
    hits = hits_of(exceptions)
    return pof_of_count(int(hits.sum()), hits.size, confidence, level=level)


def pof_of_count(count: int, days: int, confidence: float, *, level: float = LEVEL) -> Verdict:
    """Kupiec's test from the number of exceptions in ``days``.

    The exact p-value is that of the same statistic: the chance, by the binomial distribution, of
    every count whose likelihood ratio is at least as large. The asymptotic one is beside it.
    """
    tail, level = tail_of(confidence), checked_level(level)
    if not 0 <= count <= days:
        raise UserInputError(f"{count} exceptions do not fit {days} days.")
    counts = np.arange(days + 1)
    ratios, chances = toss_ratio(counts, days, tail), binomial_chances(days, tail)
    statistic = float(ratios[count])
    exact = enumerated(statistic, ratios, chances, f"binomial, all counts of {days:,} days")
    return Verdict(
        name="Kupiec POF",
        null=f"exceptions happen with probability {tail:.4g} on each day",
        alternative="they happen more often or less often than that",
        statistic=statistic if days else None,
        p_values=(exact, chi_squared(statistic, 1)) if days else (),
        level=level,
        sample_size=days,
        exceptions=count,
        details=(("expected", days * tail), ("share", count / days if days else 0.0)),
        notes=_notes(days, tail, level, ratios, chances),
    )


def non_rejection_counts(
    days: int, confidence: float, *, level: float = LEVEL, exact: bool = False
) -> tuple[int, int]:
    """The smallest and the largest number of exceptions that the test does not reject.

    By the asymptotic distribution, as in Kupiec's table, or by the exact one.
    """
    tail, level = tail_of(confidence), checked_level(level)
    ratios = toss_ratio(np.arange(days + 1), days, tail)
    if exact:
        chances = binomial_chances(days, tail)
        passed = [k for k, one in enumerate(ratios)
                  if enumerated(float(one), ratios, chances, "").value > level]  # fmt: skip
    else:
        passed = np.flatnonzero(ratios < chdtri(1, level)).tolist()
    if not passed:
        # A coarse grid of counts can step over the region; the likeliest count stands for it.
        passed = [int(np.argmin(ratios))]
    return int(passed[0]), int(passed[-1])


@lru_cache(maxsize=128)
def binomial_chances(days: int, probability: float) -> FloatArray:
    """The chance of 0, 1, ..., ``days`` exceptions."""
    counts = np.arange(days + 1, dtype=np.float64)
    ways = gammaln(days + 1.0) - gammaln(counts + 1.0) - gammaln(days - counts + 1.0)
    logs = ways + xlogy(counts, probability) + xlog1py(days - counts, -probability)
    chances = np.asarray(np.exp(logs))
    chances.flags.writeable = False
    return chances


def binomial_at_least(count: int, days: int, probability: float) -> float:
    """The chance of ``count`` exceptions or more."""
    return 1.0 if count <= 0 else float(bdtrc(count - 1, days, probability))


def binomial_at_most(count: int, days: int, probability: float) -> float:
    """The chance of ``count`` exceptions or fewer."""
    return float(bdtr(count, days, probability)) if count >= 0 else 0.0


def _notes(
    days: int, tail: float, level: float, ratios: FloatArray, chances: FloatArray
) -> tuple[str, ...]:
    if not days:
        return ("There is no day to test on.",)
    if enumerated(float(ratios[-1]), ratios, chances, "").value > level:
        return (f"In {days:,} days even a failure on every day would not reject.",)
    if enumerated(float(ratios[0]), ratios, chances, "").value > level:
        return (
            f"With {days * tail:.3g} exceptions expected, no exception at all would not reject: "
            "a VaR that is too large cannot be told on so few days.",
        )
    return ()
