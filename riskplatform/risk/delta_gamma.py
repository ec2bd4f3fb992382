"""VaR and ES of a P&L that is quadratic in normal moves: ``θ + δ'x + x'Γx/2``.

Three ways from the same moments: ``exact`` inverts the distribution, ``cornish_fisher`` expands
around the normal and reports where that is not valid, ``normal`` keeps mean and variance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, UnknownNameError
from riskplatform.factors.covariance.result import CovarianceResult
from riskplatform.risk.checks import checked_confidence, checked_horizon
from riskplatform.risk.closed_forms import normal_tail
from riskplatform.risk.cornish_fisher import (
    cornish_fisher_mean_beyond,
    cornish_fisher_quantile,
    validity,
)
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.intervals import LEVEL, Interval
from riskplatform.risk.parametric import Covariance, matrix_of, volatility_interval
from riskplatform.risk.quadratic_form import QuadraticForm

WAYS = ("exact", "cornish_fisher", "normal")


def delta_gamma_form(
    delta: ArrayLike,
    gamma: ArrayLike | None,
    covariance: Covariance,
    *,
    horizon_days: float = 1.0,
    theta: float = 0.0,
) -> QuadraticForm:
    """The P&L over a horizon; ``gamma`` is a matrix or its diagonal, ``theta`` per day.

    The covariance is daily and grows with the horizon: gamma is then not scaled by a root of time
    but meets the larger moves.
    """
    days = checked_horizon(horizon_days)
    sigma = matrix_of(covariance).dense() * days
    return QuadraticForm.of(sigma, delta, gamma, theta * days)


def delta_gamma_figures(
    delta: ArrayLike,
    gamma: ArrayLike | None,
    covariance: Covariance,
    confidence: float,
    *,
    horizon_days: float = 1.0,
    theta: float = 0.0,
    way: str = "exact",
    level: float = LEVEL,
) -> RiskFigures | Failure:
    """Figures of one book; exposures of ``Q E``, one per factor.

    A failure where the expansion of Cornish and Fisher falls in the tail that is asked for.
    """
    confidence = checked_confidence(confidence)
    if way not in WAYS:
        raise UnknownNameError("way of delta-gamma", way, WAYS)
    form = delta_gamma_form(delta, gamma, covariance, horizon_days=horizon_days, theta=theta)
    moments = form.moments()
    try:
        var, es, notes = _tail(form, confidence, way)
    except DataError as error:
        return Failure(FailureReason.CALCULATION_FAILED, str(error), f"delta_gamma_{way}")
    if es < var:
        message = f"{notes[0]} VaR would be {var:,.6g}, ES {es:,.6g}."
        return Failure(FailureReason.CALCULATION_FAILED, message, f"delta_gamma_{way}")
    known = isinstance(covariance, CovarianceResult) and covariance.effective_observations > 1.0
    seen = covariance.effective_observations if isinstance(covariance, CovarianceResult) else 0.0
    intervals: list[Interval | None] = [None, None]
    if known:
        intervals = list(_intervals(delta, gamma, covariance, confidence, horizon_days, theta,
                                    way, seen, level))  # fmt: skip
    else:
        notes = (*notes, "A given covariance says nothing of its sampling error.")
    return RiskFigures(
        method=f"delta_gamma_{way}",
        rule="quadratic P&L of normal moves",
        confidence=confidence,
        horizon_days=checked_horizon(horizon_days),
        var=var,
        es=es,
        volatility=moments.volatility,
        mean=moments.mean,
        scenarios=covariance.observations if isinstance(covariance, CovarianceResult) else 0,
        effective_sample_size=seen,
        var_interval=intervals[0],
        es_interval=intervals[1],
        notes=notes,
        details={"skew": moments.skew, "excess_kurtosis": moments.excess_kurtosis},
    )


def _tail(form: QuadraticForm, confidence: float, way: str) -> tuple[float, float, tuple[str, ...]]:
    loss = form.negative()
    moments = loss.moments()
    if way == "normal":
        found = normal_tail(moments.volatility, confidence, -moments.mean)
        return float(found.var), float(found.es), ()
    if moments.volatility == 0.0:
        return moments.mean, moments.mean, ()
    if way == "cornish_fisher":
        checked = validity(moments, confidence)
        var = cornish_fisher_quantile(moments, confidence)
        es = cornish_fisher_mean_beyond(moments, confidence)
        return var, es, () if checked.is_valid else (checked.message,)
    var = loss.quantile(confidence)
    es = var + loss.beyond(var).excess / (1.0 - confidence)
    return var, max(es, var), ()


def _intervals(
    delta: ArrayLike,
    gamma: ArrayLike | None,
    covariance: Covariance,
    confidence: float,
    horizon_days: float,
    theta: float,
    way: str,
    seen: float,
    level: float,
) -> tuple[Interval, Interval]:
    """All variances at the ends of their own interval at once: the figures' ends follow."""
    unit = volatility_interval(1.0, seen, level)
    ends = []
    for factor in (unit.low, unit.high):
        sigma = matrix_of(covariance).dense() * factor**2
        form = delta_gamma_form(delta, gamma, sigma, horizon_days=horizon_days, theta=theta)
        ends.append(_tail(form, confidence, way)[:2])
    method = "chi-square of one common scale of all variances, normal moves"
    pairs = (sorted(pair) for pair in zip(*ends, strict=True))
    var, es = (Interval(float(low), float(high), level, method) for low, high in pairs)
    return var, es


def taylor_pnl(moves: ArrayLike, delta: ArrayLike, gamma: ArrayLike | None = None) -> np.ndarray:
    """The quadratic P&L itself in given moves [scenario, factor]."""
    x, slope = np.asarray(moves, dtype=np.float64), np.asarray(delta, dtype=np.float64)
    total = x @ slope
    if gamma is None:
        return np.asarray(total)
    bend = np.asarray(gamma, dtype=np.float64)
    return np.asarray(
        total + 0.5 * ((x @ bend) * x if bend.ndim == 2 else bend * x * x).sum(axis=1)
    )
