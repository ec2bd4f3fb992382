"""Breakers: each on its own figures, at and beyond its bound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riskplatform.errors import UserInputError
from riskplatform.execution.breakers import (
    BreakerRules,
    Figures,
    Rates,
    TradingProfit,
    trips,
)
from tests.execution.order_builders import D, at

RULES = BreakerRules(
    daily_loss=100.0, drawdown=150.0, orders_per_window=10, reject_share=0.5, least_orders=4,
    stale_seconds=30.0,
)  # fmt: skip
CALM = Figures(profit=0.0, best_profit=0.0, orders=5, rejects=1, oldest_quote_seconds=1.0,
               oldest_quote_of="ACME", working=3)  # fmt: skip


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
        ({"oldest_quote_seconds": 30.0}, []),
        ({"oldest_quote_seconds": 30.5}, ["stale feed"]),
        ({"oldest_quote_seconds": 30.5, "working": 0}, []),
        ({"oldest_quote_seconds": None}, []),
    ],
)
def test_each_breaker_at_its_bound(change: dict[str, object], tripped: list[str]) -> None:
    found = trips(replace(CALM, **change), RULES)  # type: ignore[arg-type]
    assert [trip.breaker for trip in found] == tripped


def test_a_breaker_can_be_switched_off_but_not_set_to_nothing() -> None:
    off = BreakerRules(daily_loss=None, drawdown=None, orders_per_window=None, reject_share=None,
                       stale_seconds=None)  # fmt: skip
    worst = Figures(profit=-1e9, best_profit=1e9, orders=10**6, rejects=10**6,
                    oldest_quote_seconds=1e6, working=1)  # fmt: skip
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
