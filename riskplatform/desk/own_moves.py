"""Scenarios from a file of the user's own moves: one row each, factors in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.snapshots import market_snapshot
from riskplatform.desk.units import held_units
from riskplatform.errors import UserInputError, nearest
from riskplatform.market.content import FloatArray
from riskplatform.simulation.axis import factor_axis
from riskplatform.simulation.kinds import Kinds, MoveKind, kinds_with, move_kind
from riskplatform.simulation.nodes import PREFIXES, USUAL_KINDS, nodes_of
from riskplatform.simulation.own import Own, own_set
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import normalised

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

LABEL, WEIGHT = "label", "weight"
_WHOLE = 1e-9
_USUAL = {PREFIXES[kind]: move for kind, move in USUAL_KINDS.items()}


def own_scenarios(
    desk: Desk, path: Path, as_of: date, kinds: Mapping[str, str] | str | None, horizon_days: int
) -> ScenarioSet:
    """The set of a CSV or Parquet file, kept with the desk.

    ``kinds`` is one kind of move for all, or kinds by factor or type ("zero"); what is not named
    moves as its type usually does. Factors of nothing that is held are told in the notes.
    """
    moves, labels, weights = _read(path)
    names = [str(column) for column in moves.columns]
    axis = factor_axis(names, as_of, [kind.value for kind in _kinds(names, kinds)])
    notes = _notes(names, _known(desk, as_of), path)
    if weights is not None:
        total = weights.sum()
        weights = normalised(weights)
        if abs(total - 1.0) > _WHOLE:
            notes += (f"The weights sum to {total:g}; each was divided by that.",)
    made = own_set(
        axis,
        moves.to_numpy(dtype=np.float64),
        labels=labels,
        weights=weights,
        horizon_days=horizon_days,
        recipe=Own(name=path.stem),
    )
    whole = replace(made, facts=replace(made.facts, notes=notes))
    desk.scenario_sets.save(whole)
    return whole


def _read(path: Path) -> tuple[pd.DataFrame, list[str] | None, FloatArray | None]:
    """Moves [scenario, factor], and labels and weights where the file has them."""
    if not path.is_file():
        raise UserInputError(f"There is no file {path}.")
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise UserInputError(
            f"{path} cannot be read: {error}.",
            hint="Give a CSV or a Parquet file with one row per scenario and factors in columns.",
        ) from error
    frame.columns = frame.columns.map(str)
    labels = None if LABEL not in frame else [str(one) for one in frame.pop(LABEL)]
    weights = None if WEIGHT not in frame else _numbers(frame[[WEIGHT]], path)[WEIGHT].to_numpy()
    moves = _numbers(frame.drop(columns=WEIGHT, errors="ignore"), path)
    if moves.empty:
        raise UserInputError(
            f"{path} has no scenarios.", hint="Give one row per scenario and factors in columns."
        )
    return moves, labels, weights


def _numbers(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    numbers: pd.DataFrame = frame.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    rows, columns = np.nonzero(~np.isfinite(numbers.to_numpy()))
    if rows.size:
        found = frame.iloc[rows[0], columns[0]]
        raise UserInputError(
            f"{path}, scenario {rows[0] + 1}, column {frame.columns[columns[0]]}: {found} is not "
            f"a number ({rows.size} such cells)."
        )
    return numbers


def _kinds(names: Sequence[str], kinds: Mapping[str, str] | str | None) -> Kinds:
    if isinstance(kinds, str):
        return (move_kind(kinds),) * len(names)
    usual = [_USUAL.get(name.split(".", 1)[0], MoveKind.LOG) for name in names]
    return kinds_with(names, usual, kinds or {})


def _known(desk: Desk, as_of: date) -> list[str]:
    _, book = held_units(desk, as_of, market_snapshot(desk.lake))
    return [node.factor_id for node in nodes_of(book.layout)]


def _notes(names: Sequence[str], known: Sequence[str], path: Path) -> tuple[str, ...]:
    idle = sorted(set(names) - set(known))
    if not idle:
        return ()
    near = nearest(idle[0], known)
    hint = f"; is {idle[0]} meant to be {' or '.join(near)}?" if near else ""
    if len(idle) == len(names):
        raise UserInputError(
            f"{path} moves nothing that is held: {', '.join(idle[:5])}{hint or '.'}",
            hint="Factors are named as in spot.NAME, fx.EUR or zero.CURVE@5.",
        )
    more = f" and {len(idle) - 5} more" if len(idle) > 5 else ""
    return (
        f"{len(idle)} of the file's factors move nothing that is held: "
        f"{', '.join(idle[:5])}{more}{hint or '.'}",
    )
