"""The market as the gate sees it: the last quote of each instrument, and the span of a period."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from riskplatform.domain.orders import Order, OrderType, Side
from riskplatform.execution.gateways.gateway import Quote


class Seen(NamedTuple):
    """A quote in plain numbers; ``at`` in seconds."""

    middle: float | None
    bid: float | None
    ask: float | None
    at: float
    is_halted: bool


@dataclass(slots=True, eq=False)
class _Span:
    """Lowest and highest middle of a window: what can still become one of them, and no more."""

    lows: deque[tuple[float, float]]
    highs: deque[tuple[float, float]]

    def add(self, at: float, middle: float, since: float) -> None:
        while self.lows and self.lows[-1][1] >= middle:
            self.lows.pop()
        while self.highs and self.highs[-1][1] <= middle:
            self.highs.pop()
        self.lows.append((at, middle))
        self.highs.append((at, middle))
        self.forget(since)

    def forget(self, since: float) -> None:
        """What is older; the last one known stays."""
        for each in (self.lows, self.highs):
            while len(each) > 1 and each[0][0] < since:
                each.popleft()


class MarketNow:
    """Quotes come in their order; one that is older than the last is not taken."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._last: dict[str, Seen] = {}
        self._spans: dict[str, _Span] = {}

    def note(self, quote: Quote) -> None:
        at, name = quote.at.timestamp(), quote.instrument_id
        last = self._last.get(name)
        if last is not None and at < last.at:
            return
        middle = None if quote.middle is None else float(quote.middle)
        bid = None if quote.bid is None else float(quote.bid)
        ask = None if quote.ask is None else float(quote.ask)
        self._last[name] = Seen(middle, bid, ask, at, quote.is_halted)
        if middle is not None:
            span = self._spans.setdefault(name, _Span(deque(), deque()))
            span.add(at, middle, at - self.seconds)

    def last(self, instrument_id: str) -> Seen | None:
        return self._last.get(instrument_id)

    def lowest(self, instrument_id: str, at: float) -> float | None:
        return self._edge(instrument_id, at, low=True)

    def highest(self, instrument_id: str, at: float) -> float | None:
        return self._edge(instrument_id, at, low=False)

    def _edge(self, instrument_id: str, at: float, *, low: bool) -> float | None:
        span = self._spans.get(instrument_id)
        if span is None:
            return None
        span.forget(at - self.seconds)
        edge = span.lows if low else span.highs
        return edge[0][1] if edge else None


def price_of(order: Order, seen: Seen) -> float | None:
    """What an order would trade at: its limit, its stop, or the other side of the market."""
    if order.order_type is OrderType.LIMIT:
        return float(order.limit_price) if order.limit_price is not None else None
    if order.order_type is OrderType.STOP:
        return float(order.stop_price) if order.stop_price is not None else None
    touch = seen.ask if order.side is Side.BUY else seen.bid
    return seen.middle if touch is None else touch
