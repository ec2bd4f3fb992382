"""Breakers: each on its own figures, at and beyond its bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from riskplatform.domain.instruments import Equity
from riskplatform.errors import UserInputError
from riskplatform.execution.breakers import (
    BreakerRules,
    Figures,
    Rates,
    TradingProfit,
    trips,
)
from riskplatform.execution.gateways.gateway import Quote
from riskplatform.execution.watch import Watch
from tests.execution.order_builders import D, at

RULES = BreakerRules(
    daily_loss=100.0, drawdown=150.0, orders_per_window=10, reject_share=0.5, least_orders=4,
    stale_seconds=30.0,
)  # fmt: skip
CALM = Figures(profit=0.0, best_profit=0.0, orders=5, rejects=1, newest_quote_seconds=1.0,
               newest_quote_of="ACME", working=3)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "tripped"),
    [
        ({}, []),
        ({"profit": -99.99}, []),
        ({"profit": -100.0}, ["daily loss"]),
        ({"profit": 20.0, "best_profit": 169.0}, []),
        ({"profit": 20.0, "best_profit": 170.0}, ["drawdown"]),
        ({"profit": -120.0, "best_profit": 40.0}, ["daily loss", "drawdown"]),
        ({"profit": None}, []),
        ({"orders": 10}, []),
        ({"orders": 11}, ["order rate"]),
        ({"orders": 4, "rejects": 2}, []),
        ({"orders": 4, "rejects": 3}, ["reject ratio"]),
        ({"orders": 3, "rejects": 3}, []),
        ({"newest_quote_seconds": 30.0}, []),
        ({"newest_quote_seconds": 30.5}, ["stale feed"]),
        ({"newest_quote_seconds": 30.5, "working": 0}, []),
        ({"newest_quote_seconds": None}, []),
    ],
)
def test_each_breaker_at_its_bound(change: dict[str, object], tripped: list[str]) -> None:
    found = trips(replace(CALM, **change), RULES)  # type: ignore[arg-type]
    assert [trip.breaker for trip in found] == tripped


def test_a_breaker_can_be_switched_off_but_not_set_to_nothing() -> None:
    off = BreakerRules(daily_loss=None, drawdown=None, orders_per_window=None, reject_share=None,
                       stale_seconds=None)  # fmt: skip
    worst = Figures(profit=-1e9, best_profit=1e9, orders=10**6, rejects=10**6,
                    newest_quote_seconds=1e6, working=1)  # fmt: skip
    assert trips(worst, off) == ()
    with pytest.raises(UserInputError, match="daily_loss is 0"):
        BreakerRules(daily_loss=0)


def test_rates_forget_what_is_older_than_the_window() -> None:
    rates = Rates(60.0)
    for second in (0, 30, 59, 60):
        rates.sent(at(second))
    rates.rejected(at(59))
    assert rates.within(at(60)) == (3, 1)
    assert rates.within(at(119)) == (1, 0)


def test_the_profit_of_trading_is_money_and_what_is_held() -> None:
    profit = TradingProfit()
    profit.trade("ACME", D(100), D(10), D(1), "EUR", D(2), "USD")
    worth = {"ACME": (10.5, "EUR")}
    # 100 × (10.5 − 10) EUR at 1.2, less the fee.
    assert profit.now(worth, {"EUR": 1.2, "USD": 1.0}) == pytest.approx(58.0)
    profit.trade("ACME", D(-100), D(9), D(1), "EUR", D(0), "USD")
    assert profit.now({}, {"EUR": 1.2, "USD": 1.0}) == pytest.approx(-122.0)
    assert profit.best == pytest.approx(58.0)
    assert profit.now({}, {"USD": 1.0}) is None


def stale(now: datetime, **quoted: datetime) -> list[str]:
    """What a watch of a Tokyo and a New York share says of quotes from those moments."""
    calendars = {"TOKYO": "XTKS", "YORK": "XNYS"}
    instruments = {
        name: Equity(instrument_id=name, name=name, currency="USD", calendar=calendar)
        for name, calendar in calendars.items()
    }
    quotes = {
        name: Quote(instrument_id=name, bid=D(9), ask=D(11), last=D(10), at=moment)
        for name, moment in quoted.items()
    }
    watch = Watch(instruments, {"USD": 1.0}, BreakerRules(stale_seconds=120.0))
    return [str(trip) for trip in watch.trips(now, quotes, 1)]


def test_a_feed_is_stale_when_nothing_that_trades_is_quoted() -> None:
    """Tokyo trades from 0:00 to 2:30 and from 3:30 UTC, New York from 14:30 on the same day."""

    def utc(hour: int, minute: int) -> datetime:
        return datetime(2026, 3, 6, hour, minute, tzinfo=UTC)

    last = utc(2, 25)
    assert stale(utc(2, 27), TOKYO=last) == []
    assert stale(utc(2, 28), TOKYO=last) == [
        "stale feed: the newest quote, of TOKYO, is 180 s old, 120 s are allowed"
    ]
    # At lunch there are no quotes, and after it the first may take its time.
    assert stale(utc(3, 0), TOKYO=last) == []
    assert stale(utc(3, 32), TOKYO=last) == []
    assert stale(utc(3, 33), TOKYO=last) != []
    # One that is quoted shows that the feed lives, and one that is shut shows nothing.
    assert stale(utc(15, 0), YORK=utc(14, 59), TOKYO=last) == []
    assert stale(utc(15, 0), YORK=utc(14, 50), TOKYO=last) != []
