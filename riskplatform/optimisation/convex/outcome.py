"""From a programme to a portfolio, or to why there is none: what all convex methods share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.constraints.contract import Constraint
from riskplatform.optimisation.convex.binding import bindings
from riskplatform.optimisation.convex.certify import certified
from riskplatform.optimisation.convex.conflict import conflict_of
from riskplatform.optimisation.convex.full_size import at_full_size, sets_size
from riskplatform.optimisation.convex.program import Answer, Program
from riskplatform.optimisation.convex.solvers import solved
from riskplatform.optimisation.convex.whole_numbers import solved_in_whole_numbers
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import (
    Allocation,
    Certificate,
    Detail,
    FailedPortfolio,
    Portfolio,
)

_LEAST_SCALE = 1e-12
# Of the squared volatility that assets have alone: less is rounding.
_NO_RISK = 1e-14


@dataclass(frozen=True)
class Task:
    """A programme with its method's name and choices.

    ``measured`` is the objective of weights as people know it, ``words`` its name. Of a ratio the
    programme is homogenised: its last column is the scale, ``limits`` is the programme as it was.
    ``found`` is an answer of a method's own, which is certified like any other.
    """

    method: str
    inputs: Inputs
    program: Program
    constraints: Sequence[Constraint]
    parameters: Mapping[str, Detail]
    measured: Callable[[FloatArray], float]
    words: str
    limits: Program | None = None
    unreached: str = "the objective has no bound, or the numbers are too far apart"
    notes: tuple[str, ...] = field(default=())
    found: Answer | None = None

    @property
    def is_ratio(self) -> bool:
        return self.limits is not None


def allocated(task: Task) -> Allocation:
    """Weights with certificate and shadow prices, or the conflict of the constraints."""
    program = task.program
    notes = task.notes
    if program.integers is not None:
        if program.has_cones or task.is_ratio:
            message = f"{task.method} cannot count holdings: no solver here takes cones with them."
            return _failed(task, FailureReason.NOT_SUPPORTED, message)
        found, more = solved_in_whole_numbers(program)
        notes = notes + more
    else:
        found = _own(task)
        if found is None or not found[1].is_good:
            found = solved(program)
        if found is not None and not found[1].is_good:
            found = None
    if found is None:
        return _unsolved(task)
    if task.limits is not None and not sets_size(task.limits):
        found = at_full_size(program, task.limits, found)
        if found is None:
            message = "The constraints do not say how large the book may be, nor does its ratio."
            return _failed(task, FailureReason.INVALID_TERMS, message)
    answer, certificate = found
    if task.is_ratio and _has_no_risk(program, answer.x):
        return _unsolved(task)
    scale = float(answer.x[-1]) if task.is_ratio else 1.0
    if not scale > _LEAST_SCALE:
        return _unsolved(task)
    weights = answer.x[: program.assets] / scale
    return _portfolio(task, weights, answer, certificate, notes)


def _own(task: Task) -> tuple[Answer, Certificate] | None:
    """The method's own answer, with its certificate."""
    return None if task.found is None else (task.found, certified(task.program, task.found))


def _has_no_risk(program: Program, x: FloatArray) -> bool:
    """Whether the assets of an answer hedge each other wholly: its ratio has no bound."""
    if program.covariance is None:
        return False
    alone = float(np.abs(x[: program.assets]) @ np.sqrt(program.covariance.variances()))
    return float(x @ program.curved(x)) <= _NO_RISK * alone**2


def constraint_details(constraints: Sequence[Constraint]) -> dict[str, Detail]:
    """What a run must record of its constraints to be told from another: names, and a hash."""
    if not constraints:
        return {}
    terms = [each.to_dict() for each in constraints]
    names = ", ".join(each.name for each in constraints)
    return {"constraints": names, "constraint_terms": content_hash(terms)[:16]}


def _portfolio(
    task: Task,
    weights: FloatArray,
    answer: Answer,
    certificate: Certificate,
    notes: tuple[str, ...],
) -> Portfolio:
    inputs = task.inputs
    value = task.measured(weights)
    said = tuple(text for each in task.constraints if (text := each.note(inputs, weights)))
    worth = 1.0
    if task.is_ratio:
        # The programme's least is f = ½ / ratio² (in its own unit of ratio), and room b of the
        # weights is room κ b there: d ratio / d b = ratio · κ · multiplier / (2 f).
        worth = abs(value) * float(answer.x[-1]) / max(2.0 * certificate.objective, 1e-300)
    return Portfolio(
        asset_ids=inputs.asset_ids,
        weights=np.asarray(weights),
        method=task.method,
        parameters={
            **task.parameters,
            **constraint_details(task.constraints),
            "covariance": inputs.covariance_id,
        },
        inputs=inputs.content,
        objective=value,
        certificate=certificate,
        binding=bindings(task.program, answer, task.words, worth),
        excluded=inputs.excluded,
        notes=notes + said,
        details={"constraints": [each.to_dict() for each in task.constraints]},
    )


def _unsolved(task: Task) -> FailedPortfolio:
    conflict = conflict_of(task.limits or task.program)
    if conflict is None:
        message = "No answer was found, nor whether the constraints can hold together."
        return _failed(task, FailureReason.CALCULATION_FAILED, message)
    if not conflict:
        message = f"The constraints can hold together, and yet there is no best: {task.unreached}."
        return _failed(task, FailureReason.CALCULATION_FAILED, message)
    names = ", ".join(each.constraint for each in conflict)
    message = f"The constraints cannot hold together: {names}."
    failure = Failure(FailureReason.INVALID_TERMS, message, task.method)
    return FailedPortfolio(task.method, failure, task.inputs.content, conflict)


def _failed(task: Task, reason: FailureReason, message: str) -> FailedPortfolio:
    failure = Failure(reason, message, task.method)
    return FailedPortfolio(task.method, failure, task.inputs.content)
