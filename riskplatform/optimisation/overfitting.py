"""The probability that the best rule in the sample is below the middle outside it.

Combinatorially symmetric cross-validation of Bailey, Borwein, López de Prado and Zhu (2017): days
are cut into blocks, every half of them is once the sample and the other half is the proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Overfitting:
    """``logits`` of the rank that each sample's best rule has outside; below 0 is overfitted.

    ``slope`` is how performance outside changes with that inside, for the best of each sample.
    """

    probability: float
    logits: FloatArray
    slope: float
    chance_of_loss: float
    rules: int
    splits: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "probability": self.probability,
            "slope": self.slope,
            "chance_of_loss": self.chance_of_loss,
            "rules": self.rules,
            "splits": self.splits,
        }


def overfitting(returns: ArrayLike, blocks: int = 16) -> Overfitting:
    """Of returns [day, rule], judged by their Sharpe ratio; ``blocks`` is even."""
    table = np.asarray(returns, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2 or not np.isfinite(table).all():
        raise UserInputError("Give returns [day, rule] of two rules or more, all of them numbers.")
    if blocks < 2 or blocks % 2 or len(table) < 2 * blocks:
        raise UserInputError(
            f"{len(table)} days in {blocks} blocks.",
            hint="Give an even number of blocks, each with two days or more.",
        )
    size = len(table) // blocks
    cut = table[: size * blocks].reshape(blocks, size, -1)
    sums, squares = cut.sum(axis=1), np.square(cut).sum(axis=1)
    halves = np.array(list(combinations(range(blocks), blocks // 2)))
    inside = np.zeros((len(halves), blocks))
    inside[np.arange(len(halves))[:, None], halves] = 1.0
    one, other = (_ratios(part, sums, squares, size) for part in (inside, 1.0 - inside))
    best = one.argmax(axis=1)
    rows = np.arange(len(halves))
    reached = other[rows, best]
    below = (other < reached[:, None]).sum(axis=1) + 0.5 * (other == reached[:, None]).sum(axis=1)
    rank = (below + 0.5) / (table.shape[1] + 1.0)
    logits = np.log(rank / (1.0 - rank))
    x, y = one[rows, best], reached
    spread = float(np.var(x))
    slope = float(np.mean((x - x.mean()) * (y - y.mean())) / spread) if spread > 0.0 else 0.0
    return Overfitting(
        probability=float(np.mean(logits <= 0.0)),
        logits=logits,
        slope=slope,
        chance_of_loss=float(np.mean(reached < 0.0)),
        rules=table.shape[1],
        splits=len(halves),
    )


def _ratios(chosen: FloatArray, sums: FloatArray, squares: FloatArray, size: int) -> FloatArray:
    """Sharpe ratios [split, rule] from sums of blocks; of a rule that never moves, nothing."""
    days = chosen.sum(axis=1, keepdims=True) * size
    mean = chosen @ sums / days
    variance = np.maximum(chosen @ squares / days - mean**2, 0.0)
    spread = np.sqrt(variance)
    return np.asarray(np.divide(mean, spread, out=np.zeros_like(mean), where=spread > 0.0))
