"""What the market of the paper venue traded over some time, of today and of the last days.

Nothing that is still to come is told: the venue asks up to its own time only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from riskplatform.execution.gateways.gateway import Traded
from riskplatform.execution.paper.market import DayMarket, Listing, Tick

MOST_DAYS = 10
"""So many days are remembered, for the market of a day is large."""

TicksOf = Callable[[DayMarket, Listing], Sequence[Tick]]


class PastDays:
    """The markets of the last days, today's among them."""

    def __init__(self) -> None:
        self._days: deque[tuple[DayMarket, Mapping[str, Listing]]] = deque()
        self._forgotten_to = datetime.min.replace(tzinfo=UTC)

    def add(self, market: DayMarket, listings: Mapping[str, Listing]) -> None:
        self._days.append((market, listings))
        if len(self._days) > MOST_DAYS:
            self._forgotten_to = self._days.popleft()[0].closes_at

    def traded(
        self, instrument_id: str, start: datetime, end: datetime, ticks_of: TicksOf
    ) -> Traded | None:
        """None of what no day lists, and where a day that is forgotten may count."""
        listed = [
            (market, listings[instrument_id])
            for market, listings in reversed(self._days)
            if instrument_id in listings
        ]
        if not listed or start < self._forgotten_to:
            return None
        begun = [each for each in listed if each[1].opens_at <= end]
        volume, turnover, last = Decimal(0), Decimal(0), None
        for market, listing in begun:
            if listing.closes_at < start and last is not None:
                break
            ticks = ticks_of(market, listing)
            following = bisect_right(ticks, end, key=_moment)
            for tick in ticks[bisect_left(ticks, start, key=_moment) : following]:
                if tick.price is not None:
                    volume, turnover = volume + tick.size, turnover + tick.size * tick.price
            last = last if last is not None else _last(ticks[:following])
        return Traded(
            instrument_id=instrument_id,
            start=start,
            end=end,
            volume=volume,
            turnover=turnover,
            last=last,
            is_closed=bool(begun) and begun[0][1].closes_at <= end,
        )


def _last(ticks: Sequence[Tick]) -> Decimal | None:
    return next((tick.price for tick in reversed(ticks) if tick.price is not None), None)


def _moment(tick: Tick) -> datetime:
    return tick.at
