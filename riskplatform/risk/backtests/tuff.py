"""How long until the VaR fails first? Kupiec (1995): time until first failure."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.inputs import checked_level, count_text, hits_of, tail_of
from riskplatform.risk.backtests.likelihood import chi_squared, enumerated, toss_ratio
from riskplatform.risk.backtests.verdict import LEVEL, Verdict

# What lies beyond the enumerated days has less chance than this.
_LEFT_OUT = 1e-13


def tuff(exceptions: ArrayLike, confidence: float, *, level: float = LEVEL) -> Verdict:
    """The test on a row of days; without an exception the first one lies beyond the last day."""
    hits = hits_of(exceptions)
    places = np.flatnonzero(hits)
    if places.size:
        return tuff_of_day(int(places[0]) + 1, confidence, level=level)
    return _without_failure(hits.size, confidence, level)


def tuff_of_day(first_failure: int, confidence: float, *, level: float = LEVEL) -> Verdict:
    """The test from the day of the first failure, 1 being the first day."""
    if first_failure < 1:
        raise UserInputError(f"The first failure is on day 1 or later; found {first_failure}.")
    return _verdict(first_failure, first_failure, 1, confidence, level, ())


def _without_failure(days: int, confidence: float, level: float) -> Verdict:
    tail = tail_of(confidence)
    chance = (1.0 - tail) ** days
    note = (
        f"No exception in {count_text(days, 'day')}, which has a chance of {chance:.3g}; the first "
        f"failure is taken to be on day {days + 1:,}"
    )
    if days + 1 > 1.0 / tail:
        return _verdict(
            days + 1, days, 0, confidence, level, (f"{note}, so the p-value is at most this.",)
        )
    silent = f"{note}: too early to say anything."
    return _verdict(days + 1, days, 0, confidence, level, (silent,), speaks=False)


def _verdict(
    day: int, days: int, count: int, confidence: float, level: float, notes: tuple[str, ...],
    *, speaks: bool = True,
) -> Verdict:  # fmt: skip
    tail, level = tail_of(confidence), checked_level(level)
    # Enumerate until what is left out does not matter, and past the day that was found.
    last = max(day, math.ceil(math.log(_LEFT_OUT) / math.log1p(-tail)))
    ratios, chances = _first_failures(last, tail)
    statistic = float(ratios[day - 1])
    exact = enumerated(statistic, ratios, chances, "geometric, all days of a first failure")
    return Verdict(
        name="Kupiec TUFF",
        null=f"exceptions happen with probability {tail:.4g} on each day, the first one included",
        alternative="the first exception comes earlier or later than that allows",
        statistic=statistic if speaks else None,
        p_values=(exact, chi_squared(statistic, 1)) if speaks else (),
        level=level,
        sample_size=days,
        exceptions=count,
        details=(("first failure", float(day)), ("expected", 1.0 / tail)),
        notes=notes,
    )


@lru_cache(maxsize=32)
def _first_failures(last: int, tail: float) -> tuple[FloatArray, FloatArray]:
    """Likelihood ratio and chance of a first failure on day 1, 2, ..., ``last``."""
    every = np.arange(1, last + 1, dtype=np.float64)
    return (
        toss_ratio(np.ones_like(every), every, tail),
        np.asarray(tail * np.exp((every - 1.0) * math.log1p(-tail))),
    )
