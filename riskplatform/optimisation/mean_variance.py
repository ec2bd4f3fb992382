"""Mean and variance under any constraints: a risk aversion, a target of return or of risk, least
variance, the best ratio, the most diversified book, and the closest to a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.constraints.risk_caps import VolatilityCap, benchmark_of
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.convex.program import EQUAL, Block, Part, homogenised
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, Detail, FailedPortfolio


@dataclass(frozen=True)
class MeanVariance:
    """One of three: the most of μ'w - ½ ``aversion`` w'Σw; the least variance with at least
    ``target_return``; the largest return with at most ``target_volatility`` (all per period)."""

    aversion: float | None = None
    target_return: float | None = None
    target_volatility: float | None = None
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        given = {
            name: value
            for name in ("aversion", "target_return", "target_volatility")
            if (value := getattr(self, name)) is not None
        }
        if len(given) != 1:
            raise UserInputError(
                f"Mean-variance was given {len(given)} of aversion, target_return and "
                "target_volatility.",
                hint="Give exactly one of them.",
            )
        if (self.aversion or 0.0) < 0.0:
            raise UserInputError(f"The aversion is {self.aversion:g}; give one from 0 on.")
        mu = inputs.views
        draft = draft_of(inputs, self.constraints)
        risk, measured, words = 1.0, _volatility(inputs), "half the variance"
        if self.target_return is not None:
            draft.between("target return", mu, self.target_return, np.inf)
        else:
            risk = float(self.aversion or 0.0)
            draft.pull(0, -mu)
            measured, words = _utility(inputs, risk), "expected return less the price of variance"
        if self.target_volatility is not None:
            VolatilityCap(self.target_volatility, "target volatility").add_to(draft)
            words = "the expected return"
        program = draft.finished(inputs.covariance if risk else None, risk)
        return allocated(
            Task("mean-variance", inputs, program, self.constraints, given, measured, words)
        )


@dataclass(frozen=True)
class TrackingErrorMinimum:
    """The allowed weights whose difference to the benchmark has the least volatility."""

    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        draft = draft_of(inputs, self.constraints)
        benchmark = benchmark_of(draft)
        draft.pull(0, -inputs.covariance.multiply(benchmark))
        program = draft.finished(inputs.covariance, 1.0)

        def measured(weights: FloatArray) -> float:
            return _deviation(inputs, weights - benchmark)

        words = "half the squared tracking error"
        return allocated(
            Task("tracking-error", inputs, program, self.constraints, {}, measured, words)
        )


@dataclass(frozen=True)
class MaximumDiversification:
    """The largest ratio of the weights' own volatilities to the volatility of all together."""

    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        deviation = np.sqrt(inputs.covariance.variances())
        name = "maximum-diversification"
        return largest_ratio(inputs, deviation, self.constraints, name, "the diversification ratio")


def least_variance(inputs: Inputs, constraints: Sequence[Constraint]) -> Allocation:
    """Minimum variance under constraints."""
    program = draft_of(inputs, constraints).finished(inputs.covariance, 1.0)
    measured = _volatility(inputs)
    words = "half the variance"
    return allocated(Task("minimum-variance", inputs, program, constraints, {}, measured, words))


def largest_ratio(
    inputs: Inputs,
    pull: FloatArray,
    constraints: Sequence[Constraint],
    method: str,
    words: str,
    parameters: Mapping[str, Detail] | None = None,
) -> Allocation:
    """The largest pull·w / volatility under constraints: with w scaled so that pull·w is one, it
    is where the variance is least (Charnes and Cooper).

    Where the constraints leave the size of the book open, as those of one that pays for itself do,
    the largest allowed is taken.
    """
    limits = draft_of(inputs, constraints).finished(inputs.covariance, 1.0)

    def measured(weights: FloatArray) -> float:
        return float(pull @ weights) / _deviation(inputs, weights)

    task = Task(
        method, inputs, limits, constraints, dict(parameters or {}), measured, words,
        limits=limits, unreached="no allowed weights have a ratio above zero, or one has no risk",
    )  # fmt: skip
    return best_ratio(task, pull)


def best_ratio(task: Task, pull: FloatArray) -> Allocation:
    """Of a task whose ``limits`` are those of the weights."""
    inputs, limits = task.inputs, task.limits
    assert limits is not None
    size = float(np.abs(pull).max())
    if not size > 0.0:
        message = f"No asset has anything of what {task.words} is of."
        failure = Failure(FailureReason.INVALID_DATA, message, task.method)
        return FailedPortfolio(task.method, failure, inputs.content)
    scaled = homogenised(limits)
    held = Block("one of it", (Part(0, (pull / size)[None, :]),), np.ones(1), EQUAL, is_limit=False)
    program = replace(scaled, blocks=(*scaled.blocks, held))
    return allocated(replace(task, program=program))


def _deviation(inputs: Inputs, weights: FloatArray) -> float:
    return float(np.sqrt(max(float(weights @ inputs.covariance.multiply(weights)), 0.0)))


def _volatility(inputs: Inputs) -> Callable[[FloatArray], float]:
    return lambda weights: _deviation(inputs, weights)


def _utility(inputs: Inputs, aversion: float) -> Callable[[FloatArray], float]:
    return lambda weights: float(
        inputs.views @ weights - 0.5 * aversion * _deviation(inputs, weights) ** 2
    )
