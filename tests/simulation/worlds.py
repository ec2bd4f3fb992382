"""Small worlds with known truth, from which the tests of this folder draw their inputs."""

from __future__ import annotations

from datetime import date

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.simulation import FactorAxis, FactorHistory, factor_axis, factor_history

AS_OF = date(2024, 1, 2)
COVARIANCE = 1e-4 * np.array([[1.0, 0.6, -0.3], [0.6, 2.25, 0.2], [-0.3, 0.2, 0.25]])


def axis_of(size: int, kinds: str | list[str] = "log") -> FactorAxis:
    return factor_axis([f"F.{number}" for number in range(size)], AS_OF, kinds)


def history_of(moves: FloatArray, start: float = 100.0) -> FactorHistory:
    """A history of log factors whose daily moves are ``moves``."""
    levels = start * np.exp(np.vstack([np.zeros(moves.shape[1]), moves.cumsum(axis=0)]))
    days = np.datetime64("2015-01-01") + np.arange(len(levels))
    return factor_history(levels, days, axis_of(moves.shape[1]).factor_ids)


def t_moves(days: int, nu: float, correlation: FloatArray, seed: int) -> FloatArray:
    """Student-t moves of 1% a day, all with one scale a day."""
    rng = np.random.default_rng(seed)
    normals = rng.standard_normal((days, len(correlation))) @ np.linalg.cholesky(correlation).T
    scale = np.sqrt((nu - 2.0) / rng.chisquare(nu, (days, 1)))
    return np.asarray(0.01 * normals * scale)


def equicorrelation(size: int, value: float) -> FloatArray:
    return np.full((size, size), value) + (1.0 - value) * np.eye(size)


def garch_moves(
    days: int, row: tuple[float, float, float, float, float], seed: int, width: int = 1
) -> FloatArray:
    """Moves of a GJR-GARCH written out as a loop, started at its long-run variance."""
    omega, alpha, gamma, beta, nu = row
    rng = np.random.default_rng(seed)
    units = rng.standard_normal((days, width))
    if np.isfinite(nu):
        units = rng.standard_t(nu, (days, width)) * np.sqrt((nu - 2.0) / nu)
    variance = np.full(width, omega / (1.0 - alpha - 0.5 * gamma - beta))
    moves = np.empty((days, width))
    for day in range(days):
        moves[day] = np.sqrt(variance) * units[day]
        news = (alpha + gamma * (moves[day] < 0.0)) * moves[day] ** 2
        variance = omega + news + beta * variance
    return moves
