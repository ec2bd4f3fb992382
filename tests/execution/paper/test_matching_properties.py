"""What holds of the matching in any market: priority, limits, volume, determinism, a slow twin."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.domain.orders import Order, OrderType, Side
from riskplatform.execution.gateways.gateway import Filled, Replaced
from riskplatform.execution.paper.market import Tick
from riskplatform.execution.paper.messages import DayOpened, Message, OrderSent, Request
from riskplatform.execution.paper.rules import Latency, VenueRules
from riskplatform.execution.paper.store import VenueFacts, VenueStore
from riskplatform.execution.paper.venue import Venue, replay
from riskplatform.execution.paper.wire import report_terms
from tests.execution.paper.paper_markets import CLOSE, OPEN, PLAIN, at, market
from tests.execution.paper.paper_strategies import scenes
from tests.execution.paper.slow_matcher import SlowMatcher

pytestmark = pytest.mark.slow

Scene = tuple[tuple[Tick, ...], tuple[Request, ...]]
SLOW_POST = replace(PLAIN, latency=Latency(fixed_ms=100.0, mean_extra_ms=700.0))


def played(
    seen: Sequence[Tick], asked: Sequence[Request], rules: VenueRules = PLAIN, seed: int = 7
) -> Venue:
    messages: list[Message] = [DayOpened(at=OPEN, market=market(*seen)), *asked]
    return replay(Venue("V", rules, seed), messages, CLOSE)


def as_bytes(venue: Venue) -> bytes:
    return json.dumps([report_terms(one) for one in venue.reports]).encode()


def orders_of(asked: Sequence[Request]) -> dict[str, Order]:
    return {one.order.client_order_id: one.order for one in asked if isinstance(one, OrderSent)}


@settings(max_examples=max(200, settings().max_examples))
@given(scenes())
def test_one_unit_at_a_time_comes_to_the_same(scene: Scene) -> None:
    seen, asked = scene
    venue = played(seen, asked)
    slow = SlowMatcher(seen, PLAIN, CLOSE)
    expected = slow.run(asked)
    fast = [(f.client_order_id, int(f.quantity), int(f.price), f.at) for f in venue.executions]
    assert fast == expected
    for order in slow.orders:
        found = venue.order(order.name)
        assert found is not None
        assert (found.status, int(found.filled)) == (order.state, order.got)


@given(scenes(), st.integers(0, 3))
def test_no_fill_is_outside_its_limit(scene: Scene, seed: int) -> None:
    seen, asked = scene
    venue = played(seen, asked, SLOW_POST, seed)
    limits = {name: order.limit_price for name, order in orders_of(asked).items()}
    sides = {name: order.side for name, order in orders_of(asked).items()}
    for report in venue.reports:
        if isinstance(report, Replaced):
            limits[report.client_order_id] = report.limit_price
        if isinstance(report, Filled) and limits[report.client_order_id] is not None:
            limit = limits[report.client_order_id]
            assert limit is not None
            sign = sides[report.client_order_id].sign
            assert sign * report.price <= sign * limit


@given(scenes())
def test_no_more_is_filled_than_was_shown_or_traded(scene: Scene) -> None:
    """From one tick to the next: at most the depth of each side and the share of the trade."""
    seen, asked = scene
    venue = played(seen, asked)
    sides = {name: order.side for name, order in orders_of(asked).items()}
    took: dict[tuple[datetime, Side], Decimal] = defaultdict(Decimal)
    for fill in venue.executions:
        moment = max(one.at for one in seen if one.at <= fill.at)
        took[moment, sides[fill.client_order_id]] += fill.quantity
    for one in seen:
        share = PLAIN.participation * one.size
        asks = one.ask_size * PLAIN.levels if one.ask is not None else 0
        bids = one.bid_size * PLAIN.levels if one.bid is not None else 0
        assert took[one.at, Side.BUY] <= asks + share
        assert took[one.at, Side.SELL] <= bids + share
        assert took[one.at, Side.BUY] + took[one.at, Side.SELL] <= asks + bids + share


@given(scenes())
def test_who_is_keener_or_earlier_is_served_first(scene: Scene) -> None:
    """Among limit orders that stand as they were sent: B gets nothing while A before it waits."""
    seen, asked = scene
    plain = [one for one in asked if isinstance(one, OrderSent)]
    plain = [one for one in plain if one.order.order_type is OrderType.LIMIT]
    venue = played(seen, plain)
    left = {name: order.quantity for name, order in orders_of(plain).items()}
    sent_at = {one.order.client_order_id: one.at for one in plain}
    places = {one.order.client_order_id: place for place, one in enumerate(plain)}
    moments = {one.at for one in seen}
    for fill in venue.executions:
        left[fill.client_order_id] -= fill.quantity
    later: dict[str, Decimal] = defaultdict(Decimal)
    for fill in reversed(venue.executions):
        mine = orders_of(plain)[fill.client_order_id]
        if fill.at in moments and sent_at[fill.client_order_id] < fill.at:
            for name, other in orders_of(plain).items():
                state = venue.order(name)
                assert state is not None
                stands = sent_at[name] < fill.at and state.at >= fill.at
                still = left[name] + later[name] > 0
                if name != fill.client_order_id and other.side is mine.side and stands and still:
                    sign = mine.side.sign
                    assert other.limit_price is not None
                    assert mine.limit_price is not None
                    keener = sign * (other.limit_price - mine.limit_price)
                    if keener > 0 or (not keener and places[name] < places[fill.client_order_id]):
                        # It was before, stood there and got nothing more at that moment or after.
                        gained = any(
                            one.client_order_id == name and one.at == fill.at
                            for one in venue.executions
                        )
                        assert gained or state.status != "open"
        later[fill.client_order_id] += fill.quantity


@given(scenes(), st.integers(0, 5))
def test_the_same_seed_gives_the_same_bytes(scene: Scene, seed: int) -> None:
    seen, asked = scene
    first, second = (played(seen, asked, SLOW_POST, seed) for _ in range(2))
    assert as_bytes(first) == as_bytes(second)


@given(scenes(), st.lists(st.integers(0, 400), max_size=12))
def test_the_steps_in_which_time_goes_do_not_matter(scene: Scene, stops: list[int]) -> None:
    seen, asked = scene
    at_once = played(seen, asked, SLOW_POST)
    steps = Venue("V", SLOW_POST, 7)
    steps.apply(DayOpened(at=OPEN, market=market(*seen)))
    moments = sorted(at(stop / 20) for stop in stops)
    for message in asked:
        while moments and moments[0] < message.at:
            steps.advance(moments.pop(0))
        steps.apply(message)
    for moment in moments:
        if moment > steps.now:
            steps.advance(moment)
    steps.advance(CLOSE)
    assert as_bytes(steps) == as_bytes(at_once)


@given(scenes())
def test_what_was_written_down_gives_the_same_venue(scene: Scene) -> None:
    """Through the file's own form of messages and reports, and back."""
    seen, asked = scene
    venue = played(seen, asked, SLOW_POST)
    store = VenueStore.create(None, VenueFacts("V", 7, SLOW_POST))
    messages: list[Message] = [DayOpened(at=OPEN, market=market(*seen)), *asked]
    store.write(messages, venue.reports, CLOSE)
    facts = store.facts()
    again = replay(Venue(facts.venue_id, facts.rules, facts.seed), store.messages(), CLOSE)
    assert store.reports() == venue.reports == again.reports
    assert again.positions() == venue.positions()
    assert [again.order(name) for name in orders_of(asked)] == [
        venue.order(name) for name in orders_of(asked)
    ]
    store.close()
