"""Sizes of single positions by rule: a fixed share at risk, or the same swing for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray


def fixed_fraction(capital: float, risk_share: float, entry: float, stop: float) -> float:
    """Units such that being stopped out loses ``risk_share`` of the capital; negative for shorts.

    A stop above the entry is that of a short position.
    """
    if not capital > 0.0 or not 0.0 < risk_share <= 1.0:
        raise UserInputError(f"A share of {risk_share:g} of {capital:g} cannot be put at risk.")
    if not entry > 0.0 or not np.isfinite(stop) or stop == entry:
        raise UserInputError(
            f"An entry at {entry:g} with a stop at {stop:g} loses nothing, or is no price.",
            hint="Give a stop away from the entry.",
        )
    return float(capital * risk_share / (entry - stop))


def same_volatility(
    capital: float, target: float, prices: ArrayLike, volatilities: ArrayLike
) -> FloatArray:
    """Units of each position such that each alone has a volatility of ``target`` of the capital.

    ``volatilities`` are relative and over the same time as the target.
    """
    price, own = np.asarray(prices, dtype=float), np.asarray(volatilities, dtype=float)
    if not capital > 0.0 or not target > 0.0 or (price <= 0.0).any() or (own <= 0.0).any():
        raise UserInputError("Capital, target, prices and volatilities are all above 0.")
    return np.asarray(capital * target / (price * own))


def average_true_range(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, days: int = 14
) -> FloatArray:
    """Wilder's average of each day's range, gaps from the day before included.

    The first value is the plain mean of the first ``days`` ranges; those before are not numbers.
    """
    up, down, last = (np.asarray(each, dtype=float) for each in (high, low, close))
    if not up.shape == down.shape == last.shape or up.ndim != 1:
        raise UserInputError("Highs, lows and closes are three series of one length.")
    if days < 1 or up.size <= days:
        raise UserInputError(f"{up.size} days are too few for an average of {days}.")
    if (up < down).any():
        raise UserInputError("A day's high is below its low.")
    before = last[:-1]
    ranges = np.maximum(up[1:], before) - np.minimum(down[1:], before)
    out = np.full(up.size, np.nan)
    out[days] = ranges[:days].mean()
    for day in range(days + 1, up.size):
        out[day] = (out[day - 1] * (days - 1) + ranges[day - 1]) / days
    return out


def by_true_range(capital: float, risk_share: float, true_range: float, multiple: float) -> float:
    """Units such that a fall of ``multiple`` true ranges loses ``risk_share`` of the capital."""
    if not true_range > 0.0 or not multiple > 0.0:
        raise UserInputError("The true range and its multiple are above 0.")
    return fixed_fraction(capital, risk_share, 1.0, 1.0 - true_range * multiple)
