"""How much of a move of the skew reaches a strike: none at the money, all of it one step below.

A step is from the forward to 90 % of it, in logarithms; for options on rates it is 100 basis
points. Strikes above the money are moved the other way. Beyond three steps (73 % and 137 % of the
forward, 300 basis points) the skew stays what it is there, so that far strikes keep a volatility.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from riskplatform.market.content import FloatArray

PRICE_STEP = -math.log(0.9)
RATE_STEP = 0.01
MOST_STEPS = 3.0


def price_loading(forward: FloatArray, strike: FloatArray) -> FloatArray:
    """Steps of strikes below their forward; none where one of the two is not positive."""
    with np.errstate(all="ignore"):
        return _held((np.log(forward) - np.log(strike)) / PRICE_STEP)


def rate_loading(forward: FloatArray, strike: FloatArray) -> FloatArray:
    """The same of rates, which may be negative."""
    return _held((forward - strike) / RATE_STEP)


def _held(steps: FloatArray) -> FloatArray:
    return np.asarray(np.where(np.isfinite(steps), np.clip(steps, -MOST_STEPS, MOST_STEPS), 0.0))


def loaded(
    shifts: sparse.csr_matrix, skews: sparse.csr_matrix, loading: FloatArray
) -> sparse.csr_matrix:
    """Weights [option, node] of shifts of volatility with those of skews at some strikes."""
    return sparse.csr_matrix(shifts + sparse.diags_array(loading) @ skews)
