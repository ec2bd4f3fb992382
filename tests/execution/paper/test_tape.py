"""A bar turned into ticks honours the bar."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.execution.paper.market import Bar, Tick
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.tape import ticks_of
from tests.execution.paper.paper_markets import CLOSE, DAY, OPEN, d, listing

CENTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    prices = sorted(draw(CENTS) for _ in range(4))
    ends = draw(st.permutations(prices[1:3]))
    volume = Decimal(draw(st.integers(0, 10**7)))
    return Bar(low=prices[0], high=prices[3], open=ends[0], close=ends[1], volume=volume)


def made(bar: Bar, seed: int = 1, count: int = 40) -> tuple[Tick, ...]:
    terms = replace(listing(bar=bar), price_step=Decimal("0.01"))
    return ticks_of(terms, DAY, VenueRules(ticks_per_day=count), seed)


@given(bars(), st.integers(0, 100), st.integers(4, 60))
def test_ticks_honour_their_bar(bar: Bar, seed: int, count: int) -> None:
    ticks = made(bar, seed, count)
    prices = [tick.price for tick in ticks if tick.price is not None]
    assert len(prices) == count
    assert (prices[0], prices[-1]) == (bar.open, bar.close)
    assert (min(prices), max(prices)) == (bar.low, bar.high)
    assert sum(tick.size for tick in ticks) == bar.volume
    moments = [tick.at for tick in ticks]
    assert (moments[0], moments[-1]) == (OPEN, CLOSE)
    assert moments == sorted(moments)


@given(bars(), st.integers(0, 100))
def test_each_trade_is_at_the_bid_or_the_ask(bar: Bar, seed: int) -> None:
    for tick in made(bar, seed):
        assert tick.price in (tick.bid, tick.ask)
        assert tick.bid is not None
        assert tick.ask is not None
        assert tick.bid < tick.ask
        assert tick.bid_size >= 1
        assert tick.ask_size >= 1


def test_half_spread_is_the_one_asked_for_in_whole_steps() -> None:
    """2 bp of 100 are 0.02 a side; 1 bp of 50.3 are 0.00503, one step."""
    for price, bp, spread in (("100", "2", "0.04"), ("50.3", "1", "0.02")):
        level = Decimal(price)
        bar = Bar(open=level, high=level, low=level, close=level, volume=d(1_000))
        terms = replace(listing(bar=bar), price_step=Decimal("0.01"))
        rules = VenueRules(ticks_per_day=10, half_spread_bp=Decimal(bp))
        for tick in ticks_of(terms, DAY, rules, 1):
            assert tick.ask is not None
            assert tick.bid is not None
            assert tick.ask - tick.bid == Decimal(spread)


def test_volume_is_larger_at_the_ends_of_the_day() -> None:
    """Weights of 3 at the ends and 1 in the middle: a fifth at each end holds more than a third
    of the middle three fifths together, on average over seeds."""
    bar = Bar(open=d(100), high=d(101), low=d(99), close=d(100), volume=d(10**6))
    ends = middle = Decimal(0)
    for seed in range(20):
        ticks = made(bar, seed, 100)
        ends += sum(tick.size for tick in (*ticks[:20], *ticks[80:]))
        middle += sum(tick.size for tick in ticks[20:80])
    # The integral of 1 + 2x² from 0.6 to 1 is 0.9227, from 0 to 0.6 it is 0.744.
    assert float(ends / middle) == pytest.approx(0.9227 / 0.744, rel=0.05)


def test_a_day_trades_around_its_pauses() -> None:
    """An hour's pause leaves five and a half: 1,100 ticks are 200 in each hour that is open."""
    bar = Bar(open=d(100), high=d(102), low=d(99), close=d(101), volume=d(10**6))
    noon = OPEN + timedelta(hours=2)
    terms = replace(listing(bar=bar), pauses=((noon, noon + timedelta(hours=1)),))
    ticks = ticks_of(terms, DAY, VenueRules(ticks_per_day=1_100), 1)
    assert sum(tick.size for tick in ticks) == bar.volume
    assert not any(noon < tick.at < noon + timedelta(hours=1) for tick in ticks)
    after = sum(noon + timedelta(hours=1) <= one.at < noon + timedelta(hours=2) for one in ticks)
    assert abs(after - 200) <= 1
    with pytest.raises(UserInputError, match="pauses of ALFA"):
        replace(terms, pauses=((noon, OPEN),))


def test_names_and_days_have_their_own_luck() -> None:
    bar = Bar(open=d(100), high=d(101), low=d(99), close=d(100), volume=d(10**6))
    rules = VenueRules(ticks_per_day=40)
    first = ticks_of(listing(bar=bar), DAY, rules, 1)
    other = ticks_of(replace(listing(bar=bar), instrument_id="BETA"), DAY, rules, 1)
    later = ticks_of(listing(bar=bar), DAY + timedelta(days=1), rules, 1)
    assert first == ticks_of(listing(bar=bar), DAY, rules, 1)
    assert first != other
    assert first != later


def test_a_bar_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(UserInputError, match="Open and close lie between low and high"):
        Bar(open=d(100), high=d(99), low=d(98), close=d(99), volume=d(1))
