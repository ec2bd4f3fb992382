"""The spot-vol grid: its measured error holds at fresh states; outside it says nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskplatform.domain.outcome import Failure
from riskplatform.pricing.exotics.contracts import Contract
from riskplatform.pricing.exotics.grid import SPANS, GridSpan, MarketPoint, SpotVolGrid
from riskplatform.pricing.exotics.grid_build import build_grid, spot_nodes
from riskplatform.pricing.exotics.quantlib_price import solve
from riskplatform.pricing.exotics.tasks import PricingTask
from riskplatform.pricing.exotics.workers import WorkerPool
from riskplatform.pricing.options.status import Status
from tests.pricing.exotics.samples import DOWN_IN, SHORT_AVERAGE, UP_OUT, monthly

CENTRE = MarketPoint(100.0, 0.22, 0.03, 0.01)


def built(
    contract: Contract, pool: WorkerPool, tolerance: float = 1e-4, span: GridSpan = SPANS[1]
) -> SpotVolGrid:
    grid = build_grid(contract, CENTRE, span, pool, tolerance=tolerance)
    assert isinstance(grid, SpotVolGrid)
    return grid


@pytest.mark.slow
@pytest.mark.parametrize(
    ("contract", "span"),
    [
        (UP_OUT, SPANS[1]),
        (replace(UP_OUT, rebate=3.0, is_call=False, time=0.05, barrier=104.0), SPANS[0]),
        (replace(UP_OUT, is_up=False, barrier=85.0, is_call=False), SPANS[0]),
        (DOWN_IN, SPANS[0]),
        (monthly(), SPANS[1]),
        (SHORT_AVERAGE, SPANS[2]),
    ],
    ids=["up-and-out", "short", "down-and-out", "down-and-in", "monthly", "half known"],
)
def test_the_error_holds_at_fresh_states(
    contract: Contract, span: GridSpan, pool: WorkerPool
) -> None:
    """Over the whole range of the grid, at 600 states that it was not tried on."""
    grid = built(contract, pool, span=span)
    assert grid.error.is_within
    rng = np.random.default_rng(99)
    count = 30
    vol = np.exp(rng.uniform(grid.log_vols[0], grid.log_vols[-1], count))
    rate, carry_yield = (
        0.03 + span.rate_move * rng.uniform(-1, 1, count),
        0.01 + span.rate_move * rng.uniform(-1, 1, count),
    )
    spots = np.exp(rng.uniform(grid.log_spots[0], grid.log_spots[-1], (count, 20)))
    read = grid.read(spots, vol[:, None], rate[:, None], carry_yield[:, None])
    assert not read.status.any()
    asked = [
        PricingTask(contract, *row, tuple(at.tolist()))
        for row, at in zip(np.array([vol, rate, carry_yield]).T.tolist(), spots, strict=True)
    ]
    answers = pool.run(asked)
    gaps = np.abs(read.value - np.array(answers)) / spots
    # All but the rare state where early exercise begins to pay; that one within three times.
    assert np.quantile(gaps, 0.995) < grid.error.tolerance
    assert gaps.max() < 3.0 * grid.error.tolerance
    # The trial was fair: other states are not much worse.
    assert np.quantile(gaps, 0.99) < 3.0 * max(grid.error.percentile_99, 1e-6)


@pytest.mark.slow
def test_nodes_are_exact_and_a_missed_tolerance_is_said(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskplatform.pricing.exotics.grid_build.MOST_SOLUTIONS", 150)
    grid = built(SHORT_AVERAGE, pool, tolerance=1e-12)
    assert not grid.error.is_within
    assert grid.table[..., 0].size <= 150
    row = grid.to_dict()
    assert row["is_within_tolerance"] is False
    assert row["max_error_pct_of_spot"] == 100.0 * grid.error.largest > 0.0
    vol, rate = float(np.exp(grid.log_vols[2])), float(grid.rates[0])
    spots = np.exp(grid.log_spots[40:60])
    task = PricingTask(SHORT_AVERAGE, vol, rate, float(grid.yields[1]), tuple(spots.tolist()))
    read = grid.read(spots, vol, rate, grid.yields[1]).value
    # The mesh of a solution depends on the spots asked for: 1e-7 of them.
    np.testing.assert_allclose(read, np.asarray(solve(task)), rtol=0, atol=1e-6)


@pytest.mark.slow
def test_outside_there_is_a_status_and_no_number(pool: WorkerPool) -> None:
    grid = built(SHORT_AVERAGE, pool)
    outside = [
        (201.0, 0.2, 0.03, 0.01),
        (49.0, 0.2, 0.03, 0.01),
        (100.0, 0.56, 0.03, 0.01),
        (100.0, 0.13, 0.03, 0.01),
        (100.0, 0.2, 0.051, 0.01),
        (100.0, 0.2, 0.03, -0.011),
    ]
    found = grid.read(*np.array([*outside, (100.0, 0.2, 0.03, 0.01)]).T)
    assert found.status.tolist() == [Status.OUT_OF_RANGE] * 6 + [Status.OK]
    assert found.value[:6].tolist() == [0.0] * 6
    assert found.value[6] > 0.5


@pytest.mark.slow
def test_more_nodes_make_it_better(pool: WorkerPool) -> None:
    coarse, fine = built(monthly(3), pool, 1e-3), built(monthly(3), pool, 1e-6)
    assert fine.error.largest < coarse.error.largest
    assert fine.table.size > coarse.table.size


def test_the_live_side_ends_at_the_barrier(pool: WorkerPool) -> None:
    nodes = spot_nodes(UP_OUT, CENTRE, SPANS[0])
    assert nodes is not None
    assert np.exp(nodes[[0, -1]]) == pytest.approx([50.0, 130.0])
    assert (np.diff(nodes) > 0.0).all()
    assert np.abs(nodes - np.log(100.0)).min() == 0.0
    far = replace(UP_OUT, barrier=40.0)
    failure = build_grid(far, CENTRE, SPANS[0], pool, tolerance=1e-4)
    assert isinstance(failure, Failure)
    assert "no live spot" in failure.message
