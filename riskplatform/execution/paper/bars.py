"""A day's bar from closes: what is known is kept, what is not is drawn by name and seed.

A store of closes knows the day's close and the one before, which is taken for the open. High and
low are drawn from the exact law of the extremes of a Brownian bridge between the two (Karatzas and
Shreve, Brownian Motion and Stochastic Calculus, 4.3.40), whose volatility is that of the closes
before, each by itself.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise

from riskplatform.domain.instruments import Instrument
from riskplatform.execution.paper.chance import uniform
from riskplatform.execution.paper.market import Bar
from riskplatform.execution.paper.rules import VenueRules

_LOWEST_SHARE = 0.5


def price_step(price: float) -> Decimal:
    """Five significant digits, and a hundredth at most."""
    digits = math.floor(math.log10(abs(price))) if price else 0
    return Decimal(1).scaleb(min(-2, digits - 4))


def bar_of_closes(
    instrument: Instrument,
    closes: Sequence[float],
    volume: float | None,
    rules: VenueRules,
    *,
    seed: int,
    day: str,
) -> Bar:
    """The bar of the day of the last close; ``closes`` have splits undone, the oldest first."""
    last = closes[-1]
    first = closes[-2] if len(closes) > 1 else last
    moves = [b - a for a, b in pairwise(closes[:-1])]
    volatility = statistics.pstdev(moves) if len(moves) > 1 else 0.0
    luck = [uniform(seed, "bar", day, instrument.instrument_id, side) for side in ("high", "low")]
    high = first + _reach(last - first, volatility, luck[0])
    low = first - _reach(first - last, volatility, luck[1])
    if min(first, last) > 0:
        low = max(low, _LOWEST_SHARE * min(first, last))
    step = price_step(last)
    opens, closing = Decimal(repr(first)), Decimal(repr(last))
    return Bar(
        open=opens,
        close=closing,
        high=max(opens, closing, Decimal(high).quantize(step)),
        low=min(opens, closing, Decimal(low).quantize(step)),
        volume=_units(instrument, last, volume, rules),
    )


def _reach(change: float, volatility: float, luck: float) -> float:
    """How far a bridge that ends at ``change`` gets above its beginning."""
    spread = -2.0 * volatility * volatility * math.log1p(-luck)
    return (change + math.sqrt(change * change + spread)) / 2.0


def _units(
    instrument: Instrument, price: float, volume: float | None, rules: VenueRules
) -> Decimal:
    lot = instrument.lot_size
    if volume is not None and math.isfinite(volume):
        units = Decimal(repr(volume))
    else:
        one = abs(Decimal(repr(price))) * instrument.multiplier
        units = rules.unknown_turnover / one if one else lot
    return (units / lot).to_integral_value(ROUND_DOWN) * lot
