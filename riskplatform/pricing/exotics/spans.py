"""Which states of a contract are read off which grid, and which are solved one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from riskplatform.pricing.exotics.grid import SPANS, GridSpan, MarketPoint
from riskplatform.pricing.exotics.known import BoolArray, Market
from riskplatform.pricing.purpose import Purpose

SOLVED = -1
"""Instead of the number of a span: not read off a grid."""

Spans = NDArray[np.int64]


def spans_of(
    market: Market,
    centre: MarketPoint,
    purpose: Purpose,
    few: int,
    spans: Sequence[GridSpan] = SPANS,
) -> Spans:
    """For each state the place in ``spans`` of the grid that it is read from, or ``SOLVED``."""
    if purpose is Purpose.SCENARIOS:
        return _narrowest(market, centre, spans)
    return np.full(market.spot.size, _shared(market, centre, few, spans))


def solutions(market: Market) -> int:
    """How many solutions these states need: each gives all spots."""
    return len(np.unique(np.array(market[1:]).T, axis=0)) if market.spot.size else 0


def _narrowest(market: Market, centre: MarketPoint, spans: Sequence[GridSpan]) -> Spans:
    """Each state by itself: the narrowest span that holds it, whatever the others are."""
    found = np.full(market.spot.size, SOLVED)
    for number in reversed(range(len(spans))):
        found[_inside(market, centre, spans[number])] = number
    return found


def _shared(market: Market, centre: MarketPoint, few: int, spans: Sequence[GridSpan]) -> int:
    """One for all: none if they are few, else the narrowest that leaves few outside, or the
    widest."""
    if solutions(market) <= few:
        return SOLVED
    for number, span in enumerate(spans):
        if solutions(market.at(~_inside(market, centre, span))) <= few:
            return number
    return len(spans) - 1


def _inside(market: Market, centre: MarketPoint, span: GridSpan) -> BoolArray:
    """Which states a grid of that span holds, its barrier aside."""
    # Without numbers in the centre no state is inside.
    with np.errstate(all="ignore"):
        distance = np.abs(np.log(market.spot / centre.spot))
    return np.asarray(
        (distance <= np.log(span.spot_ratio))
        & (market.vol >= centre.vol / span.vol_down)
        & (market.vol <= centre.vol * span.vol_up)
        & (np.abs(market.rate - centre.rate) <= span.rate_move)
        & (np.abs(market.carry_yield - centre.carry_yield) <= span.rate_move)
    )
