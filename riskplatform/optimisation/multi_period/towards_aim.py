"""Dynamic trading with predictable returns and quadratic costs (Gârleanu and Pedersen 2013).

The best of Σ ρ^t [ρ (μₜ'xₜ - ½γ xₜ'Σxₜ) - ½Δₜ'ΛΔₜ] for ever, with ρ what a unit is worth a period
later: trade a part of the way to an aim, which counts signals less that decay soon. In the basis in
which Λ is the identity and Σ is diagonal (d) every direction trades alone: y ← q y + s, with q the
root below one of ρq² - (1 + ρ + ργd) q + 1 = 0, and s = qρ m / (1 - qρ k) for a signal m of which k
is left a period later.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import linalg

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import is_singular
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.multi_period.signals import (
    Alpha,
    Signal,
    alpha_of,
    checked_aversion,
    impact_matrix,
    kept_of,
)
from riskplatform.optimisation.portfolio import (
    Allocation,
    Certificate,
    FailedPortfolio,
    Portfolio,
)


@dataclass(frozen=True)
class TowardsAim:
    """Weights after the next trade from the current ones; the rest is cash, and may be owed.

    ``impact`` is Λ: a number times Σ, or a number for each asset. Without ``signals`` the expected
    returns of the inputs are one, with ``half_life``. The details hold the aim, what it would be
    of each signal alone, and the ``periods`` to come as they are planned.
    """

    aversion: float
    impact: float | Mapping[str, float]
    signals: tuple[Signal, ...] = ()
    half_life: float = math.inf
    discount: float = 0.0
    periods: int = 20

    def fit(self, inputs: Inputs) -> Allocation:
        aversion, worth = checked_aversion(self.aversion), kept_of(self.discount)
        if self.periods < 1:
            raise UserInputError(f"{self.periods} periods are planned; give 1 or more.")
        alpha = alpha_of(inputs, self.signals, self.half_life)
        costs = impact_matrix(inputs, self.impact)
        policy = policy_of(inputs.sigma, costs, alpha, aversion, worth)
        if policy is None:
            message = "Some portfolio of the assets has no risk, or trading costs nothing."
            failure = Failure(FailureReason.CALCULATION_FAILED, message, "towards-aim")
            return FailedPortfolio("towards-aim", failure, inputs.content)
        start = inputs.current if inputs.current is not None else np.zeros(len(inputs.asset_ids))
        plan = [start]
        for period in range(self.periods + 1):
            plan.append(policy.after(plan[-1], alpha.kept**period))
        weights, trade = plan[1], plan[1] - start
        gain = float(alpha.at(0) @ weights - 0.5 * aversion * weights @ inputs.sigma @ weights)
        value = worth * gain - 0.5 * float(trade @ costs @ trade)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="towards-aim",
            parameters={
                "aversion": aversion,
                "discount": self.discount,
                "signals": ", ".join(alpha.names),
                "terms": content_hash(alpha.now, alpha.kept, costs)[:16],
                "covariance": inputs.covariance_id,
            },
            inputs=inputs.content,
            objective=value,
            certificate=_certificate(inputs, costs, alpha, plan, aversion, worth, value),
            excluded=inputs.excluded,
            details={
                "aim": policy.aims.sum(axis=0),
                "aims": dict(zip(alpha.names, policy.aims, strict=True)),
                "plan": np.array(plan[1:-1]),
                "cash": 1.0 - float(weights.sum()),
            },
        )


class Policy(NamedTuple):
    """x ← ``keep`` x + Σ share · ``pull``; ``aims`` [signal, asset] is where each pull leads."""

    keep: FloatArray
    pull: FloatArray
    aims: FloatArray

    def after(self, weights: FloatArray, shares: FloatArray) -> FloatArray:
        """The weights after a trade, with so much left of each signal."""
        return np.asarray(self.keep @ weights + shares @ self.pull)


def policy_of(
    sigma: FloatArray, costs: FloatArray, alpha: Alpha, aversion: float, worth: float
) -> Policy | None:
    """None where there is a direction without risk or without cost."""
    if is_singular(sigma) or is_singular(costs):
        return None
    risks, basis = linalg.eigh(sigma, costs)
    level = 1.0 + worth + worth * aversion * risks
    kept = 2.0 / (level + np.sqrt(level**2 - 4.0 * worth))
    inverse = basis.T @ costs
    # [signal, direction]
    pulls = kept * worth * (alpha.now @ basis) / (1.0 - worth * np.outer(alpha.kept, kept))
    found = Policy(
        keep=(basis * kept) @ inverse, pull=pulls @ basis.T, aims=pulls / (1.0 - kept) @ basis.T
    )
    return found if all(np.isfinite(each).all() for each in found) else None


def _certificate(
    inputs: Inputs,
    costs: FloatArray,
    alpha: Alpha,
    plan: list[FloatArray],
    aversion: float,
    worth: float,
    value: float,
) -> Certificate:
    """Euler's equation along the plan: what one more now gains is what it costs now less what it
    saves a period later."""
    worst, size = 0.0, 1e-300
    for period in range(len(plan) - 2):
        before, now, after = plan[period : period + 3]
        gain = worth * (alpha.at(period) - aversion * inputs.sigma @ now)
        cost, saved = costs @ (now - before), worth * costs @ (after - now)
        worst = max(worst, float(np.abs(gain - cost + saved).max()))
        size = max(size, *(float(np.abs(each).max()) for each in (gain, cost, saved)))
    return Certificate("closed form", value, 0.0, worst / size, 0.0)
