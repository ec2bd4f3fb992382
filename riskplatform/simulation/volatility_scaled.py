"""Historical scenarios brought to today's volatility (Hull and White, 1998).

Each move is multiplied by today's volatility over the one that was forecast for the day on which
it happened. The forecast for a day uses moves before that day only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.simulation.historical import FromHistory, history_set
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.recipe import need, registered
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.weights import equal_weights
from riskplatform.simulation.windows import Windows, windows


@registered
@dataclass(frozen=True, eq=False, kw_only=True)
class VolatilityScaled(FromHistory):
    """Volatility by exponential weights ``decay``, started on the first ``warm_up_days``."""

    maker: ClassVar[str] = "volatility_scaled"
    decay: float = 0.94
    warm_up_days: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        need(0.0 < self.decay < 1.0, f"The decay is {self.decay}; it is between 0 and 1.")
        need(self.warm_up_days >= 2, f"The warm-up is {self.warm_up_days} days; at least 2.")


def ewma_volatility(moves: FloatArray, decay: float, warm_up_days: int) -> FloatArray:
    """Row t is the forecast for move t; one row more than ``moves``: the last is for tomorrow.

    The first ``warm_up_days`` rows all hold the start, the root mean square of those days.
    """
    variance = np.empty((moves.shape[0] + 1, moves.shape[1]))
    squares = np.square(moves)
    variance[: warm_up_days + 1] = squares[:warm_up_days].mean(axis=0)
    for day in range(warm_up_days, moves.shape[0]):
        variance[day + 1] = decay * variance[day] + (1.0 - decay) * squares[day]
    return np.sqrt(variance)


def volatility_scaled_set(
    history: FactorHistory,
    recipe: VolatilityScaled | None = None,
    *,
    volatility: ArrayLike | None = None,
) -> ScenarioSet:
    """Scaled moves; ``volatility`` [daily move + 1, factor] replaces the exponential weights.

    Its row t is the forecast for the t-th daily move of the whole history, its last row the one
    for tomorrow.
    """
    recipe = recipe or VolatilityScaled()
    whole = FromHistory.applied_to(_without_window(recipe), history)
    daily = windows(whole, least=recipe.warm_up_days + 1)
    if volatility is None:
        forecast = ewma_volatility(daily.moves, recipe.decay, recipe.warm_up_days)
        warm, inputs = recipe.warm_up_days, {}
    else:
        forecast = _checked(volatility, daily)
        warm, inputs = 0, {"volatility": content_hash(forecast)}
    found = windows(whole, recipe.horizon_days)
    kept, rows = _scaled_rows(found, daily, warm, recipe.window_days)
    then, now = forecast[rows], forecast[-1]
    # A factor that had not moved before has no volatility to be scaled by: it keeps its move.
    ratio = np.divide(now, then, out=np.ones_like(then), where=then > 0.0)
    notes = found.notes + _notes(whole, warm, then)
    first, last = found.first[kept], found.last[kept]
    scaled = Windows(found.moves[kept] * ratio, first, last, recipe.horizon_days, notes)
    return history_set(whole, recipe, scaled, equal_weights(len(scaled)), inputs)


def _without_window(recipe: VolatilityScaled) -> FromHistory:
    """The window is cut after the volatility has been followed through the whole history."""
    return FromHistory(horizon_days=recipe.horizon_days, kinds=recipe.kinds)


def _scaled_rows(
    found: Windows, daily: Windows, warm: int, window_days: int | None
) -> tuple[slice, NDArray[np.intp]]:
    """The windows that are used, and for each the daily move that it opens with."""
    opening = np.searchsorted(daily.first, found.first)
    first = int(np.searchsorted(opening, warm))
    if window_days is not None:
        first = max(first, len(found) - window_days)
    if first >= len(found):
        raise DataError(
            f"No window is left after a warm-up of {warm} days; the history has {len(found)}.",
            hint="Give a longer history or a shorter warm-up.",
        )
    return slice(first, None), opening[first:]


def _checked(volatility: ArrayLike, daily: Windows) -> FloatArray:
    forecast = np.array(volatility, dtype=np.float64)
    wanted = (len(daily) + 1, daily.moves.shape[1])
    if forecast.shape != wanted:
        raise DataError(
            f"The volatility has shape {forecast.shape}; {wanted} is needed: a forecast for each "
            "daily move, and one for tomorrow."
        )
    if not (np.isfinite(forecast).all() and (forecast > 0.0).all()):
        raise DataError("The volatility must be finite and above zero on every day.")
    return forecast


def _notes(history: FactorHistory, warm: int, then: FloatArray) -> tuple[str, ...]:
    notes = [f"The first {warm} daily moves started the volatility and are no scenarios."]
    still = np.flatnonzero((then <= 0.0).any(axis=0))
    if still.size:
        named = ", ".join(history.axis.factor_ids[column] for column in still[:10])
        notes.append(f"Moves of {named} that no earlier move could scale are as they were.")
    return tuple(notes[0 if warm else 1 :])
