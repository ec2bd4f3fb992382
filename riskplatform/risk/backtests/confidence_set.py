"""Which models could be the best? The model confidence set of Hansen, Lunde and Nason (2011).

As long as the models left differ by more than chance, the worst is taken out. What stays holds the
best model with the stated confidence. The chance is that of a circular block bootstrap, which keeps
runs of days together.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.arrangements import SEED
from riskplatform.risk.backtests.inputs import checked_level

SIMULATIONS = 1_999
LEVEL = 0.10
LEAST_DAYS = 20


@dataclass(frozen=True, slots=True)
class ConfidenceSet:
    """``p_values`` in the order of ``names``: a model is in the set where it is above ``level``.

    ``eliminated``: the names in the order in which they went out, the last one being the best.
    """

    names: tuple[str, ...]
    mean_scores: tuple[float, ...]
    p_values: tuple[float, ...]
    eliminated: tuple[str, ...]
    level: float
    days: int
    method: str
    notes: tuple[str, ...] = ()

    @property
    def included(self) -> tuple[str, ...]:
        pairs = zip(self.names, self.p_values, strict=True)
        return tuple(name for name, p_value in pairs if p_value > self.level)

    def to_dict(self) -> dict[str, Any]:
        return {
            "models": self.to_frame().to_dict("records"),
            "eliminated": list(self.eliminated),
            "level": self.level,
            "days": self.days,
            "method": self.method,
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "model": self.names,
                "mean_score": self.mean_scores,
                "p_value": self.p_values,
                "in_set": [name in self.included for name in self.names],
            }
        )

    def _repr_html_(self) -> str:
        caption = f"Model confidence set at {1 - self.level:.0%}, {self.days:,} days, {self.method}"
        return f"<p>{html.escape(caption)}</p>" + str(self.to_frame().to_html(index=False))


def confidence_set(
    scores: ArrayLike,
    names: Sequence[str],
    *,
    level: float = LEVEL,
    block_days: int | None = None,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> ConfidenceSet:
    """From daily scores [day, model], smaller being better, by the statistic T-max."""
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(names) or not len(names):
        raise UserInputError(f"Scores of shape {table.shape} do not fit {len(names)} names.")
    if not np.isfinite(table).all():
        raise DataError("The scores hold a number that is not finite.")
    days = len(table)
    block = block_days or max(1, math.ceil(days ** (1.0 / 3.0)))
    if days < LEAST_DAYS:
        means = tuple(table.mean(axis=0)) if days else (0.0,) * len(names)
        note = f"{days} days; at least {LEAST_DAYS} are needed. No model is taken out."
        full = (1.0,) * len(names)
        return ConfidenceSet(tuple(names), means, full, (), level, days, "nothing done", (note,))
    deviations = _bootstrap_means(table, block, simulations, np.random.default_rng([seed, 10]))
    order, chances = _eliminate(table.mean(axis=0), deviations)
    p_values = dict(zip(order, np.maximum.accumulate(chances), strict=True))
    return ConfidenceSet(
        names=tuple(names),
        mean_scores=tuple(float(mean) for mean in table.mean(axis=0)),
        p_values=tuple(float(p_values[column]) for column in range(len(names))),
        eliminated=tuple(names[column] for column in order),
        level=checked_level(level),
        days=days,
        method=f"T-max, {simulations:,} resamples in blocks of {block} days, seed {seed}",
    )


def _bootstrap_means(
    table: FloatArray, block: int, simulations: int, rng: np.random.Generator
) -> FloatArray:
    """Mean scores of resampled days less those of the days themselves: [simulation, model]."""
    days, models = table.shape
    block = min(block, days)
    # Sums over blocks come from running sums, around the end of the sample.
    wrapped = np.concatenate([table, table[:block]]) - table.mean(axis=0)
    running = np.concatenate([np.zeros((1, models)), np.cumsum(wrapped, axis=0)])
    lengths = np.full(-(-days // block), block)
    lengths[-1] = days - block * (lengths.size - 1)
    means = np.zeros((simulations, models))
    for length in lengths:
        starts = rng.integers(0, days, simulations)
        means += running[starts + length] - running[starts]
    return np.asarray(means / days)


def _eliminate(means: FloatArray, deviations: FloatArray) -> tuple[list[int], list[float]]:
    """Columns in the order in which they go out, and the p-value of each step."""
    left = list(range(means.size))
    order, chances = [], []
    while len(left) > 1:
        gaps = means[left] - means[left].mean()
        drawn = deviations[:, left] - deviations[:, left].mean(axis=1, keepdims=True)
        error = np.sqrt(np.mean(drawn**2, axis=0))
        moves = error > 1e-12 * max(float(np.abs(means[left]).max()), 1e-300)
        t = np.divide(gaps, error, out=np.zeros_like(gaps), where=moves)
        t_drawn = np.divide(drawn, error, out=np.zeros_like(drawn), where=moves).max(axis=1)
        worst = int(np.argmax(t))
        beyond = int(np.count_nonzero(t_drawn >= t[worst]))
        chances.append((beyond + 1) / (len(drawn) + 1) if moves.any() else 1.0)
        order.append(left.pop(worst))
    return [*order, left[0]], [*chances, 1.0]
