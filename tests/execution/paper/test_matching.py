"""Matching, worked out by hand. One step of price is 1; each side shows two levels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from riskplatform.execution.gateways.gateway import Cancelled, CancelRejected, Filled, Rejected
from riskplatform.execution.paper.halts import halts_of
from riskplatform.execution.paper.market import Bar, DayMarket, Halt
from riskplatform.execution.paper.messages import DayOpened
from riskplatform.execution.paper.rules import FeeSchedule, Latency, VenueRules
from riskplatform.execution.paper.venue import Venue
from tests.execution.paper.paper_markets import (
    AT_ONCE,
    CLOSE,
    DAY,
    NAME,
    NO_FEES,
    OPEN,
    PLAIN,
    at,
    cancel,
    change,
    d,
    fills,
    kinds,
    listing,
    market,
    order,
    sent,
    tick,
    venue,
)


def pairs(*them: tuple[int, int]) -> list[tuple[Decimal, Decimal]]:
    return [(d(quantity), d(price)) for quantity, price in them]


# ---------------------------------------------------------------------- taking


def test_market_order_walks_the_quote() -> None:
    """100 at the ask of 101, the next 50 one step worse."""
    made, buy = venue(tick(0, 100)), order(1, quantity=150)
    made.apply(sent(1, buy))
    assert fills(made, buy) == pairs((100, 101), (50, 102))
    assert kinds(made, buy) == ["Accepted", "Filled", "Filled"]


def test_what_was_taken_is_gone_until_the_next_tick() -> None:
    made = venue(tick(0, 100), tick(10, 100))
    first, second = order(1, quantity=150), order(2, quantity=80)
    made.apply(sent(1, first))
    made.apply(sent(2, second))
    assert fills(made, second) == pairs((50, 102))
    made.advance(at(10))
    assert fills(made, second) == pairs((50, 102), (30, 101))


def test_impact_is_in_whole_steps_of_basis_points() -> None:
    """150 bp of 101 are 1.515: two steps a level."""
    rules = replace(PLAIN, impact_bp=d(150))
    made, sell = venue(tick(0, 100), rules=rules), order(1, "sell", 150)
    made.apply(sent(1, sell))
    # 150 bp of the bid of 99 are 1.485, two steps as well.
    assert fills(made, sell) == pairs((100, 99), (50, 97))


def test_limit_that_meets_the_quote_takes_only_within_it() -> None:
    made, buy = (
        venue(tick(0, 100), tick(5, 100), tick(9, 100, bid=101, ask=102)),
        order(1, quantity=150, limit=101),
    )
    made.apply(sent(1, buy))
    assert fills(made, buy) == pairs((100, 101))
    made.advance(at(5))
    assert fills(made, buy) == pairs((100, 101), (50, 101))


def test_immediate_or_cancel() -> None:
    made, buy = venue(tick(0, 100)), order(1, quantity=150, limit=101, good="ioc")
    made.apply(sent(1, buy))
    assert fills(made, buy) == pairs((100, 101))
    assert kinds(made, buy) == ["Accepted", "Filled", "Cancelled"]
    last = made.reports[-1]
    assert isinstance(last, Cancelled)
    assert last.reason == "not filled at once"


# ---------------------------------------------------------------------- waiting


def test_own_order_queues_behind_what_is_shown() -> None:
    """100 stand before it; 60 pass, then 80: 40 of them reach us, all within half of 80."""
    made = venue(tick(0, 100), tick(10, 99, 60), tick(20, 99, 80))
    buy = order(1, limit=99)
    made.apply(sent(1, buy))
    made.advance(at(10))
    assert fills(made, buy) == []
    made.advance(at(20))
    assert fills(made, buy) == pairs((40, 99))


def test_queue_shortens_when_less_is_shown() -> None:
    """Only 20 are still shown at the price: 30 pass, 10 are ours."""
    made = venue(tick(0, 100), tick(10, 100, 5, shown=(20, 100)), tick(20, 99, 30))
    buy = order(1, limit=99)
    made.apply(sent(1, buy))
    made.advance(at(20))
    assert fills(made, buy) == pairs((10, 99))


def test_inside_the_spread_nobody_is_ahead() -> None:
    """Half of what trades at our price is ours."""
    made, buy = venue(tick(0, 100), tick(10, 100, 60)), order(1, limit=100)
    made.apply(sent(1, buy))
    made.advance(at(10))
    assert fills(made, buy) == pairs((30, 100))


def test_trade_through_the_limit_fills_at_the_limit() -> None:
    made, buy = venue(tick(0, 100), tick(10, 97, 300, bid=96, ask=98)), order(1, limit=99)
    made.apply(sent(1, buy))
    made.advance(at(10))
    assert fills(made, buy) == pairs((100, 99))


def test_quote_that_overtakes_the_limit_fills_at_the_limit() -> None:
    """Nothing trades, but somebody asks 98 for 30 (and 30 more at 99)."""
    made = venue(tick(0, 100), tick(10, bid=97, ask=98, shown=(10, 30)))
    buy = order(1, limit=99)
    made.apply(sent(1, buy))
    made.advance(at(10))
    assert fills(made, buy) == pairs((30, 99), (30, 99))


def test_price_before_time() -> None:
    """60 of 120 may be ours: the keener order gets all of its 50, the other 10."""
    made = venue(tick(0, 100, bid=95), tick(10, 95, 120, bid=94))
    early, keen = order(1, quantity=50, limit=96), order(2, quantity=50, limit=97)
    made.apply(sent(1, early))
    made.apply(sent(2, keen))
    made.advance(at(10))
    assert fills(made, keen) == pairs((50, 97))
    assert fills(made, early) == pairs((10, 96))


def test_time_at_one_price() -> None:
    made = venue(tick(0, 100), tick(10, 100, 120))
    first, second = order(1, quantity=50, limit=100), order(2, quantity=50, limit=100)
    made.apply(sent(1, first))
    made.apply(sent(2, second))
    made.advance(at(10))
    assert fills(made, first) == pairs((50, 100))
    assert fills(made, second) == pairs((10, 100))


def test_latecomer_does_not_overtake_when_less_is_shown() -> None:
    """Below the bid as much is taken to stand as is shown at it: 100 for the first. The second
    comes when 10 are shown, and still has the first before it: 60 pass, then 40 and 20 are left."""
    made = venue(
        tick(0, 100),
        tick(10, 100, shown=(10, 10)),
        tick(20, 98, 60, bid=98),
        tick(30, 98, 60, bid=98),
    )
    first, second = order(1, quantity=50, limit=98), order(2, quantity=50, limit=98)
    made.apply(sent(1, first))
    made.apply(sent(11, second))
    made.advance(at(20))
    assert made.executions == []
    made.advance(at(30))
    assert fills(made, first) == pairs((20, 98))
    assert fills(made, second) == []


def test_lots() -> None:
    """Half of 70 is 35, three lots of ten."""
    terms = replace(listing([tick(0, 100), tick(10, 100, 70)]), lot_size=d(10))
    made = Venue("V", PLAIN, 7)
    made.apply(DayOpened(at=OPEN, market=DayMarket(day=DAY, listings=(terms,))))
    buy, odd = order(1, limit=100), order(2, quantity=15)
    made.apply(sent(1, buy))
    made.apply(sent(1, odd))
    made.advance(at(10))
    assert fills(made, buy) == pairs((30, 100))
    assert kinds(made, odd) == ["Rejected"]


# ---------------------------------------------------------------------- stops


@pytest.mark.parametrize(
    ("side", "stop", "reaches", "price"), [("buy", 103, 103, 101), ("sell", 97, 96, 99)]
)
def test_stop_becomes_a_market_order(side: str, stop: int, reaches: int, price: int) -> None:
    made = venue(tick(0, 100), tick(10, 100, 5), tick(20, reaches, 5))
    waits = order(1, side, 30, stop=stop)
    made.apply(sent(1, waits))
    made.advance(at(19))
    assert fills(made, waits) == []
    made.advance(at(20))
    assert fills(made, waits) == pairs((30, price))


def test_stop_that_is_reached_already() -> None:
    made, buy = venue(tick(0, 100)), order(1, stop=99)
    made.apply(sent(1, buy))
    assert fills(made, buy) == pairs((100, 101))


# ---------------------------------------------------------------------- changing


def test_smaller_keeps_its_place() -> None:
    made = venue(tick(0, 100), tick(10, 100, 60))
    first, second = order(1, quantity=50, limit=100), order(2, quantity=50, limit=100)
    for number, what in enumerate((first, second)):
        made.apply(sent(1 + number, what))
    made.apply(change(4, first, 20, "100"))
    made.advance(at(10))
    assert fills(made, first) == pairs((20, 100))
    assert fills(made, second) == pairs((10, 100))


@pytest.mark.parametrize(("quantity", "away"), [(60, None), (50, "99")])
def test_larger_or_dearer_loses_its_place(quantity: int, away: str | None) -> None:
    made = venue(tick(0, 100), tick(10, 100, 60))
    first, second = order(1, quantity=50, limit=100), order(2, quantity=50, limit=100)
    for number, what in enumerate((first, second)):
        made.apply(sent(1 + number, what))
    if away:
        made.apply(change(4, first, 50, away))
    made.apply(change(5, first, quantity, "100"))
    made.advance(at(10))
    assert fills(made, second) == pairs((30, 100))
    assert fills(made, first) == []


def test_replace_may_meet_the_quote() -> None:
    made, buy = venue(tick(0, 100)), order(1, quantity=50, limit=95)
    made.apply(sent(1, buy))
    made.apply(change(2, buy, 50, "103"))
    assert fills(made, buy) == pairs((50, 101))
    assert kinds(made, buy) == ["Accepted", "Replaced", "Filled"]


def test_fill_while_the_cancel_is_on_its_way() -> None:
    """The cancel takes ten seconds; the trade that fills the order comes after five."""
    rules = replace(PLAIN, latency=Latency(fixed_ms=10_000, mean_extra_ms=0))
    made = venue(tick(0, 100), tick(25, 97, 500, bid=96, ask=98), rules=rules)
    buy = order(1, limit=99)
    made.apply(sent(1, buy))
    made.apply(cancel(20, buy))
    made.advance(at(30))
    assert kinds(made, buy) == ["Accepted", "Filled", "CancelRejected"]
    last = made.reports[-1]
    assert isinstance(last, CancelRejected)
    assert last.reason == "the order is filled"
    assert [report.at for report in made.reports] == [at(11), at(25), at(30)]


def test_a_message_does_not_overtake_its_order() -> None:
    rules = replace(PLAIN, latency=Latency(fixed_ms=0, mean_extra_ms=500))
    for seed in range(20):
        made = Venue("V", rules, seed)
        made.apply(DayOpened(at=OPEN, market=market(tick(0, 100))))
        buy = order(1, limit=95)
        made.apply(sent(1, buy))
        made.apply(cancel(1, buy))
        made.advance(at(60))
        assert kinds(made, buy) == ["Accepted", "Cancelled"]


# ---------------------------------------------------------------------- session, halt, refusal


def test_day_order_after_the_close_is_refused() -> None:
    made, late, stays = venue(tick(0, 100)), order(1), order(2, good="gtc")
    for what in (late, stays):
        made.apply(sent((CLOSE - OPEN).total_seconds() + 1, what))
    assert kinds(made, late) == ["Rejected"]
    assert kinds(made, stays) == ["Accepted"]


def test_order_that_stays_trades_on_the_next_day() -> None:
    made, stays = venue(tick(0, 100)), order(1, quantity=70, limit=98, good="gtc")
    made.apply(sent(1, stays))
    made.advance(CLOSE)
    day = timedelta(days=3)
    cheap = replace(tick(0, 97, 500, bid=96, ask=99), at=OPEN + day)
    terms = replace(listing([tick(0)]), opens_at=OPEN + day, closes_at=CLOSE + day, ticks=(cheap,))
    made.apply(DayOpened(at=OPEN + day, market=DayMarket(day=DAY + day, listings=(terms,))))
    assert fills(made, stays) == pairs((70, 98))
    assert made.statement(DAY) == ()
    assert made.statement(DAY + day) == tuple(made.executions)


def test_nothing_trades_in_a_halt() -> None:
    halt = Halt(instrument_id=NAME, start=at(5), end=at(15))
    made = venue(tick(0, 100), tick(10, 100, 900), tick(20, 100, 0), halts=[halt])
    waits, taker, hurried = order(1, limit=100), order(2), order(3, good="ioc")
    made.apply(sent(1, waits))
    made.apply(sent(6, taker))
    made.apply(sent(6, hurried))
    assert made.quotes([NAME])[NAME].is_halted
    made.advance(at(16))
    assert not made.quotes([NAME])[NAME].is_halted
    assert made.executions == []
    assert kinds(made, hurried) == ["Accepted", "Cancelled"]
    made.advance(at(20))
    assert fills(made, taker) == pairs((100, 101))
    assert fills(made, waits) == []


def test_refusals_by_chance_are_as_frequent_as_said() -> None:
    """300 of 1,000 expected, with a standard deviation of 14.5; four of them are allowed."""
    made = venue(tick(0, 100), rules=replace(PLAIN, reject_probability=0.3))
    for number in range(1_000):
        made.apply(sent(1, order(number, quantity=1, limit=1)))
    refused = sum(isinstance(one, Rejected) for one in made.reports)
    assert abs(refused - 300) < 58


def test_nothing_trades_in_a_pause() -> None:
    terms = replace(listing([tick(0, 100), tick(20, 100)]), pauses=((at(5), at(15)),))
    made, buy = Venue("V", PLAIN, 7), order(1)
    made.apply(DayOpened(at=OPEN, market=DayMarket(day=DAY, listings=(terms,))))
    made.apply(sent(6, buy))
    assert made.quotes([NAME])[NAME].is_halted
    made.advance(at(16))
    assert made.executions == []
    made.advance(at(20))
    assert fills(made, buy) == pairs((100, 101))


def test_halts_by_chance_are_as_frequent_as_said_and_within_the_session() -> None:
    """200 of 1,000 expected, with a standard deviation of 12.6; four of them are allowed."""
    rules = replace(PLAIN, halt_probability=0.2, halt_minutes=30)
    names = [f"EQ{number}" for number in range(1_000)]
    halts = [one for name in names for one in halts_of(listing([tick(0)], name=name), rules, 3)]
    assert abs(len(halts) - 200) < 51
    assert all(OPEN <= one.start < one.end <= CLOSE for one in halts)
    assert max(one.end - one.start for one in halts) == timedelta(minutes=30)
    assert halts_of(listing([tick(0)]), PLAIN, 3) == ()


def test_latency_has_the_mean_it_says() -> None:
    """Exponential: mean and standard deviation 3 ms over 4,000 draws, within four errors."""
    latency = Latency(fixed_ms=2, mean_extra_ms=3)
    drawn = [latency.of(5, str(n)) / timedelta(milliseconds=1) for n in range(4_000)]
    assert min(drawn) >= 2
    assert sum(drawn) / len(drawn) == pytest.approx(5, abs=4 * 3 / 4_000**0.5)


# ---------------------------------------------------------------------- fees, ids, order of time


def test_fees_have_a_minimum_for_the_order_and_not_for_each_fill() -> None:
    """0.01 a unit and 1 bp: 100 at 101 cost 1 + 1.01, so 5.00; 150 cost 1.5 + 1.52 still 5.00;
    350 at 101 and 102 cost 3.5 + 3.55 = 7.05."""
    fees = FeeSchedule(per_unit=Decimal("0.01"), bp=d(1), minimum=d(5))
    rules = replace(PLAIN, fees=fees)
    made, buy = venue(tick(0, 100), tick(10, 100), rules=rules), order(1, quantity=350)
    made.apply(sent(1, buy))
    made.advance(at(10))
    charged = [one.fee for one in made.executions]
    # 100 at 101, 100 at 102, 100 at 101, 50 at 102: notional 10,100, 20,300, 30,400, 35,500.
    assert charged == [Decimal(5), Decimal(0), Decimal("1.04"), Decimal("1.01")]
    assert sum(charged) == Decimal("7.05")


def test_ids_are_the_venues_own() -> None:
    made, buy = venue(tick(0, 100)), order(1, quantity=150)
    made.apply(sent(1, buy))
    assert [one.execution_id for one in made.executions] == ["V-2-1", "V-2-2"]


def test_reports_of_several_instruments_come_in_the_order_of_time() -> None:
    """Two books, filled in turn; one step of time or many make no difference."""
    names = ("BETA", "ALFA")
    ticks = {
        "BETA": [tick(0, 100), *(tick(s, 100, 20) for s in (10, 30, 50))],
        "ALFA": [tick(0, 100), *(tick(s, 100, 20) for s in (20, 30, 40))],
    }
    listings = tuple(listing(ticks[name], name=name) for name in names)

    def run(stops: list[float]) -> Venue:
        made = Venue("V", PLAIN, 7)
        made.apply(DayOpened(at=OPEN, market=DayMarket(day=DAY, listings=listings)))
        for number, name in enumerate(names):
            made.apply(sent(1, order(number, limit=100, name=name)))
        for stop in stops:
            made.advance(at(stop))
        return made

    at_once, in_steps = run([60]), run([5, 10, 15, 25, 30, 35, 60])
    assert at_once.reports == in_steps.reports
    moments = [one.at for one in at_once.reports]
    assert moments == sorted(moments)
    assert sum(isinstance(one, Filled) for one in at_once.reports) == 6


def test_book_made_from_a_bar_is_the_same_for_a_seed() -> None:
    bar = Bar(open=d(100), high=d(104), low=d(97), close=d(101), volume=d(50_000))
    rules = VenueRules(latency=AT_ONCE, fees=NO_FEES)

    def run(seed: int) -> list[Filled]:
        made = Venue("V", rules, seed)
        terms = listing(bar=bar)
        made.apply(DayOpened(at=OPEN, market=DayMarket(day=DAY, listings=(terms,))))
        made.apply(sent(60, order(1, quantity=3_000, limit=100)))
        made.advance(CLOSE)
        return made.executions

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert run(1)
    assert all(one.price <= 100 for one in run(1))
