"""Levels before a name's first price, worked backwards from it by returns that stand in for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskplatform.market.content import FloatArray
from riskplatform.simulation.products import product


def prolonged(levels: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """``levels`` [day, name] with missing beginnings filled, where ``returns`` are known.

    ``returns`` are daily log returns on the same days; only those up to the first known level
    count, that day's included. The known levels stay as they are, and a gap between them too.
    """
    filled = levels.copy()
    for name in returns.columns:
        column = levels[name].to_numpy(dtype=np.float64)
        first = first_known(column)
        if first in (None, 0):
            continue
        steps = returns[name].reindex(levels.index).to_numpy(dtype=np.float64)[1 : first + 1]
        # From the first level back; beyond a return that is not known nothing is known.
        back = np.cumsum(steps[::-1])[::-1]
        filled[name] = np.concatenate([column[first] * np.exp(-back), column[first:]])
    return filled


def first_known(column: FloatArray) -> int | None:
    """The place of the first number, if there is one."""
    known = np.flatnonzero(np.isfinite(column))
    return int(known[0]) if known.size else None


def systematic_returns(factors: pd.DataFrame, betas: pd.DataFrame) -> pd.DataFrame:
    """Returns [day, name] from those of factors [day, factor] and betas [name, factor].

    A day without a return of a factor counts as a day on which it did not move; before a factor's
    first return, a name that depends on it has none.
    """
    used = factors[list(betas.columns)].to_numpy(dtype=np.float64)
    known, beta = np.isfinite(used), betas.to_numpy(dtype=np.float64).T
    not_begun = ~np.logical_or.accumulate(known, axis=0)
    lacking = not_begun.astype(np.float64) @ (beta != 0.0)
    moves = product(np.where(known, used, 0.0), beta)
    return pd.DataFrame(
        np.where(lacking > 0.0, np.nan, moves), index=factors.index, columns=betas.index
    )


def on_days(returns: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Daily log returns summed between the days of another calendar.

    The first of ``days`` has no return, nor has one outside the days of ``returns``.
    """
    moved = returns.cumsum().reindex(days, method="ffill").diff()
    inside = (days >= returns.index.min()) & (days <= returns.index.max())
    on_grid: pd.DataFrame = moved.loc[inside].reindex(days)
    return on_grid
