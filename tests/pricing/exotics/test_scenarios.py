"""Values of part of a set of scenarios: each state by itself, whatever comes with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.pricing.exotics.contracts import Contract
from riskplatform.pricing.exotics.grid import SPANS, MarketPoint
from riskplatform.pricing.exotics.known import Market
from riskplatform.pricing.exotics.spans import SOLVED, spans_of
from riskplatform.pricing.exotics.tasks import Answer, PricingTask
from riskplatform.pricing.exotics.values import FEW, ExoticEngine, ExoticValues
from riskplatform.pricing.exotics.workers import WorkerPool
from riskplatform.pricing.options.status import FloatArray, Status
from riskplatform.pricing.purpose import Purpose
from tests.pricing.exotics.samples import SHORT_AVERAGE, UP_OUT

BASE = MarketPoint(100.0, 0.2, 0.03, 0.01)
# Two of each span, from narrow to wide, and two outside: by spot, by vol.
NEAR = [(100.0, 0.2, 0.03, 0.01), (110.0, 0.25, 0.028, 0.012)]
WIDER = [(90.0, 0.45, 0.03, 0.01), (100.0, 0.2, 0.045, 0.01)]
WIDEST = [(30.0, 0.2, 0.03, 0.01), (100.0, 0.7, 0.06, 0.0)]
FAR = [(20.0, 0.3, 0.03, 0.01), (100.0, 1.2, 0.03, 0.01)]
EVERY = np.array([*NEAR, *WIDER, *WIDEST, *FAR]).T


def in_scenarios(engine: ExoticEngine, contract: Contract, states: FloatArray) -> ExoticValues:
    spot, *others = states
    return engine.value([contract], spot, 0.0, *others, base=[BASE], purpose=Purpose.SCENARIOS)


@pytest.fixture(scope="module")
def engine(pool: WorkerPool) -> ExoticEngine:
    return ExoticEngine(pool)


def test_each_state_has_the_narrowest_span_that_holds_it() -> None:
    found = spans_of(Market(*EVERY), BASE, Purpose.SCENARIOS, FEW)
    assert found.tolist() == [0, 0, 1, 1, 2, 2, SOLVED, SOLVED]
    # To be looked at, few are solved, and of many all but a few are in one span.
    assert set(spans_of(Market(*EVERY), BASE, Purpose.VALUE, FEW).tolist()) == {SOLVED}
    assert set(spans_of(Market(*EVERY), BASE, Purpose.VALUE, 3).tolist()) == {2}
    assert set(spans_of(Market(*EVERY), BASE, Purpose.DERIVATIVES, 4).tolist()) == {1}


def test_without_a_centre_every_state_is_solved() -> None:
    for spot, vol in ((np.nan, 0.2), (-1.0, 0.2), (100.0, np.nan)):
        centre = MarketPoint(spot, vol, 0.03, 0.01)
        found = spans_of(Market(*EVERY), centre, Purpose.SCENARIOS, FEW)
        assert set(found.tolist()) == {SOLVED}


@pytest.mark.slow
@pytest.mark.parametrize("contract", [UP_OUT, SHORT_AVERAGE])
def test_a_value_does_not_depend_on_the_states_around_it(
    engine: ExoticEngine, contract: Contract
) -> None:
    # Three times each, among so many others that to be looked at they would be read off one grid.
    crowd = EVERY[:, np.random.default_rng(1).permutation(np.repeat(np.arange(8), 3))]
    crowd = np.concatenate([crowd, np.linspace(0.9, 1.1, 80) * EVERY[:, :1]], axis=1)
    together = in_scenarios(engine, contract, np.concatenate([EVERY, crowd], axis=1))
    assert not together.status.any()
    backwards = in_scenarios(engine, contract, EVERY[:, ::-1])
    assert backwards.value[0, ::-1].tolist() == together.value[0, :8].tolist()
    for i in range(8):
        alone = in_scenarios(engine, contract, EVERY[:, i : i + 1])
        assert alone.value[0, 0] == together.value[0, i]
        same = (crowd == EVERY[:, i : i + 1]).all(axis=0)
        assert same.sum() >= 3
        assert set(together.value[0, 8:][same].tolist()) == {alone.value[0, 0]}


@pytest.mark.slow
def test_far_states_are_solved_like_a_single_value_however_many(engine: ExoticEngine) -> None:
    spots = np.linspace(15.0, 24.0, FEW + 16)
    vols = np.linspace(0.15, 0.3, spots.size)
    for contract in (replace(UP_OUT, is_call=False), replace(SHORT_AVERAGE, is_call=False)):
        # One vol for all too: a mesh that many spots share would not be that of each alone.
        for vol in (vols, np.full(spots.size, BASE.vol)):
            rate, carry_yield = (np.full(spots.size, x) for x in (BASE.rate, BASE.carry_yield))
            found = in_scenarios(engine, contract, np.array([spots, vol, rate, carry_yield]))
            assert not found.status.any()
            for i in (0, 7, spots.size - 1):
                single = engine.value(
                    [contract], spots[i], 0.0, vol[i], BASE.rate, BASE.carry_yield
                )
                assert found.value[0, i] == single.value[0, 0]


@pytest.mark.slow
def test_it_is_near_the_exact_value_in_every_span(engine: ExoticEngine) -> None:
    for contract in (UP_OUT, SHORT_AVERAGE):
        found = in_scenarios(engine, contract, EVERY).value[0]
        exact = engine.value([contract], EVERY[0], 0.0, *EVERY[1:]).value[0]
        assert found == pytest.approx(exact, abs=2.0 * engine.tolerance * BASE.spot)


class DeadPool(WorkerPool):
    """Every worker of it dies."""

    def run(self, tasks: Sequence[PricingTask]) -> list[Answer]:
        return [Failure(FailureReason.CALCULATION_FAILED, "died", "X") for _ in tasks]


@pytest.fixture
def dead() -> Iterator[WorkerPool]:
    workers = DeadPool(1)
    yield workers
    workers.close()


def test_a_grid_that_cannot_be_built_is_a_failure_of_its_states(dead: WorkerPool) -> None:
    found = in_scenarios(ExoticEngine(dead), SHORT_AVERAGE, EVERY)
    assert (found.status == Status.ENGINE_FAILED).all()
    assert [failure.message for failure in found.failures] == ["died"]


def test_spans_are_from_narrow_to_wide() -> None:
    """So that the first that holds a state is the narrowest."""
    for narrow, wide in pairwise(SPANS):
        assert narrow.spot_ratio <= wide.spot_ratio
        assert narrow.vol_down <= wide.vol_down
        assert narrow.vol_up <= wide.vol_up
        assert narrow.rate_move <= wide.rate_move
