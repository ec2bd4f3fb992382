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
from riskplatform.risk.checks import checked_horizon
from riskplatform.risk.closed_forms import normal_tail, student_scale, student_tail
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.intervals import LEVEL, Interval

Covariance = CovarianceResult | Dense | LowRank | ArrayLike


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
