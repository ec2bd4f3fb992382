"""P&L by sensitivities in the scenarios of a cube: what a risk model that does not reprice sees.

First order in every number of the market, second order in prices, and the passing of time. Cross
terms, the curvature of rates and higher orders are left out; the cube has them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskplatform.market.content import FloatArray
from riskplatform.market.curves import BASIS_POINT
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.layout import StateLayout
from riskplatform.simulation.nodes import state_maker
from riskplatform.simulation.scenario_set import ScenarioSet

_RELATIVE = (NodeKind.SPOT, NodeKind.FX, NodeKind.BASIS)

# Which numbers of a state a measure is about, and the move it is quoted for.
_LINEAR: dict[str, tuple[tuple[NodeKind, ...], float]] = {
    "delta": ((NodeKind.SPOT, NodeKind.PRICE), 1.0),
    "vega": ((NodeKind.VOL,), 0.01),
    "skew": ((NodeKind.SKEW,), 0.01),
    "dividend_rho": ((NodeKind.CARRY,), BASIS_POINT),
    "dv01": ((NodeKind.ZERO,), BASIS_POINT),
    "cs01": ((NodeKind.HAZARD,), BASIS_POINT),
    "basis": ((NodeKind.BASIS,), 0.01),
    "fx_delta": ((NodeKind.FX,), 1.0),
}
_GAMMA_MOVE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class TaylorMoves:
    """Moves [scenario, node] of a market state, each in the way that sensitivities are quoted.

    Prices, currencies and bases move by a share of themselves, currencies against the base; rates,
    yields and volatilities by a difference.
    """

    moves: FloatArray
    places: Mapping[tuple[NodeKind, str, float], int]
    horizon_days: int

    def of(self, kinds: tuple[NodeKind, ...], name: str, years: float) -> FloatArray | None:
        tenor = 0.0 if years != years else years
        for kind in kinds:
            place = self.places.get((kind, name, tenor))
            if place is not None:
                return np.asarray(self.moves[:, place])
        return None

    def of_underlying(self, name: str) -> FloatArray | None:
        """Of a price by its name, or of a pair of currencies such as EURUSD."""
        found = self.of((NodeKind.SPOT, NodeKind.PRICE), name, 0.0)
        if found is not None:
            return found
        bought, sold = (self.of((NodeKind.FX,), each, 0.0) for each in (name[:3], name[3:]))
        if bought is None or sold is None:
            return None
        return np.asarray((1.0 + bought) / (1.0 + sold) - 1.0)


def taylor_moves(layout: StateLayout, scenarios: ScenarioSet, base_currency: str) -> TaylorMoves:
    """The moves of a scenario set on the numbers of a market state."""
    states = state_maker(layout, scenarios.axis).states(scenarios.moves)
    moves = states - layout.base
    places: dict[tuple[NodeKind, str, float], int] = {}
    for kind in NodeKind:
        for name, years, column in layout.columns(kind):
            # Few scenarios move a skew; of the others it is no part.
            if kind is not NodeKind.SKEW or moves[:, column].any():
                places[kind, name, years] = column
            if kind in _RELATIVE:
                moves[:, column] = np.expm1(moves[:, column])
            elif kind is NodeKind.PRICE:
                moves[:, column] /= layout.base[column]
    own = places.get((NodeKind.FX, base_currency, 0.0))
    if own is not None:
        against = 1.0 + moves[:, own].copy()
        for name, _, column in layout.columns(NodeKind.FX):
            moves[:, column] = 0.0 if name == base_currency else (
                (1.0 + moves[:, column]) / against - 1.0
            )  # fmt: skip
    return TaylorMoves(moves, places, scenarios.horizon_days)


def taylor_parts(
    exposures: FloatArray, columns: pd.DataFrame, moves: TaylorMoves
) -> dict[str, FloatArray]:
    """P&L by measure and scenario of a node with these ``exposures``, one per column."""
    parts: dict[str, FloatArray] = {}

    def add(measure: str, gains: FloatArray) -> None:
        parts[measure] = parts[measure] + gains if measure in parts else gains

    for place in np.flatnonzero(exposures):
        measure, name, years = columns.iloc[place][["measure", "factor_id", "years"]]
        amount = float(exposures[place])
        if measure == "theta":
            add("theta", np.full(len(moves.moves), amount * moves.horizon_days))
        elif measure == "gamma":
            move = moves.of_underlying(name)
            if move is not None:
                add("gamma", 0.5 * amount / _GAMMA_MOVE * move**2)
        elif measure in _LINEAR:
            kinds, size = _LINEAR[measure]
            move = moves.of(kinds, name, years)
            if move is not None:
                add(measure, amount / size * move)
    return parts
