"""VaR and ES from a distribution with a formula: normal and Student t, and their parts.

Exposures are gains per unit move of a factor, Q E; with their covariance Σ the variance of the
P&L is ``x' Σ x``. Losses are positive.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import CovarianceMatrix, Dense, LowRank
from riskplatform.factors.covariance.result import CovarianceResult
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_confidence, checked_horizon
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.intervals import LEVEL, Interval
from riskplatform.risk.quantiles import Tail

Covariance = CovarianceResult | Dense | LowRank | ArrayLike


def normal_tail(volatility: ArrayLike, confidence: float, mean: ArrayLike = 0.0) -> Tail:
    """VaR and ES of a normal P&L."""
    tail = 1.0 - checked_confidence(confidence)
    z = float(special.ndtri(confidence))
    beyond = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / tail
    deviation, centre = np.asarray(volatility, dtype=np.float64), np.asarray(mean)
    return Tail(np.asarray(z * deviation - centre), np.asarray(beyond * deviation - centre))


def student_tail(
    scale: ArrayLike, degrees: ArrayLike, confidence: float, location: ArrayLike = 0.0
) -> Tail:
    """VaR and ES of a t P&L of this scale, not volatility; ES needs more than one degree."""
    tail = 1.0 - checked_confidence(confidence)
    nu, centre = np.asarray(degrees, dtype=np.float64), np.asarray(location)
    if not (nu > 1.0).all():
        raise UserInputError(
            f"A t has an ES with more than 1 degree of freedom; found {nu.min():g}."
        )
    z = special.stdtrit(nu, confidence)
    beyond = _student_density(z, nu) / tail * (nu + z * z) / (nu - 1.0)
    width = np.asarray(scale, dtype=np.float64)
    return Tail(np.asarray(z * width - centre), np.asarray(beyond * width - centre))


def _student_density(z: FloatArray, nu: FloatArray) -> FloatArray:
    """As scipy.stats has it, which takes most of a second to import."""
    logs = special.gammaln(0.5 * (nu + 1.0)) - special.gammaln(0.5 * nu)
    shape = np.exp(-0.5 * (nu + 1.0) * np.log1p(z * z / nu))
    return np.asarray(np.exp(logs) / np.sqrt(nu * math.pi) * shape)


def student_scale(volatility: ArrayLike, degrees: ArrayLike) -> FloatArray:
    """The scale with which a t has this volatility; needs more than two degrees of freedom."""
    nu = np.asarray(degrees, dtype=np.float64)
    if not (nu > 2.0).all():
        raise UserInputError(
            f"A t has a volatility with more than 2 degrees of freedom; found {nu.min():g}."
        )
    return np.asarray(np.asarray(volatility) * np.sqrt((nu - 2.0) / nu))


def matrix_of(covariance: Covariance) -> CovarianceMatrix:
    """What a covariance was given as, as something that multiplies."""
    if isinstance(covariance, CovarianceResult):
        return covariance.matrix
    if isinstance(covariance, Dense | LowRank):
        return covariance
    return Dense(np.asarray(covariance, dtype=np.float64))


def exposure_volatility(exposures: ArrayLike, covariance: Covariance) -> FloatArray:
    """Volatility of each row of exposures [node, factor], or of one vector."""
    matrix, rows = matrix_of(covariance), _fitting(exposures, covariance)
    return np.sqrt(np.maximum(matrix.quadratic(rows.T), 0.0))


class VolatilityParts(NamedTuple):
    """Of a normal P&L, one number per factor: all of ``component`` add up to the VaR.

    ``beta`` is that of the factor's move against the P&L per unit of gross exposure sum; marginal
    is the VaR that one more unit of exposure adds.
    """

    volatility: float
    var: float
    es: float
    individual: FloatArray
    undiversified: float
    beta: FloatArray
    marginal: FloatArray
    component: FloatArray
    share: FloatArray

    def to_frame(self, names: tuple[str, ...]) -> pd.DataFrame:
        columns = ("individual", "beta", "marginal", "component", "share")
        return pd.DataFrame({"factor_id": names, **{name: getattr(self, name) for name in columns}})


def normal_parts(
    exposures: ArrayLike, covariance: Covariance, confidence: float
) -> VolatilityParts:
    """The VaR of a normal P&L taken apart by factor (Euler)."""
    held, matrix = _fitting(exposures, covariance), matrix_of(covariance)
    moved = matrix.multiply(held)
    variance = float(held @ moved)
    deviation = math.sqrt(max(variance, 0.0))
    found = normal_tail(deviation, confidence)
    per = 1.0 / deviation if deviation > 0.0 else 0.0
    z = float(special.ndtri(confidence))
    marginal = z * moved * per
    individual = np.abs(held) * z * np.sqrt(np.maximum(matrix.variances(), 0.0))
    component = held * marginal
    return VolatilityParts(
        volatility=deviation,
        var=float(found.var),
        es=float(found.es),
        individual=individual,
        undiversified=float(individual.sum()),
        beta=moved * held.sum() * per * per,
        marginal=marginal,
        component=component,
        share=component / float(found.var) if deviation > 0.0 else np.zeros_like(component),
    )


def parametric_figures(
    exposures: ArrayLike,
    covariance: Covariance,
    confidence: float,
    *,
    horizon_days: float = 1.0,
    degrees: float | None = None,
    level: float = LEVEL,
) -> RiskFigures:
    """Figures of one vector of exposures under a daily covariance; t where ``degrees`` are given.

    The interval is that of the volatility, from the observations behind the covariance.
    """
    deviation = float(exposure_volatility(exposures, covariance))
    if degrees is None:
        method, found = "normal", normal_tail(deviation, confidence)
    else:
        method = "student_t"
        found = student_tail(student_scale(deviation, degrees), degrees, confidence)
    days = covariance.observations if isinstance(covariance, CovarianceResult) else 0
    seen = covariance.effective_observations if isinstance(covariance, CovarianceResult) else 0.0
    var, es = float(found.var), float(found.es)
    intervals = [volatility_interval(each, seen, level) for each in (var, es)] if seen > 1 else []
    figures = RiskFigures(
        method=method,
        rule="closed form of Q E and the covariance",
        confidence=confidence,
        horizon_days=1.0,
        var=var,
        es=es,
        volatility=deviation,
        mean=0.0,
        scenarios=days,
        effective_sample_size=seen,
        var_interval=intervals[0] if intervals else None,
        es_interval=intervals[1] if intervals else None,
        notes=() if intervals else ("A given covariance says nothing of its sampling error.",),
        details={} if degrees is None else {"degrees": degrees},
    )
    return figures.scaled_to(checked_horizon(horizon_days))


def volatility_interval(figure: float, observations: float, level: float) -> Interval:
    """Of what is proportional to a volatility that was estimated about a mean of zero."""
    miss = 0.5 * (1.0 - level)
    low, high = (
        figure * math.sqrt(observations / special.chdtri(observations, 1.0 - chance))
        for chance in (1.0 - miss, miss)
    )
    return Interval(float(low), float(high), level, "chi-square of the variance, normal moves")


def _fitting(exposures: ArrayLike, covariance: Covariance) -> FloatArray:
    rows = np.asarray(exposures, dtype=np.float64)
    size = matrix_of(covariance).size
    if rows.ndim not in (1, 2) or rows.shape[-1] != size:
        raise UserInputError(
            f"Exposures of shape {rows.shape} do not fit a covariance of {size} factors."
        )
    if not np.isfinite(rows).all():
        raise UserInputError("An exposure is no number.")
    return rows
