"""Constraints on risk: volatility, tracking error, expected shortfall and losses in scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from riskplatform.errors import MissingDataError
from riskplatform.factors.covariance.matrices import CovarianceMatrix, LowRank
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Plain, check_positive
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.program import Part
from riskplatform.optimisation.inputs import Inputs
from riskplatform.risk.checks import checked_confidence, checked_shares
from riskplatform.risk.quantiles import tail_count, var_and_es


@dataclass(frozen=True)
class VolatilityCap(Plain):
    """The volatility per period of the weights."""

    kind: ClassVar[str] = "volatility"

    high: float
    label: str = ""

    def __post_init__(self) -> None:
        check_positive(self.name, "high", self.high)

    @property
    def name(self) -> str:
        return self.label or "volatility"

    def add_to(self, draft: Draft) -> None:
        cap_deviation(draft, self.name, np.zeros(draft.assets), self.high)


@dataclass(frozen=True)
class TrackingError(Plain):
    """The volatility per period of the difference to the benchmark of the inputs."""

    kind: ClassVar[str] = "tracking_error"

    high: float
    label: str = ""

    def __post_init__(self) -> None:
        check_positive(self.name, "high", self.high)

    @property
    def name(self) -> str:
        return self.label or "tracking error"

    def add_to(self, draft: Draft) -> None:
        cap_deviation(draft, self.name, benchmark_of(draft), self.high)


@dataclass(frozen=True)
class ShortfallCap(Plain):
    """The expected shortfall of the weights, over the scenarios of the inputs."""

    kind: ClassVar[str] = "expected_shortfall"

    high: float
    confidence: float = 0.95
    label: str = ""

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)

    @property
    def name(self) -> str:
        return self.label or f"ES {self.confidence:g}"

    def add_to(self, draft: Draft) -> None:
        beyond = add_shortfall(draft, self.name, draft.inputs.scenarios, self.confidence)
        parts = [Part(first, shares[None, :]) for first, shares in beyond]
        draft.at_most(self.name, parts, [self.high], [f"{self.name} at most {self.high:g}"])


@dataclass(frozen=True)
class ValueAtRiskCap(Plain):
    """The value at risk of the weights, over the scenarios of the inputs.

    VaR is no convex function of weights, so the programme holds the expected shortfall at the same
    confidence below ``high``, which is never less than VaR: the cap is kept, and may bind early.
    ``measured`` is the full VaR of an answer, by the rule that risk is measured by elsewhere.
    """

    kind: ClassVar[str] = "value_at_risk"

    high: float
    confidence: float = 0.99
    label: str = ""

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)

    @property
    def name(self) -> str:
        return self.label or f"VaR {self.confidence:g}"

    def add_to(self, draft: Draft) -> None:
        beyond = add_shortfall(draft, self.name, draft.inputs.scenarios, self.confidence)
        parts = [Part(first, shares[None, :]) for first, shares in beyond]
        words = f"{self.name} (by its ES) at most {self.high:g}"
        draft.at_most(self.name, parts, [self.high], [words])

    def measured(self, inputs: Inputs, weights: FloatArray) -> tuple[float, float]:
        """VaR and ES of weights."""
        tail = var_and_es(inputs.scenarios @ weights, self.confidence, inputs.shares)
        return float(tail.var), float(tail.es)

    def note(self, inputs: Inputs, weights: FloatArray) -> str:
        """The full VaR beside the ES that kept it."""
        var, es = self.measured(inputs, weights)
        return (
            f"{self.name} is {var:.4g} of {self.high:.4g} allowed; it was kept by an expected "
            f"shortfall, now {es:.4g}, below the same number."
        )


@dataclass(frozen=True)
class StressLossCap(Plain):
    """The loss in each of ``losses`` (scenario → asset → loss of one unit of money).

    An asset that a scenario does not name is an error, unless ``missing`` says what it loses.
    """

    kind: ClassVar[str] = "stress_loss"

    high: float
    losses: Mapping[str, Mapping[str, float]]
    missing: float | None = None
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or "stress loss"

    def add_to(self, draft: Draft) -> None:
        rows, names = [], []
        for scenario, losses in self.losses.items():
            absent = [each for each in draft.inputs.asset_ids if each not in losses]
            if absent and self.missing is None:
                raise MissingDataError(
                    f"{len(absent)} assets have no loss in {scenario!r}, the first is {absent[0]}.",
                    hint="Give their losses, or say what they lose by 'missing: 0'.",
                )
            rows.append(draft.spread(losses, self.missing or 0.0))
            names.append(f"loss in {scenario} at most {self.high:g}")
        if not rows:
            raise MissingDataError(f"{self.name} names no scenario.")
        draft.at_most(self.name, [Part(0, np.array(rows))], np.full(len(rows), self.high), names)


def benchmark_of(draft: Draft) -> FloatArray:
    """The benchmark's weights, of inputs that have one."""
    if draft.inputs.benchmark is None:
        raise MissingDataError(
            "A tracking error is against a benchmark, and the inputs have none.",
            hint="Give the benchmark's weights with the inputs.",
        )
    return draft.inputs.benchmark


def root_of(covariance: CovarianceMatrix) -> FloatArray:
    """F [row, asset] with FᵀF = Σ; of a singular Σ without the rows that are nothing."""
    if isinstance(covariance, LowRank):
        own = np.diag(np.sqrt(covariance.own_variances))
        return np.vstack([covariance.loadings.T, own])
    dense = covariance.dense()
    try:
        return np.asarray(np.linalg.cholesky(dense).T)
    except np.linalg.LinAlgError:
        values, basis = np.linalg.eigh(dense)
        held = values > 1e-13 * values[-1]
        return np.asarray((basis[:, held] * np.sqrt(values[held])).T)


def cap_deviation(draft: Draft, name: str, target: FloatArray, high: float) -> None:
    """|F (w - target)| ≤ high, in units of high so that the cone is of size one."""
    unit = high if high > 0.0 else 1.0
    root = root_of(draft.inputs.covariance) / unit
    rows = np.vstack([np.zeros(draft.assets), -root])
    bound = np.concatenate([[high / unit], -(root @ target)])
    draft.cone(name, [Part(0, rows)], bound, name=f"{name} at most {high:g}", unit=unit)


def add_shortfall(
    draft: Draft, name: str, gains: FloatArray, confidence: float
) -> list[tuple[int, FloatArray]]:
    """Columns whose weighted sum is at least the ES of ``gains`` [scenario, asset]: VaR, and the
    losses beyond it (Rockafellar and Uryasev)."""
    count = len(gains)
    shares = checked_shares(draft.inputs.shares, count)
    tail = 1.0 - checked_confidence(confidence)
    if shares is None:
        # Less than one scenario in the tail is the worst one, as ES is measured elsewhere.
        beyond = np.full(count, 1.0 / max(tail_count(count, tail), 1.0))
    else:
        gains, shares = gains[shares > 0.0], shares[shares > 0.0]
        beyond = shares / tail
    var = draft.add_columns(1, -np.inf)
    minus = -np.ones((len(gains), 1))
    first = draft.hinge(name, [Part(0, -gains), Part(var, minus)], np.zeros(len(gains)))
    return [(var, np.ones(1)), (first, beyond)]
