"""Entropy pooling: the probabilities of scenarios that fit some views and change the least.

Meucci (2008). Least means the smallest relative entropy to the prior; the answer is an exponential
family, found from its convex dual by Newton's method. Opinions of several people are pooled by
mixing the probabilities that each one's views lead to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray

_MOST_STEPS = 200
_SMALL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """The mean of ``values`` over the scenarios is ``target``, or at most or at least that.

    Means of indicators are probabilities, of squares second moments: all views come down to these.
    """

    values: FloatArray
    target: float
    sense: str = "equal"
    name: str = ""

    def __post_init__(self) -> None:
        if self.sense not in SENSES:
            raise UserInputError(f"The sense is {self.sense!r}; there are {', '.join(SENSES)}.")
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 1 or not np.isfinite(values).all() or not np.isfinite(self.target):
            raise UserInputError(f"The statement {self.name} is not about numbers.")
        object.__setattr__(self, "values", values)


SENSES = ("equal", "at most", "at least")


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """``shares`` of scenarios, how far they are from the prior, and what each statement pulls.

    ``effective`` is the number of equally likely scenarios that would say as much.
    """

    shares: FloatArray
    divergence: float
    multipliers: FloatArray
    effective: float
    steps: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "divergence": self.divergence,
            "effective_scenarios": self.effective,
            "multipliers": self.multipliers.tolist(),
        }


def entropy_pooling(
    statements: Sequence[Statement], prior: ArrayLike, confidence: float = 1.0
) -> Pooled | Failure:
    """The posterior, mixed with the prior where the confidence is below 1."""
    before = _shares(prior)
    if not 0.0 <= confidence <= 1.0:
        raise UserInputError(f"The confidence is {confidence:g}; give a number from 0 to 1.")
    if any(each.values.size != before.size for each in statements):
        raise UserInputError("A statement has another number of scenarios than the prior.")
    found = _posterior(statements, before)
    if isinstance(found, Failure):
        return found
    after, multipliers, steps = found
    mixed = confidence * after + (1.0 - confidence) * before
    held = mixed > 0.0
    divergence = float(np.sum(mixed[held] * np.log(mixed[held] / before[held])))
    effective = float(np.exp(-np.sum(mixed[held] * np.log(mixed[held]))))
    return Pooled(mixed, divergence, multipliers, effective, steps)


def pooled_opinions(opinions: Sequence[FloatArray], weights: ArrayLike) -> FloatArray:
    """One set of probabilities from those of several people, each with their weight."""
    counts = _shares(weights)
    if len(opinions) != counts.size:
        raise UserInputError(f"{counts.size} weights for {len(opinions)} opinions.")
    return np.asarray(counts @ np.stack([_shares(each) for each in opinions]))


def _posterior(
    statements: Sequence[Statement], before: FloatArray
) -> tuple[FloatArray, FloatArray, int] | Failure:
    """By rounds: statements with an inequality hold back only where they are not met without."""
    active = [each.sense == "equal" for each in statements]
    multipliers, steps = np.zeros(len(statements)), 0
    for _ in range(2 * len(statements) + 1):
        chosen = [i for i, is_on in enumerate(active) if is_on]
        solved = _dual([statements[i] for i in chosen], before)
        if isinstance(solved, Failure):
            return solved
        after, found, taken = solved
        steps += taken
        multipliers[:] = 0.0
        multipliers[chosen] = found
        changed = _changed(statements, active, multipliers, after)
        if changed is None:
            return after, multipliers, steps
        active[changed] = not active[changed]
    return Failure(FailureReason.CALCULATION_FAILED, "The inequalities could not be sorted out.")


def _changed(
    statements: Sequence[Statement], active: list[bool], multipliers: FloatArray, after: FloatArray
) -> int | None:
    """The inequality that is most at odds: missed though left out, or held though it need not."""
    worst, place = 1e-9, None
    for i, each in enumerate(statements):
        if each.sense == "equal":
            continue
        sign = 1.0 if each.sense == "at most" else -1.0
        scale = max(float(np.abs(each.values).max()), 1e-300)
        miss = sign * (float(after @ each.values) - each.target) / scale
        odds = multipliers[i] * sign * scale if active[i] else miss
        if odds > worst:
            worst, place = odds, i
    return place


def _dual(
    statements: Sequence[Statement], before: FloatArray
) -> tuple[FloatArray, FloatArray, int] | Failure:
    """Newton's method on log Σ p exp(x·v) - x·t, whose slope is how far means are from targets."""
    if not statements:
        return before, np.zeros(0), 0
    scale = np.array([max(float(np.std(each.values)), 1e-300) for each in statements])
    table = np.stack([each.values for each in statements]) / scale[:, None]
    target = np.array([each.target for each in statements]) / scale
    outside = _outside(statements, before)
    if outside is not None:
        return outside
    x = np.zeros(len(statements))
    level, after = _level(x, table, target, before)
    for step in range(1, _MOST_STEPS + 1):
        slope = table @ after - target
        if np.abs(slope).max() < _SMALL:
            return after, x / scale, step
        centred = table - (table @ after)[:, None]
        curve = (centred * after) @ centred.T
        move = np.linalg.lstsq(curve, -slope, rcond=1e-14)[0]
        x, level, after = _stepped(x, move, float(slope @ move), level, (table, target, before))
    if np.abs(table @ after - target).max() < 1e-8:
        return after, x / scale, _MOST_STEPS
    names = ", ".join(each.name or str(i) for i, each in enumerate(statements))
    message = f"No probabilities of these scenarios fit the statements {names} together."
    return Failure(FailureReason.CALCULATION_FAILED, message, "entropy pooling")


def _stepped(
    x: FloatArray,
    move: FloatArray,
    gain: float,
    level: float,
    problem: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[FloatArray, float, FloatArray]:
    """As far along the move as the level falls by a part of what its slope promises."""
    length = 1.0
    lower, there = _level(x + move, *problem)
    while lower > level + 1e-4 * length * gain + 1e-15 and length > 1e-12:
        length *= 0.5
        lower, there = _level(x + length * move, *problem)
    return x + length * move, lower, there


def _level(
    x: FloatArray, table: FloatArray, target: FloatArray, before: FloatArray
) -> tuple[float, FloatArray]:
    exponent = x @ table
    top = float(exponent.max())
    weight = before * np.exp(exponent - top)
    total = float(weight.sum())
    return np.log(total) + top - float(x @ target), weight / total


def _outside(statements: Sequence[Statement], before: FloatArray) -> Failure | None:
    """A mean cannot be beyond all values that a scenario with a probability has."""
    for each in statements:
        values = each.values[before > 0.0]
        if not values.min() <= each.target <= values.max():
            message = (
                f"The statement {each.name} asks for a mean of {each.target:g}; the scenarios "
                f"lie between {values.min():g} and {values.max():g}."
            )
            return Failure(FailureReason.INVALID_DATA, message, each.name or "entropy pooling")
    return None


def _shares(values: ArrayLike) -> FloatArray:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or (found < 0.0).any() or not np.isfinite(found).all() or found.sum() <= 0:
        raise UserInputError("Probabilities are numbers of 0 or more, and not all 0.")
    return np.asarray(found / found.sum())
