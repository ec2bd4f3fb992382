"""Scores of forecasts: smaller is better, and the true model has the smallest on average.

The quantile score (tick loss) judges the VaR; the Fissler-Ziegel score judges VaR and ES together,
in the version of Patton, Ziegel and Chen (2019), which is free of scale: when everything is
doubled all scores move by the same constant.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.inputs import tail_of, vectors


def quantile_scores(pnl: ArrayLike, value_at_risk: ArrayLike, confidence: float) -> FloatArray:
    """The score of each day, in money."""
    gain, limit = vectors(pnl=pnl, value_at_risk=value_at_risk)
    beyond = gain + limit
    return np.asarray((tail_of(confidence) - (beyond < 0.0)) * beyond)


def fissler_ziegel_scores(
    pnl: ArrayLike, value_at_risk: ArrayLike, expected_shortfall: ArrayLike, confidence: float
) -> FloatArray:
    """The score of each day, without unit; every ES must be a loss, above 0."""
    gain, limit, mean = vectors(
        pnl=pnl, value_at_risk=value_at_risk, expected_shortfall=expected_shortfall
    )
    if (mean <= 0.0).any():
        raise UserInputError(
            f"The Fissler-Ziegel score needs an ES above 0 on every day; it is not on "
            f"{int((mean <= 0.0).sum()):,} of {mean.size:,} days.",
            hint="Compare by the quantile score, or leave those days out for every model.",
        )
    excess = np.maximum(-gain - limit, 0.0)
    return np.asarray(excess / (tail_of(confidence) * mean) + limit / mean + np.log(mean) - 1.0)
