"""An amount of the language as moves of factors: what 100 bp of spread is to a hazard rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.amounts import Amount, Unit
from riskplatform.simulation.kinds import MoveKind
from riskplatform.simulation.nodes import USUAL_KINDS, WITHOUT_HISTORY
from riskplatform.stress.factor_table import FactorTable

Rows = NDArray[np.intp]
Rule = Callable[[Amount, FloatArray, FloatArray], FloatArray]


def _added(amount: Amount, levels: FloatArray, recoveries: FloatArray) -> FloatArray:
    return np.full(len(levels), amount.fraction)


def _in_own_units(amount: Amount, levels: FloatArray, recoveries: FloatArray) -> FloatArray:
    return np.full(len(levels), amount.value)


def _of_level(amount: Amount, levels: FloatArray, recoveries: FloatArray) -> FloatArray:
    return np.asarray(levels * amount.fraction)


def _logged(amount: Amount, levels: FloatArray, recoveries: FloatArray) -> FloatArray:
    if amount.fraction <= -1.0:
        raise UserInputError(f"A price cannot move by {amount}: it would lose all of itself.")
    return np.full(len(levels), np.log1p(amount.fraction))


def _as_hazard(amount: Amount, levels: FloatArray, recoveries: FloatArray) -> FloatArray:
    """A spread is the hazard rate times what is lost: the credit triangle."""
    return np.asarray(amount.fraction / (1.0 - recoveries))


RULES: dict[NodeKind, dict[Unit, Rule]] = {
    NodeKind.SPOT: {Unit.PERCENT: _logged},
    NodeKind.FX: {Unit.PERCENT: _logged},
    NodeKind.PRICE: {Unit.PERCENT: _of_level, Unit.POINT: _in_own_units},
    NodeKind.ZERO: {Unit.BASIS_POINT: _added},
    NodeKind.CARRY: {Unit.BASIS_POINT: _added},
    NodeKind.HAZARD: {Unit.BASIS_POINT: _as_hazard, Unit.PERCENT: _of_level},
    NodeKind.VOL: {Unit.POINT: _added, Unit.BASIS_POINT: _added, Unit.PERCENT: _of_level},
    NodeKind.SKEW: {Unit.POINT: _added, Unit.BASIS_POINT: _added},
    NodeKind.BASIS: {Unit.BASIS_POINT: _added, Unit.PERCENT: _added},
}


def converted(
    table: FactorTable, rows: Rows, amount: Amount, horizon_days: int
) -> tuple[FloatArray, Rows]:
    """Moves of some rows, by the kinds of :data:`.factor_table.STRESS_KINDS`; and the rows that
    have no volatility to be counted in, which stand still."""
    found = np.zeros(len(rows))
    if amount.unit is Unit.SIGMA:
        return _by_sigma(table, rows, amount.value * np.sqrt(horizon_days))
    kinds = [table.nodes[row].kind for row in rows]
    for kind in dict.fromkeys(kinds):
        mine = np.array([each is kind for each in kinds])
        if amount.unit not in RULES[kind]:
            # What has no history has no sigma.
            sigma = [] if kind in WITHOUT_HISTORY else [Unit.SIGMA.value]
            words = " or ".join([*(unit.value for unit in RULES[kind]), *sigma])
            name = table.nodes[rows[mine][0]].factor_id
            raise UserInputError(f"{name} cannot move by {amount}; it moves in {words}.")
        chosen = rows[mine]
        rule = RULES[kind][amount.unit]
        found[mine] = rule(amount, table.levels[chosen], table.recoveries[chosen])
    return found, np.empty(0, dtype=np.intp)


def _by_sigma(table: FactorTable, rows: Rows, count: float) -> tuple[FloatArray, Rows]:
    if table.deviations is None:
        raise MissingDataError("The scenario counts in sigma, and there are no volatilities.")
    sizes = count * table.deviations[rows]
    unknown = np.isnan(sizes)
    return usual_to_stress(table, rows, np.where(unknown, 0.0, sizes)), rows[unknown]


def usual_to_stress(table: FactorTable, rows: Rows, moves: FloatArray) -> FloatArray:
    """Moves as history counts them (spreads by logarithms) as stress does (spreads by addition)."""
    logged = _is_logged_hazard(table, rows)
    return np.asarray(np.where(logged, table.levels[rows] * np.expm1(moves), moves))


def stress_to_usual(table: FactorTable, rows: Rows, moves: FloatArray) -> FloatArray:
    """The way back; a spread that would fall to nothing falls to a thousandth."""
    logged = _is_logged_hazard(table, rows)
    levels = np.where(logged, table.levels[rows], 1.0)
    ratio = np.where(logged, 1.0 + moves / levels, 1.0)
    return np.asarray(np.where(logged, np.log(np.maximum(ratio, 1e-3)), moves))


def _is_logged_hazard(table: FactorTable, rows: Rows) -> NDArray[np.bool_]:
    return np.array(
        [
            table.nodes[row].kind is NodeKind.HAZARD
            and USUAL_KINDS[NodeKind.HAZARD] is MoveKind.LOG
            and table.levels[row] > 0
            for row in rows
        ],
        dtype=np.bool_,
    )
