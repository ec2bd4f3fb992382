"""QuantLib as the oracle: flat markets, exact times, one contract at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import QuantLib as ql

TODAY = ql.Date(2, 1, 2020)
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Book:
    """Random contracts; times are whole days over 365."""

    spot: Array
    strike: Array
    days: Array
    vol: Array
    rate: Array
    carry_yield: Array
    is_call: Array

    @property
    def time(self) -> Array:
        return self.days / 365.0

    @property
    def plain(self) -> tuple[Array, ...]:
        """The arguments that most functions begin with."""
        return (self.spot, self.strike, self.time, self.vol, self.rate, self.carry_yield)

    def rows(self) -> list[tuple[Any, ...]]:
        """Plain Python numbers, one tuple per contract."""
        columns = (self.spot, self.strike, self.vol, self.rate, self.carry_yield)
        return list(zip(*(c.tolist() for c in (*columns, self.days, self.is_call)), strict=True))


def random_book(count: int, seed: int, *, lowest_rate: float = -0.02) -> Book:
    """From one day to twenty years, deep in and out of the money, some rates zero or equal."""
    rng = np.random.default_rng(seed)
    short, middle, long = (
        rng.integers(low, high, count) for low, high in ((1, 60), (30, 1500), (1500, 7300))
    )
    kind = rng.random(count)
    rate = np.where(rng.random(count) < 0.1, 0.0, rng.uniform(lowest_rate, 0.12, count))
    carried = rng.uniform(lowest_rate, 0.15, count)
    carried = np.where(rng.random(count) < 0.2, 0.0, carried)
    wide = rng.uniform(0.02, 1.2, count)
    return Book(
        spot=rng.uniform(60.0, 160.0, count),
        strike=np.full(count, 100.0),
        days=np.where(kind < 0.3, short, np.where(kind < 0.85, middle, long)),
        vol=np.where(rng.random(count) < 0.8, rng.uniform(0.08, 0.6, count), wide),
        rate=rate,
        carry_yield=np.where(rng.random(count) < 0.1, rate, carried),
        is_call=rng.random(count) < 0.5,
    )


class Market:
    """A Black-Scholes process whose quotes are set for each contract in turn."""

    def __init__(self) -> None:
        ql.Settings.instance().evaluationDate = TODAY
        self.quotes = [ql.SimpleQuote(x) for x in (100.0, 0.2, 0.0, 0.0)]
        spot, vol, rate, carried = (ql.QuoteHandle(quote) for quote in self.quotes)
        count = ql.Actual365Fixed()
        self.process = ql.BlackScholesMertonProcess(
            spot,
            ql.YieldTermStructureHandle(ql.FlatForward(TODAY, carried, count)),
            ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, count)),
            ql.BlackVolTermStructureHandle(
                ql.BlackConstantVol(TODAY, ql.NullCalendar(), vol, count)
            ),
        )

    def put(self, spot: float, vol: float, rate: float, carry_yield: float) -> None:
        for quote, value in zip(self.quotes, (spot, vol, rate, carry_yield), strict=True):
            quote.setValue(value)


def side(is_call: bool) -> Any:
    return ql.Option.Call if is_call else ql.Option.Put


def price(
    book: Book,
    make_option: Callable[..., Any],
    make_engine: Callable[[Any], Any],
    read: Callable[[Any], float] = lambda option: option.NPV(),
) -> Array:
    """``read`` of every contract; NaN where QuantLib refuses.

    ``make_option(i, payoff side, strike, expiry)`` makes contract i.
    """
    market = Market()
    engine = make_engine(market.process)
    found = []
    for i, (s, k, v, r, q, days, call) in enumerate(book.rows()):
        market.put(s, v, r, q)
        option = make_option(i, side(call), k, TODAY + int(days))
        option.setPricingEngine(engine)
        try:
            found.append(read(option))
        except RuntimeError:
            found.append(np.nan)
    return np.asarray(found)


def european(_: int, kind: Any, strike: float, expiry: Any) -> Any:
    return ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), ql.EuropeanExercise(expiry))


def american(_: int, kind: Any, strike: float, expiry: Any) -> Any:
    return ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), ql.AmericanExercise(TODAY, expiry))
