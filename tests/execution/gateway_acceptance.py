"""What every gateway must do, whichever venue is behind it.

A gateway's own test file derives a class from :class:`GatewayAcceptance` and gives it the fixture
``stage``: a venue set up so that the market of ``instrument_id`` stands still around ``bid`` and
``ask``, shows a finite size at each, and goes on when told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, timedelta
from decimal import Decimal
from itertools import count

import pytest

from riskplatform.domain.orders import Order, OrderKey, OrderType, Side, TimeInForce
from riskplatform.execution.gateways.gateway import (
    Accepted,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    Gateway,
    Rejected,
    Replaced,
    ReplaceRejected,
    Report,
)

PORTFOLIO = "growth"


class Stage(ABC):
    """A venue and its market, as a test needs them."""

    instrument_id = "ALFA.XNYS"
    currency = "USD"
    bid = Decimal("99.99")
    ask = Decimal("100.01")
    # A market order of this size is filled at once; the large one takes several moments.
    small = Decimal(50)
    large = Decimal(1_000)

    @abstractmethod
    def connect(self) -> Gateway:
        """A new client."""

    @abstractmethod
    def go_on(self, seconds: float = 1.0) -> None:
        """Let the venue's time pass."""

    @abstractmethod
    def end_day(self) -> None:
        """Let it pass beyond the close."""

    @abstractmethod
    def restart(self) -> None:
        """The venue dies without warning and comes back; gateways are not told."""


class Trader:
    """A client that remembers what it was told."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.gateway = stage, stage.connect()
        self.told: list[Report] = []
        self._slices = count()

    def order(
        self,
        quantity: Decimal,
        side: Side = Side.BUY,
        *,
        limit: Decimal | None = None,
        stop: Decimal | None = None,
        time_in_force: TimeInForce = TimeInForce.DAY,
        currency: str | None = None,
        instrument_id: str | None = None,
    ) -> Order:
        kind = OrderType.LIMIT if limit else OrderType.STOP if stop else OrderType.MARKET
        name = instrument_id or self.stage.instrument_id
        return Order(
            key=OrderKey("A1", PORTFOLIO, name, next(self._slices)),
            side=side,
            quantity=quantity,
            currency=currency or self.stage.currency,
            order_type=kind,
            limit_price=limit,
            stop_price=stop,
            time_in_force=time_in_force,
        )

    def send(self, order: Order, seconds: float = 1.0) -> str:
        self.gateway.submit(order)
        self.stage.go_on(seconds)
        return order.client_order_id

    def heard(self, name: str) -> list[Report]:
        """All that was ever reported about an order."""
        self.told += self.gateway.reports()
        return [report for report in self.told if report.client_order_id == name]

    def kinds(self, name: str) -> list[type]:
        return [type(report) for report in self.heard(name)]

    def filled(self, name: str) -> Decimal:
        return sum(
            (one.quantity for one in self.heard(name) if isinstance(one, Filled)), Decimal(0)
        )

    def status(self, name: str) -> str:
        found = self.gateway.order(name)
        assert found is not None
        return found.status


class GatewayAcceptance:
    """Derive, and give the fixture ``stage``."""

    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError("a gateway's own tests say on which stage it plays")

    @pytest.fixture
    def trader(self, stage: Stage) -> Iterator[Trader]:
        made = Trader(stage)
        yield made
        made.gateway.close()

    # ------------------------------------------------------------------ orders

    def test_market_order_is_accepted_and_filled(self, trader: Trader) -> None:
        order = trader.order(trader.stage.small)
        name = trader.send(order)
        accepted, *fills = trader.heard(name)
        assert isinstance(accepted, Accepted)
        assert fills
        assert all(isinstance(fill, Filled) for fill in fills)
        assert trader.filled(name) == order.quantity
        found = trader.gateway.order(name)
        assert found is not None
        assert (found.status, found.is_open) == ("filled", False)
        assert (found.order, found.filled) == (order, order.quantity)
        assert found.venue_order_id == accepted.venue_order_id
        assert trader.gateway.open_orders() == ()

    def test_a_fill_says_price_fee_and_time(self, trader: Trader) -> None:
        before = trader.gateway.now()
        name = trader.send(trader.order(trader.stage.small))
        for fill in trader.heard(name)[1:]:
            assert isinstance(fill, Filled)
            assert fill.price >= trader.stage.ask
            assert fill.fee >= 0
            assert fill.fee_currency == trader.stage.currency
            assert before <= fill.at <= trader.gateway.now()
            assert fill.at.tzinfo is not None

    def test_large_order_is_filled_in_parts(self, trader: Trader) -> None:
        name = trader.send(trader.order(trader.stage.large))
        part = trader.filled(name)
        assert 0 < part < trader.stage.large
        found = trader.gateway.order(name)
        assert found is not None
        assert (found.status, found.filled) == ("open", part)
        trader.stage.go_on(600)
        assert trader.filled(name) == trader.stage.large
        assert trader.status(name) == "filled"

    def test_limit_order_waits_and_never_pays_more(self, trader: Trader) -> None:
        limit = trader.stage.ask
        name = trader.send(trader.order(trader.stage.large, limit=limit), 300)
        fills = [one for one in trader.heard(name) if isinstance(one, Filled)]
        assert fills
        assert all(fill.price <= limit for fill in fills)
        far = trader.send(trader.order(trader.stage.small, limit=trader.stage.bid - 5), 300)
        assert trader.kinds(far) == [Accepted]
        assert trader.status(far) == "open"

    def test_stop_order_waits_until_the_market_is_there(self, trader: Trader) -> None:
        name = trader.send(trader.order(trader.stage.small, stop=trader.stage.ask + 5), 300)
        assert trader.kinds(name) == [Accepted]

    def test_immediate_order_does_not_stay(self, trader: Trader) -> None:
        order = trader.order(trader.stage.large, time_in_force=TimeInForce.IOC)
        name = trader.send(order)
        kinds = trader.kinds(name)
        assert kinds[0] is Accepted
        assert kinds[-1] is Cancelled
        assert set(kinds[1:-1]) == {Filled}
        assert 0 < trader.filled(name) < order.quantity
        assert trader.status(name) == "cancelled"

    def test_cancel(self, trader: Trader) -> None:
        name = trader.send(trader.order(trader.stage.small, limit=trader.stage.bid - 5))
        trader.gateway.cancel(name)
        trader.stage.go_on()
        assert trader.kinds(name) == [Accepted, Cancelled]
        assert trader.status(name) == "cancelled"
        assert trader.gateway.open_orders() == ()

    def test_cancel_of_the_filled(self, trader: Trader) -> None:
        name = trader.send(trader.order(trader.stage.small))
        trader.gateway.cancel(name)
        trader.stage.go_on()
        assert trader.kinds(name)[-1] is CancelRejected
        assert trader.status(name) == "filled"

    def test_cancel_of_what_was_never_there(self, trader: Trader) -> None:
        trader.gateway.cancel("no-such-order")
        trader.stage.go_on()
        assert trader.kinds("no-such-order") == [CancelRejected]

    def test_replace(self, trader: Trader) -> None:
        order = trader.order(trader.stage.small, limit=trader.stage.bid - 5)
        name = trader.send(order)
        quantity, limit = order.quantity * 2, trader.stage.bid - 4
        trader.gateway.replace(name, quantity, limit)
        trader.stage.go_on()
        said = trader.heard(name)[-1]
        assert isinstance(said, Replaced)
        assert (said.quantity, said.limit_price) == (quantity, limit)
        found = trader.gateway.order(name)
        assert found is not None
        assert (found.order.quantity, found.order.limit_price) == (quantity, limit)
        assert found.is_open

    def test_replaced_order_trades_at_its_new_price(self, trader: Trader) -> None:
        name = trader.send(trader.order(trader.stage.small, limit=trader.stage.bid - 5))
        trader.gateway.replace(name, trader.stage.small, trader.stage.ask)
        trader.stage.go_on()
        assert trader.filled(name) == trader.stage.small

    def test_replace_that_loses_to_a_fill(self, trader: Trader) -> None:
        order = trader.order(trader.stage.small)
        trader.gateway.submit(order)
        trader.gateway.replace(order.client_order_id, order.quantity * 2, None)
        trader.stage.go_on()
        name = order.client_order_id
        assert trader.filled(name) == order.quantity
        assert trader.kinds(name)[-1] is ReplaceRejected

    def test_replace_to_less_than_is_filled(self, trader: Trader) -> None:
        name = trader.send(trader.order(trader.stage.large))
        assert trader.filled(name) > 1
        trader.gateway.replace(name, Decimal(1), None)
        trader.stage.go_on()
        assert ReplaceRejected in trader.kinds(name)
        found = trader.gateway.order(name)
        assert found is not None
        assert found.order.quantity == trader.stage.large

    @pytest.mark.parametrize(
        "wrong", [{"currency": "CHF"}, {"instrument_id": "NOBODY.KNOWS"}], ids=["currency", "name"]
    )
    def test_reject_says_why(self, trader: Trader, wrong: dict[str, str]) -> None:
        name = trader.send(trader.order(trader.stage.small, **wrong))  # type: ignore[arg-type]
        (said,) = trader.heard(name)
        assert isinstance(said, Rejected)
        assert said.reason
        assert trader.status(name) == "rejected"

    def test_day_order_expires_and_the_other_does_not(self, trader: Trader) -> None:
        limit = trader.stage.bid - 5
        day = trader.send(trader.order(trader.stage.small, limit=limit))
        stays = trader.send(
            trader.order(trader.stage.small, limit=limit, time_in_force=TimeInForce.GTC)
        )
        trader.stage.end_day()
        assert trader.kinds(day) == [Accepted, Expired]
        assert trader.kinds(stays) == [Accepted]
        assert [one.order.client_order_id for one in trader.gateway.open_orders()] == [stays]

    # ------------------------------------------------------------------ said twice

    def test_second_submit_of_an_order_changes_nothing(self, trader: Trader) -> None:
        order = trader.order(trader.stage.small)
        name = trader.send(order)
        before, told = trader.gateway.order(name), trader.kinds(name)
        trader.gateway.submit(order)
        trader.stage.go_on(120)
        assert trader.gateway.order(name) == before
        assert trader.filled(name) == order.quantity
        assert [kind for kind in trader.kinds(name) if kind is Filled] == [
            kind for kind in told if kind is Filled
        ]

    def test_second_submit_before_the_first_was_answered(self, trader: Trader) -> None:
        order = trader.order(trader.stage.small)
        trader.gateway.submit(order)
        name = trader.send(order)
        assert trader.filled(name) == order.quantity
        held = trader.gateway.positions()
        assert held == {(PORTFOLIO, trader.stage.instrument_id): order.quantity}

    # ------------------------------------------------------------------ what is asked

    def test_an_order_that_was_never_seen_is_none(self, trader: Trader) -> None:
        assert trader.gateway.order("no-such-order") is None

    def test_positions_are_the_sum_of_executions(self, trader: Trader) -> None:
        small = trader.stage.small
        trader.send(trader.order(small), 60)
        trader.send(trader.order(small), 60)
        trader.send(trader.order(small, Side.SELL), 60)
        line = (PORTFOLIO, trader.stage.instrument_id)
        assert trader.gateway.positions() == {line: small}

    def test_executions_since(self, trader: Trader) -> None:
        trader.send(trader.order(trader.stage.small), 60)
        between = trader.gateway.now()
        trader.stage.go_on(60)
        second = trader.send(trader.order(trader.stage.small), 60)
        every = trader.gateway.executions()
        late = trader.gateway.executions(between)
        assert late == tuple(one for one in every if one.at >= between)
        assert {one.client_order_id for one in late} == {second}
        assert len(every) > len(late)
        # The border belongs to it.
        assert trader.gateway.executions(late[0].at)[0] == late[0]

    def test_statement_is_the_executions_of_its_day(self, trader: Trader) -> None:
        trader.send(trader.order(trader.stage.large), 120)
        trader.send(trader.order(trader.stage.small, Side.SELL), 120)
        today = trader.gateway.now().astimezone(UTC).date()
        statement = trader.gateway.statement(today)
        assert statement == trader.gateway.executions()
        assert len({one.execution_id for one in statement}) == len(statement)
        assert trader.gateway.statement(today - timedelta(days=1)) == ()

    def test_reports_are_the_executions(self, trader: Trader) -> None:
        names = [trader.send(trader.order(trader.stage.large)) for _ in range(3)]
        trader.stage.go_on(1_800)
        fills = [one for name in names for one in trader.heard(name) if isinstance(one, Filled)]
        assert sorted(fills, key=_by_id) == sorted(trader.gateway.executions(), key=_by_id)
        for name in names:
            assert trader.filled(name) == trader.stage.large

    def test_fills_never_exceed_the_order(self, trader: Trader) -> None:
        orders = [trader.order(Decimal(quantity)) for quantity in (1, 70, 333, 2_000)]
        for order in orders:
            trader.gateway.submit(order)
        for _ in range(20):
            trader.stage.go_on(30)
            for order in orders:
                found = trader.gateway.order(order.client_order_id)
                assert found is not None
                assert trader.filled(order.client_order_id) == found.filled <= order.quantity

    def test_quote(self, trader: Trader) -> None:
        name = trader.stage.instrument_id
        found = trader.gateway.quotes([name, "NOBODY.KNOWS"])
        assert set(found) == {name}
        assert (found[name].bid, found[name].ask) == (trader.stage.bid, trader.stage.ask)
        assert found[name].is_halted is False
        assert found[name].at <= trader.gateway.now()

    def test_what_the_market_traded(self, trader: Trader) -> None:
        gateway, name = trader.gateway, trader.stage.instrument_id
        trader.stage.go_on(60)
        start = gateway.now()
        trader.stage.go_on(600)
        middle = gateway.now()
        trader.stage.go_on(600)
        end = gateway.now()
        every = gateway.traded(name, start, end)
        assert every is not None
        assert (every.instrument_id, every.start, every.end) == (name, start, end)
        assert every.volume > 0
        assert every.average is not None
        # Around a market that stands still, every price is near it.
        assert trader.stage.bid - 1 <= every.average <= trader.stage.ask + 1
        assert every.last is not None
        assert trader.stage.bid - 1 <= every.last <= trader.stage.ask + 1
        assert not every.is_closed
        # The border belongs to both parts, so that they come to the whole but for one moment.
        parts = [gateway.traded(name, start, middle), gateway.traded(name, middle, end)]
        moment = gateway.traded(name, middle, middle)
        assert moment is not None
        assert all(part is not None and 0 < part.volume < every.volume for part in parts)
        for what in ("volume", "turnover"):
            assert sum(getattr(part, what) for part in parts) == (
                getattr(every, what) + getattr(moment, what)
            )

    def test_the_market_of_what_is_not_listed_is_not_known(self, trader: Trader) -> None:
        now = trader.gateway.now()
        assert trader.gateway.traded("NOBODY.KNOWS", now, now) is None

    def test_nothing_is_told_of_what_is_to_come(self, trader: Trader) -> None:
        gateway, name = trader.gateway, trader.stage.instrument_id
        trader.stage.go_on(600)
        start, now = gateway.now() - timedelta(seconds=300), gateway.now()
        early = gateway.traded(name, start, now + timedelta(hours=1))
        assert early is not None
        assert now <= early.end <= gateway.now()
        trader.stage.go_on(600)
        later = gateway.traded(name, start, early.end)
        assert later is not None
        assert (later.volume, later.turnover, later.last) == (
            early.volume, early.turnover, early.last
        )  # fmt: skip

    def test_the_close_is_known_once_the_day_is_over(self, trader: Trader) -> None:
        gateway, name = trader.gateway, trader.stage.instrument_id
        trader.stage.go_on(60)
        start = gateway.now()
        trader.stage.end_day()
        found = gateway.traded(name, start, gateway.now())
        assert found is not None
        assert found.is_closed
        assert found.last is not None
        trader.stage.restart()
        again = gateway.traded(name, start, found.end)
        assert again == found

    def test_time_goes_on(self, trader: Trader) -> None:
        before = trader.gateway.now()
        assert before.tzinfo is not None
        trader.stage.go_on(5)
        assert trader.gateway.now() >= before + timedelta(seconds=5)

    # ------------------------------------------------------------------ after a loss

    def test_a_new_client_hears_what_the_old_one_did_not(self, trader: Trader) -> None:
        order = trader.order(trader.stage.small)
        trader.gateway.submit(order)
        trader.gateway.close()
        trader.stage.go_on()
        again = Trader(trader.stage)
        assert again.filled(order.client_order_id) == order.quantity
        assert {type(one) for one in again.told} == {Accepted, Filled}
        again.gateway.close()

    def test_everything_is_there_after_a_restart(self, trader: Trader) -> None:
        small = trader.stage.small
        done = trader.send(trader.order(small))
        waits = trader.send(trader.order(small, limit=trader.stage.bid - 5))
        before = [trader.gateway.order(name) for name in (done, waits)]
        executions, held = trader.gateway.executions(), trader.gateway.positions()
        now = trader.gateway.now()
        trader.stage.restart()
        assert [trader.gateway.order(name) for name in (done, waits)] == before
        assert trader.gateway.executions() == executions
        assert trader.gateway.positions() == held
        assert trader.gateway.now() >= now
        fresh = Trader(trader.stage)
        assert fresh.heard(done) == trader.heard(done)
        assert fresh.heard(waits) == trader.heard(waits)
        fresh.gateway.close()

    def test_a_restarted_venue_goes_on(self, trader: Trader) -> None:
        small = trader.stage.small
        waits = trader.send(trader.order(small, limit=trader.stage.bid - 5))
        repeated = trader.order(small)
        trader.send(repeated)
        trader.stage.restart()
        # Sent again by one who does not know whether it arrived.
        trader.gateway.submit(repeated)
        trader.gateway.cancel(waits)
        second = trader.send(trader.order(small), 60)
        assert trader.status(waits) == "cancelled"
        assert trader.filled(repeated.client_order_id) == small
        assert trader.filled(second) == small
        executions = trader.gateway.executions()
        assert len({one.execution_id for one in executions}) == len(executions)
        orders = [trader.gateway.order(name) for name in (waits, second)]
        assert len({one.venue_order_id for one in orders if one}) == 2

    def test_many_restarts_never_repeat_an_id(self, trader: Trader) -> None:
        names = []
        for _ in range(3):
            names.append(trader.send(trader.order(trader.stage.small), 60))
            trader.stage.restart()
        executions = trader.gateway.executions()
        assert len({one.execution_id for one in executions}) == len(executions)
        assert {one.client_order_id for one in executions} == set(names)
        assert sum(one.quantity for one in executions) == 3 * trader.stage.small


def _by_id(fill: Filled) -> str:
    return fill.execution_id
