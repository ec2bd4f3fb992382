"""What follows from a scenario's shocks, and draws of what else could: the band of its gains."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.stress.conditional import Conditional
from riskplatform.stress.conversions import Rows, usual_to_stress
from riskplatform.stress.factor_table import FactorTable
from riskplatform.stress.plausibility import Plausibility

LOWEST_VOLATILITY = 0.01


@dataclass(frozen=True, eq=False)
class Inferred:
    """``found`` is of the factors at ``rows`` of a table, in moves as history counts them."""

    rows: Rows
    found: Conditional

    @property
    def plausibility(self) -> Plausibility:
        return self.found.plausibility

    @property
    def has_band(self) -> bool:
        """Whether anything is free to be elsewhere than at its mean."""
        return bool(self.found.free.size)

    def draws(self, table: FactorTable, moves: FloatArray, count: int, seed: int) -> FloatArray:
        """[draw, factor] by the table's axis: ``moves`` with the rest as it could be.

        Each draw has its opposite, so that the error of the mean of a linear book is nothing.
        """
        half = self.found.sample(np.random.default_rng(seed), (count + 1) // 2)
        usual = np.concatenate([half, 2.0 * self.found.moves - half])[:count]
        free = self.rows[self.found.free]
        found = np.tile(moves, (count, 1))
        found[:, free] = usual_to_stress(table, free, usual[:, self.found.free])
        return np.asarray(np.maximum(found, lowest_moves(table)))


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Moves of all factors, what is to be said of them, and how they were inferred, if so."""

    moves: FloatArray = field(repr=False)
    notes: tuple[str, ...] = ()
    inferred: Inferred | None = None


def lowest_moves(table: FactorTable) -> FloatArray:
    """How far each factor can fall: no spread below nothing, no volatility below a point."""
    lowest = np.full(len(table), -np.inf)
    hazards, vols = _kinds(table)
    lowest[hazards] = -table.levels[hazards]
    lowest[vols] = np.minimum(table.levels, LOWEST_VOLATILITY)[vols] - table.levels[vols]
    return lowest


def bounded(moves: FloatArray, table: FactorTable) -> tuple[FloatArray, list[str]]:
    """Moves no lower than they can be, and how many would have been."""
    lowest, notes = lowest_moves(table), []
    below = moves < lowest
    for mask, words in zip(
        _kinds(table),
        ("spreads are kept at nothing", "volatilities are kept at one point"),
        strict=True,
    ):
        count = int((below & mask).sum())
        if count:
            notes.append(f"{count} {words} instead of falling further.")
    return np.asarray(np.maximum(moves, lowest)), notes


def _kinds(table: FactorTable) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return table.of_kind(NodeKind.HAZARD), table.of_kind(NodeKind.VOL)
