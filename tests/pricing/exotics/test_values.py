"""The way in: known states at once, few states exactly, many by one grid, each row alone."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.pricing.exotics import values as module
from riskplatform.pricing.exotics.contracts import Contract
from riskplatform.pricing.exotics.grid import MarketPoint
from riskplatform.pricing.exotics.tasks import Answer, PricingTask
from riskplatform.pricing.exotics.values import ExoticEngine, exotic_values, grid_report
from riskplatform.pricing.exotics.workers import WorkerPool
from riskplatform.pricing.options.american import american_price
from riskplatform.pricing.options.status import FloatArray, Status
from tests.pricing.exotics.samples import DOWN_IN, SHORT_AVERAGE, UP_OUT, monthly

pytestmark = pytest.mark.slow


CONTRACTS: list[Contract] = [UP_OUT, DOWN_IN, SHORT_AVERAGE, monthly(is_arithmetic=False)]
BASE = (100.0, 0.2, 0.03, 0.01)


class CountingPool(WorkerPool):
    """Counts the tasks that are sent."""

    def __init__(self) -> None:
        super().__init__(2)
        self.sent = 0

    def run(self, tasks: Sequence[PricingTask]) -> list[Answer]:
        self.sent += len(tasks)
        return super().run(tasks)


@pytest.fixture
def engine() -> ExoticEngine:
    return ExoticEngine(CountingPool())


@pytest.fixture(autouse=True)
def closed(engine: ExoticEngine) -> object:
    yield
    engine.pool.close()


def sent(engine: ExoticEngine) -> int:
    assert isinstance(engine.pool, CountingPool)
    return engine.pool.sent


def states(count: int, seed: int = 0) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Spot, vol, rate, yield: the base first."""
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((4, count))
    normal[:, 0] = 0.0
    return (
        100.0 * np.exp(0.1 * normal[0]),
        0.2 * np.exp(0.15 * normal[1]),
        0.03 + 0.004 * np.clip(normal[2], -1.0, 1.0),
        0.01 + 0.004 * np.clip(normal[3], -1.0, 1.0),
    )


def test_few_states_are_solved_exactly(engine: ExoticEngine) -> None:
    spot, vol, rate, carry_yield = states(5)
    found = engine.value(CONTRACTS, spot, 0.0, vol, rate, carry_yield)
    assert found.value.shape == found.status.shape == (4, 5)
    assert not found.status.any()
    assert found.failures == ()
    asked = [PricingTask(UP_OUT, vol[i], rate[i], carry_yield[i], (spot[i],)) for i in range(5)]
    assert found.value[0].tolist() == [float(np.asarray(a)[0]) for a in engine.pool.run(asked)]
    assert engine.report().empty


def test_a_ladder_of_spots_is_one_solution(engine: ExoticEngine) -> None:
    found = engine.value([UP_OUT], np.linspace(60, 129, 500), 0.0, *BASE[1:])
    assert sent(engine) == 1
    assert (np.diff(found.value[0]) > 0.0).all()


@pytest.mark.slow
def test_many_states_are_read_off_one_grid_that_is_used_again(engine: ExoticEngine) -> None:
    market = states(400)
    first = engine.value([SHORT_AVERAGE], market[0], 0.0, *market[1:])
    used = sent(engine)
    again = engine.value(
        [replace(SHORT_AVERAGE, contract_id="SAME_TERMS")], market[0], 0.0, *market[1:]
    )
    # Those outside, if any, are solved each time.
    assert sent(engine) - used < 10 < used < 400
    assert again.value.tolist() == first.value.tolist()
    some = [column[:40] for column in market]
    exact = engine.value([SHORT_AVERAGE], some[0], 0.0, *some[1:])
    gaps = np.abs(exact.value - first.value[:, :40]) / some[0]
    report = engine.report()
    assert report["contract"].tolist() == ["AVERAGE"]
    assert 100.0 * gaps.max() < 2.0 * report["max_error_pct_of_spot"].item() + 1e-5
    assert report["is_within_tolerance"].all()
    # Another base is another grid.
    engine.value([SHORT_AVERAGE], market[0], 0.0, *market[1:], base=[MarketPoint(102.0, *BASE[1:])])
    assert sent(engine) > used + 40


@pytest.mark.slow
def test_threads_that_want_one_grid_build_it_once(engine: ExoticEngine) -> None:
    market = states(200)
    with ThreadPoolExecutor(4) as threads:
        found = list(
            threads.map(
                lambda _: engine.value([SHORT_AVERAGE], market[0], 0.0, *market[1:]), range(4)
            )
        )
    assert len(engine.report()) == 1
    assert sent(engine) < 200
    assert all(f.value.tolist() == found[0].value.tolist() for f in found)


def test_a_broken_state_or_contract_spoils_no_other(engine: ExoticEngine) -> None:
    spot = np.array([100.0, np.nan, -1.0, 100.0, 100.0, 100.0])
    vol = np.array([0.2, 0.2, 0.2, -0.1, 0.0, 0.2])
    broken = replace(UP_OUT, contract_id="BROKEN", strike=-5.0)
    found = engine.value([*CONTRACTS, broken], spot, 0.0, vol, 0.03, 0.01)
    codes = [0, Status.NOT_FINITE, Status.BAD_SPOT, Status.BAD_VOL, Status.OUT_OF_RANGE, 0]
    for i in range(3):
        assert found.status[i].tolist() == codes
        assert found.value[i, 0] == found.value[i, 5] > 0.0
        assert not found.value[i, 1:5].any()
    # A geometric average has a formula, also without volatility.
    assert found.status[3].tolist() == [*codes[:4], 0, 0]
    assert found.status[4].tolist() == [Status.BAD_PARAMETER] * 6
    (failure,) = found.failures
    assert (failure.reason, failure.subject) == (FailureReason.INVALID_TERMS, "BROKEN")


def test_touched_and_expired_contracts_need_no_worker(engine: ExoticEngine) -> None:
    paid = replace(UP_OUT, rebate=2.5)
    found = engine.value([paid, DOWN_IN], [[130.0, 140.0], [85.0, 60.0]], 0.0, *BASE[1:])
    assert found.value[0].tolist() == [2.5, 2.5]
    plain = american_price([85.0, 60.0], 100.0, 0.5, *BASE[1:], False)
    assert found.value[1].tolist() == plain.value.tolist()
    # A year and a day later: intrinsic, the rebate of a touch, the rebate of no touch.
    expired = engine.value([paid, DOWN_IN], [[110.0, 131.0], [90.0, 60.0]], 366.0, *BASE[1:])
    assert expired.value.tolist() == [[pytest.approx(10.0), 2.5], [2.0, 40.0]]
    assert sent(engine) == 0


def test_a_horizon_takes_time_away_and_fixes_on_the_way(engine: ExoticEngine) -> None:
    days = np.array([0.0, 73.0, 36.5])
    found = engine.value([UP_OUT, SHORT_AVERAGE], [[100.0, 110.0, 121.0]] * 2, days, *BASE[1:])
    shorter = engine.value([replace(UP_OUT, time=0.8)], 110.0, 0.0, *BASE[1:])
    assert found.value[0, 1] == pytest.approx(shorter.value[0, 0], rel=1e-12)
    # At its expiry: 3 × 99, √(100 × 121), 121.
    assert found.value[1, 2] == pytest.approx((297.0 + 110.0 + 121.0) / 5 - 100.0)
    assert not found.status.any()


@pytest.mark.slow
def test_too_many_states_outside_every_grid_are_said(engine: ExoticEngine) -> None:
    market = states(300)
    spot = np.where(np.arange(300) % 2, 5000.0, market[0])
    found = engine.value([SHORT_AVERAGE], spot, 0.0, *market[1:])
    assert (found.status[0, 1::2] == Status.OUT_OF_RANGE).all()
    assert not found.value[0, 1::2].any()
    assert not found.status[0, ::2].any()
    few = engine.value([SHORT_AVERAGE], spot[:8], 0.0, *(column[:8] for column in market[1:]))
    assert not few.status.any()


def test_dead_workers_are_a_status_and_a_reason() -> None:
    class Dead(CountingPool):
        def run(self, tasks: Sequence[PricingTask]) -> list[Answer]:
            return [Failure(FailureReason.CALCULATION_FAILED, "died", "X") for _ in tasks]

    engine = ExoticEngine(Dead())
    for count in (3, 100):
        market = states(count)
        found = engine.value([SHORT_AVERAGE, CONTRACTS[3]], market[0], 0.0, *market[1:])
        assert (found.status[0] == Status.ENGINE_FAILED).all()
        assert not found.status[1].any()
        assert found.failures[0].message == "died"
    assert engine.report().empty


@pytest.mark.slow
def test_the_engine_of_the_process(engine: ExoticEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "shared_engine", lambda: engine)
    market = states(100)
    priced = exotic_values([SHORT_AVERAGE], market[0], 0.0, *market[1:])
    assert priced.value.shape == (1, 100)
    assert not priced.status.any()
    assert grid_report()["contract"].tolist() == ["AVERAGE"]
