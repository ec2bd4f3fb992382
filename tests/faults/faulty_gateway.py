"""A venue behind a bad line, by seed: messages dropped, delayed, doubled, swapped; no line at all.

Everything happens in simulated time and in an order that the seed alone decides, so a failure is
replayed by its seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from riskplatform.domain.orders import Order
from riskplatform.errors import GatewayError
from riskplatform.execution.gateways.gateway import (
    Filled,
    Gateway,
    Quote,
    Report,
    Traded,
    VenueOrder,
)

T = TypeVar("T")


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Line:
    """What is wrong with the line now; it outlives the engines that use it."""

    rng: random.Random
    is_calm: bool = False
    down_until: datetime | None = None
    under_way: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    unread: list[tuple[datetime, Report]] = field(default_factory=list)
    deaths: int = 0
    faults: int = 0

    def strikes(self, probability: float) -> bool:
        struck = not self.is_calm and self.rng.random() < probability
        self.faults += struck
        return struck

    def may_die(self) -> None:
        if self.strikes(0.004):
            self.deaths += 1
            raise Killed


class FaultyGateway:
    """``inner`` behind ``line``. Reports that were dropped are found by asking only."""

    def __init__(self, inner: Gateway, line: Line) -> None:
        self._inner, self._line = inner, line

    @property
    def name(self) -> str:
        return self._inner.name

    def submit(self, order: Order) -> None:
        self._send(lambda: self._inner.submit(order))

    def cancel(self, client_order_id: str) -> None:
        self._send(lambda: self._inner.cancel(client_order_id))

    def replace(
        self,
        client_order_id: str,
        quantity: Decimal,
        limit_price: Decimal | None,
        number: int = 0,
    ) -> None:
        self._send(lambda: self._inner.replace(client_order_id, quantity, limit_price, number))

    def reports(self) -> list[Report]:
        self._connect()
        line, now = self._line, self._inner.now()
        for report in self._inner.reports():
            if line.strikes(0.05):
                continue
            late = line.rng.uniform(0, 20) if line.strikes(0.15) else 0.0
            line.unread += [(now + timedelta(seconds=late), report)] * (1 + line.strikes(0.1))
        ready = [report for at, report in line.unread if at <= now]
        line.unread = [(at, report) for at, report in line.unread if at > now]
        if line.strikes(0.2):
            line.rng.shuffle(ready)
        return ready

    def order(self, client_order_id: str) -> VenueOrder | None:
        return self._ask(lambda: self._inner.order(client_order_id))

    def open_orders(self) -> tuple[VenueOrder, ...]:
        return self._ask(self._inner.open_orders)

    def executions(self, since: datetime | None = None) -> tuple[Filled, ...]:
        return self._ask(lambda: self._inner.executions(since))

    def positions(self) -> Mapping[tuple[str, str], Decimal]:
        return self._ask(self._inner.positions)

    def quotes(self, instrument_ids: Collection[str]) -> Mapping[str, Quote]:
        return self._ask(lambda: self._inner.quotes(instrument_ids))

    def traded(self, instrument_id: str, start: datetime, end: datetime) -> Traded | None:
        return self._ask(lambda: self._inner.traded(instrument_id, start, end))

    def now(self) -> datetime:
        return self._ask(self._inner.now)

    def statement(self, day: date) -> tuple[Filled, ...]:
        return self._inner.statement(day)

    def close(self) -> None:
        self._inner.close()

    def arrive(self) -> None:
        """Messages that were under way reach the venue."""
        line, now = self._line, self._inner.now()
        ready = [send for at, send in line.under_way if at <= now]
        line.under_way = [(at, send) for at, send in line.under_way if at > now]
        for send in ready:
            send()

    def _send(self, send: Callable[[], None]) -> None:
        self._connect()
        line = self._line
        if line.strikes(0.06):
            return
        if line.strikes(0.06):
            raise GatewayError("The line broke before the message left.")
        if line.strikes(0.1):
            late = self._inner.now() + timedelta(seconds=line.rng.uniform(0, 20))
            line.under_way.append((late, send))
            return
        send()
        if line.strikes(0.05):
            send()
        line.may_die()
        if line.strikes(0.08):
            raise GatewayError("The answer was lost.")

    def _ask(self, ask: Callable[[], T]) -> T:
        self._connect()
        return ask()

    def _connect(self) -> None:
        line = self._line
        line.may_die()
        now = self._inner.now()
        if line.strikes(0.01):
            line.down_until = now + timedelta(seconds=line.rng.uniform(0, 15))
        if not line.is_calm and line.down_until is not None and now < line.down_until:
            raise GatewayError("There is no line to the venue.")
