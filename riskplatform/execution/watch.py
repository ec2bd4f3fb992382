"""Keeps the figures that the breakers look at, from what became durable and from quotes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from riskplatform.domain.instruments import Instrument
from riskplatform.execution.blotter import Change
from riskplatform.execution.breakers import (
    BreakerRules,
    Figures,
    Rates,
    TradingProfit,
    Trip,
    trips,
)
from riskplatform.execution.gateways.gateway import Filled, Quote, Rejected
from riskplatform.execution.order_events import Sent
from riskplatform.market.trading_hours import session_at


class Watch:
    """The trading of the day; a new day, or a reset by a person, begins anew."""

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        rates: Mapping[str, float],
        rules: BreakerRules,
    ) -> None:
        self._instruments, self._rates, self._rules = instruments, dict(rates), rules
        self._pace = Rates(rules.window_seconds)
        self._profit = TradingProfit()
        self._day: date | None = None
        self._spans: dict[str, tuple[datetime, datetime]] = {}

    @property
    def held(self) -> set[str]:
        """What was traded today and needs a price to know the profit."""
        return {name for name, quantity in self._profit.held.items() if quantity}

    def heed(self, changes: Iterable[Change]) -> None:
        for before, event, after in changes:
            if isinstance(event, Sent):
                self._pace.sent(event.at)
            elif isinstance(event, Rejected):
                self._pace.rejected(event.at)
            elif isinstance(event, Filled) and after.filled > before.filled:
                self._turn(event.at.date())
                if event.at.date() == self._day:
                    self._trade(event, after.order.key.instrument_id, after.side.sign)

    def begin_anew(self) -> None:
        """A person has looked at it: what was lost before is not lost again."""
        self._pace = Rates(self._rules.window_seconds)
        self._profit = TradingProfit()

    def trips(self, now: datetime, quotes: Mapping[str, Quote], working: int) -> tuple[Trip, ...]:
        self._turn(now.date())
        profit = self._profit.now(self._worth(quotes), self._rates)
        orders, rejects = self._pace.within(now)
        ages = self._ages(now, quotes)
        newest = min(ages, key=lambda name: ages[name], default="")
        figures = Figures(
            profit=profit,
            best_profit=self._profit.best,
            orders=orders,
            rejects=rejects,
            newest_quote_seconds=ages.get(newest),
            newest_quote_of=newest,
            working=working,
        )
        return trips(figures, self._rules)

    def _ages(self, now: datetime, quotes: Mapping[str, Quote]) -> dict[str, float]:
        """Seconds since the last quote, or since the opening, where the market is open."""
        found = {}
        for name, quote in quotes.items():
            instrument = self._instruments.get(name)
            opened = None if instrument is None else self._opened(instrument.calendar, now)
            if opened is not None and not quote.is_halted:
                found[name] = (now - max(quote.at, opened)).total_seconds()
        return found

    def _opened(self, calendar: str, now: datetime) -> datetime | None:
        """When the market, if it is open now, opened or came back from its break."""
        span = self._spans.get(calendar)
        if span is None or not span[0] <= now < span[1]:
            session = session_at(calendar, now)
            if session is None:
                return None
            span = next(each for each in session.spans if each[0] <= now < each[1])
            self._spans[calendar] = span
        return span[0]

    def _turn(self, day: date) -> None:
        if self._day is None or day > self._day:
            self._day, self._profit = day, TradingProfit()

    def _trade(self, fill: Filled, instrument_id: str, sign: int) -> None:
        instrument = self._instruments[instrument_id]
        self._profit.trade(
            instrument_id, sign * fill.quantity, fill.price, instrument.multiplier,
            instrument.currency, fill.fee, fill.fee_currency,
        )  # fmt: skip

    def _worth(self, quotes: Mapping[str, Quote]) -> dict[str, tuple[float, str]]:
        found = {}
        for name, quote in quotes.items():
            instrument = self._instruments.get(name)
            if quote.middle is not None and instrument is not None:
                unit = float(quote.middle) * float(instrument.multiplier)
                found[name] = (unit, instrument.currency)
        return found
