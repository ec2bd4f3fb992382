"""kill -9 of the venue's process while clients trade, at random moments.

After each death the venue goes on where it was: what was told stays told, what was answered is
there, no execution is lost or doubled, time does not go back.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from riskplatform.domain.orders import Order, OrderKey, OrderType, Side, TimeInForce
from riskplatform.errors import GatewayError
from riskplatform.execution.gateways.gateway import Filled, Report
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.server import create_venue
from tests.execution.gateway_acceptance import Stage
from tests.execution.paper.paper_stages import RULES, kill, start_process, still_market

# A life is some requests long, however fast the disk is, and ends in the middle of one: the moments
# fall on requests of every kind.
MOST_REQUESTS = 40
LONGEST_WAIT_SECONDS = 0.01


@dataclass
class Client:
    """What one client did and heard over all the venue's lives."""

    folder: Path
    luck: random.Random
    told: list[Report] = field(default_factory=list)
    answered: dict[str, Order] = field(default_factory=dict)
    now: datetime | None = None
    number: int = 0

    def order(self) -> Order:
        self.number += 1
        limit = self.luck.choice([None, Stage.bid, Stage.ask, Stage.ask + 1])
        return Order(
            key=OrderKey("kill", "growth", Stage.instrument_id, self.number),
            side=self.luck.choice(list(Side)),
            quantity=Decimal(self.luck.randint(1, 300)),
            currency=Stage.currency,
            order_type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            limit_price=limit,
            time_in_force=self.luck.choice(list(TimeInForce)),
        )

    def trade_until_it_dies(self, death: threading.Timer, requests: int) -> None:
        """Death begins to wait after so many requests."""
        with closing(PaperGateway.connect(self.folder, position=len(self.told))) as gateway:
            try:
                for done in itertools.count():
                    if done == requests:
                        death.start()
                    self.step(gateway)
            except GatewayError:
                return

    def step(self, gateway: PaperGateway) -> None:
        order = self.order()
        gateway.submit(order)
        self.answered[order.client_order_id] = order
        self.told += gateway.reports()
        self.now = gateway.now()
        name = self.luck.choice(list(self.answered))
        if self.luck.random() < 0.3:
            gateway.cancel(name)
        elif self.luck.random() < 0.3:
            gateway.replace(name, Decimal(self.luck.randint(1, 300)), None)

    def check(self, gateway: PaperGateway) -> None:
        fresh = PaperGateway.connect(self.folder)
        with closing(fresh):
            every = fresh.reports()
        assert every[: len(self.told)] == self.told, "what was told has changed"
        assert self.now is None or gateway.now() >= self.now
        fills = [one for one in every if isinstance(one, Filled)]
        assert len({one.execution_id for one in fills}) == len(fills)
        executions = gateway.executions()
        assert executions[: len(fills)] == tuple(fills)
        done: dict[str, Decimal] = defaultdict(Decimal)
        for one in executions:
            done[one.client_order_id] += one.quantity
        held = Decimal(0)
        for name, order in self.answered.items():
            found = gateway.order(name)
            assert found is not None, "an answered order is absent"
            assert found.filled <= found.order.quantity
            held += order.side.sign * done[name]
        # An order that was sent when the venue died may be there too, answered or not.
        unanswered = set(done) - set(self.answered)
        if not unanswered:
            line = ("growth", Stage.instrument_id)
            assert gateway.positions().get(line, Decimal(0)) == held


def kill_many(folder: Path, times: int) -> None:
    create_venue(folder, RULES, seed=4)
    luck = random.Random(20261127)
    client = Client(folder, random.Random(1))
    for life in range(times):
        process = start_process(folder, ["--speed", "60"])
        if life == 0:
            with closing(PaperGateway.connect(folder)) as gateway:
                gateway.open_day(still_market())
        death = threading.Timer(luck.uniform(0, LONGEST_WAIT_SECONDS), process.kill)
        client.trade_until_it_dies(death, luck.randrange(MOST_REQUESTS))
        death.join()
        kill(process)
        process = start_process(folder)
        try:
            with closing(PaperGateway.connect(folder)) as gateway:
                client.check(gateway)
        finally:
            kill(process)
    assert client.told
    assert any(isinstance(one, Filled) for one in client.told)


@pytest.mark.slow
def test_five_kills(tmp_path: Path) -> None:
    kill_many(tmp_path / "venue", 5)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_hundred_kills(tmp_path: Path) -> None:
    kill_many(tmp_path / "venue", 100)
