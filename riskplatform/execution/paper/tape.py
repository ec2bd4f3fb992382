"""A day's bar as a seeded path of ticks that honours it.

The first trade is the open, the last the close, no trade is outside high and low and both are
touched, the sizes sum to the volume. In between the price is a Brownian bridge whose volatility is
the one whose expected range is that of the bar (Feller 1951: the range of a Brownian motion over a
unit of time is 2·sqrt(2/π) = 1.596 of its volatility), pushed back where it leaves the bar.
Volume is U-shaped over the day. Each trade is at the bid or at the ask.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from riskplatform.execution.paper.chance import stream
from riskplatform.execution.paper.market import Bar, Halt, Listing, Tick
from riskplatform.execution.paper.rules import VenueRules

_RANGE_OF_VOLATILITY = 2.0 * math.sqrt(2.0 / math.pi)


def ticks_of(listing: Listing, day: date, rules: VenueRules, seed: int) -> tuple[Tick, ...]:
    """The given ticks of a listing, or those made from its bar."""
    if listing.bar is None:
        return listing.ticks
    luck = stream(seed, "tape", day.isoformat(), listing.instrument_id)
    count = rules.ticks_per_day
    moments = _moments(listing, count, luck)
    prices = _prices(listing.bar, listing.price_step, count, luck)
    sizes = _sizes(listing, listing.bar.volume, count, luck)
    half = _steps(rules.half_spread_bp * abs(listing.bar.open) / 10_000, listing.price_step)
    mean_shown = listing.bar.volume / count * rules.displayed_share
    # From half to one and a half times the mean; a list of all, because ticks are many.
    shown = [
        max(listing.whole_lots(mean_shown * part / 100), listing.lot_size)
        for part in range(50, 151)
    ]
    ticks = []
    for at, price, size in zip(moments, prices, sizes, strict=True):
        bid, ask = (price, price + 2 * half) if luck.random() < 0.5 else (price - 2 * half, price)
        ticks.append(
            Tick(
                at=at, price=price, size=size, bid=bid, ask=ask,
                bid_size=shown[int(luck.random() * len(shown))],
                ask_size=shown[int(luck.random() * len(shown))],
            )
        )  # fmt: skip
    return tuple(ticks)


def halts_of(listing: Listing, halts: Iterable[Halt]) -> tuple[Halt, ...]:
    """When nothing trades in a listing: its own pauses, and its halts."""
    name = listing.instrument_id
    pauses = (Halt(instrument_id=name, start=a, end=b) for a, b in listing.pauses if a < b)
    return (*pauses, *(halt for halt in halts if halt.instrument_id == name))


def heard(ticks: Iterable[Tick], halts: Iterable[Halt]) -> tuple[Tick, ...]:
    """Those that happen: what would trade during a halt does not."""
    some = tuple(halts)
    return tuple(t for t in ticks if not any(h.start <= t.at < h.end for h in some))


def _moments(listing: Listing, count: int, luck: random.Random) -> list[datetime]:
    """One moment in each of ``count`` equal parts of the open session; the ends are exact."""
    pauses = [end - start for start, end in listing.pauses]
    span = listing.closes_at - listing.opens_at - sum(pauses, timedelta())
    moments = [listing.opens_at]
    for number in range(1, count - 1):
        at = listing.opens_at + span * ((number + luck.random()) / count)
        for start, end in listing.pauses:
            at += end - start if at >= start else timedelta()
        moments.append(at)
    return [*moments, listing.closes_at]


def _prices(bar: Bar, step: Decimal, count: int, luck: random.Random) -> list[Decimal]:
    """A bridge from open to close inside the bar that touches its extremes, in steps."""
    volatility = float(bar.high - bar.low) / _RANGE_OF_VOLATILITY
    walk = [0.0]
    for _ in range(count - 1):
        walk.append(walk[-1] + luck.gauss(0.0, volatility / math.sqrt(count - 1)))
    first, last = float(bar.open), float(bar.close)
    drift = (last - first - walk[-1]) / (count - 1)
    path = [first + gone + drift * number for number, gone in enumerate(walk)]
    inner = range(1, count - 1)
    top = max(inner, key=path.__getitem__)
    bottom = min((place for place in inner if place != top), key=path.__getitem__)
    found = [_within(bar, Decimal(price).quantize(step, ROUND_HALF_EVEN)) for price in path]
    # What is quoted in the bar is exact, whatever the step.
    found[0], found[-1], found[top], found[bottom] = bar.open, bar.close, bar.high, bar.low
    return found


def _within(bar: Bar, price: Decimal) -> Decimal:
    return max(bar.low, min(bar.high, price))


def _sizes(listing: Listing, volume: Decimal, count: int, luck: random.Random) -> list[Decimal]:
    """``volume`` in whole lots over the day, more at its ends; what is no lot comes last."""
    weights = [
        (1.0 + 2.0 * (2.0 * number / (count - 1) - 1.0) ** 2) * (0.25 + luck.expovariate(1.0))
        for number in range(count)
    ]
    total = math.fsum(weights)
    lots, given, passed = int(volume // listing.lot_size), 0, 0.0
    sizes = []
    for weight in weights[:-1]:
        passed += weight
        reached = min(int(lots * (passed / total)), lots)
        sizes.append((reached - given) * listing.lot_size)
        given = reached
    return [*sizes, volume - given * listing.lot_size]


def _steps(amount: Decimal, step: Decimal) -> Decimal:
    """``amount`` in whole steps, at least one."""
    return max((amount / step).to_integral_value(ROUND_CEILING), Decimal(1)) * step
