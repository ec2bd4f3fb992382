"""Quantiles of weighted losses, for the tests: the risk room has the ones that people see."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray


def value_at_risk(losses: FloatArray, weights: FloatArray, confidence: float) -> float:
    """The loss at the middle of whose weight the confidence is reached, interpolated."""
    order = np.argsort(losses)
    position = np.cumsum(weights[order]) - 0.5 * weights[order]
    return float(np.interp(confidence, position, losses[order]))


def standard_error(losses: FloatArray, density: float, weights: FloatArray, var: float) -> float:
    """Of a weighted quantile: that of the probability beyond it, over the density there."""
    beyond = (losses > var).astype(np.float64)
    share = float(weights @ beyond)
    return float(np.sqrt(np.sum((weights * (beyond - share)) ** 2)) / density)
