"""Scenarios of the user's own: any array or table of moves, and the one in which none moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Coverage
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.simulation.axis import FactorAxis, factor_axis
from riskplatform.simulation.facts import SetFacts
from riskplatform.simulation.recipe import Recipe, registered
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import checked_weights, equal_weights


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Own(Recipe):
    """Moves that were handed in; ``name`` says where they come from."""

    maker: ClassVar[str] = "own"
    name: str = "own"


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Zero(Recipe):
    """One scenario in which no factor moves: what only the passing of time does."""

    maker: ClassVar[str] = "zero"


def own_set(
    axis: FactorAxis,
    moves: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    weights: ArrayLike | None = None,
    horizon_days: int = 1,
    recipe: Own | None = None,
) -> ScenarioSet:
    """A set from an array [scenario, factor]; equal weights and numbered labels by default."""
    recipe = recipe or Own()
    table = np.array(moves, dtype=np.float64, ndmin=2)
    names = tuple(labels) if labels is not None else numbered(recipe.name, 0, len(table))
    count = equal_weights(len(table)) if weights is None else checked_weights(weights, len(table))
    inputs = {"moves": content_hash(table, names, count)}
    return _set(axis, recipe, table, names, count, horizon_days, inputs)


def own_set_from_frame(
    frame: pd.DataFrame,
    as_of: date,
    kinds: str | Mapping[str, str] = "log",
    *,
    horizon_days: int = 1,
    recipe: Own | None = None,
) -> ScenarioSet:
    """A set from a table as ``to_frame`` gives it: labels in the index, an optional 'weight'."""
    columns = [str(column) for column in frame.columns]
    weighted = columns[:1] == ["weight"]
    names = columns[1:] if weighted else columns
    chosen = _kinds(names, kinds)
    table = frame.to_numpy(dtype=np.float64)
    return own_set(
        factor_axis(names, as_of, chosen),
        table[:, 1:] if weighted else table,
        labels=[str(label) for label in frame.index],
        weights=table[:, 0] if weighted else None,
        horizon_days=horizon_days,
        recipe=recipe,
    )


def zero_set(axis: FactorAxis, horizon_days: int = 1) -> ScenarioSet:
    """The one scenario in which no factor moves."""
    moves = np.zeros((1, len(axis)))
    return _set(axis, Zero(), moves, ("no move",), equal_weights(1), horizon_days, {})


def numbered(name: str, first: int, count: int) -> tuple[str, ...]:
    """Labels ``name`` 1, 2, ... of ``count`` scenarios from number ``first``, counted from 0."""
    return tuple(f"{name} {number}" for number in range(first + 1, first + count + 1))


def _kinds(names: Sequence[str], kinds: str | Mapping[str, str]) -> Sequence[str]:
    if isinstance(kinds, str):
        return [kinds] * len(names)
    for name in kinds:
        if name not in names:
            raise UnknownNameError("factor", name, names)
    lacking = [name for name in names if name not in kinds]
    if lacking:
        raise UserInputError(f"No kind of move is given for {', '.join(lacking[:5])}.")
    return [kinds[name] for name in names]


def _set(
    axis: FactorAxis,
    recipe: Recipe,
    moves: FloatArray,
    labels: tuple[str, ...],
    weights: FloatArray,
    horizon_days: int,
    inputs: Mapping[str, str],
) -> ScenarioSet:
    facts = SetFacts(
        axis=axis,
        horizon_days=horizon_days,
        recipe=recipe,
        seed=None,
        inputs=inputs,
        coverage=Coverage(len(axis)),
    )
    return ScenarioSet(facts=facts, moves=moves, weights=weights, labels=labels)
