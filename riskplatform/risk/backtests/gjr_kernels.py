"""GJR-GARCH(1,1) fitted and filtered for filtered historical simulation, compiled.

``factors.garch`` estimates by ``arch``, thirty milliseconds a fit and a package that is optional; a
rolling backtest refits hundreds of times. Here the long-run variance is the sample's (variance
targeting), the other three parameters are those of the largest normal likelihood, and a fit takes
about two milliseconds.
"""

from __future__ import annotations

import math

import numpy as np

from riskplatform.factors.compiled import compiled
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.tail_kernels import fill_weighted, recentre

_LARGEST_PERSISTENCE = 0.9995


@compiled
def parameters_at(point: FloatArray) -> tuple[float, float, float]:
    """alpha, gamma, beta from three numbers of any size: persistence, the share of news in it,
    and how much of the news is bad news only."""
    one = _LARGEST_PERSISTENCE / (1.0 + math.exp(-min(max(point[0], -30.0), 30.0)))
    news = one / (1.0 + math.exp(-min(max(point[1], -30.0), 30.0)))
    bad = 1.0 / (1.0 + math.exp(-min(max(point[2], -30.0), 30.0)))
    return (1.0 - bad) * news, 2.0 * bad * news, one - news


@compiled
def gjr_loss(moves: FloatArray, target: float, point: FloatArray) -> float:
    """Minus twice the normal log-likelihood, without constants."""
    alpha, gamma, beta = parameters_at(point)
    omega = target * (1.0 - alpha - 0.5 * gamma - beta)
    variance, total, product = target, 0.0, 1.0
    for k in range(moves.size):
        square = moves[k] * moves[k]
        total += square / variance
        # One logarithm for many days.
        product *= variance / target
        if product > 1e150 or product < 1e-150:
            total += math.log(product)
            product = 1.0
        news = alpha + gamma if moves[k] < 0.0 else alpha
        variance = omega + news * square + beta * variance
    return total + math.log(product)


@compiled
def _order(corners: FloatArray, losses: FloatArray) -> None:
    for i in range(1, losses.size):
        for j in range(i, 0, -1):
            if losses[j] < losses[j - 1]:
                losses[j], losses[j - 1] = losses[j - 1], losses[j]
                for k in range(corners.shape[1]):
                    swap = corners[j, k]
                    corners[j, k] = corners[j - 1, k]
                    corners[j - 1, k] = swap


@compiled
def fit_gjr(moves: FloatArray) -> tuple[float, float, float, float]:
    """omega, alpha, gamma, beta by Nelder and Mead, always from the same start."""
    target = float(np.mean(moves * moves))
    if not target > 0.0:
        return 0.0, 0.0, 0.0, 0.0
    size = 3
    corners, losses = np.empty((size + 1, size)), np.empty(size + 1)
    for i in range(size + 1):
        corners[i] = np.array([3.5, -2.5, 0.0])
        if i:
            corners[i, i - 1] += 1.0
        losses[i] = gjr_loss(moves, target, corners[i])
    for _ in range(300):
        _order(corners, losses)
        if losses[size] - losses[0] < 1e-6:
            break
        centre = (corners[0] + corners[1] + corners[2]) / size
        tried = 2.0 * centre - corners[size]
        loss = gjr_loss(moves, target, tried)
        if loss < losses[0]:
            further = 3.0 * centre - 2.0 * corners[size]
            loss_further = gjr_loss(moves, target, further)
            if loss_further < loss:
                tried, loss = further, loss_further
        elif loss >= losses[size - 1]:
            outside = loss < losses[size]
            towards = tried if outside else corners[size].copy()
            bar = loss if outside else losses[size]
            tried = 0.5 * (centre + towards)
            loss = gjr_loss(moves, target, tried)
            if loss >= bar:
                for i in range(1, size + 1):
                    corners[i] = 0.5 * (corners[i] + corners[0])
                    losses[i] = gjr_loss(moves, target, corners[i])
                continue
        corners[size], losses[size] = tried, loss
    _order(corners, losses)
    alpha, gamma, beta = parameters_at(corners[0])
    return target * (1.0 - alpha - 0.5 * gamma - beta), alpha, gamma, beta


@compiled
def roll_gjr(
    pnl: FloatArray, first: int, window: int, fit_days: int, refit_every: int, tail: float,
    out: FloatArray,
) -> None:  # fmt: skip
    """Residuals of the window, recentred, at tomorrow's volatility.

    Parameters are fitted on days that are multiples of ``refit_every`` since the first of the
    history, on up to ``fit_days`` moves before; the filter runs through the window each day.
    """
    weights, scaled = np.full(window, 1.0 / window), np.empty(window)
    fitted = -1
    mean, omega, alpha, gamma, beta = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(first, pnl.size):
        # The first days of a history may lie before the first multiple that has a window.
        when = max(t // refit_every * refit_every, window)
        if when != fitted:
            sample = pnl[max(0, when - fit_days) : when]
            mean = sample.mean()
            omega, alpha, gamma, beta = fit_gjr(sample - mean)
            fitted = when
        variance = 0.0
        for k in range(t - window, t):
            variance += (pnl[k] - mean) ** 2 / window
        for k in range(window):
            shock = pnl[t - window + k] - mean
            scaled[k] = shock / math.sqrt(variance) if variance > 0.0 else 0.0
            news = alpha + gamma if shock < 0.0 else alpha
            variance = omega + news * shock * shock + beta * variance
        recentre(scaled)
        now = math.sqrt(variance)
        for k in range(window):
            scaled[k] = mean + now * scaled[k]
        fill_weighted(scaled, weights, tail, pnl[t], out[t - first])
