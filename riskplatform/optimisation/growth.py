"""The book that grows fastest over the scenarios themselves, under any constraints.

``Kelly`` takes returns for normal and has a closed form. Here the mean of ln(1 + r'w) over the
scenarios is made most, so that fat tails and options count as they are: a book that any scenario
ruins does not grow at all, and is never chosen.

Newton's method, with a quadratic programme for each step; the certificate is that of the same
problem with logarithms as exponential cones, which is also solved as such where Newton fails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.convex.program import EXPONENTIAL, Answer, Part, Program
from riskplatform.optimisation.convex.solvers import solved
from riskplatform.optimisation.expected_returns.history import shares_of
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation

# Of a fair bet the best growth is nothing at all; a gap is measured against this per period.
_LEAST_GROWTH = 1e-4
_MOST_STEPS = 40
_MOST_HALVINGS = 40
# What a step still gains, per period, when it is the last.
_ENOUGH = 1e-13


@dataclass(frozen=True)
class GrowthOptimal:
    """The most of mean logarithmic growth per period; what is not held in assets is cash without a
    return, which needs a net that allows it."""

    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        gains, shares = inputs.scenarios, shares_of(inputs)
        outcomes = _Outcomes(gains[shares > 0.0], shares[shares > 0.0])
        draft = draft_of(inputs, self.constraints)
        limits = draft.finished()
        program = _with_logarithms(draft, outcomes)
        words = "the mean logarithmic growth per period"
        task = Task("growth-optimal", inputs, program, self.constraints, {}, outcomes.growth, words)
        if program.integers is None:
            task = replace(task, found=_newton(limits, inputs, outcomes))
        return allocated(task)


class _Outcomes(NamedTuple):
    """Gains [scenario, asset] and probabilities above zero."""

    gains: FloatArray
    shares: FloatArray

    def growth(self, weights: FloatArray) -> float:
        return mean_growth(weights, self.gains, self.shares)


def mean_growth(weights: FloatArray, gains: FloatArray, shares: FloatArray) -> float:
    """Mean of ln(1 + r'w); minus infinity where a scenario takes everything."""
    moves = gains @ weights
    held = shares > 0.0
    if (moves[held] <= -1.0).any():
        return -np.inf
    return float(shares[held] @ np.log1p(moves[held]))


def _with_logarithms(draft: Draft, outcomes: _Outcomes) -> Program:
    """(log, 1, 1 + r'w) in the exponential cone for each scenario: log ≤ ln(1 + r'w)."""
    gains, shares = outcomes
    count = len(gains)
    logs = draft.add_columns(count, -np.inf)
    each = np.arange(count)
    of_logs = sparse.csr_array((-np.ones(count), (3 * each, each)), shape=(3 * count, count))
    spread = sparse.csr_array((-np.ones(count), (3 * each + 2, each)), shape=(3 * count, count))
    parts = [Part(logs, of_logs), Part(0, sparse.csr_array(spread @ sparse.csr_array(gains)))]
    draft.cone("growth", parts, np.tile([0.0, 1.0, 1.0], count), EXPONENTIAL, is_limit=False)
    draft.pull(logs, -shares)
    return replace(draft.finished(), floor=_LEAST_GROWTH)


def _newton(limits: Program, inputs: Inputs, outcomes: _Outcomes) -> Answer | None:
    """An answer with its multipliers, of the programme with logarithms; None where it is not
    reached."""
    first = solved(replace(limits, covariance=inputs.covariance, risk=1.0))
    if first is None:
        return None
    weights = first[0].x[: limits.assets]
    if not np.isfinite(outcomes.growth(weights)):
        return None
    for _ in range(_MOST_STEPS):
        step = _step(limits, weights, outcomes)
        if step is None:
            return None
        move = step.x[: limits.assets] - weights
        gain = float(outcomes.shares / (1.0 + outcomes.gains @ weights) @ (outcomes.gains @ move))
        if gain <= _ENOUGH:
            return _answer(step, outcomes)
        moved = _along(weights, move, gain, outcomes)
        if moved is None:
            return _answer(step, outcomes)
        weights = moved
    return None


def _step(limits: Program, weights: FloatArray, outcomes: _Outcomes) -> Answer | None:
    """The best weights of growth's own parabola at these ones."""
    left = 1.0 + outcomes.gains @ weights
    pace = outcomes.shares / left
    curve = (outcomes.gains.T * (pace / left)) @ outcomes.gains
    linear = limits.linear.copy()
    linear[: limits.assets] -= outcomes.gains.T @ pace + curve @ weights
    found = solved(replace(limits, linear=linear, covariance=Dense(curve), risk=1.0))
    return None if found is None else found[0]


def _along(
    weights: FloatArray, move: FloatArray, gain: float, outcomes: _Outcomes
) -> FloatArray | None:
    """As far along the move as growth rises by a part of what its slope promises."""
    level, length = outcomes.growth(weights), 1.0
    for _ in range(_MOST_HALVINGS):
        there = weights + length * move
        if outcomes.growth(there) >= level + 1e-4 * length * gain:
            return np.asarray(there)
        length *= 0.5
    return None


def _answer(step: Answer, outcomes: _Outcomes) -> Answer | None:
    """With logarithms, and the multipliers of their cones, which follow from the weights."""
    gains, shares = outcomes
    moves = gains @ step.x[: gains.shape[1]]
    if (moves <= -1.0).any():
        return None
    logs, none = np.log1p(moves), np.zeros(len(gains))
    prices = np.column_stack([-shares, shares * (logs - 1.0), shares / (1.0 + moves)]).ravel()
    return Answer(
        x=np.concatenate([step.x, logs]),
        rows=(*step.rows, prices),
        lower=np.concatenate([step.lower, none]),
        upper=np.concatenate([step.upper, none]),
        solver=f"Newton with {step.solver}",
        iterations=step.iterations,
    )
