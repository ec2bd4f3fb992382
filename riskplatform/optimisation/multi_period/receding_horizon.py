"""Several periods as one convex programme, with constraints in each; only the first is traded.

As in Boyd et al. (2017), Multi-Period Trading via Convex Optimization.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.constraints.contract import Constraint, draft_of, named_twice
from riskplatform.optimisation.constraints.trading import Participation, Turnover
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.outcome import Task, allocated, constraint_details
from riskplatform.optimisation.convex.program import Program
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.multi_period.signals import (
    Alpha,
    Signal,
    alpha_of,
    checked_aversion,
    impact_matrix,
    kept_of,
    per_asset,
)
from riskplatform.optimisation.multi_period.stacking import Stack
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio

# These are about the trade of a period; all others about what is held in it.
ABOUT_TRADES = (Turnover, Participation)
_METHOD = "receding-horizon"


@dataclass(frozen=True)
class RecedingHorizon:
    """The most of Σ ρ^t [ρ (μₜ'wₜ - ½γ wₜ'Σwₜ) - ½Δₜ'ΛΔₜ - c'|Δₜ|] over ``horizon`` periods.

    ``impact`` is Λ (a number times Σ, or a number for each asset) and ``spread`` is c. Constraints
    hold in each period: turnover and participation of the trade from the period before, all others
    of the weights. The details hold the plan [period, asset].
    """

    aversion: float
    horizon: int = 10
    impact: float | Mapping[str, float] = 0.0
    spread: float | Mapping[str, float] = 0.0
    signals: tuple[Signal, ...] = ()
    half_life: float = math.inf
    discount: float = 0.0
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        if self.horizon < 1:
            raise UserInputError(f"The horizon is {self.horizon} periods; give 1 or more.")
        problem = _Problem(
            inputs=inputs,
            alpha=alpha_of(inputs, self.signals, self.half_life),
            impact=impact_matrix(inputs, self.impact),
            spread=per_asset(inputs, self.spread, "spread"),
            aversion=checked_aversion(self.aversion),
            worth=kept_of(self.discount),
            horizon=self.horizon,
        )
        stack = _stacked(problem, self.constraints)
        if stack.counts_holdings:
            message = f"{_METHOD} cannot count holdings over several periods."
            failure = Failure(FailureReason.NOT_SUPPORTED, message, _METHOD)
            return FailedPortfolio(_METHOD, failure, inputs.content)
        program = problem.charge(stack)
        whole = Inputs(program.asset_ids, Dense(problem.curve), covariance_id=inputs.covariance_id)
        task = Task(
            _METHOD, whole, program, self.constraints, {}, problem.value,
            "what the plan is worth",
        )  # fmt: skip
        return self._first(allocated(task), problem)

    def _first(self, found: Allocation, problem: _Problem) -> Allocation:
        """The allocation of the first period, with the plan."""
        inputs, alpha = problem.inputs, problem.alpha
        if isinstance(found, FailedPortfolio):
            return replace(found, inputs=inputs.content)
        plan = problem.plan(np.asarray(found.weights))
        parameters = {
            "aversion": self.aversion,
            "horizon": self.horizon,
            "discount": self.discount,
            "signals": ", ".join(alpha.names),
            "terms": content_hash(alpha.now, alpha.kept, problem.impact, problem.spread)[:16],
            **constraint_details(self.constraints),
            "covariance": inputs.covariance_id,
        }
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=plan[0],
            method=_METHOD,
            parameters=parameters,
            inputs=inputs.content,
            objective=found.objective,
            certificate=found.certificate,
            binding=found.binding,
            excluded=inputs.excluded,
            notes=found.notes,
            details={**found.details, "plan": plan, "costs": problem.costs(plan)},
        )


@dataclass(frozen=True)
class _Problem:
    """The numbers of the objective, and what follows from them."""

    inputs: Inputs
    alpha: Alpha
    impact: FloatArray
    spread: FloatArray
    aversion: float
    worth: float
    horizon: int

    @property
    def start(self) -> FloatArray:
        found = self.inputs.current
        return np.zeros(len(self.spread)) if found is None else found

    @property
    def curve(self) -> FloatArray:
        """The second derivative of what is made least: risk in each period, and impact of each
        change."""
        count, length = len(self.spread), self.horizon
        out = np.zeros((length, count, length, count))
        for t in range(length):
            weight = self.worth**t
            out[t, :, t] += self.worth * weight * self.aversion * self.inputs.sigma
            out[t, :, t] += weight * self.impact
            if t:
                out[t - 1, :, t - 1] += weight * self.impact
                out[t, :, t - 1] -= weight * self.impact
                out[t - 1, :, t] -= weight * self.impact
        return out.reshape(length * count, length * count)

    def charge(self, stack: Stack) -> Program:
        """The programme with its objective."""
        for t in range(self.horizon):
            weight = self.worth**t
            stack.pull(t, -self.worth * weight * self.alpha.at(t))
            if self.spread.any():
                stack.price_change(t, weight * self.spread, self.start)
        stack.pull(0, -self.impact @ self.start)
        return stack.finished(Dense(self.curve))

    def plan(self, weights: FloatArray) -> FloatArray:
        return np.asarray(weights.reshape(self.horizon, len(self.spread)))

    def costs(self, plan: FloatArray) -> FloatArray:
        """Of trading in each period, as a share of the capital."""
        trades = np.diff(np.vstack([self.start, plan]), axis=0)
        curved = 0.5 * np.einsum("ti,ij,tj->t", trades, self.impact, trades)
        return np.asarray(curved + np.abs(trades) @ self.spread)

    def value(self, weights: FloatArray) -> float:
        """What the plan is worth."""
        plan, total = self.plan(weights), 0.0
        for t, (held, cost) in enumerate(zip(plan, self.costs(plan), strict=True)):
            risk = 0.5 * self.aversion * float(held @ self.inputs.sigma @ held)
            gain = float(self.alpha.at(t) @ held) - risk
            total += self.worth**t * (self.worth * gain - float(cost))
        return total


def _stacked(problem: _Problem, constraints: Sequence[Constraint]) -> Stack:
    """The constraints of every period."""
    inputs = problem.inputs
    named_twice(constraints)
    held = [each for each in constraints if not isinstance(each, ABOUT_TRADES)]
    traded = [each for each in constraints if isinstance(each, ABOUT_TRADES)]
    stack = Stack(inputs.asset_ids, problem.horizon)
    stack.hold(0, draft_of(inputs, constraints).finished())
    each_held = draft_of(inputs, held).finished()
    # Of a trade, as if nothing was there before it.
    draft = Draft(replace(inputs, current=None))
    for constraint in traded:
        constraint.add_to(draft)
    each_traded = draft.finished()
    for period in range(1, problem.horizon):
        stack.hold(period, each_held)
        if traded:
            stack.change(period, each_traded)
    return stack
