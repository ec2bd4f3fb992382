"""Riskfolio-lib's many measures of risk under our contract: what it cannot do is a named failure.

It answers None where a solver gives up and may give weights that are no numbers or break its own
bounds; it prints and warns while it does. Here each of these becomes a failure with what it said.
It takes five to eleven seconds to import and brings much with it, so it is an extra.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import EnvironmentSetupError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio

MEASURES = {
    "volatility": "MV",
    "kurtosis": "KT",
    "mean-absolute-deviation": "MAD",
    "gini": "GMD",
    "semi-deviation": "MSV",
    "semi-kurtosis": "SKT",
    "first-lower-moment": "FLPM",
    "second-lower-moment": "SLPM",
    "es": "CVaR",
    "tail-gini": "TG",
    "entropic-var": "EVaR",
    "worst": "WR",
    "range": "RG",
    "es-range": "CVRG",
    "tail-gini-range": "TGRG",
    "max-drawdown": "MDD",
    "average-drawdown": "ADD",
    "conditional-drawdown": "CDaR",
    "ulcer": "UCI",
    "entropic-drawdown": "EDaR",
}
"""Our names of its measures. Those that need a commercial solver are left out."""

OBJECTIVES = {"least-risk": "MinRisk", "best-ratio": "Sharpe", "risk-parity": None}
_NO_PARITY = frozenset({"RG", "WR", "MDD", "CVRG", "TGRG", "ADD"})
_SMALLEST, _OFF = 1e-9, 1e-4


@dataclass(frozen=True)
class ByRiskfolio:
    """``measure`` of risk and ``objective``: least of it, best ratio of return to it, or the same
    share of it from every asset. Weights are long, sum to one, and are at most ``high`` each."""

    measure: str = "volatility"
    objective: str = "least-risk"
    confidence: float = 0.95
    high: float = 1.0

    def __post_init__(self) -> None:
        for what, name, known in (
            ("measure of riskfolio", self.measure, MEASURES),
            ("objective", self.objective, OBJECTIVES),
        ):
            if name not in known:
                error = UnknownNameError(what, name, known)
                error.hint = error.hint or f"There are {', '.join(known)}."
                raise error
        if not 0.5 < self.confidence < 1.0:
            raise UserInputError(
                f"The confidence is {self.confidence:g}.", hint="Give 0.95 for 95 %."
            )
        if self.objective == "risk-parity" and MEASURES[self.measure] in _NO_PARITY:
            raise UserInputError(
                f"Riskfolio-lib shares out no {self.measure}.",
                hint="Take another measure, or the objective least-risk.",
            )

    def fit(self, inputs: Inputs) -> Allocation:
        if inputs.shares is not None:
            return self._failed(
                inputs, FailureReason.NOT_SUPPORTED, "it counts all scenarios the same"
            )
        if self.objective == "best-ratio":
            _ = inputs.views  # refuses inputs without expected returns
        heard = io.StringIO()
        try:
            with _quiet(heard):
                found = self._asked(inputs)
        except ImportError as error:
            raise EnvironmentSetupError(
                f"Riskfolio-lib cannot be imported: {error}.",
                hint="pip install 'riskplatform[riskfolio]'",
            ) from error
        except Exception as error:  # whatever a solver of a solver raises is its answer
            return self._failed(inputs, FailureReason.CALCULATION_FAILED, f"it raised {error!r}")
        return self._checked(inputs, found, " ".join(heard.getvalue().split()))

    def _asked(self, inputs: Inputs) -> Any:
        import pandas as pd
        import riskfolio

        names = list(inputs.asset_ids)
        port = riskfolio.Portfolio(returns=pd.DataFrame(inputs.scenarios, columns=names))
        port.alpha = 1.0 - self.confidence
        port.upperlng = self.high
        expected = np.zeros(len(names)) if inputs.expected is None else inputs.expected
        # The same moments as every other method has.
        port.mu = pd.DataFrame(expected[None, :], columns=names)
        port.cov = pd.DataFrame(inputs.sigma, index=names, columns=names)
        if MEASURES[self.measure] in ("KT", "SKT"):
            port.assets_stats(method_mu="hist", method_cov="hist", method_kurt="hist")
            port.mu, port.cov = port.mu * 0.0 + expected[None, :], port.cov * 0.0 + inputs.sigma
        measure = MEASURES[self.measure]
        if self.objective == "risk-parity":
            return port.rp_optimization(model="Classic", rm=measure, rf=0, b=None, hist=True)
        return port.optimization(
            model="Classic", rm=measure, obj=OBJECTIVES[self.objective], rf=0, l=0, hist=True
        )

    def _checked(self, inputs: Inputs, found: Any, heard: str) -> Allocation:
        """Its answer, if it is one."""
        said = f"; it said: {heard[:200]}" if heard else ""
        if found is None:
            return self._failed(inputs, FailureReason.CALCULATION_FAILED, f"it has none{said}")
        weights = np.asarray(found["weights"].reindex(list(inputs.asset_ids)), dtype=np.float64)
        problem = _problem(weights, 1.0 if self.objective == "risk-parity" else self.high)
        if problem:
            return self._failed(inputs, FailureReason.CALCULATION_FAILED, f"{problem}{said}")
        weights = np.where(weights < _SMALLEST, 0.0, weights)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=np.asarray(weights / weights.sum()),
            method=f"riskfolio {self.objective}",
            parameters={
                "measure": self.measure, "objective": self.objective,
                "confidence": self.confidence, "high": self.high,
            },
            inputs=inputs.content,
            excluded=inputs.excluded,
            notes=(heard[:200],) if heard else (),
        )  # fmt: skip

    def _failed(self, inputs: Inputs, reason: FailureReason, why: str) -> FailedPortfolio:
        method = f"riskfolio {self.objective}"
        message = f"Riskfolio-lib has no answer for {self.measure}: {why}."
        return FailedPortfolio(method, Failure(reason, message, method), inputs.content)


def _problem(weights: FloatArray, high: float) -> str:
    """What is wrong with weights; nothing where they are such."""
    if not np.isfinite(weights).all():
        return f"{int((~np.isfinite(weights)).sum())} of its weights are no numbers"
    if abs(float(weights.sum()) - 1.0) > _OFF:
        return f"its weights sum to {float(weights.sum()):.6g}"
    if float(weights.min()) < -_OFF or float(weights.max()) > high + _OFF:
        return f"its weights go from {float(weights.min()):.6g} to {float(weights.max()):.6g}"
    return ""


@contextlib.contextmanager
def _quiet(heard: io.StringIO) -> Iterator[None]:
    """What it prints and warns of is kept, and does not reach the terminal."""
    with (
        contextlib.redirect_stdout(heard),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        yield
    for each in warned:
        if issubclass(each.category, UserWarning):
            heard.write(f" {each.message}")
