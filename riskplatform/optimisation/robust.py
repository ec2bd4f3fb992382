"""The best of the worst case: expected returns are known only to lie near their estimate.

Within an ellipsoid of ``radius`` standard errors around the estimate (Goldfarb and Iyengar 2003)
the worst return of weights is μ'w - radius · √(w'Ωw), with Ω the covariance of the estimates.
Within a Wasserstein ball of ``distance`` around the scenarios (Mohajerin Esfahani and Kuhn 2018,
cost by Euclidean length) the worst ES is the ES plus distance · |w| / (1 - confidence).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint, draft_of
from riskplatform.optimisation.constraints.risk_caps import add_shortfall, root_of
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.outcome import Task, allocated
from riskplatform.optimisation.convex.program import Part
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation
from riskplatform.risk.checks import checked_confidence
from riskplatform.risk.quantiles import expected_shortfall


@dataclass(frozen=True)
class RobustMeanVariance:
    """The most of worst-case return less half ``aversion`` times variance.

    Estimates have the covariance Σ / ``observations``, by default as many as there are returns.
    """

    aversion: float
    radius: float = 1.0
    observations: int | None = None
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        for name, value in (("aversion", self.aversion), ("radius", self.radius)):
            _check(name, value)
        mu, count = inputs.views, self._observations(inputs)
        draft = draft_of(inputs, self.constraints)
        draft.pull(0, -mu)
        add_length(draft, root_of(inputs.covariance) / math.sqrt(count), self.radius)
        covariance = inputs.covariance if self.aversion else None
        program = draft.finished(covariance, self.aversion)

        def measured(weights: FloatArray) -> float:
            variance = max(float(weights @ inputs.covariance.multiply(weights)), 0.0)
            worst = float(mu @ weights) - self.radius * math.sqrt(variance / count)
            return worst - 0.5 * self.aversion * variance

        parameters = {"aversion": self.aversion, "radius": self.radius, "observations": count}
        words = "worst-case return less the price of variance"
        return allocated(
            Task("robust-mean-variance", inputs, program, self.constraints, parameters, measured,
                 words)
        )  # fmt: skip

    def _observations(self, inputs: Inputs) -> int:
        if self.observations is not None:
            if self.observations < 1:
                raise UserInputError(f"{self.observations} observations; give 1 or more.")
            return self.observations
        if inputs.returns is None:
            raise MissingDataError(
                "How uncertain the means are follows from how many observations there were.",
                hint="Give observations, or inputs with returns.",
            )
        return len(inputs.returns)


@dataclass(frozen=True)
class RobustShortfall:
    """The least ES in the worst distribution within ``distance`` (in units of returns) of the
    scenarios."""

    distance: float
    confidence: float = 0.95
    constraints: tuple[Constraint, ...] = ()

    def fit(self, inputs: Inputs) -> Allocation:
        _check("distance", self.distance)
        tail = 1.0 - checked_confidence(self.confidence)
        draft = draft_of(inputs, self.constraints)
        for first, shares in add_shortfall(draft, "ES", inputs.scenarios, self.confidence):
            draft.pull(first, shares)
        add_length(draft, np.eye(len(inputs.asset_ids)), self.distance / tail)

        def measured(weights: FloatArray) -> float:
            shortfall = expected_shortfall(
                inputs.scenarios @ weights, self.confidence, inputs.shares
            )
            return float(shortfall) + self.distance / tail * float(np.linalg.norm(weights))

        parameters = {"distance": self.distance, "confidence": self.confidence}
        words = "the worst-case expected shortfall"
        return allocated(
            Task("robust-shortfall", inputs, draft.finished(), self.constraints, parameters,
                 measured, words)
        )  # fmt: skip


def add_length(draft: Draft, matrix: FloatArray, price: float) -> None:
    """Adds price · |F w| to what is made least."""
    if not matrix.any():
        return  # nothing is uncertain
    size = float(np.linalg.norm(matrix, axis=1).max())
    length = draft.add_columns(1, 0.0)
    rows = np.vstack([np.zeros(matrix.shape[1]), -matrix / size])
    top = np.zeros((len(rows), 1))
    top[0] = -1.0
    parts = [Part(0, rows), Part(length, top)]
    draft.cone("uncertainty", parts, np.zeros(len(rows)), is_limit=False)
    draft.pull(length, price * size)


def _check(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0.0):
        raise UserInputError(f"The {name} is {value:g}; give a number from 0 on.")
