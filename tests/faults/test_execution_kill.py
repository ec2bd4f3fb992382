"""kill -9 of the engine and of the venue at random moments, while orders go back and forth.

After all of it the kill switch is pulled, the venue is asked, and both books are compared: no fill
is lost, no order was sent twice, positions are equal, and the audit chain is intact.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from riskplatform.domain.orders import Side
from riskplatform.errors import GatewayError
from riskplatform.execution.blotter import Blotter
from riskplatform.execution.controls import Controls
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.rules import Latency, VenueRules
from riskplatform.execution.paper.server import create_venue
from riskplatform.execution.parents import Parent
from riskplatform.store.ledger import Ledger, utc_now
from tests.execution.engine_world import NAMES, active_market, make_ledger, parent
from tests.execution.paper.paper_markets import CLOSE, DAY, OPEN
from tests.faults.execution_workers import make_engine, serve_until_killed, trade_until_killed

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["tests.faults.execution_workers"])
LONGEST_LIFE_SECONDS = 0.4


def plans() -> list[Parent]:
    """Four lines, bought and sold all day: something is due in every second of ours."""
    count = int((CLOSE - OPEN).total_seconds() // 20)
    return [
        parent(3 * count, count, 20, side=side, instrument_id=name, approval_id=f"{side} {name}",
               hours=6.4)
        for name in NAMES for side in Side
    ]  # fmt: skip


class Stage:
    """The two processes, and the person who kills them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng = folder, random.Random(seed)
        self.url = f"sqlite:///{folder / 'ledger.sqlite'}"
        self.venue_folder = folder / "venue"
        rules = VenueRules(
            levels=2, participation=Decimal("0.5"), reject_probability=0.02,
            latency=Latency(fixed_ms=200.0, mean_extra_ms=800.0),
        )  # fmt: skip
        create_venue(self.venue_folder, rules, seed=seed)
        self.venue = self.start_venue()
        self.gateway = PaperGateway.connect(self.venue_folder, timeout_seconds=5.0)
        self.patiently(lambda: self.gateway.open_day(active_market()))
        with make_ledger(self.url, utc_now) as ledger:
            make_engine(ledger, self.venue_folder, folder).hand_in(plans())
        self.engine = self.start_engine()

    def start_venue(self) -> BaseProcess:
        process = FORK.Process(target=serve_until_killed, args=(self.venue_folder,))
        process.start()
        return process

    def start_engine(self) -> BaseProcess:
        alive = self.folder / "alive"
        alive.unlink(missing_ok=True)
        process = FORK.Process(
            target=trade_until_killed, args=(self.url, self.venue_folder, self.folder, alive)
        )
        process.start()
        return process

    def live_and_die(self) -> None:
        """A random time, then one or both die; now and then before the engine's first turn."""
        if self.rng.random() < 0.9:
            self.wait_for((self.folder / "alive").exists)
        time.sleep(self.rng.uniform(0, LONGEST_LIFE_SECONDS))
        dies = self.rng.choice(("engine", "engine", "venue", "both"))
        if dies != "venue":
            kill(self.engine)
        if dies != "engine":
            kill(self.venue)
            self.venue = self.start_venue()
        if dies != "venue":
            self.engine = self.start_engine()

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it did not come about"
            assert self.engine.is_alive(), "the engine ended by itself"
            time.sleep(0.005)

    def patiently(self, ask: Callable[[], object]) -> None:
        """A venue that was just started needs a moment."""
        until = time.monotonic() + 60.0
        while True:
            try:
                ask()
                return
            except GatewayError:
                assert time.monotonic() < until
                time.sleep(0.02)

    def end(self) -> None:
        """Pull the switch, and wait until the engine has proved that nothing is open."""
        with Ledger.open(self.url) as ledger:
            controls = Controls(ledger.journal, self.folder, utc_now)
            controls.kill("ann", "the test is over")
            self.wait_for(lambda: controls.state().is_proved, 120.0)
            # Whatever was filled before the cancel is booked by the turns that follow.
            executions = self.gateway.executions()
            self.wait_for(lambda: len(ledger.journal.subjects("execution")) >= len(executions))

    def close(self) -> None:
        kill(self.engine)
        kill(self.venue)


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join()


def check(stage: Stage) -> int:
    """What must hold; how many executions there were."""
    executions = stage.gateway.executions()
    with Ledger.open(stage.url) as ledger:
        booked = [each.rpartition("/")[2] for each in ledger.journal.subjects("execution")]
        assert sorted(booked) == sorted(each.execution_id for each in executions)
        held = {
            (portfolio, name): quantity
            for portfolio, name, quantity, _ in ledger.positions(DAY)
            if not name.startswith("CASH") and quantity
        }
        assert held == {k: q for k, q in stage.gateway.positions().items() if q}
        blotter = Blotter()
        blotter.follow(ledger.journal)
        check_orders(stage, blotter)
        report = ledger.audit.verify()
        assert report.is_intact, str(report)
    return len(executions)


def check_orders(stage: Stage, blotter: Blotter) -> None:
    """Each slice was traded once: what was due by the end is the most that was filled."""
    due = stage.gateway.now() + timedelta(seconds=1)
    at_venue = {each.client_order_id for each in stage.gateway.executions()}
    assert at_venue <= set(blotter.states)
    filled: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for fill in stage.gateway.executions():
        key = blotter.states[fill.client_order_id].order.key
        filled[key.approval_id, key.portfolio_id, key.instrument_id] += fill.quantity
    for line, plan in blotter.parents.items():
        assert filled[line] == blotter.filled[line] <= plan.due(due)[1]
    for name in blotter.states:
        found = stage.gateway.order(name)
        state = blotter.states[name]
        assert found is None or found.filled == state.filled
        assert found is not None or not state.is_seen


def kill_many(folder: Path, times: int, seed: int) -> None:
    stage = Stage(folder, seed)
    try:
        for _ in range(times):
            stage.live_and_die()
        stage.end()
        executions = check(stage)
    finally:
        stage.close()
    assert executions >= times // 2, f"only {executions} executions: there was little to lose"


@pytest.mark.slow
def test_six_kills(tmp_path: Path) -> None:
    kill_many(tmp_path, 6, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(5))
def test_five_hundred_kills(tmp_path: Path, seed: int) -> None:
    kill_many(tmp_path, 100, seed=100 + seed)
