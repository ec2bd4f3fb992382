"""What the venue's market traded: today, on days before, and around halts; nothing of tomorrow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from riskplatform.errors import UserInputError
from riskplatform.execution.paper.market import Bar, DayMarket, Halt, Listing
from riskplatform.execution.paper.messages import DayOpened
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.execution.paper.tape import ticks_of
from riskplatform.execution.paper.turnover import MOST_DAYS
from riskplatform.execution.paper.venue import Venue
from tests.execution.paper.paper_markets import CLOSE, DAY, OPEN

NAME, RULES, SEED = "ALFA", VenueRules(ticks_per_day=40), 5
A_DAY = timedelta(days=1)


def market(number: int, *halts: Halt) -> DayMarket:
    """The bar of one day, between 100 and 110 and a bit more every day."""
    base = Decimal(100 + number)
    listing = Listing(
        instrument_id=NAME, currency="USD", opens_at=OPEN + number * A_DAY,
        closes_at=CLOSE + number * A_DAY,
        bar=Bar(open=base, high=base + 10, low=base, close=base + 5, volume=Decimal(4_000)),
    )  # fmt: skip
    return DayMarket(day=DAY + number * A_DAY, listings=(listing,), halts=halts)


def venue_of(*markets: DayMarket) -> Venue:
    venue = Venue("PV", RULES, SEED)
    for each in markets:
        venue.apply(DayOpened(at=each.opens_at, market=each))
    return venue


def test_a_day_trades_its_volume_and_ends_at_its_close() -> None:
    venue = venue_of(market(0))
    venue.advance(CLOSE)
    found = venue.traded(NAME, OPEN, CLOSE)
    assert found is not None
    assert (found.volume, found.last, found.is_closed) == (Decimal(4_000), Decimal(105), True)
    ticks = ticks_of(market(0).listings[0], DAY, RULES, SEED)
    money = sum(float(tick.size) * float(tick.price or 0) for tick in ticks)
    assert float(found.average or 0) == pytest.approx(money / 4_000)


def test_days_before_are_told_as_they_were_and_one_more_day_changes_nothing() -> None:
    first = venue_of(market(0))
    first.advance(CLOSE)
    alone = first.traded(NAME, OPEN, CLOSE)
    venue = venue_of(market(0), market(1))
    assert venue.traded(NAME, OPEN, CLOSE) == alone
    venue.advance(CLOSE + A_DAY)
    both = venue.traded(NAME, OPEN, CLOSE + A_DAY)
    assert both is not None
    assert (both.volume, both.last) == (Decimal(8_000), Decimal(106))
    # Nothing trades by night; the last price is the close of the day before.
    night = venue.traded(NAME, CLOSE + timedelta(hours=1), CLOSE + timedelta(hours=2))
    assert night is not None
    assert (night.volume, night.average) == (Decimal(0), None)
    assert (night.last, night.is_closed) == (Decimal(105), True)


def test_what_did_not_happen_in_a_halt_is_not_counted() -> None:
    halt = Halt(instrument_id=NAME, start=OPEN + timedelta(hours=1), end=OPEN + timedelta(hours=2))
    for venue in (venue_of(market(0, halt)), venue_of(market(0, halt), market(1))):
        venue.advance(max(venue.now, CLOSE))
        inside = venue.traded(NAME, halt.start, halt.end - timedelta(microseconds=1))
        whole = venue.traded(NAME, OPEN, CLOSE)
        assert inside is not None
        assert whole is not None
        assert inside.volume == 0
        assert 0 < whole.volume < 4_000


def test_days_are_forgotten_and_then_nothing_is_said_of_them() -> None:
    venue = venue_of(*(market(number) for number in range(MOST_DAYS + 1)))
    assert venue.traded(NAME, OPEN, CLOSE) is None
    second = venue.traded(NAME, OPEN + A_DAY, CLOSE + A_DAY)
    assert second is not None
    assert second.volume == 4_000


def test_a_time_that_has_not_been_is_refused() -> None:
    venue = venue_of(market(0))
    with pytest.raises(UserInputError, match="is no time that has been"):
        venue.traded(NAME, CLOSE, CLOSE + A_DAY)
    with pytest.raises(UserInputError, match="is no time that has been"):
        Venue("PV", RULES, SEED).traded(NAME, datetime(2020, 1, 1, tzinfo=UTC), CLOSE)
