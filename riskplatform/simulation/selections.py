"""New sets from old ones: some scenarios, some factors, another order, several sets together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.simulation.facts import Reference
from riskplatform.simulation.own import zero_set
from riskplatform.simulation.recipe import Recipe, registered
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import checked_weights, normalised

Which = Sequence[int] | Sequence[str] | NDArray[Any]


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Derived(Recipe):
    """Another set after ``operation``; which set and how is in the inputs' hashes."""

    maker: ClassVar[str] = "derived"
    operation: str


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class Combined(Recipe):
    """Sets one after another, each with its share of the weight."""

    maker: ClassVar[str] = "combined"
    shares: tuple[float, ...]


def subset(whole: ScenarioSet, which: Which) -> ScenarioSet:
    """Some scenarios by position, mask or label, in the order given; weights again sum to 1."""
    rows = _rows(whole, which)
    if rows.size == 0:
        raise UserInputError("The subset is empty; a scenario set needs at least one scenario.")
    if len(np.unique(rows)) != rows.size:
        raise UserInputError("A scenario is asked for twice.", hint="Name each at most once.")
    return _taken(whole, rows, "subset", normalised(whole.weights[rows]))


def permuted(whole: ScenarioSet, order: Sequence[int] | NDArray[Any]) -> ScenarioSet:
    """The same scenarios in ``order``, which names each position once."""
    rows = np.asarray(order)
    if rows.shape != (len(whole),) or not np.array_equal(np.sort(rows), np.arange(len(whole))):
        raise UserInputError(f"An order names each of the {len(whole)} positions once.")
    return _taken(whole, rows.astype(np.intp), "permuted", whole.weights[rows])


def with_factors(whole: ScenarioSet, factor_ids: Iterable[str]) -> ScenarioSet:
    """All scenarios for some factors, in the order asked."""
    columns = whole.axis.columns(factor_ids)
    axis = whole.axis.only(columns)
    before = whole.reference
    facts = replace(
        whole.facts,
        axis=axis,
        recipe=Derived(operation="with_factors"),
        seed=None,
        inputs={"parent": whole.scenario_set_id},
        reference=before and _reference_of(before, columns),
    )
    moves = np.ascontiguousarray(whole.moves[:, columns])
    return ScenarioSet(facts=facts, moves=moves, weights=whole.weights, labels=whole.labels)


def with_zero(whole: ScenarioSet) -> ScenarioSet:
    """The scenario without any move in front, with weight 0."""
    return combined([(zero_set(whole.axis, whole.horizon_days), 0.0), (whole, 1.0)])


def combined(parts: Sequence[tuple[ScenarioSet, float]]) -> ScenarioSet:
    """Sets one after another; each part's share scales its weights, and the shares sum to 1.

    The parts have the same factors, kinds and horizon; the order of factors is the first one's.
    """
    if not parts:
        raise UserInputError("Nothing to combine; give at least one scenario set.")
    sets = [part for part, _ in parts]
    shares = checked_weights([share for _, share in parts], len(parts))
    first = sets[0]
    moves = np.concatenate([_aligned(part, first) for part in sets])
    weights = np.concatenate(
        [part.weights * share for part, share in zip(sets, shares, strict=True)]
    )
    notes = dict.fromkeys(note for part in sets for note in part.notes)
    days = sorted({part.as_of for part in sets})
    if len(days) > 1:
        notes[f"The parts are of {len(days)} dates, {days[0]} to {days[-1]}."] = None
    facts = replace(
        first.facts,
        axis=replace(first.axis, as_of=days[-1]),
        recipe=Combined(shares=tuple(float(share) for share in shares)),
        seed=None,
        inputs={f"part {n}": part.scenario_set_id for n, part in enumerate(sets, start=1)},
        notes=tuple(notes),
        reference=None,
    )
    labels = tuple(label for part in sets for label in part.labels)
    return ScenarioSet(facts=facts, moves=moves, weights=weights, labels=labels)


def _aligned(part: ScenarioSet, first: ScenarioSet) -> FloatArray:
    if part.horizon_days != first.horizon_days:
        raise UserInputError(
            f"A set over {part.horizon_days} days and one over {first.horizon_days} days do not "
            "make one set."
        )
    lacking = set(first.factor_ids) ^ set(part.factor_ids)
    if lacking:
        raise UserInputError(
            f"The sets differ in {len(lacking)} factors, such as {min(lacking)}.",
            hint="Take the factors that they share by with_factors() first.",
        )
    columns = part.axis.columns(first.factor_ids)
    if part.axis.only(columns).kinds != first.kinds:
        raise UserInputError("The sets move the same factors by different kinds of move.")
    return part.moves[:, columns]


def _taken(
    whole: ScenarioSet, rows: NDArray[np.intp], operation: str, weights: FloatArray
) -> ScenarioSet:
    facts = replace(
        whole.facts,
        recipe=Derived(operation=operation),
        seed=None,
        inputs={"parent": whole.scenario_set_id, "rows": content_hash(rows)},
    )
    labels = tuple(whole.labels[row] for row in rows)
    return ScenarioSet(facts=facts, moves=whole.moves[rows], weights=weights, labels=labels)


def _rows(whole: ScenarioSet, which: Which) -> NDArray[np.intp]:
    asked = np.asarray(which)
    if asked.dtype == np.bool_:
        if asked.shape != (len(whole),):
            raise UserInputError(f"A mask needs {len(whole)} entries; found {asked.shape}.")
        return np.flatnonzero(asked)
    if asked.dtype.kind in "UTO":
        return _rows_of_labels(whole, [str(label) for label in which])
    rows = asked.astype(np.intp)
    outside = rows[(rows < 0) | (rows >= len(whole))]
    if outside.size:
        raise UserInputError(
            f"There is no scenario {outside[0]}; positions are 0 to {len(whole) - 1}."
        )
    return rows


def _rows_of_labels(whole: ScenarioSet, labels: Sequence[str]) -> NDArray[np.intp]:
    where = {label: row for row, label in enumerate(whole.labels)}
    for label in labels:
        if label not in where:
            raise UnknownNameError("scenario", label, where)
    return np.array([where[label] for label in labels], dtype=np.intp)


def _reference_of(before: Reference, columns: NDArray[np.intp]) -> Reference:
    kept = None if before.correlation is None else before.correlation[np.ix_(columns, columns)]
    return Reference(before.mean[columns], before.deviation[columns], kept)
