"""Do exceptions come one after the other? Christoffersen (1998): independence, and coverage too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.risk.backtests.arrangements import (
    SEED,
    SIMULATIONS,
    coverage_null,
    independence_null,
    independence_ratio,
    transitions_of,
)
from riskplatform.risk.backtests.inputs import checked_level, hits_of, tail_of
from riskplatform.risk.backtests.likelihood import chi_squared, simulated, toss_ratio
from riskplatform.risk.backtests.verdict import LEVEL, PValue, Verdict

_IN_A_ROW = "an exception is as likely on the day after an exception as on any other day"


class Transitions(NamedTuple):
    """How often the day after a quiet day (0) or an exception (1) was quiet or an exception."""

    n00: int
    n01: int
    n10: int
    n11: int

    @property
    def exceptions(self) -> int:
        return self.n01 + self.n11

    @property
    def total(self) -> int:
        return sum(self)


def transitions(exceptions: ArrayLike) -> Transitions:
    hits = hits_of(exceptions)
    places = np.flatnonzero(hits).astype(np.int64)
    if not hits.size:
        return Transitions(0, 0, 0, 0)
    return Transitions(*(int(n) for n in transitions_of(places, places.size, hits.size)))


def independence(
    exceptions: ArrayLike,
    *,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:
    """The independence test on a row of days.

    The p-value that decides is simulated: the exceptions found, in random order. It does not
    depend on how likely an exception is. With ``simulations`` 0 the asymptotic one decides.
    """
    hits = hits_of(exceptions)
    count = int(hits.sum())
    found = transitions(hits)
    drawn: tuple[PValue, ...] = ()
    if simulations and 0 < count < hits.size:
        null = independence_null(hits.size, count, simulations, seed)
        how = f"{simulations:,} random orders of the days, seed {seed}"
        drawn = (simulated(independence_ratio(*found), null, how),)
    return _independence(found, count, hits.size, level, drawn)


def independence_of_counts(found: Transitions, *, level: float = LEVEL) -> Verdict:
    """The independence test from published counts, which has the asymptotic p-value only."""
    return _independence(found, found.exceptions, found.total, level, ())


def conditional_coverage(
    exceptions: ArrayLike,
    confidence: float,
    *,
    level: float = LEVEL,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Verdict:
    """Kupiec's and the independence statistic together, on a row of days.

    The p-value that decides is simulated from independent days with the stated probability.
    """
    hits = hits_of(exceptions)
    tail, count = tail_of(confidence), int(hits.sum())
    found = transitions(hits)
    statistic = float(toss_ratio(count, hits.size, tail)) + independence_ratio(*found)
    drawn: tuple[PValue, ...] = ()
    if simulations and hits.size > 1:
        null = coverage_null(hits.size, tail, simulations, seed)
        how = f"{simulations:,} samples of independent days, seed {seed}"
        drawn = (simulated(statistic, null, how),)
    return _coverage(found, statistic, count, hits.size, tail, level, drawn)


def conditional_coverage_of_counts(
    found: Transitions, exceptions: int, days: int, confidence: float, *, level: float = LEVEL
) -> Verdict:
    """From published counts; ``exceptions`` in ``days`` are those of the coverage part."""
    tail = tail_of(confidence)
    if not 0 <= exceptions <= days:
        raise UserInputError(f"{exceptions} exceptions do not fit {days} days.")
    statistic = float(toss_ratio(exceptions, days, tail)) + independence_ratio(*found)
    return _coverage(found, statistic, exceptions, days, tail, level, ())


def _independence(
    found: Transitions, count: int, days: int, level: float, drawn: tuple[PValue, ...]
) -> Verdict:
    statistic = independence_ratio(*found)
    speaks = 0 < count < days and days > 2
    return Verdict(
        name="Christoffersen independence",
        null=_IN_A_ROW,
        alternative="exceptions follow each other more often, or less often, than chance has it",
        statistic=statistic if speaks else None,
        p_values=(*drawn, chi_squared(statistic, 1)) if speaks else (),
        level=checked_level(level),
        sample_size=days,
        exceptions=count,
        details=_details(found),
        notes=_notes(count, days),
    )


def _coverage(
    found: Transitions, statistic: float, count: int, days: int, tail: float, level: float,
    drawn: tuple[PValue, ...],
) -> Verdict:  # fmt: skip
    speaks = days > 1
    notes = _notes(count, days) if speaks else ("A day after another is needed to test on.",)
    return Verdict(
        name="Christoffersen conditional coverage",
        null=f"exceptions happen with probability {tail:.4g} on each day, whatever the day before",
        alternative="their probability is another one, or depends on the day before",
        statistic=statistic if speaks else None,
        p_values=(*drawn, chi_squared(statistic, 2)) if speaks else (),
        level=checked_level(level),
        sample_size=days,
        exceptions=count,
        details=(("expected", days * tail), *_details(found)),
        notes=notes,
    )


def _details(found: Transitions) -> tuple[tuple[str, float], ...]:
    counts = tuple((name, float(n)) for name, n in zip(found._fields, found, strict=True))
    quiet, after = found.n00 + found.n01, found.n10 + found.n11
    shares = (
        ("share after a quiet day", found.n01 / quiet if quiet else 0.0),
        ("share after an exception", found.n11 / after if after else 0.0),
    )
    return (*counts, *shares)


def _notes(count: int, days: int) -> tuple[str, ...]:
    if count in (0, days):
        every = "no day" if count == 0 else "every day"
        return (f"With an exception on {every} nothing can be said of their order.",)
    if count < 5:
        return (f"{count} exceptions say little of their order.",)
    return ()
