"""Is the whole forecast distribution right? Berkowitz (2001).

A PIT is the place of what happened within the distribution that was forecast for it, between 0 and
1. If the forecasts are right, PITs are uniform and independent, and their normal scores are
independent standard normals. The likelihood ratio asks three things at once: mean 0, variance 1,
no memory from one day to the next.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.inputs import checked_level, count_text, vectors
from riskplatform.risk.backtests.likelihood import chi_squared
from riskplatform.risk.backtests.verdict import LEVEL, Verdict

LEAST_DAYS = 10
_FEW_DAYS = 100
# A PIT of exactly 0 or 1 has no normal score; it is moved to here.
_EDGE = 1e-9


def checked_pits(pits: ArrayLike) -> FloatArray:
    (values,) = vectors(pits=np.atleast_1d(np.asarray(pits, dtype=np.float64)))
    if values.size and not ((values >= 0.0) & (values <= 1.0)).all():
        raise UserInputError("A PIT is a probability, between 0 and 1.")
    return values


def berkowitz(pits: ArrayLike, *, level: float = LEVEL) -> Verdict:
    """The test on a row of PITs, oldest first; the first day is taken as given."""
    values = checked_pits(pits)
    scores = np.asarray(ndtri(np.clip(values, _EDGE, 1.0 - _EDGE)))
    speaks = values.size >= LEAST_DAYS
    statistic, mean, deviation, memory = _ratio(scores) if speaks else (0.0, 0.0, 0.0, 0.0)
    names = ("mean", "standard deviation", "memory")
    return Verdict(
        name="Berkowitz",
        null="the normal scores of the PITs are independent, with mean 0 and variance 1",
        alternative="they have another mean or variance, or remember the day before",
        statistic=statistic if speaks else None,
        p_values=(chi_squared(statistic, 3),) if speaks else (),
        level=checked_level(level),
        sample_size=values.size,
        details=tuple(zip(names, (mean, deviation, memory), strict=True)) if speaks else (),
        notes=_notes(values),
    )


def _ratio(scores: FloatArray) -> tuple[float, float, float, float]:
    """The likelihood ratio, and mean, deviation and memory of the fitted AR(1)."""
    before, after = scores[:-1], scores[1:]
    centred = before - before.mean()
    spread = float(centred @ centred)
    memory = float(centred @ (after - after.mean())) / spread if spread > 0.0 else 0.0
    constant = float(after.mean() - memory * before.mean())
    left = after - constant - memory * before
    days = after.size
    # A row of equal PITs has no variance; it is as far from the null as can be told.
    variance = max(float(left @ left) / days, 1e-12)
    free = -0.5 * days * (math.log(variance) + 1.0)
    fixed = -0.5 * float(after @ after)
    mean = constant / (1.0 - memory) if memory != 1.0 else 0.0
    return max(2.0 * (free - fixed), 0.0), mean, math.sqrt(variance), memory


def _notes(values: FloatArray) -> tuple[str, ...]:
    notes = []
    if values.size < LEAST_DAYS:
        notes.append(f"{count_text(values.size, 'PIT')}; at least {LEAST_DAYS} are needed.")
    elif values.size < _FEW_DAYS:
        notes.append(f"With {values.size} PITs the chi-squared p-value is a rough one.")
    edge = int(np.count_nonzero((values < _EDGE) | (values > 1.0 - _EDGE)))
    if edge:
        notes.append(f"{count_text(edge, 'PIT')} of 0 or 1 moved to {_EDGE:g} from the edge.")
    return tuple(notes)
