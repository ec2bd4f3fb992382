"""What assets are expected to return per period: estimators with one contract, each with its error.

Every estimator has ``fit(inputs)``; what it finds goes back into the inputs by ``into``.
"""

from riskplatform.optimisation.expected_returns.contract import (
    ExpectedReturnEstimator,
    ExpectedReturns,
)
from riskplatform.optimisation.expected_returns.equilibrium import Equilibrium
from riskplatform.optimisation.expected_returns.external import External
from riskplatform.optimisation.expected_returns.factors import FactorImplied
from riskplatform.optimisation.expected_returns.history import Ewma, SampleMean
from riskplatform.optimisation.expected_returns.shrinkage import BayesStein, JamesStein
from riskplatform.optimisation.expected_returns.viewed import Viewed

__all__ = [
    "BayesStein",
    "Equilibrium",
    "Ewma",
    "ExpectedReturnEstimator",
    "ExpectedReturns",
    "External",
    "FactorImplied",
    "JamesStein",
    "SampleMean",
    "Viewed",
]
