"""VaR and ES of distributions with a formula: normal and Student t. Losses are positive."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_confidence
from riskplatform.risk.quantiles import Tail


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
