"""Execution under faults, by seed and in simulated time.

Messages are dropped, delayed, doubled and swapped, the line goes down, the clock jumps, the disk
is full, and the engine dies and comes back. When it is quiet again everything is traded once, and
both books are equal. A failure names its seed: ``run_seed(folder, seed)`` replays it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskplatform.domain.orders import OrderType, Side
from riskplatform.errors import StoreError
from riskplatform.execution.blotter import Blotter
from riskplatform.execution.controls import Mode
from riskplatform.execution.gateways.gateway import VenueOrder
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.parents import Parent
from riskplatform.store.ledger import Ledger
from tests.execution.engine_world import PATIENT, World, parent
from tests.faults.faulty_gateway import FaultyGateway, Killed, Line

STORM, CALM = 60, 200


class JumpingClock:
    """The desk's clock: the venue's time, and an error that changes."""

    def __init__(self, world: World, line: Line) -> None:
        self._world, self._line = world, line
        self._error = timedelta(0)

    def __call__(self) -> datetime:
        if self._line.is_calm:
            self._error = timedelta(0)
        elif self._line.strikes(0.002):
            self._error = timedelta(seconds=self._line.rng.uniform(-60, 60))
        return self._world.venue.now() + self._error


class FullDisk:
    """The ledger fails before a commit, inside it, or after it when nobody can know."""

    def __init__(self, ledger: Ledger, line: Line) -> None:
        self._line = line
        self._transaction, self._append = ledger.transaction, ledger.journal.append
        ledger.transaction = self.transaction  # type: ignore[method-assign]
        ledger.journal.append = self.append  # type: ignore[method-assign, assignment]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._line.may_die()
        with self._transaction():
            yield
            self._fail(0.02)
        self._line.may_die()
        self._fail(0.02)

    def append(self, *events: object, **terms: object) -> object:
        self._fail(0.02)
        return self._append(*events, **terms)  # type: ignore[arg-type]

    def _fail(self, probability: float) -> None:
        if self._line.strikes(probability):
            raise StoreError("database or disk is full")


def plans(rng: random.Random) -> list[Parent]:
    limit: dict[str, Any] = {"order_type": OrderType.LIMIT, "limit_price": parent().reference_price}
    return [
        parent(200, 4, 15),
        parent(90, 3, 20, side=Side.SELL, instrument_id="BETA"),
        parent(60, 2, 25, approval_id="SECOND", **(limit if rng.random() < 0.5 else {})),
    ]


class Storm:
    """One seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.line = Line(self.rng, is_calm=True)
        # Impatient, so that what comes late comes after something was done about it.
        rules = replace(PATIENT, retry_seconds=0.5, most_attempts=20)
        self.world = World(folder, reject=0.05, rules=rules)
        self.clock = JumpingClock(self.world, self.line)
        self.disk = FullDisk(self.world.ledger, self.line)
        self.plans = plans(self.rng)
        self.start()
        self.world.engine.hand_in(self.plans)
        self.line.is_calm = False

    def start(self) -> None:
        """A new engine, as after a start of the process: reports are read from the first."""
        self.gateway = FaultyGateway(PaperGateway.within(self.world.service), self.line)
        self.world.clock = self.clock
        self.world.crash(self.gateway)

    def turn(self, seconds: float) -> None:
        venue = self.world.venue
        venue.advance(venue.now() + timedelta(seconds=seconds))
        self.gateway.arrive()
        try:
            self.world.engine.turn()
        except Killed:
            self.start()
        self.check_most()

    def check_most(self) -> None:
        """At no moment could the venue fill more of a parent than is approved."""
        for plan in self.plans:
            known = [
                found
                for slice in range(len(plan.slices))
                for attempt in range(self.world.rules.most_attempts)
                if (found := self.at_venue(plan, slice, attempt)) is not None
            ]
            most = sum(each.order.quantity if each.is_open else each.filled for each in known)
            assert most <= plan.quantity, f"{most} of {plan.name} could be filled"

    def at_venue(self, plan: Parent, slice: int, attempt: int) -> VenueOrder | None:
        name = plan.child(slice, attempt, plan.quantity).client_order_id
        return self.world.service.venue.order(name)

    def run(self) -> None:
        killed_at = self.rng.randrange(STORM) if self.rng.random() < 0.3 else -1
        for number in range(STORM):
            self.turn(self.rng.uniform(0.1, 4))
            self.somebody_cancels()
            self.somebody_replaces()
            if number == killed_at:
                (self.world.folder / "KILL").write_text("by the seed")
        self.line.is_calm = True
        if killed_at >= 0:
            self.prove_and_reset()
        for _ in range(CALM):
            if self.world.engine.is_done and not self.line.under_way:
                break
            self.turn(2.0)

    def somebody_cancels(self) -> None:
        """Now and then a person wants an order cancelled; its rest is then tried again."""
        working = list(self.world.engine.blotter.working)
        if not working or self.rng.random() > 0.1:
            return
        self.line.is_calm = True
        self.world.controls.cancel(self.rng.choice(working), "ann", "by the seed")
        self.line.is_calm = False

    def somebody_replaces(self) -> None:
        """Or wants it larger or smaller, which the venue may hear late, twice or never."""
        states = self.world.engine.blotter.open()
        if not states or self.rng.random() > 0.15:
            return
        state = self.rng.choice(states)
        quantity = max(round(float(state.quantity) * self.rng.uniform(0.3, 1.8)), 1)
        self.line.is_calm = True
        self.world.controls.replace(
            state.client_order_id, Decimal(quantity), None, "ann", "by the seed"
        )
        self.line.is_calm = False

    def prove_and_reset(self) -> None:
        controls = self.world.controls
        for _ in range(30):
            if controls.state().is_proved:
                break
            self.turn(1.0)
        state = controls.state()
        assert state.mode is Mode.KILLED
        assert state.is_proved
        assert not self.world.venue.open_orders() or self.line.under_way
        controls.reset("ann", "looked at it")

    def check(self) -> None:
        engine = self.world.engine
        control = self.world.controls.state()
        assert control.mode is Mode.RUNNING, str(control)
        self.world.check()
        # The book that was carried from event to event is the fold of the journal.
        anew = Blotter()
        anew.follow(self.world.ledger.journal)
        assert anew.states == engine.blotter.states
        assert anew.held == engine.blotter.held
        assert (anew.working, anew.waiting) == (engine.blotter.working, engine.blotter.waiting)
        for plan in self.plans:
            assert engine.blotter.used[plan.line] == engine.blotter.committed(plan.line)
            assert engine.blotter.filled[plan.line] <= plan.quantity
            tries = [engine.blotter.attempts[plan.line, n] for n in range(len(plan.slices))]
            is_stuck = max(tries) >= self.world.rules.most_attempts
            # What was withdrawn without the venue knowing it may still arrive there: it stays held.
            states = [engine.blotter.states[name] for name in engine.blotter.children[plan.line]]
            lost = sum(each.committed - each.filled for each in states if each.is_withdrawn)
            assert engine.blotter.filled[plan.line] + lost == plan.quantity or is_stuck
        turn = engine.turn()
        assert turn.is_reconciled, turn.reason


def run_seed(folder: Path, seed: int) -> int:
    """Play a seed and check what must hold; how many faults there were."""
    folder.mkdir(parents=True, exist_ok=True)
    storm = Storm(folder, seed)
    try:
        storm.run()
        storm.check()
    except Exception as error:
        raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error
    finally:
        storm.world.ledger.close()
    return storm.line.faults


@pytest.mark.slow
@pytest.mark.parametrize("ten", range(5))
def test_fifty_seeds(tmp_path: Path, ten: int) -> None:
    faults = [run_seed(tmp_path / str(seed), seed) for seed in range(10 * ten, 10 * ten + 10)]
    assert min(faults) > 10


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_seeds(tmp_path: Path, hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        run_seed(tmp_path / str(seed), seed)


@pytest.mark.slow
def test_a_seed_is_the_same_storm_again(tmp_path: Path) -> None:
    faults = [run_seed(tmp_path / name, 7) for name in ("one", "two")]
    assert faults[0] == faults[1]
