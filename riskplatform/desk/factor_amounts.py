"""Moves as people type them, as moves of a node's factors: ``spot.*`` by ``-20 %``."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from riskplatform.desk.node_ground import NodeGround
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.project.scenario_language.amounts import (
    UNIT_WORDS,
    Amount,
    parse_amount,
    unit_named,
)
from riskplatform.stress.conversions import Rows, converted, stress_to_usual
from riskplatform.stress.factor_bounds import FactorBounds

Move = float | str
"""A number as history counts moves (logarithms, differences), or a text with its unit."""
Bounds = Mapping[str, tuple[Move | None, Move | None]]


def shocks_of(
    ground: NodeGround, shocks: Mapping[str, Move], horizon_days: float
) -> dict[int, float]:
    """Moves by row of the ground's table; where two patterns mean one factor the later wins."""
    found: dict[int, float] = {}
    for pattern, move in shocks.items():
        rows = ground.matching(pattern)
        values = usual_moves(ground, rows, pattern, move, horizon_days)
        found |= dict(zip(rows.tolist(), values.tolist(), strict=True))
    return found


def usual_moves(
    ground: NodeGround, rows: Rows, pattern: str, move: Move, horizon_days: float
) -> FloatArray:
    """One move of some rows, as history counts it."""
    if not isinstance(move, str):
        if not math.isfinite(move):
            raise UserInputError(f"The move of {pattern} is {move}, which is no number.")
        return np.full(len(rows), float(move))
    read = parse_amount(move)
    unit = None if read is None else unit_named(read[1])
    if read is None or unit is None:
        raise UserInputError(
            f"The move of {pattern}, {move!r}, cannot be read.",
            hint=f"Write a number and a unit: {', '.join(UNIT_WORDS)}; such as '-20 %'.",
        )
    # The scale of a sigma is the root of the horizon; the language counts whole days.
    scale = math.sqrt(horizon_days) if unit.value == "sigma" else 1.0
    found, unknown = converted(ground.table, rows, Amount(read[0] * scale, unit), 1)
    if len(unknown):
        name = ground.table.factor_ids[unknown[0]]
        raise MissingDataError(f"{name} has no volatility to be counted in.")
    return stress_to_usual(ground.table, rows, found)


def bounds_of(
    ground: NodeGround, still: tuple[str, ...], bounds: Bounds | None, horizon_days: float
) -> FactorBounds:
    """Of the factors with a covariance; those without one are still anyway."""
    lower: dict[str, float | None] = {}
    upper: dict[str, float | None] = {}
    for pattern, (low, high) in (bounds or {}).items():
        rows = ground.matching(pattern)
        for end, target in ((low, lower), (high, upper)):
            if end is not None:
                values = usual_moves(ground, rows, pattern, end, horizon_days)
                target |= {
                    ground.table.factor_ids[r]: float(x) for r, x in zip(rows, values, strict=True)
                }
    known = set(ground.names)
    named = {ground.table.factor_ids[row] for pattern in still for row in ground.matching(pattern)}
    return FactorBounds.of(
        ground.names,
        bounds={
            name: (lower.get(name), upper.get(name)) for name in {**lower, **upper} if name in known
        },
        still=[name for name in ground.names if name in named],
    )
