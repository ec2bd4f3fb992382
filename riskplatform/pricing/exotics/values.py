"""Values of exotics in many market states: the way in.

Of each contract, states that need no solving are done at once (:mod:`known`). The others are
solved exactly by the workers or read off a grid (:mod:`spans`):

- few different markets are solved, many are read off one grid, and a state outside the widest is
  solved if such states are few, else it has a status;
- of a set of scenarios each state is read off the narrowest grid that holds it, or solved, so that
  its value does not depend on the states that come with it.

Nothing is extrapolated.
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
from riskplatform.pricing.exotics.known import Market, known_values
from riskplatform.pricing.exotics.spans import SOLVED, solutions, spans_of
from riskplatform.pricing.exotics.tasks import PricingTask
from riskplatform.pricing.exotics.workers import WorkerPool, shared_pool
from riskplatform.pricing.options.status import FloatArray, Priced, Status, StatusArray
from riskplatform.pricing.purpose import Purpose

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-4
# So many solutions cost less than the smallest grid with its trial.
FEW = 64
# Three for a unit at the horizon and one today, for a block of rows of nothing but exotics: fewer
# would be built again for every piece of the scenarios. One has 0.1 to 1 MB.
_GRIDS_KEPT = 1024
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
        purpose: Purpose = Purpose.VALUE,
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
            found = self._row(contract, years[i], market, centre, purpose)
            value[i], status[i] = found.value, found.status
            failures += found.failures
        return ExoticValues(value, status, tuple(failures))

    def report(self) -> pd.DataFrame:
        """One row per grid kept: its nodes, its range, and what it errs."""
        import pandas as pd

        rows = sorted((grid.to_dict() for grid in self.cache.grids()), key=_report_order)
        return pd.DataFrame(rows)

    def _row(
        self,
        contract: Contract,
        years: FloatArray,
        market: Market,
        centre: MarketPoint,
        purpose: Purpose,
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
            later = contract.later(shift, centre.spot)
            part = self._at_one_time(later, market.at(chosen), centre, purpose)
            value[chosen], status[chosen] = part.value, part.status
            failures += part.failures
        return ExoticValues(value, status, tuple(failures))

    def _at_one_time(
        self, contract: Contract, market: Market, centre: MarketPoint, purpose: Purpose
    ) -> ExoticValues:
        value, status, is_open = known_values(contract, market)
        found = self._open_values(contract, market.at(is_open), centre, purpose)
        value[is_open], status[is_open] = found.value, found.status
        return ExoticValues(value, status, found.failures[:1])

    def _open_values(
        self, contract: Contract, market: Market, centre: MarketPoint, purpose: Purpose
    ) -> ExoticValues:
        """States that are not known at once: off grids, and what these do not hold solved."""
        value, status = np.zeros(market.spot.size), np.zeros(market.spot.size, dtype=np.int8)
        failures: list[Failure] = []
        spans = spans_of(market, centre, purpose, self.few)
        is_left = spans == SOLVED
        for number in np.unique(spans[~is_left]).tolist():
            chosen = spans == number
            grid = self._grid(contract, centre, SPANS[number])
            if isinstance(grid, SpotVolGrid):
                value[chosen], status[chosen] = grid.read(*market.at(chosen))
            else:
                failures.append(grid)
                status[chosen] = Status.ENGINE_FAILED
        is_left |= status == Status.OUT_OF_RANGE
        left, alone = market.at(is_left), purpose is Purpose.SCENARIOS
        if is_left.any() and (alone or solutions(left) <= self.few):
            found = self._solved(contract, left, alone=alone)
            value[is_left], status[is_left] = found.value, found.status
            failures += found.failures
        return ExoticValues(value, status, tuple(failures))

    def _solved(self, contract: Contract, market: Market, *, alone: bool) -> ExoticValues:
        """Exactly, one task per different market; ``alone``, one per different state.

        A mesh reaches as far as the spots that are asked for, so that in the last digits the
        value at one of them depends on the others.
        """
        columns = np.array(market if alone else market[1:]).T
        _, which, counts = np.unique(columns, axis=0, return_inverse=True, return_counts=True)
        which = which.reshape(-1)
        places = np.split(np.argsort(which, kind="stable"), np.cumsum(counts)[:-1])
        tasks = []
        for place in places:
            spots = market.spot[place[:1] if alone else place]
            vol, rate, carry_yield = (float(column[place[0]]) for column in market[1:])
            tasks.append(PricingTask(contract, vol, rate, carry_yield, tuple(spots.tolist())))
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
        self, contract: Contract, centre: MarketPoint, span: GridSpan
    ) -> SpotVolGrid | Failure:
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
    purpose: Purpose = Purpose.VALUE,
) -> Priced:
    """Values and statuses [contract, state] of arrays that broadcast to that shape.

    ``base`` is today's market of each contract, around which its grid lies and from which
    fixings until a horizon are interpolated; by default its first state that has numbers. A
    state ``time_shift_days`` from now has so much less time left; whether the barrier was touched
    on the way there is judged by the state's spot alone. Rates are continuously compounded and
    flat to the contract's expiry.
    """
    found = shared_engine().value(
        contracts, spot, time_shift_days, vol, rate, carry_yield, base=base, purpose=purpose
    )
    return Priced(found.value, found.status)


def grid_report() -> pd.DataFrame:
    """The grids of this process: nodes, range and measured error of each."""
    return shared_engine().report()
