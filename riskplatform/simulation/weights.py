"""Weights of scenarios: what a scenario counts, all together 1."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray

# Summing weights that were written with nine digits may miss 1 by this.
SUM_TOLERANCE = 1e-9


def equal_weights(count: int) -> FloatArray:
    """One over ``count``, ``count`` times."""
    if count < 1:
        raise UserInputError("A scenario set needs at least one scenario.")
    return np.full(count, 1.0 / count)


def normalised(raw: FloatArray) -> FloatArray:
    """Weights in proportion to ``raw`` that sum to 1."""
    _check_sign(raw)
    total = math.fsum(raw)
    if total <= 0.0:
        raise UserInputError("The weights are all zero; at least one scenario must count.")
    return np.asarray(raw / total, dtype=np.float64)


def checked_weights(weights: ArrayLike, count: int) -> FloatArray:
    """The weights as an array, or a refusal that says what is wrong with them."""
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (count,):
        raise UserInputError(f"{count} scenarios need {count} weights; found {array.shape}.")
    _check_sign(array)
    total = math.fsum(array)
    if abs(total - 1.0) > SUM_TOLERANCE:
        raise UserInputError(
            f"The weights sum to {total:.12g}, not 1.",
            hint="Divide them by their sum, or call normalised() from simulation.weights.",
        )
    return array


def effective_sample_size(weights: FloatArray) -> float:
    """How many equally weighted scenarios would be as precise (Kish): 1 / sum of squares."""
    return float(1.0 / np.sum(np.square(weights)))


def _check_sign(weights: FloatArray) -> None:
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0.0)))
    if bad.size:
        raise UserInputError(
            f"{bad.size} weights are negative or not finite, the first at scenario {bad[0] + 1}: "
            f"{weights[bad[0]]}."
        )
