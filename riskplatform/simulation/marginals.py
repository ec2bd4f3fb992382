"""The distribution of each factor alone, as quantile functions: from a probability to a move.

``empirical``: the history's own quantiles; ``gpd``: the same body with generalised Pareto tails,
so that moves beyond the history can happen; ``normal``: the history's mean and deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from scipy.special import ndtri

from riskplatform.errors import UnknownNameError
from riskplatform.market.content import Content, FloatArray
from riskplatform.simulation.gpd import (
    LARGEST_SHAPE,
    SMALLEST_SHAPE,
    Pareto,
    fit_pareto,
    pareto_quantile,
)


class MarginalFamily(StrEnum):
    """The kind of distribution of each factor alone."""

    EMPIRICAL = "empirical"
    GPD = "gpd"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, eq=False)
class Marginals(Content):
    """``ordered`` [day, factor] are the moves in order; a tail per factor below and above."""

    family: MarginalFamily
    ordered: FloatArray = field(repr=False)
    tail_share: float = 0.0
    lower: tuple[Pareto, ...] = field(default=(), repr=False)
    upper: tuple[Pareto, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()

    def quantiles(self, uniforms: FloatArray) -> FloatArray:
        """The move of each factor at each probability [scenario, factor]."""
        if self.family is MarginalFamily.NORMAL:
            deviation = self.ordered.std(axis=0, ddof=1)
            return np.asarray(self.ordered.mean(axis=0) + deviation * ndtri(uniforms))
        moves = np.empty_like(uniforms)
        for column in range(uniforms.shape[1]):
            moves[:, column] = self._body(uniforms[:, column], column)
            if self.family is MarginalFamily.GPD:
                self._put_tails(uniforms[:, column], column, moves[:, column])
        return moves

    def _body(self, uniforms: FloatArray, column: int) -> FloatArray:
        return np.interp(uniforms, _positions(len(self.ordered)), self.ordered[:, column])

    def _put_tails(self, uniforms: FloatArray, column: int, moves: FloatArray) -> None:
        share = self.tail_share
        ends = self._body(np.array([share, 1.0 - share]), column)
        low, high = np.flatnonzero(uniforms < share), np.flatnonzero(uniforms > 1.0 - share)
        beyond = pareto_quantile(self.lower[column], uniforms[low] / share)
        moves[low] = ends[0] - beyond
        beyond = pareto_quantile(self.upper[column], (1.0 - uniforms[high]) / share)
        moves[high] = ends[1] + beyond


def fit_marginals(
    moves: FloatArray,
    family: str = MarginalFamily.EMPIRICAL,
    *,
    tail_share: float = 0.05,
    largest_shape: float = LARGEST_SHAPE,
    factor_ids: Sequence[str] = (),
) -> Marginals:
    """The marginals of a history [day, factor]; ``tail_share`` is in each tail.

    ``largest_shape`` bounds how heavy a tail may be fitted; below 0.5 the variance is finite.
    """
    kind = family_named(family)
    ordered = np.sort(moves, axis=0)
    ordered.flags.writeable = False
    if kind is not MarginalFamily.GPD:
        return Marginals(kind, ordered)
    columns = range(ordered.shape[1])
    lower = tuple(_tail(-ordered[::-1, column], tail_share, largest_shape) for column in columns)
    upper = tuple(_tail(ordered[:, column], tail_share, largest_shape) for column in columns)
    notes = _bound_notes(lower, upper, factor_ids, largest_shape)
    return Marginals(kind, ordered, tail_share, lower, upper, notes)


def family_named(name: str) -> MarginalFamily:
    """The family called ``name``."""
    try:
        return MarginalFamily(name)
    except ValueError:
        raise UnknownNameError("family of marginals", name, list(MarginalFamily)) from None


def _positions(count: int) -> FloatArray:
    """The probability at which each ordered move stands (Hazen)."""
    return (np.arange(count) + 0.5) / count


def _tail(ordered: FloatArray, share: float, largest_shape: float) -> Pareto:
    threshold = np.interp(1.0 - share, _positions(ordered.size), ordered)
    beyond = ordered[np.searchsorted(ordered, threshold, side="right") :] - threshold
    if ordered[0] == ordered[-1]:
        return Pareto(0.0, 0.0)
    return fit_pareto(beyond, largest_shape)


def _bound_notes(
    lower: Sequence[Pareto],
    upper: Sequence[Pareto],
    factor_ids: Sequence[str],
    largest_shape: float,
) -> tuple[str, ...]:
    bounded = [
        factor_ids[column] if column < len(factor_ids) else f"column {column}"
        for column, tails in enumerate(zip(lower, upper, strict=True))
        if any(tail.shape in (largest_shape, SMALLEST_SHAPE) for tail in tails)
    ]
    if not bounded:
        return ()
    return (
        f"The tails of {', '.join(bounded[:10])} were fitted at the bound of the shape "
        f"({SMALLEST_SHAPE} to {largest_shape}).",
    )
