"""Builds a grid: solve at the nodes, measure between them, refine where it errs until it is good.

Each solution gives all spots at once, so there are as many spot nodes as ever needed from the
start; vols, rates and yields are what costs. Their nodes are Chebyshev's points, where doubling
keeps those already solved, and leaving out every second shows what an axis contributes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.pricing.exotics.contracts import AmericanBarrier, Contract
from riskplatform.pricing.exotics.grid import GridError, GridSpan, MarketPoint, SpotVolGrid
from riskplatform.pricing.exotics.nodes import concentrated
from riskplatform.pricing.exotics.tasks import PricingTask
from riskplatform.pricing.exotics.workers import WorkerPool
from riskplatform.pricing.options.status import FloatArray

LEAST_VOL = 0.01
SPOT_NODES = 161
# Rates, yields, vols: the first grid, and the finest.
FEWEST_NODES, MOST_NODES = (3, 3, 9), (9, 9, 33)
# Beyond so many solutions (some ten seconds) a grid is what it is.
MOST_SOLUTIONS = 850
_TRIAL_MARKETS = 64
# The root of x⁴ = x + 1.
_PLASTIC = 1.2207440846057596
_SEED = 20260101
# The largest error of a sample is less than the largest there is, so that more is asked of it.
_MARGIN = 1.5

_Market = tuple[float, float, float]
_Sizes = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Job:
    """What is tabulated and who solves it."""

    contract: Contract
    centre: MarketPoint
    span: GridSpan
    pool: WorkerPool

    def solve(
        self, markets: Sequence[_Market], spots: Sequence[FloatArray]
    ) -> FloatArray | Failure:
        """[market, spot], or the first failure."""
        tasks = [
            PricingTask(self.contract, *market, tuple(at.tolist()))
            for market, at in zip(markets, spots, strict=True)
        ]
        answers = self.pool.run(tasks)
        failures = [answer for answer in answers if isinstance(answer, Failure)]
        return failures[0] if failures else np.array(answers)


def build_grid(
    contract: Contract,
    centre: MarketPoint,
    span: GridSpan,
    pool: WorkerPool,
    *,
    tolerance: float,
) -> SpotVolGrid | Failure:
    """The smallest grid within ``tolerance`` (in units of spot), or the largest there is."""
    job = _Job(contract, centre, span, pool)
    spots = spot_nodes(contract, centre, span)
    if spots is None:
        message = f"{contract.contract_id}: no live spot lies within the range of the grid."
        return Failure(FailureReason.NOT_SUPPORTED, message, contract.contract_id)
    trial = _trial(job, spots)
    if isinstance(trial, Failure):
        return trial
    solved: dict[_Market, FloatArray] = {}
    sizes = FEWEST_NODES
    while True:
        found = _tabulate(job, spots, sizes, solved)
        if isinstance(found, Failure):
            return found
        grid = replace(found, error=trial.error_of(found, tolerance))
        finer = trial.next_sizes(grid, sizes)
        if _MARGIN * grid.error.largest <= tolerance or finer is None:
            return grid
        sizes = finer


def spot_nodes(contract: Contract, centre: MarketPoint, span: GridSpan) -> FloatArray | None:
    """Log-spots on the live side, dense near strike and barrier; None when there are none."""
    low = math.log(centre.spot / span.spot_ratio)
    high = math.log(centre.spot * span.spot_ratio)
    centres = [math.log(contract.strike)]
    if isinstance(contract, AmericanBarrier):
        barrier = math.log(contract.barrier)
        centres.append(barrier)
        low, high = (low, min(high, barrier)) if contract.is_up else (max(low, barrier), high)
    if high - low < 1e-6:
        return None
    width = max(0.5 * centre.vol * math.sqrt(contract.time), 0.002)
    return concentrated(low, high, centres, width, SPOT_NODES)


def axis_nodes(
    centre: MarketPoint, span: GridSpan, sizes: _Sizes
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rates, yields and logarithms of vols, at Chebyshev's points of the second kind."""
    low = math.log(max(centre.vol / span.vol_down, LEAST_VOL))
    high = math.log(max(centre.vol, LEAST_VOL) * span.vol_up)
    move = span.rate_move
    return (
        _chebyshev(centre.rate - move, centre.rate + move, sizes[0]),
        _chebyshev(centre.carry_yield - move, centre.carry_yield + move, sizes[1]),
        _chebyshev(low, high, sizes[2]),
    )


def _chebyshev(low: float, high: float, count: int) -> FloatArray:
    points = -np.cos(math.pi * np.arange(count) / (count - 1))
    return np.asarray(0.5 * (low + high) + 0.5 * (high - low) * points)


def _tabulate(
    job: _Job, log_spots: FloatArray, sizes: _Sizes, solved: dict[_Market, FloatArray]
) -> SpotVolGrid | Failure:
    """A grid of those sizes; ``solved`` holds what is known already, and is added to."""
    rates, yields, log_vols = axis_nodes(job.centre, job.span, sizes)
    # Rounded, so that a node that two grids share is one key.
    markets = [
        (float(f"{math.exp(y):.12g}"), round(r, 14), round(q, 14))
        for r in rates.tolist()
        for q in yields.tolist()
        for y in log_vols.tolist()
    ]
    wanted = [market for market in markets if market not in solved]
    found = job.solve(wanted, [np.exp(log_spots)] * len(wanted))
    if isinstance(found, Failure):
        return found
    solved.update(zip(wanted, found, strict=True))
    table = np.array([solved[market] for market in markets]).reshape(*sizes, -1)
    return SpotVolGrid(
        job.contract, job.centre, job.span, log_spots, log_vols, rates, yields, table
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """Random states and their solved values, to hold grids against."""

    spots: FloatArray
    markets: FloatArray
    values: FloatArray

    def error_of(self, grid: SpotVolGrid, tolerance: float) -> GridError:
        gap = np.abs(self._read(grid) - self.values)
        relative = gap / self.spots
        return GridError(
            largest=float(relative.max()),
            percentile_99=float(np.quantile(relative, 0.99)),
            largest_amount=float(gap.max()),
            states=gap.size,
            tolerance=tolerance,
        )

    def next_sizes(self, grid: SpotVolGrid, sizes: _Sizes) -> _Sizes | None:
        """The axis that contributes most, doubled; None when no axis may be."""
        read = self._read(grid)
        best: tuple[float, _Sizes] | None = None
        for axis in range(3):
            finer = list(sizes)
            finer[axis] = 2 * sizes[axis] - 1
            if finer[axis] > MOST_NODES[axis] or math.prod(finer) > MOST_SOLUTIONS:
                continue
            gap = np.abs(self._read(grid.coarser(axis)) - read) / self.spots
            if best is None or gap.max() > best[0]:
                best = float(gap.max()), (finer[0], finer[1], finer[2])
        return None if best is None else best[1]

    def _read(self, grid: SpotVolGrid) -> FloatArray:
        vol, rate, carry_yield = self.markets.T[:, :, None]
        return grid.read(self.spots, vol, rate, carry_yield).value


def _trial(job: _Job, log_spots: FloatArray) -> _Trial | Failure:
    """Markets uniform over the whole range, rates included; in each a spot between all nodes."""
    rng = np.random.default_rng(_SEED)
    lows, highs = np.array(axis_nodes(job.centre, job.span, (2, 2, 2))).T
    # Evenly spread, where independent draws leave holes (Roberts's sequence in three dimensions).
    steps = np.arange(1, _TRIAL_MARKETS + 1)[:, None] / _PLASTIC ** np.arange(1, 4)
    rates, yields, log_vols = (lows + (rng.uniform(size=3) + steps) % 1.0 * (highs - lows)).T
    share = rng.uniform(0.0, 1.0, (_TRIAL_MARKETS, log_spots.size - 1))
    spots = np.exp(log_spots[:-1] + share * np.diff(log_spots))
    markets = np.array([np.exp(log_vols), rates, yields]).T
    told: list[_Market] = [(row[0], row[1], row[2]) for row in markets.tolist()]
    values = job.solve(told, list(spots))
    return values if isinstance(values, Failure) else _Trial(spots, markets, values)
