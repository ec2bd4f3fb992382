"""Means drawn towards each other: what is far out in a sample is, as a rule, luck.

How far is decided by how far the means are from the target in units of their own error:
T (m - b)'Σ⁻¹(m - b) is about N where nothing but luck is there. Σ is that of the inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.expected_returns.contract import ExpectedReturns, found
from riskplatform.optimisation.expected_returns.history import mean_of
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Detail


def _nothing(inputs: Inputs) -> FloatArray:
    return np.zeros(len(inputs.asset_ids))


def _equal(inputs: Inputs) -> FloatArray:
    count = len(inputs.asset_ids)
    return np.full(count, 1.0 / count)


def _least_variance(inputs: Inputs) -> FloatArray:
    ones = np.ones(len(inputs.asset_ids))
    solved = inputs.covariance.solve(ones)
    return np.asarray(solved / (ones @ solved))


TARGETS: Mapping[str, Callable[[Inputs], FloatArray]] = {
    "zero": _nothing,
    "grand mean": _equal,
    "least variance": _least_variance,
}
"""The book whose mean all means are drawn towards."""


@dataclass(frozen=True)
class JamesStein:
    """The share (N - 2) / T (m - b)'Σ⁻¹(m - b) of the way to the target, at most all of it; N - 3
    where the target is a mean of the same sample (Lindley). Three assets, or four, are needed for
    it to help; with fewer nothing is moved.

    The error is that of a mean that is known to lie around its target (empirical Bayes).
    """

    target: str = "grand mean"

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        book = _target(self.target)(inputs)
        mean, count = mean_of(inputs)
        gap = mean - float(book @ mean)
        degrees = len(mean) - (2 if self.target == "zero" else 3)
        far = count * _squared(inputs, gap)
        share = 1.0 if far <= 0.0 else min(max(degrees, 0) / far, 1.0)
        own = (1.0 - share) * inputs.covariance.variances()
        common = share * float(book @ inputs.covariance.multiply(book))
        parameters: dict[str, Detail] = {
            "target": self.target,
            "shrinkage": share,
            "observations": count,
        }
        error = np.sqrt((own + common) / count)
        return found(inputs, "james-stein", mean - share * gap, parameters, error)


@dataclass(frozen=True)
class BayesStein:
    """Jorion (1986): towards the mean of the least risky book, as a Bayesian does whose prior is
    that all means are alike, with its precision learnt from the data.

    The share is λ / (λ + T) with λ = (N + 2) / (m - b)'Σ⁻¹(m - b); the error is his.
    """

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        book = _least_variance(inputs)
        mean, count = mean_of(inputs)
        gap = mean - float(book @ mean)
        far = _squared(inputs, gap)
        needed = len(mean) + 2.0
        share = needed / (needed + count * far)
        # λ grows without end where all means are the same; 1 / (T + λ) is (1 - share) / T.
        own = (1.0 - share) / count * inputs.covariance.variances()
        least = float(book @ inputs.covariance.multiply(book))
        # λ / (T (T + 1 + λ)), with λ = T · share / (1 - share).
        common = share * least / (count * share + (1.0 - share) * (count + 1.0))
        error = np.sqrt(own + common)
        parameters: dict[str, Detail] = {"shrinkage": share, "observations": count}
        return found(inputs, "bayes-stein", mean - share * gap, parameters, error)


def _target(name: str) -> Callable[[Inputs], FloatArray]:
    if name not in TARGETS:
        raise UnknownNameError("target of shrinkage", name, TARGETS)
    return TARGETS[name]


def _squared(inputs: Inputs, gap: FloatArray) -> float:
    return max(float(gap @ inputs.covariance.solve(gap)), 0.0)
