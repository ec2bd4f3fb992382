"""GARCH of every factor of a table; where one cannot be fitted, EWMA stands in and is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.factors.covariance.observations import Observations, observed
from riskplatform.factors.garch.fit import LEAST_DAYS, GarchFit, GarchSpec, fit_garch
from riskplatform.factors.garch.model import GarchParameters, GarchPath
from riskplatform.market.content import FloatArray

# EWMA is the GARCH without long-run variance: beta is the decay.
_STAND_IN_DECAY = 0.94


@dataclass(frozen=True)
class GarchFits:
    """Models and their paths for ``names``, in order; ``failures`` have the stand-in.

    ``tails`` are degrees of freedom (infinite for the normal), ``skews`` the asymmetry of the t.
    """

    names: tuple[str, ...]
    spec: GarchSpec
    parameters: GarchParameters
    tails: FloatArray
    skews: FloatArray
    log_likelihoods: FloatArray
    path: GarchPath
    failures: tuple[Failure, ...]

    @property
    def coverage(self) -> Coverage:
        return Coverage(len(self.names) - len(self.failures), self.failures)

    def columns(self) -> dict[str, FloatArray]:
        """Parameters by name; volatility of a stand-in has no long-run level, given as 0."""
        long_run = self.parameters.long_run_variance
        return {
            "omega": self.parameters.omega,
            "alpha": self.parameters.alpha,
            "gamma": self.parameters.gamma,
            "beta": self.parameters.beta,
            "persistence": self.parameters.persistence,
            "long_run_volatility": np.sqrt(np.where(np.isfinite(long_run), long_run, 0.0)),
            "tail": self.tails,
            "skew": self.skews,
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per factor: parameters, tail, skew, likelihood and tomorrow's volatility."""
        failed = {failure.subject for failure in self.failures}
        return pd.DataFrame(
            {
                "factor_id": list(self.names),
                "mean": self.parameters.mean,
                **self.columns(),
                "log_likelihood": self.log_likelihoods,
                "next_volatility": np.sqrt(self.path.next_variance),
                "is_stand_in": [name in failed for name in self.names],
            }
        )


def fit_many(returns: FloatArray, names: Sequence[str], spec: GarchSpec | None = None) -> GarchFits:
    """Fit each column of ``returns`` [day, factor], oldest first, on its own."""
    return fit_observed(observed(returns, names, least_days=LEAST_DAYS), spec or GarchSpec())


def fit_observed(seen: Observations, spec: GarchSpec) -> GarchFits:
    found = [
        fit_garch(seen.returns[:, column], spec, name=name)
        for column, name in enumerate(seen.names)
    ]
    fits = [_stand_in(seen.returns[:, column]) if isinstance(fit, Failure) else fit
            for column, fit in enumerate(found)]  # fmt: skip
    parts = ("mean", "omega", "alpha", "gamma", "beta")
    parameters = GarchParameters(
        **{part: np.concatenate([getattr(fit.parameters, part) for fit in fits]) for part in parts}
    )
    return GarchFits(
        names=seen.names,
        spec=spec,
        parameters=parameters,
        tails=np.array([fit.tail for fit in fits]),
        skews=np.array([fit.skew for fit in fits]),
        log_likelihoods=np.array([fit.log_likelihood for fit in fits]),
        path=parameters.filter(seen.returns, start=spec.start),
        failures=tuple(fit for fit in found if isinstance(fit, Failure)),
    )


def _stand_in(returns: FloatArray) -> GarchFit:
    decay = _STAND_IN_DECAY
    return GarchFit(
        parameters=GarchParameters(
            mean=np.zeros(1),
            omega=np.zeros(1),
            alpha=np.array([1.0 - decay]),
            gamma=np.zeros(1),
            beta=np.array([decay]),
        ),
        tail=np.inf,
        skew=0.0,
        log_likelihood=0.0,
        days=returns.size,
    )
