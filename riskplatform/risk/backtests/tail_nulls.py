"""How Z1 and Z2 of a correct model are distributed, by drawing its exceptions only.

A day without an exception adds nothing to the statistics, so that only exceptions are drawn: their
number is binomial and each has the distribution of the tail. That is exact and a hundred times
cheaper than drawing all days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.shapes import Shape

# So many exceptions are drawn at a time.
_EXCEPTIONS = 2_000_000

# Losses over the ES of their day, that many of them.
Losses = Callable[[np.random.Generator, int], FloatArray]


class EsNull(NamedTuple):
    """Statistics of a correct model, sorted, one per simulation; Z1 of those with an exception."""

    z1: FloatArray
    z2: FloatArray


@dataclass(frozen=True, slots=True)
class ParetoTail:
    """Beyond the VaR of each day a generalised Pareto tail whose mean is the ES of that day.

    ``shape`` 0 is the exponential; 0.2 is usual for daily P&L.
    """

    shape: float = 0.2

    def __post_init__(self) -> None:
        if not 0.0 <= self.shape < 1.0:
            raise UserInputError(
                f"The shape of a tail with a mean is 0 to below 1; found {self.shape:g}."
            )

    @property
    def label(self) -> str:
        return f"a generalised Pareto tail of shape {self.shape:g} with each day's VaR and ES"

    def excess(self, uniforms: FloatArray) -> FloatArray:
        """Excesses with mean 1."""
        if self.shape == 0.0:
            return np.asarray(-np.log(uniforms))
        grown = np.power(uniforms, -self.shape) - 1.0
        return np.asarray((1.0 - self.shape) / self.shape * grown)


@lru_cache(maxsize=64)
def shape_null(days: int, tail: float, shape: Shape, simulations: int, seed: int) -> EsNull:
    """For P&L that is ``shape`` times a scale of each day; the scales cancel."""
    mean = float(shape.tail_mean(tail))

    def losses(rng: np.random.Generator, count: int) -> FloatArray:
        return np.asarray(shape.quantile(tail * (1.0 - rng.random(count))) / mean)

    rng = np.random.default_rng([seed, 7])
    return _null(rng, losses, days, tail, simulations)


def pareto_null(
    value_at_risk: FloatArray, expected_shortfall: FloatArray, tail: float, model: ParetoTail,
    simulations: int, seed: int,
) -> EsNull:  # fmt: skip
    """For the VaR and ES of each day; exceptions fall on any day with the same chance."""
    ratio = value_at_risk / expected_shortfall

    def losses(rng: np.random.Generator, count: int) -> FloatArray:
        at_limit = ratio[rng.integers(0, ratio.size, count)]
        excess = model.excess(1.0 - rng.random(count))
        return np.asarray(at_limit + (1.0 - at_limit) * excess)

    rng = np.random.default_rng([seed, 8])
    return _null(rng, losses, ratio.size, tail, simulations)


def _null(
    rng: np.random.Generator, losses: Losses, days: int, tail: float, simulations: int
) -> EsNull:
    counts = rng.binomial(days, tail, simulations)
    totals = np.zeros(simulations)
    rows = max(1, int(_EXCEPTIONS / max(days * tail, 1.0)))
    for start in range(0, simulations, rows):
        own = counts[start : start + rows]
        owner = np.repeat(np.arange(own.size), own)
        drawn = losses(rng, owner.size)
        totals[start : start + rows] = np.bincount(owner, weights=drawn, minlength=own.size)
    some = counts > 0
    z1, z2 = np.sort(1.0 - totals[some] / counts[some]), np.sort(1.0 - totals / (days * tail))
    for array in (z1, z2):
        array.flags.writeable = False
    return EsNull(z1, z2)
