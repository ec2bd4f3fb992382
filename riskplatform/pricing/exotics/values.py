"""Values of exotics in many market states: the way in.

Of each contract, states that need no solving are done at once (:mod:`known`). Of the others, few
different markets are solved exactly by the workers; many are read off a grid. A state outside the
widest grid is solved if such states are few, else it has a status: nothing is extrapolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.content import content_hash
from riskplatform.pricing.exotics.contracts import Contract, terms_key
from riskplatform.pricing.exotics.grid import SPANS, GridSpan, MarketPoint, SpotVolGrid
from riskplatform.pricing.exotics.grid_build import build_grid
from riskplatform.pricing.exotics.grid_cache import GridCache
from riskplatform.pricing.exotics.known import BoolArray, Market, known_values
from riskplatform.pricing.exotics.tasks import PricingTask
from riskplatform.pricing.exotics.workers import WorkerPool, shared_pool
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-4
# So many solutions cost less than the smallest grid with its trial.
FEW = 64
_GRIDS_KEPT = 256
_DAYS_A_YEAR = 365.0


class ExoticValues(NamedTuple):
    """Values and statuses [contract, state], and what failed in words, once per contract."""

    value: FloatArray
    status: StatusArray
    failures: tuple[Failure, ...]


class ExoticEngine:
    """Workers and grids. Any thread may call it."""

    def __init__(self, pool: WorkerPool, *, tolerance: float = TOLERANCE, few: int = FEW) -> None:
        self.pool = pool
        self.tolerance = tolerance
        self.few = few
        self.cache = GridCache(_GRIDS_KEPT)

    def value(
        self,
        contracts: Sequence[Contract],
        spot: ArrayLike,
        time_shift_days: ArrayLike,
        vol: ArrayLike,
        rate: ArrayLike,
        carry_yield: ArrayLike,
        *,
        base: Sequence[MarketPoint] | None = None,
    ) -> ExoticValues:
        """See :func:`exotic_values`."""
        columns = [np.asarray(c, dtype=np.float64) for c in (spot, vol, rate, carry_yield)]
        days = np.asarray(time_shift_days, dtype=np.float64)
        shape = np.broadcast_shapes((len(contracts), 1), days.shape, *(c.shape for c in columns))
        columns = [np.broadcast_to(column, shape) for column in columns]
        years = np.broadcast_to(days / _DAYS_A_YEAR, shape)
        value, status = np.zeros(shape), np.zeros(shape, dtype=np.int8)
        failures: list[Failure] = []
        for i, contract in enumerate(contracts):
            market = Market(*(column[i] for column in columns))
            centre = base[i] if base is not None else _first_good(market)
            found = self._row(contract, years[i], market, centre)
            value[i], status[i] = found.value, found.status
            failures += found.failures
        return ExoticValues(value, status, tuple(failures))

    def report(self) -> pd.DataFrame:
        """One row per grid kept: its nodes, its range, and what it errs."""
        import pandas as pd

        rows = sorted((grid.to_dict() for grid in self.cache.grids()), key=_report_order)
        return pd.DataFrame(rows)

    def _row(
        self, contract: Contract, years: FloatArray, market: Market, centre: MarketPoint
    ) -> ExoticValues:
        """All states of one contract."""
        value, status = np.zeros(years.size), np.full(years.size, Status.NOT_FINITE, dtype=np.int8)
        failures: list[Failure] = []
        if problems := contract.problems():
            message = f"{contract.contract_id}: {'; '.join(problems)}."
            broken = Failure(FailureReason.INVALID_TERMS, message, contract.contract_id)
            return ExoticValues(value, np.full_like(status, Status.BAD_PARAMETER), (broken,))
        for shift in np.unique(years[np.isfinite(years)]).tolist():
            chosen = years == shift
            part = self._at_one_time(contract.later(shift, centre.spot), market.at(chosen), centre)
            value[chosen], status[chosen] = part.value, part.status
            failures += part.failures
        return ExoticValues(value, status, tuple(failures))

    def _at_one_time(self, contract: Contract, market: Market, centre: MarketPoint) -> ExoticValues:
        value, status, is_open = known_values(contract, market)
        failures: list[Failure] = []
        if _distinct(market.at(is_open)) > self.few:
            grid = self._grid(contract, market.at(is_open), centre)
            if isinstance(grid, SpotVolGrid):
                value[is_open], status[is_open] = grid.read(*market.at(is_open))
                is_open &= status == Status.OUT_OF_RANGE
            else:
                failures.append(grid)
                status[is_open] = Status.ENGINE_FAILED
        if is_open.any() and _distinct(market.at(is_open)) <= self.few:
            found = self._solved(contract, market.at(is_open))
            value[is_open], status[is_open] = found.value, found.status
            failures = list(found.failures)
        return ExoticValues(value, status, tuple(failures[:1]))

    def _solved(self, contract: Contract, market: Market) -> ExoticValues:
        """Exactly, one task per different market."""
        markets, which = np.unique(np.array(market[1:]).T, axis=0, return_inverse=True)
        which = which.reshape(-1)
        places = [np.flatnonzero(which == j) for j in range(len(markets))]
        tasks = [
            PricingTask(contract, v, r, q, tuple(market.spot[place].tolist()))
            for (v, r, q), place in zip(markets.tolist(), places, strict=True)
        ]
        value, status = np.zeros(which.size), np.zeros(which.size, dtype=np.int8)
        failures = []
        for place, answer in zip(places, self.pool.run(tasks), strict=True):
            if isinstance(answer, Failure):
                status[place] = Status.ENGINE_FAILED
                failures.append(answer)
            else:
                value[place] = answer
        return ExoticValues(value, status, tuple(failures))

    def _grid(
        self, contract: Contract, market: Market, centre: MarketPoint
    ) -> SpotVolGrid | Failure:
        """The narrowest grid that leaves few states outside, else the widest."""
        span = SPANS[-1]
        for candidate in SPANS:
            if _distinct(market.at(~_inside(market, centre, candidate))) <= self.few:
                span = candidate
                break
        key = content_hash(terms_key(contract), centre, span, self.tolerance)
        return self.cache.get(
            key, lambda: build_grid(contract, centre, span, self.pool, tolerance=self.tolerance)
        )


def _report_order(row: dict[str, Any]) -> tuple[str, float]:
    return row["contract"], row["years"]


def _first_good(market: Market) -> MarketPoint:
    """The first state that can be the centre of a grid; any will do if there is none."""
    good = np.isfinite(sum(market)) & (market.spot > 0.0) & (market.vol > 0.0)
    if not good.any():
        return MarketPoint(1.0, 1.0, 0.0, 0.0)
    first = int(good.argmax())
    return MarketPoint(*(float(column[first]) for column in market))


def _distinct(market: Market) -> int:
    """How many solutions these states need: each gives all spots."""
    return len(np.unique(np.array(market[1:]).T, axis=0)) if market.spot.size else 0


def _inside(market: Market, centre: MarketPoint, span: GridSpan) -> BoolArray:
    """Which states a grid of that span holds, its barrier aside."""
    return np.asarray(
        (np.abs(np.log(market.spot / centre.spot)) <= np.log(span.spot_ratio))
        & (market.vol >= centre.vol / span.vol_down)
        & (market.vol <= centre.vol * span.vol_up)
        & (np.abs(market.rate - centre.rate) <= span.rate_move)
        & (np.abs(market.carry_yield - centre.carry_yield) <= span.rate_move)
    )


@cache
def shared_engine() -> ExoticEngine:
    """The engine of this process; its workers start with the first exotic."""
    return ExoticEngine(shared_pool())


def exotic_values(
    contracts: Sequence[Contract],
    spot: ArrayLike,
    time_shift_days: ArrayLike,
    vol: ArrayLike,
    rate: ArrayLike,
    carry_yield: ArrayLike,
    *,
    base: Sequence[MarketPoint] | None = None,
) -> Priced:
    """Values and statuses [contract, state] of arrays that broadcast to that shape.

    ``base`` is today's market of each contract, around which its grid lies and from which
    fixings until a horizon are interpolated; by default its first state that has numbers. A
    state ``time_shift_days`` from now has so much less time left; whether the barrier was touched
    on the way there is judged by the state's spot alone. Rates are continuously compounded and
    flat to the contract's expiry.
    """
    found = shared_engine().value(
        contracts, spot, time_shift_days, vol, rate, carry_yield, base=base
    )
    return Priced(found.value, found.status)


def grid_report() -> pd.DataFrame:
    """The grids of this process: nodes, range and measured error of each."""
    return shared_engine().report()
