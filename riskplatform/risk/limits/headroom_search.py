"""How many lots still fit: a search for where the excess over a limit passes zero.

The excess along a trade is convex for most measures (sums, gross sums, ES, a largest loss, days to
unwind at once) and nearly so for VaR. Then what fits is one stretch from zero, and the search finds
its end exactly: the last lot fits and the next one does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray

MOST_LOTS = 2.0**50
"""What is not met by then has no end: larger whole numbers are no longer exact."""
_GROWTH = 16.0

Rows = NDArray[np.intp]
Excess = Callable[[FloatArray, Rows], FloatArray]
"""Excess over the limit of ``lots`` for some of the trades; nothing above zero fits."""


def largest_fit(excess: Excess, now: FloatArray, cap: FloatArray) -> FloatArray:
    """The most lots of each trade that fit, up to ``cap``; without end where none is too many.

    ``now`` is the excess of no trade, which is not above zero.
    """
    low, at_low = np.zeros_like(cap), now.copy()
    high, at_high = cap.copy(), np.full_like(cap, np.nan)
    _bracket(excess, low, at_low, high, at_high)
    turn = 0
    while (rows := np.flatnonzero(high - low > 1.0)).size:
        tried = _next(low[rows], at_low[rows], high[rows], at_high[rows], halve=turn % 3 == 2)
        found = excess(tried, rows)
        fits = found <= 0.0
        low[rows[fits]], at_low[rows[fits]] = tried[fits], found[fits]
        high[rows[~fits]], at_high[rows[~fits]] = tried[~fits], found[~fits]
        turn += 1
    return low


def _bracket(
    excess: Excess, low: FloatArray, at_low: FloatArray, high: FloatArray, at_high: FloatArray
) -> None:
    """Moves ``low`` up over what fits and ``high`` down to something that does not.

    Where the cap fits, or nothing up to :data:`MOST_LOTS` does not, both end there.
    """
    capped = np.flatnonzero(np.isfinite(high))
    at_high[capped] = excess(high[capped], capped) if capped.size else at_high[capped]
    fits = capped[at_high[capped] <= 0.0]
    low[fits] = high[fits]
    rows, tried = np.flatnonzero(~np.isfinite(high)), 1.0
    while rows.size:
        found = excess(np.full(rows.size, tried), rows)
        fits_too = found <= 0.0
        beyond = rows[~fits_too]
        high[beyond], at_high[beyond] = tried, found[~fits_too]
        rows = rows[fits_too]
        low[rows], at_low[rows] = tried, found[fits_too]
        if tried >= MOST_LOTS:
            # Endless, and nothing left between the two.
            low[rows], high[rows] = np.inf, 0.0
            break
        tried = min(tried * _GROWTH, MOST_LOTS)


def _next(
    low: FloatArray, at_low: FloatArray, high: FloatArray, at_high: FloatArray, *, halve: bool
) -> FloatArray:
    """Where a straight line passes zero; every third time the middle, so that it always ends."""
    middle = np.floor(0.5 * (low + high))
    if halve:
        return middle
    with np.errstate(invalid="ignore"):
        share = at_low / (at_low - at_high)
        line = np.floor(low + share * (high - low))
    line = np.where(np.isfinite(line) & np.isfinite(at_high), line, middle)
    return np.asarray(np.clip(line, low + 1.0, high - 1.0))


class Relief(NamedTuple):
    """Of a limit that is breached already: ``most`` lots, and from how many on it is kept again.

    ``cured_at`` is not a number where no trade of this kind brings the limit within bounds; then
    ``most`` leaves it no worse than it is.
    """

    most: float
    cured_at: float


def relief(excess: Callable[[float], float], now: float) -> Relief:
    """``now`` is the excess of no trade, above zero."""
    inside, turned = _first_inside(excess, now)
    if inside is None:
        if turned is None:
            return Relief(np.inf, np.nan)
        return Relief(_last(lambda lots: excess(lots) - now, 0.0, turned), np.nan)
    below, at = inside
    first = at - _last(lambda back: excess(at - back), 0.0, at - below)
    return Relief(_last(excess, at, np.inf), first)


def _first_inside(
    excess: Callable[[float], float], now: float
) -> tuple[tuple[float, float] | None, float | None]:
    """(Lots that do not fit, more that do), or none; and where the excess is above ``now``."""
    before, here, at_here, tried = 0.0, 0.0, now, 1.0
    while True:
        found = excess(tried)
        if found <= 0.0:
            return (here, tried), None
        if found > at_here:
            lowest = _lowest(excess, before, tried)
            if excess(lowest) <= 0.0:
                return (before, lowest), None
            return None, _worse(excess, tried, now)
        if tried >= MOST_LOTS:
            return None, None
        before, here, at_here = here, tried, found
        tried = min(tried * _GROWTH, MOST_LOTS)


def _worse(excess: Callable[[float], float], lots: float, now: float) -> float | None:
    while excess(lots) <= now:
        if lots >= MOST_LOTS:
            return None
        lots = min(lots * _GROWTH, MOST_LOTS)
    return lots


def _lowest(excess: Callable[[float], float], low: float, high: float) -> float:
    """Where a convex excess is least, by thirds; at once where something fits."""
    while high - low > 2.0:
        third = math.floor((high - low) / 3.0)
        left, right = low + third, high - third
        at_left, at_right = excess(left), excess(right)
        for lots, found in ((left, at_left), (right, at_right)):
            if found <= 0.0:
                return lots
        if at_left <= at_right:
            high = right
        else:
            low = left
    lowest: float = min((low, low + 1.0, high), key=excess)
    return lowest


def _last(excess: Callable[[float], float], low: float, high: float) -> float:
    """The most lots from ``low``, which fits, up to ``high``, which may be endless."""
    found = largest_fit(
        lambda lots, _: np.array([excess(low + each) for each in lots]),
        np.array([excess(low)]),
        np.array([high - low]),
    )
    return float(low + found[0])
