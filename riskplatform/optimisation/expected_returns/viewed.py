"""Black and Litterman under the contract: a prior of any estimator, tilted by views."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from riskplatform.domain.outcome import Coverage
from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import content_hash
from riskplatform.optimisation.black_litterman import TAU, View, black_litterman
from riskplatform.optimisation.expected_returns.contract import (
    ExpectedReturnEstimator,
    ExpectedReturns,
    found,
)
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Detail
from riskplatform.optimisation.views import known_views


@dataclass(frozen=True)
class Viewed:
    """The posterior of ``views`` over what ``prior`` expects (an equilibrium, as a rule).

    Where ``with_uncertainty``, the covariance becomes Σ + M: what is expected is not certain. A
    view on an asset that the inputs leave out is left out too, and named in the coverage.
    """

    views: tuple[View, ...]
    prior: ExpectedReturnEstimator
    tau: float = TAU
    with_uncertainty: bool = True

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        before = self.prior.fit(inputs)
        kept, left_out = known_views(inputs, self.views)
        after = black_litterman(inputs.asset_ids, inputs.sigma, before.expected, kept, tau=self.tau)
        views = [(dict(v.weights), v.value, v.variance, v.confidence) for v in kept]
        parameters: dict[str, Detail] = {
            "prior": before.method,
            "prior_run_id": before.run_id,
            "views": len(kept),
            "view_terms": content_hash(views)[:16],
            "tau": self.tau,
            "with_uncertainty": self.with_uncertainty,
        }
        error = np.sqrt(np.maximum(np.diagonal(after.uncertainty), 0.0))
        covariance = Dense(after.covariance) if self.with_uncertainty else None
        result = found(inputs, "black-litterman", after.expected, parameters, error, covariance)
        coverage = Coverage(result.coverage.done, (*result.coverage.failures, *left_out))
        return replace(result, coverage=coverage)
