"""Is the market open, is the quote fresh, is the price near it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from riskplatform.domain.orders import OrderType, Side
from riskplatform.execution.gate import Found, Gate, Outcome
from riskplatform.risk.limits import LimitBook
from tests.execution.gate.gate_desk import (
    INSTRUMENTS,
    NOW,
    WIDE,
    approval,
    gate_of,
    later,
    order,
    quote,
    sale,
    small_book,
)


def outcome(gate: Gate, check: str, asked: object, at: datetime = NOW) -> Outcome:
    return gate.judge(asked, at).outcome(check)  # type: ignore[arg-type]  # an order


def test_an_open_market_says_how_long_it_still_is() -> None:
    """New York closes at 21:00 UTC in winter, six hours from 15:00."""
    found = outcome(gate_of(), "session", order())
    assert found.found is Found.PASSED
    assert found.figure == 6 * 3600


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (datetime(2026, 3, 6, 14, 29, 59, tzinfo=UTC), "2026-03-06 14:30"),
        (datetime(2026, 3, 6, 21, 0, tzinfo=UTC), "2026-03-09 13:30"),  # the clocks go forward
        (datetime(2026, 3, 7, 15, 0, tzinfo=UTC), "2026-03-09 13:30"),
    ],
)
def test_a_closed_market_blocks_and_says_when_it_opens(at: datetime, opens: str) -> None:
    found = outcome(gate_of(), "session", order(), at)
    assert found.found is Found.BLOCKED
    assert f"opens {opens} UTC" in found.reason


def test_hours_that_nobody_knows_block_in_words() -> None:
    known = {**INSTRUMENTS, "AAA": replace(INSTRUMENTS["AAA"], calendar="XNYZ")}
    gate = Gate(LimitBook.of([WIDE], small_book()), known)
    gate.quoted(quote("AAA", 100))
    found = outcome(gate, "session", order())
    assert found.found is Found.BLOCKED
    assert "The hours of AAA are not known: There is no calendar named 'XNYZ'" in found.reason


def test_a_half_day_ends_early() -> None:
    gate = gate_of()
    gate.approve(approval({("growth", "AAA"): 1_000}, hours=24 * 365))
    assert outcome(gate, "session", order(), datetime(2026, 11, 27, 17, tzinfo=UTC)).found is (
        Found.PASSED
    )
    assert outcome(gate, "session", order(), datetime(2026, 11, 27, 18, tzinfo=UTC)).found is (
        Found.BLOCKED
    )


def test_a_halt_blocks_until_a_quote_lifts_it() -> None:
    gate = gate_of()
    gate.quoted(quote("AAA", 100, later(1), is_halted=True))
    assert outcome(gate, "session", order(), later(2)).reason == "AAA is halted."
    gate.quoted(quote("AAA", 100, later(3)))
    assert outcome(gate, "session", order(), later(4)).found is Found.PASSED


def test_quotes_are_fresh_to_the_second() -> None:
    gate = gate_of("fresh: {seconds: 10, ahead_seconds: 1}")
    assert outcome(gate, "fresh", order(), later(10)).found is Found.PASSED
    old = outcome(gate, "fresh", order(), later(10.5))
    assert old.found is Found.BLOCKED
    assert old.figure == pytest.approx(10.5)
    assert outcome(gate, "fresh", order(), later(-1)).found is Found.PASSED
    assert "ahead of our clock" in outcome(gate, "fresh", order(), later(-1.5)).reason


def test_without_a_quote_nothing_goes_out() -> None:
    decision = gate_of().judge(order("NEW"), NOW)
    assert decision.outcome("fresh").reason == "NEW has no quote."
    assert decision.outcome("collar").found is Found.BLOCKED
    assert decision.outcome("period_collar").found is Found.BLOCKED


def test_a_late_quote_does_not_replace_a_newer_one() -> None:
    gate = gate_of()
    gate.quoted([quote("AAA", 101, later(5)), quote("AAA", 90, later(4))])
    found = outcome(gate, "collar", order(limit_price=101), later(5))
    assert found.figure == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("side", "price", "found"),
    [
        (Side.BUY, 102.0, Found.PASSED),  # 200 bp above: the last that passes
        (Side.BUY, 102.01, Found.BLOCKED),
        (Side.SELL, 98.0, Found.PASSED),
        (Side.SELL, 97.99, Found.BLOCKED),
        (Side.BUY, 90.0, Found.PASSED),  # passive, 1,000 bp away
        (Side.BUY, 79.9, Found.BLOCKED),
        (Side.SELL, 120.1, Found.BLOCKED),
    ],
)
def test_the_collar_is_tight_towards_the_market_and_wide_away_from_it(
    side: Side, price: float, found: Found
) -> None:
    asked = (order if side is Side.BUY else sale)(limit_price=price)
    assert outcome(gate_of("collar: {away_bp: 200}"), "collar", asked).found is found


def test_a_market_order_is_priced_at_the_other_side() -> None:
    """A spread of 400 bp: half of it is 200 bp from the middle."""
    gate = gate_of("collar: {away_bp: 150}")
    wide = quote("AAA", 100, later(1))
    wide = type(wide)(
        instrument_id="AAA", bid=Decimal(98), ask=Decimal(102), last=Decimal(100), at=later(1)
    )
    gate.quoted(wide)
    found = outcome(gate, "collar", order(), later(1))
    assert found.found is Found.BLOCKED
    assert found.figure == pytest.approx(200.0)


def test_a_stop_may_stand_beyond_the_market() -> None:
    stop = order(order_type=OrderType.STOP, stop_price=Decimal(110))
    assert outcome(gate_of(), "collar", stop).found is Found.PASSED
    far = order(order_type=OrderType.STOP, stop_price=Decimal(125))
    assert outcome(gate_of(), "collar", far).found is Found.BLOCKED


def test_a_market_that_left_the_price_decided_on_blocks() -> None:
    gate = gate_of("collar: {decision_bp: 300}")
    gate.quoted(quote("AAA", 103.5, later(1)))
    found = outcome(gate, "collar", order(), later(1))
    assert found.found is Found.BLOCKED
    assert "the price that the decision was made on" in found.reason


def test_a_price_is_not_chased_step_by_step() -> None:
    """Each step is within the collar of the market; together they are not."""
    gate = gate_of("period_collar: {away_bp: 300, seconds: 60}\nfresh: off")
    for step in range(1, 5):
        gate.quoted(quote("AAA", 100 + step, later(step)))
    assert outcome(gate, "period_collar", order(limit_price=103), later(4)).found is Found.PASSED
    chased = outcome(gate, "period_collar", order(limit_price=104), later(4))
    assert chased.found is Found.BLOCKED
    assert chased.figure == pytest.approx(400.0)
    # A minute on, the low of 100 is forgotten: 101 was quoted at second 1.
    found = outcome(gate, "period_collar", order(limit_price=104), later(60.5))
    assert found.figure == pytest.approx(1e4 * 3 / 101)


def test_sales_are_held_to_the_highest_of_the_period() -> None:
    gate = gate_of("period_collar: {away_bp: 300, seconds: 60}")
    for step in range(1, 5):
        gate.quoted(quote("AAA", 100 - step, later(step)))
    found = outcome(gate, "period_collar", sale(limit_price=96), later(4))
    assert found.found is Found.BLOCKED
    assert found.figure == pytest.approx(400.0)


def test_the_window_is_the_lowest_and_highest_of_any_walk() -> None:
    """Against looking through all quotes."""
    import numpy as np

    from riskplatform.execution.gate.market_now import MarketNow

    rng = np.random.default_rng(5)
    market, told = MarketNow(30.0), []
    for step in range(400):
        price, at = 100 + float(rng.normal(0, 5)), float(step * rng.uniform(0.5, 1.0) + step)
        told.append((at, float(Decimal(str(round(price, 4))))))
        market.note(quote("AAA", round(price, 4), NOW + timedelta(seconds=at)))
        now = NOW.timestamp() + max(each for each, _ in told)
        if at == max(each for each, _ in told):
            since = at - 30.0
            inside = [p for t, p in _taken(told) if t >= since]
            assert market.lowest("AAA", now) == pytest.approx(min(inside))
            assert market.highest("AAA", now) == pytest.approx(max(inside))


def _taken(told: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Those that were not older than one before them."""
    found: list[tuple[float, float]] = []
    for at, price in told:
        if not found or at >= found[-1][0]:
            found.append((at, price))
    return found
