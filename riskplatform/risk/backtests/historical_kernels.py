"""Historical, age-weighted, volatility-scaled and EWMA-filtered VaR and ES, day by day, compiled.

Every loop takes, for day t, nothing but the ``window`` moves before t; the move of t itself is
read for its PIT only, after VaR and ES are made.
"""

from __future__ import annotations

import numpy as np

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.tail_kernels import ewma_variances, fill_weighted, recentre


@compiled
def roll_weighted(
    pnl: FloatArray, first: int, window: int, decay: float, tail: float, out: FloatArray
) -> None:
    """The moves as they were; the newest has weight 1, each older one ``decay`` times the next."""
    weights = np.empty(window)
    weights[window - 1] = 1.0
    for k in range(window - 2, -1, -1):
        weights[k] = weights[k + 1] * decay
    weights /= weights.sum()
    for t in range(first, pnl.size):
        fill_weighted(pnl[t - window : t], weights, tail, pnl[t], out[t - first])


@compiled
def roll_scaled(
    pnl: FloatArray, first: int, window: int, decay: float, warm_up: int, tail: float,
    recentred: bool, out: FloatArray,
) -> None:  # fmt: skip
    """Each move at today's EWMA volatility over that of its own day (Hull and White, 1998).

    ``recentred``: the standardised moves are first brought to mean 0 and variance 1, which is
    filtered historical simulation over one day.
    """
    size = window - warm_up
    weights, scaled = np.full(size, 1.0 / size), np.empty(size)
    variances = np.empty(window + 1)
    for t in range(first, pnl.size):
        moves = pnl[t - window : t]
        ewma_variances(moves, decay, warm_up, variances)
        now = np.sqrt(variances[window])
        for k in range(size):
            then = np.sqrt(variances[warm_up + k])
            move = moves[warm_up + k]
            # What had not moved before keeps its move: there is nothing to scale it by.
            scaled[k] = move / then if then > 0.0 else (move / now if now > 0.0 else 0.0)
        if recentred:
            recentre(scaled)
        for k in range(size):
            scaled[k] *= now
        fill_weighted(scaled, weights, tail, pnl[t], out[t - first])
