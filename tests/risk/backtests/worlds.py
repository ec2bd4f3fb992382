"""P&L and exceptions whose truth is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd


def independent_days(rng: np.random.Generator, days: int, probability: float) -> np.ndarray:
    return rng.random(days) < probability


def clustered_days(
    rng: np.random.Generator, days: int, probability: float, after: float
) -> np.ndarray:
    """A chain with that share of exceptions, and ``after`` as the chance after an exception."""
    quiet = probability * (1.0 - after) / (1.0 - probability)
    hits = np.zeros(days, dtype=bool)
    state = rng.random() < probability
    for day, uniform in enumerate(rng.random(days)):
        state = uniform < (after if state else quiet)
        hits[day] = state
    return hits


def garch_pnl(seed: int, days: int, tail: float = 6.0) -> np.ndarray:
    """GJR-GARCH with Student t shocks, about 1% a day, as shares behave."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_t(tail, days) * np.sqrt((tail - 2.0) / tail)
    pnl, variance = np.empty(days), 1e-4
    for day in range(days):
        pnl[day] = np.sqrt(variance) * shocks[day]
        news = 0.03 + 0.10 * (pnl[day] < 0.0)
        variance = 2e-6 + news * pnl[day] ** 2 + 0.90 * variance
    return pnl


def trading_days(days: int, start: str = "2000-01-03") -> list[date]:
    return [day.date() for day in pd.bdate_range(start, periods=days)]
