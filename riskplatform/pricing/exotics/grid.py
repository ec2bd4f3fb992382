"""A contract's value by spot, vol, rate and yield, and what reading between the nodes errs.

A first-order correction for the rate and the yield would not do: over five years 200 bp without
curvature err by 1e-3 of spot, and where a rate nears zero early exercise ends altogether. So all
four are axes. What the grid errs is measured at states without nodes and stands beside the
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.pricing.exotics.contracts import Contract
from riskplatform.pricing.exotics.grid_kernel import read_grid
from riskplatform.pricing.options.run import run
from riskplatform.pricing.options.status import FloatArray, Priced


@dataclass(frozen=True, slots=True)
class MarketPoint:
    """One market state of one contract."""

    spot: float
    vol: float
    rate: float
    carry_yield: float


@dataclass(frozen=True, slots=True)
class GridSpan:
    """How far from the centre a grid reaches: spot either way and vol down and up by a factor,
    rate and yield by a move either way.

    Vols double in a crisis and halve in none, and low vols are what needs the most nodes.
    """

    spot_ratio: float
    vol_down: float
    vol_up: float
    rate_move: float


SPANS = (
    GridSpan(2.0, 1.5, 2.0, 0.005),
    GridSpan(2.0, 1.6, 2.5, 0.02),
    GridSpan(4.0, 3.0, 4.0, 0.04),
)
"""From narrow to wide; the first that holds the states is used."""


@dataclass(frozen=True, slots=True)
class GridError:
    """What the grid errs at ``states`` states without nodes, in units of the spot there.

    The largest of a sample: where early exercise begins to pay, a few in ten thousand other
    states may err two or three times as much.
    """

    largest: float
    percentile_99: float
    largest_amount: float
    states: int
    tolerance: float

    @property
    def is_within(self) -> bool:
        """Whether the tolerance is kept."""
        return self.largest <= self.tolerance


@dataclass(frozen=True, slots=True, eq=False)
class SpotVolGrid:
    """Nodes, values [rate, yield, vol, spot] and measured error of one contract."""

    contract: Contract
    centre: MarketPoint
    span: GridSpan
    log_spots: FloatArray
    log_vols: FloatArray
    rates: FloatArray
    yields: FloatArray
    table: FloatArray
    error: GridError = field(default=GridError(np.inf, np.inf, np.inf, 0, 0.0))

    def read(
        self, spot: ArrayLike, vol: ArrayLike, rate: ArrayLike, carry_yield: ArrayLike
    ) -> Priced:
        """Values on the live side; a state outside the range has a status, nothing is
        extrapolated."""
        tables = (self.log_spots, self.log_vols, self.rates, self.yields, self.table)
        values, status = run(read_grid, (spot, vol, rate, carry_yield), constants=tables)
        return Priced(values[0], status)

    def coarser(self, axis: int) -> SpotVolGrid:
        """With every second node of one axis of the table left out."""
        by_axis = [slice(None, None, 2 if i == axis else 1) for i in range(3)]
        return replace(
            self,
            rates=self.rates[by_axis[0]].copy(),
            yields=self.yields[by_axis[1]].copy(),
            log_vols=self.log_vols[by_axis[2]].copy(),
            table=self.table[tuple(by_axis)].copy(),
        )

    def to_dict(self) -> dict[str, Any]:
        """One row of the report."""
        spots, vols = np.exp(self.log_spots[[0, -1]]), np.exp(self.log_vols[[0, -1]])
        return {
            "contract": self.contract.contract_id,
            "kind": type(self.contract).__name__,
            "years": self.contract.time,
            "spot_nodes": self.log_spots.size,
            "vol_nodes": self.log_vols.size,
            "rate_nodes": self.rates.size,
            "yield_nodes": self.yields.size,
            "spot_from": spots[0],
            "spot_to": spots[1],
            "vol_from": vols[0],
            "vol_to": vols[1],
            "rate_move_bp": 1e4 * self.span.rate_move,
            "max_error": self.error.largest_amount,
            "max_error_pct_of_spot": 100.0 * self.error.largest,
            "p99_error_pct_of_spot": 100.0 * self.error.percentile_99,
            "tolerance_pct_of_spot": 100.0 * self.error.tolerance,
            "is_within_tolerance": self.error.is_within,
            "error_states": self.error.states,
        }
