"""Reverse optimisation: the expected returns under which a market is content with what it holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.black_litterman import TAU
from riskplatform.optimisation.expected_returns.contract import ExpectedReturns, found
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Detail


@dataclass(frozen=True)
class Equilibrium:
    """δ Σ w of the market's ``weights``, by default the benchmark of the inputs.

    δ is the ``aversion``, or what makes the market's own return the ``premium`` (per period). The
    error is √τ of an asset's volatility, the uncertainty that Black and Litterman give this prior.
    """

    aversion: float | None = None
    premium: float | None = None
    weights: Mapping[str, float] | None = None
    tau: float = TAU

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        market = self._market(inputs)
        pull = inputs.covariance.multiply(market)
        aversion = self._aversion(float(market @ pull))
        if not self.tau > 0.0:
            raise UserInputError(f"tau is {self.tau:g}; give a number above 0, such as 0.05.")
        error = np.sqrt(self.tau * inputs.covariance.variances())
        parameters: dict[str, Detail] = {
            "aversion": aversion,
            "tau": self.tau,
            "market": self._named(market),
        }
        return found(inputs, "equilibrium", aversion * pull, parameters, error)

    def _named(self, market: FloatArray) -> str:
        return "benchmark" if self.weights is None else f"given {content_hash(market)[:16]}"

    def _market(self, inputs: Inputs) -> FloatArray:
        if self.weights is None:
            if inputs.benchmark is None or not inputs.benchmark.any():
                raise MissingDataError(
                    "An equilibrium is that of a market, and the inputs have no benchmark.",
                    hint="Give the market's weights, or a benchmark with the inputs.",
                )
            return inputs.benchmark
        for name in self.weights:
            if name not in inputs.asset_ids:
                raise UnknownNameError("asset of the market", name, inputs.asset_ids)
        return np.array([self.weights.get(name, 0.0) for name in inputs.asset_ids])

    def _aversion(self, variance: float) -> float:
        if (self.aversion is None) == (self.premium is None):
            raise UserInputError(
                "An equilibrium needs either an aversion or the premium of the market.",
                hint="Give one of them, such as Equilibrium(aversion=2.5).",
            )
        if self.premium is not None:
            if not variance > 0.0:
                raise UserInputError("The market has no risk; no aversion earns it a premium.")
            return self.premium / variance
        assert self.aversion is not None
        if not (math.isfinite(self.aversion) and self.aversion > 0.0):
            raise UserInputError(f"The aversion is {self.aversion:g}; give a number above 0.")
        return self.aversion
