"""Means of the history: plain, and with recent periods counting more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.expected_returns.contract import ExpectedReturns, found
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Detail
from riskplatform.risk.checks import checked_shares


@dataclass(frozen=True)
class SampleMean:
    """The mean of the scenarios. Its error is large: σ / √T, as much as the mean itself for
    decades of days; shrink it before it is optimised on."""

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        mean, count = mean_of(inputs)
        error = np.sqrt(inputs.covariance.variances() / count)
        return found(inputs, "sample-mean", mean, {"observations": count}, error)


@dataclass(frozen=True)
class Ewma:
    """A mean in which a period counts half as much as one ``half_life`` periods later.

    The error is that of so few effective periods, if returns are independent in time.
    """

    half_life: float = 126.0

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        if not (math.isfinite(self.half_life) and self.half_life > 0.0):
            raise UserInputError(
                f"The half-life is {self.half_life:g} periods.", hint="Give a number above 0."
            )
        table = inputs.scenarios
        if not inputs.is_history:
            raise UserInputError(
                "Recent periods count more only where periods have an order; scenarios have none.",
                hint="Give a history of returns, or use SampleMean.",
            )
        weights = shares_of(inputs) * 0.5 ** (np.arange(len(table))[::-1] / self.half_life)
        weights = weights / weights.sum()
        count = 1.0 / float(weights @ weights)
        error = np.sqrt(inputs.covariance.variances() / count)
        parameters: dict[str, Detail] = {"half_life": self.half_life, "observations": count}
        return found(inputs, "ewma", weights @ table, parameters, error)


def shares_of(inputs: Inputs) -> FloatArray:
    """The probability of each scenario."""
    count = len(inputs.scenarios)
    given = checked_shares(inputs.shares, count)
    return np.full(count, 1.0 / count) if given is None else given


def mean_of(inputs: Inputs) -> tuple[FloatArray, float]:
    """The mean of the scenarios, and how many equally likely ones say as much."""
    shares = shares_of(inputs)
    return np.asarray(shares @ inputs.scenarios), 1.0 / float(shares @ shares)
