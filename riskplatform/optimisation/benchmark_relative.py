"""Against a benchmark: return and risk are those of the difference, active weights w - b.

``TrackingErrorMinimum`` stays as close as it may; here are the others: the most of active return
less the price of active variance, the least tracking error that returns so much more, the largest
active return within a tracking error, and the largest information ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.constraints.risk_caps import TrackingError, benchmark_of
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.convex.program import Program
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.mean_variance import best_ratio
from riskplatform.optimisation.portfolio import Allocation, Portfolio

_ROUNDING = 1e-12


@dataclass(frozen=True)
class ActiveMeanVariance:
    """One of three: the most of μ'a - ½ ``aversion`` a'Σa of active weights a; the least tracking
    error that returns ``active_return`` more than the benchmark; the largest return within
    ``tracking_error`` (all per period)."""

    aversion: float | None = None
    active_return: float | None = None
    tracking_error: float | None = None
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        given = {
            name: value
            for name in ("aversion", "active_return", "tracking_error")
            if (value := getattr(self, name)) is not None
        }
        if len(given) != 1:
            raise UserInputError(
                f"Active mean-variance was given {len(given)} of aversion, active_return and "
                "tracking_error.",
                hint="Give exactly one of them.",
            )
        if not (self.aversion or 0.0) >= 0.0:
            raise UserInputError(f"The aversion is {self.aversion:g}; give one from 0 on.")
        mu = inputs.views
        draft = draft_of(inputs, self.constraints)
        benchmark = benchmark_of(draft)
        risk = 1.0 if self.active_return is not None else float(self.aversion or 0.0)
        if risk:
            # ½ r (w - b)'Σ(w - b) is ½ r w'Σw - r b'Σw and a number.
            draft.pull(0, -risk * inputs.covariance.multiply(benchmark))
        measured, words = _of_risk(inputs, benchmark), "the tracking error"
        if self.active_return is not None:
            level = self.active_return + float(mu @ benchmark)
            draft.between("active return", mu, level, np.inf)
            words = "half the squared tracking error"
        else:
            draft.pull(0, -mu)
            words = "active return less the price of active variance"
            measured = _of_utility(inputs, benchmark, risk)
        if self.tracking_error is not None:
            TrackingError(self.tracking_error, "target tracking error").add_to(draft)
            words = "the active return"
        program = draft.finished(inputs.covariance if risk else None, risk)
        task = Task("active-mean-variance", inputs, program, self.constraints, given, measured,
                    words)  # fmt: skip
        return _told(allocated(task), inputs, benchmark)


@dataclass(frozen=True)
class MaximumInformationRatio:
    """The largest ratio of active return to tracking error; of books that share it, the most
    active one that the constraints allow."""

    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        mu = inputs.views
        draft = draft_of(inputs, self.constraints)
        benchmark = benchmark_of(draft)
        limits = _moved(draft, inputs, benchmark)

        def measured(active: FloatArray) -> float:
            return float(mu @ active) / _deviation(inputs, active)

        unreached = (
            "no allowed weights are expected to return more than the benchmark, or some do so "
            "without any tracking error"
        )
        task = Task(
            "maximum-information-ratio", inputs, limits, self.constraints, {}, measured,
            "the information ratio per period", limits=limits, unreached=unreached,
        )  # fmt: skip
        found = best_ratio(task, mu)
        if isinstance(found, Portfolio):
            found = replace(found, weights=found.weights + benchmark)
        return _told(found, inputs, benchmark)


def _moved(draft: Draft, inputs: Inputs, benchmark: FloatArray) -> Program:
    """The same limits, written for active weights."""
    program = draft.finished(inputs.covariance, 1.0)
    start = np.concatenate([benchmark, np.zeros(program.columns - program.assets)])
    blocks = []
    for each in program.blocks:
        left = each.bound - each.multiply(start)
        # A benchmark that sums to one but for rounding leaves nothing.
        left[np.abs(left) < _ROUNDING * np.maximum(np.abs(each.bound), 1.0)] = 0.0
        blocks.append(replace(each, bound=left))
    return replace(
        program,
        lower=program.lower - start,
        upper=program.upper - start,
        blocks=tuple(blocks),
        asset_ids=tuple(f"{name} against the benchmark" for name in program.asset_ids),
    )


def _told(found: Allocation, inputs: Inputs, benchmark: FloatArray) -> Allocation:
    """With what people ask of an active book besides."""
    if not isinstance(found, Portfolio):
        return found
    active = found.weights - benchmark
    more = {
        "active_return": float(inputs.views @ active),
        "tracking_error": _deviation(inputs, active),
        "active_share": 0.5 * float(np.abs(active).sum()),
    }
    return replace(found, details={**found.details, **more})


def _deviation(inputs: Inputs, active: FloatArray) -> float:
    return float(np.sqrt(max(float(active @ inputs.covariance.multiply(active)), 0.0)))


def _of_risk(inputs: Inputs, benchmark: FloatArray) -> Callable[[FloatArray], float]:
    return lambda weights: _deviation(inputs, weights - benchmark)


def _of_utility(
    inputs: Inputs, benchmark: FloatArray, aversion: float
) -> Callable[[FloatArray], float]:
    def measured(weights: FloatArray) -> float:
        active = weights - benchmark
        variance = _deviation(inputs, active) ** 2
        return float(inputs.views @ active) - 0.5 * aversion * variance

    return measured
