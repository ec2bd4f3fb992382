"""The ISDA model's integrals as a table of intervals on which all rates are constant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.pricing.units.columns import Columns, Power
from riskplatform.pricing.units.flows import DefaultLeg, NodeKind, UnitFlows
from riskplatform.pricing.units.layout import FloatArray, StateLayout


@dataclass(frozen=True, slots=True, eq=False)
class DefaultTable:
    """Leg i has points ``first[i]`` to ``first[i + 1]``; an interval starts at each but the last.

    Row 2p of ``logs`` gives the log of discount × survival at point p, row 2p + 1 that of
    survival. A default in an interval pays ``flat + slope × (share of the interval gone by)``.
    """

    unit: NDArray[np.int64]
    first: NDArray[np.int64]
    flat: FloatArray
    slope: FloatArray
    logs: sparse.csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class UnresolvedTable:
    """The same before the atoms have weights."""

    unit: NDArray[np.int64]
    first: NDArray[np.int64]
    flat: FloatArray
    slope: FloatArray
    powers: tuple[tuple[Power, ...], ...]

    def resolved(self, atoms: sparse.csr_matrix, atom_places: NDArray[np.int64]) -> DefaultTable:
        rows = [row for row, powers in enumerate(self.powers) for _ in powers]
        places = [atom_places[atom] for powers in self.powers for atom, _ in powers]
        values = [power for powers in self.powers for _, power in powers]
        shape = (len(self.powers), atoms.shape[0])
        by_atom = sparse.csr_matrix((np.array(values, dtype=np.float64), (rows, places)), shape)
        logs = (by_atom @ atoms).tocsr()
        logs.sort_indices()
        return DefaultTable(self.unit, self.first, self.flat, self.slope, logs)


def default_table(
    units: Sequence[UnitFlows], layout: StateLayout, columns: Columns
) -> UnresolvedTable:
    """The intervals of all default legs."""
    owners: list[int] = []
    first, powers = [0], []
    flats: list[FloatArray] = []
    slopes: list[FloatArray] = []
    for row, unit in enumerate(units):
        for leg in unit.default_legs:
            grid = _grid(leg, layout)
            flat, slope = _amounts(leg, grid)
            flats.append(flat)
            slopes.append(slope)
            owners.append(row)
            first.append(first[-1] + len(grid))
            for day in grid.tolist():
                alive = columns.survival(leg.credit, day)
                powers += [(*columns.discount(leg.discount, day), *alive), alive]
    return UnresolvedTable(
        np.array(owners, dtype=np.int64),
        np.array(first, dtype=np.int64),
        np.concatenate([*flats, np.empty(0)]),
        np.concatenate([*slopes, np.empty(0)]),
        tuple(powers),
    )


def _grid(leg: DefaultLeg, layout: StateLayout) -> FloatArray:
    """Days at which a rate may change or a coupon is decided, from the start to the end."""
    last = leg.observed[-1] if leg.observed else leg.start
    points = np.concatenate(
        [
            np.array(leg.observed),
            layout.stretch(NodeKind.ZERO, leg.discount).times * DAYS_PER_YEAR,
            layout.stretch(NodeKind.HAZARD, leg.credit).times * DAYS_PER_YEAR,
        ]
    )
    inside = points[(points > leg.start) & (points < last)]
    return np.unique(np.concatenate([[leg.start], inside, [max(last, leg.start)]]))


def _amounts(leg: DefaultLeg, grid: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Per point; that of a leg's last point is not used."""
    observed = np.array(leg.observed)
    period = np.minimum(np.searchsorted(observed, grid, side="right"), len(observed) - 1)
    since = grid - np.array(leg.accrual_starts)[period]
    width = np.diff(grid, append=grid[-1:])
    return leg.loss - leg.per_day * since, -leg.per_day * width
