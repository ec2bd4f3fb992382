"""Betas of names to factors by robust regression, with standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError
from riskplatform.factors.designs import Panel, build_panel
from riskplatform.factors.huber import TUNING, HuberFits, fit_huber

MODEL_ID = "factor-betas-huber"
LEAST_DAYS = 60


@dataclass(frozen=True)
class FactorBetas:
    """Sensitivities of names' returns to factors' returns: a beta of 1 moves one for one.

    ``estimates``: one row per name and factor with beta, standard_error and t_stat.
    ``diagnostics``: one row per name; ``r_squared`` is that of the weighted days,
    ``residual_volatility_per_day`` counts all days, ``robust_scale_per_day`` is that of a usual
    day, ``downweighted_days`` are those beyond the tuning distance.
    ``dropped``: factors that could not be estimated for a name, and why.
    """

    estimates: pd.DataFrame
    diagnostics: pd.DataFrame
    dropped: pd.DataFrame
    provenance: Provenance
    first_day: date
    last_day: date
    days: int
    method: str

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    @property
    def failures(self) -> tuple[Failure, ...]:
        return self.provenance.coverage.failures

    def to_frame(self) -> pd.DataFrame:
        """Long: instrument_id, factor_id, beta, standard_error, t_stat."""
        return self.estimates.copy()

    def matrix(self) -> pd.DataFrame:
        """Betas [instrument, factor]; a factor that a name is not regressed on has beta 0."""
        wide = self.estimates.pivot(index="instrument_id", columns="factor_id", values="beta")
        factor_ids = list(dict.fromkeys(self.estimates["factor_id"]))
        names = list(self.diagnostics["instrument_id"])
        return wide.reindex(index=names, columns=factor_ids).fillna(0.0)

    def to_dict(self) -> dict[str, Any]:
        return {
            "provenance": self.provenance.to_dict(),
            "method": self.method,
            "window": [self.first_day.isoformat(), self.last_day.isoformat()],
            "days": self.days,
            "estimates": self.estimates.to_dict("records"),
            "diagnostics": self.diagnostics.to_dict("records"),
            "dropped": self.dropped.to_dict("records"),
        }

    def _repr_html_(self) -> str:
        caption = (
            f"<p><b>{len(self.diagnostics):,} names</b>, {self.method}, {self.first_day} to "
            f"{self.last_day}; {self.provenance}</p>"
        )
        table = self.estimates.groupby("factor_id", sort=False)["beta"].describe()
        return caption + str(table.to_html(float_format="{:.3f}".format))


def estimate_betas(
    returns: pd.DataFrame,
    factor_returns: pd.DataFrame,
    factors_of: Mapping[str, Sequence[str]],
    *,
    base_currency: str,
    inputs: Mapping[str, str],
    tuning: float = TUNING,
    least_days: int = LEAST_DAYS,
) -> FactorBetas:
    """Regress each column of ``returns`` on the factors that ``factors_of`` names for it.

    Both frames have one row per day; the days are those of ``returns``. A return that is missing
    or a number that cannot be one takes its day out for that name alone.
    """
    if not len(returns):
        raise MissingDataError("There are no returns to estimate betas from.")
    panel = build_panel(returns, factor_returns, factors_of, least_days=least_days)
    fits = fit_huber(panel.designs, tuning=tuning) if panel.names else None
    failures = list(panel.failures)
    if fits is not None:
        failures += _not_converged(panel, fits)
    failed = {failure.subject for failure in failures}
    first, last = (pd.Timestamp(returns.index[place]).date() for place in (0, -1))
    provenance = Provenance(
        as_of=last,
        base_currency=base_currency,
        model_id=MODEL_ID,
        inputs={**inputs, "tuning": f"{tuning:g}", "least days": str(least_days)},
        coverage=Coverage(returns.shape[1] - len(failures), tuple(failures)),
    )
    estimates, diagnostics = _estimates(panel, fits), _diagnostics(panel, fits)
    return FactorBetas(
        estimates=_only(estimates, failed),
        diagnostics=_only(diagnostics, failed),
        dropped=_only(panel.dropped, failed),
        provenance=provenance,
        first_day=first,
        last_day=last,
        days=len(returns),
        method=f"Huber regression (k={tuning:g}) of daily log returns, H1 standard errors",
    )


def _only(frame: pd.DataFrame, failed: set[str | None]) -> pd.DataFrame:
    return frame[~frame["instrument_id"].isin(list(failed))].reset_index(drop=True)


def _not_converged(panel: Panel, fits: HuberFits) -> list[Failure]:
    return [
        Failure(
            FailureReason.CALCULATION_FAILED, f"the regression of {name} did not converge", name
        )
        for name, converged in zip(panel.names, fits.converged, strict=True)
        if not converged
    ]


def _estimates(panel: Panel, fits: HuberFits | None) -> pd.DataFrame:
    names = ["instrument_id", "factor_id", "beta", "standard_error", "t_stat"]
    if fits is None:
        return pd.DataFrame([], columns=names)
    rows, columns = np.nonzero(panel.designs.kept & (panel.columns >= 0))
    units = panel.units[rows, columns]
    beta = fits.coefficients[rows, columns] / units
    error = fits.standard_errors[rows, columns] / units
    # An exact fit has no error: its t is infinite, and zero where beta is.
    certain = np.where(beta == 0.0, 0.0, np.copysign(np.inf, beta))
    frame = pd.DataFrame(
        {
            "instrument_id": np.array(panel.names)[rows],
            "factor_id": np.array(panel.factor_ids)[panel.columns[rows, columns]],
            "beta": beta,
            "standard_error": error,
            "t_stat": np.divide(beta, error, out=certain, where=error > 0),
        }
    )
    return frame[names]


def _diagnostics(panel: Panel, fits: HuberFits | None) -> pd.DataFrame:
    designs = panel.designs
    nothing = np.zeros(len(panel.names))
    return pd.DataFrame(
        {
            "instrument_id": np.array(panel.names, dtype=object),
            "observations": designs.used.sum(axis=1),
            "factors": designs.kept[:, 1:].sum(axis=1),
            "intercept_per_day": fits.coefficients[:, 0] if fits else nothing,
            "intercept_standard_error": fits.standard_errors[:, 0] if fits else nothing,
            "r_squared": fits.r_squared if fits else nothing,
            "residual_volatility_per_day": fits.residual_deviation if fits else nothing,
            "robust_scale_per_day": fits.robust_scale if fits else nothing,
            "downweighted_days": fits.downweighted_days if fits else nothing,
        }
    )
