"""The one-factor model of default of a large even portfolio (Vasicek, 1987)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_confidence


def worst_default_rate(
    default_probability: ArrayLike, correlation: ArrayLike, confidence: float
) -> FloatArray:
    """The share of names that defaults, passed with probability 1 - confidence."""
    chance = np.asarray(default_probability, dtype=np.float64)
    common = np.asarray(correlation, dtype=np.float64)
    if not ((chance >= 0.0) & (chance <= 1.0)).all():
        raise UserInputError("A default probability lies between 0 and 1.")
    if not ((common >= 0.0) & (common < 1.0)).all():
        raise UserInputError("A default correlation is at least 0 and below 1.")
    z = special.ndtri(checked_confidence(confidence))
    return np.asarray(
        special.ndtr((special.ndtri(chance) + np.sqrt(common) * z) / np.sqrt(1.0 - common))
    )


def credit_var(
    exposure: ArrayLike,
    default_probability: ArrayLike,
    loss_given_default: ArrayLike,
    correlation: ArrayLike,
    confidence: float,
) -> FloatArray:
    """The loss at the worst default rate; the expected loss is in it."""
    rate = worst_default_rate(default_probability, correlation, confidence)
    return np.asarray(np.asarray(exposure) * np.asarray(loss_given_default) * rate)
