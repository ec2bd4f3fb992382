"""The book that grows fastest over the scenarios themselves, under any constraints.

``Kelly`` takes returns for normal and has a closed form. Here the mean of ln(1 + r'w) over the
scenarios is made most, so that fat tails and options count as they are: a book that any scenario
ruins does not grow at all, and is never chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.convex.program import EXPONENTIAL, Part
from riskplatform.optimisation.expected_returns.history import shares_of
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation

# Of a fair bet the best growth is nothing at all; a gap is measured against this per period.
_LEAST_GROWTH = 1e-4


@dataclass(frozen=True)
class GrowthOptimal:
    """The most of mean logarithmic growth per period; what is not held in assets is cash without a
    return, which needs a net that allows it."""

    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        gains, shares = inputs.scenarios, shares_of(inputs)
        gains, shares = gains[shares > 0.0], shares[shares > 0.0]
        draft = draft_of(inputs, self.constraints)
        logs = draft.add_columns(len(gains), -np.inf)
        draft.cone("growth", _logarithms(gains, logs), np.tile([0.0, 1.0, 1.0], len(gains)),
                   EXPONENTIAL, is_limit=False)  # fmt: skip
        draft.pull(logs, -shares)

        def measured(weights: FloatArray) -> float:
            return mean_growth(weights, gains, shares)

        words = "the mean logarithmic growth per period"
        program = replace(draft.finished(), floor=_LEAST_GROWTH)
        return allocated(
            Task("growth-optimal", inputs, program, self.constraints, {}, measured, words)
        )


def _logarithms(gains: FloatArray, logs: int) -> list[Part]:
    """(log, 1, 1 + r'w) in the exponential cone for each scenario: log ≤ ln(1 + r'w)."""
    count = len(gains)
    each = np.arange(count)
    of_logs = sparse.csr_array((-np.ones(count), (3 * each, each)), shape=(3 * count, count))
    spread = sparse.csr_array((-np.ones(count), (3 * each + 2, each)), shape=(3 * count, count))
    return [Part(logs, of_logs), Part(0, sparse.csr_array(spread @ sparse.csr_array(gains)))]


def mean_growth(weights: FloatArray, gains: FloatArray, shares: FloatArray) -> float:
    """Mean of ln(1 + r'w); minus infinity where a scenario takes everything."""
    left = 1.0 + gains @ weights
    held = shares > 0.0
    if (left[held] <= 0.0).any():
        return -np.inf
    return float(shares[held] @ np.log(left[held]))
