"""Risk budgets under constraints: as near to the budgets as other limits let the weights be.

Without limits the weights whose shares of the risk are the budgets b are where the weighted
geometric mean of the weights, Π w^b, is largest for the volatility that it costs. With limits the
largest of that ratio is still one answer and easily found (Richard and Roncalli 2019 take the same
point): scaled so that the mean is one, it is the least variance, with logarithms as exponential
cones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.convex.program import (
    AT_MOST,
    EXPONENTIAL,
    Block,
    Part,
    Places,
    homogenised,
)
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, Detail, Portfolio


def budgeted_within(
    inputs: Inputs,
    shares: FloatArray,
    constraints: Sequence[Constraint],
    parameters: dict[str, Detail],
) -> Allocation:
    """Assets whose budget is nothing get no weight."""
    kept = np.flatnonzero(shares > 0.0)
    count = len(kept)
    draft = draft_of(inputs, constraints)
    draft.bound("no budget", np.flatnonzero(shares == 0.0), high=0.0)
    logs = draft.add_columns(count, -np.inf)
    limits = draft.finished(inputs.covariance, 1.0)
    scaled = homogenised(limits)
    # Weights of one another's size: y is the weight times the number of assets.
    mean = Part(logs, -shares[kept][None, :])
    level = Block("geometric mean", (mean,), np.zeros(1), AT_MOST, is_limit=False)
    program = replace(scaled, blocks=(*scaled.blocks, _logarithms(kept, logs), level))

    def measured(weights: FloatArray) -> float:
        variance = float(weights @ inputs.covariance.multiply(weights))
        held = np.maximum(weights[kept], 1e-300)
        return float(np.exp(shares[kept] @ np.log(held))) / float(np.sqrt(variance))

    task = Task(
        "risk-budgets", inputs, program, constraints, parameters, measured,
        "the geometric mean of weights by budgets, for one of volatility", limits=limits,
        unreached="no allowed weights are above zero wherever there is a budget, or volatilities "
        "are too far apart",
    )  # fmt: skip
    found = allocated(task)
    return _told(found, inputs) if isinstance(found, Portfolio) else found


def _logarithms(kept: Places, logs: int) -> Block:
    """(log, 1, weight) in the exponential cone for each asset with a budget: log ≤ ln weight."""
    count = len(kept)
    each = 3 * np.arange(count)
    of_logs = sparse.csr_array(
        (-np.ones(count), (each, np.arange(count))), shape=(3 * count, count)
    )
    of_weights = sparse.csr_array(
        (-np.ones(count), (each + 2, kept)), shape=(3 * count, int(kept.max()) + 1)
    )
    bound = np.tile([0.0, 1.0, 0.0], count)
    parts = (Part(logs, of_logs), Part(0, of_weights))
    return Block("logarithms", parts, bound, EXPONENTIAL, is_limit=False)


def _told(found: Portfolio, inputs: Inputs) -> Portfolio:
    """With the shares of the risk as they came out."""
    from riskplatform.optimisation.risk_budgets import risk_shares_of

    volatility = float(np.sqrt(found.weights @ inputs.covariance.multiply(found.weights)))
    details = {"shares": risk_shares_of(inputs.sigma, found.weights), "volatility": volatility}
    return replace(found, details={**found.details, **details})
