"""What a measure is given, checked once: confidence, horizon, P&L and weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.simulation.weights import checked_weights

_MOST_NAMED = 5


def checked_confidence(confidence: float) -> float:
    """A share strictly between 0 and 1; a percentage is refused with the share that was meant."""
    value = float(confidence)
    if 0.0 < value < 1.0:
        return value
    hint = "Give a share between 0 and 1, such as 0.99."
    if 1.0 < value < 100.0:
        hint = f"A share is meant, not a percentage: {value / 100.0:.12g}."
    raise UserInputError(f"The confidence is {value:.12g}; it lies between 0 and 1.", hint=hint)


def checked_horizon(horizon_days: float) -> float:
    """A number of days above zero."""
    value = float(horizon_days)
    if not (math.isfinite(value) and value > 0.0):
        raise UserInputError(f"The horizon is {value:g} days; it is a number above 0.")
    return value


def checked_pnl(
    pnl: ArrayLike, labels: Sequence[str] | None = None, *, what: str = "P&L"
) -> FloatArray:
    """P&L [..., scenario] in float64, at least one scenario, every one a number."""
    values = np.asarray(pnl, dtype=np.float64)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise UserInputError(
            f"There is no {what} to measure: the set of scenarios is empty.",
            hint="Give at least one number per node.",
        )
    # The sum of finite numbers is finite unless it overflows: one pass without an array of flags.
    if not math.isfinite(float(values.sum())) and not np.isfinite(values).all():
        raise DataError(not_numbers(values, labels, what))
    return values


def not_numbers(values: FloatArray, labels: Sequence[str] | None, what: str = "P&L") -> str:
    """Which scenarios of which nodes hold no number."""
    bad = np.argwhere(~np.isfinite(values))
    scenarios = sorted({int(place[-1]) for place in bad})
    named = [labels[i] if labels is not None else f"scenario {i + 1}" for i in scenarios]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    where = f"{', '.join(named[:_MOST_NAMED])}{more}"
    if values.ndim > 1:
        rows = sorted({int(place[0]) for place in bad})
        where += f" (row {', '.join(str(row + 1) for row in rows[:_MOST_NAMED])})"
    return f"The {what} is no number in {len(bad)} of {values.size:,} places: {where}."


def checked_shares(weights: ArrayLike | None, count: int) -> FloatArray | None:
    """Weights that sum to 1, or None where all scenarios count the same."""
    if weights is None:
        return None
    shares = checked_weights(weights, count)
    return None if np.ptp(shares) == 0.0 else shares


def effective_count(weights: FloatArray | None, count: int) -> float:
    """How many equally weighted scenarios would be as precise (Kish)."""
    return float(count) if weights is None else float(1.0 / np.sum(np.square(weights)))


def shares_or_equal(weights: FloatArray | None, count: int) -> FloatArray:
    """The weights, or one over the count for each."""
    return np.full(count, 1.0 / count) if weights is None else weights
