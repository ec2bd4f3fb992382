"""Brinson-Fachler: why a portfolio did better or worse than its benchmark in one period.

allocation = (w - v)(b - B), selection = v (r - b), interaction = (w - v)(r - b), with weights w of
the portfolio and v of the benchmark, returns r and b of each group and B of the whole benchmark.
What only the portfolio holds is all allocation, what only the benchmark holds as well. Gains of a
group in which the portfolio began with nothing (bought in the period, or worth nothing as futures
are) have no return; they are selection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray

SMALLEST_WEIGHT = 1e-6
"""Below it a group counts as not held: its return would be a ratio of noise."""
_WHOLE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class BrinsonEffects:
    """Of each group, [..., group]; they sum to ``portfolio_return - benchmark_return``."""

    allocation: FloatArray
    selection: FloatArray
    interaction: FloatArray
    portfolio_return: FloatArray
    benchmark_return: FloatArray
    semi_notional: FloatArray
    """The benchmark's group returns at the portfolio's weights."""

    @property
    def total(self) -> FloatArray:
        return np.asarray(self.allocation + self.selection + self.interaction)


def brinson(
    weights: ArrayLike,
    returns: ArrayLike,
    benchmark_weights: ArrayLike,
    benchmark_returns: ArrayLike,
) -> BrinsonEffects:
    """One period (or several, [period, group]) from weights that sum to 1 and returns."""
    w, r, v, b = (
        np.asarray(each, dtype=np.float64)
        for each in (weights, returns, benchmark_weights, benchmark_returns)
    )
    if not w.shape == r.shape == v.shape == b.shape:
        raise UserInputError(
            f"Weights and returns have shapes {w.shape}, {r.shape}, {v.shape} and {b.shape}; "
            "they must be the same."
        )
    return brinson_of_gains(w, w * r, v, v * b)


def brinson_of_gains(
    weights: ArrayLike, gains: ArrayLike, benchmark_weights: ArrayLike, benchmark_gains: ArrayLike
) -> BrinsonEffects:
    """The same from gains over the value of the whole at the start (weight times return)."""
    w, c, v, d = (
        np.asarray(each, dtype=np.float64)
        for each in (weights, gains, benchmark_weights, benchmark_gains)
    )
    for what, each in (("portfolio", w), ("benchmark", v)):
        total = each.sum(axis=-1)
        if not np.allclose(total, 1.0, atol=_WHOLE):
            raise UserInputError(
                f"The weights of the {what} sum to {np.ravel(total)[0]:.9g}; they must sum to 1.",
                hint="Give weights as shares of the whole, cash included.",
            )
    has, lists = np.abs(w) >= SMALLEST_WEIGHT, np.abs(v) >= SMALLEST_WEIGHT
    benchmark, portfolio = d.sum(axis=-1), c.sum(axis=-1)
    whole = benchmark[..., None]
    r = np.divide(c, w, out=np.zeros_like(c), where=has)
    b = np.divide(d, v, out=np.zeros_like(d), where=lists)
    b = np.where(lists, b, np.where(has, r, whole))
    r = np.where(has, r, b)
    # Gains beside a return: of groups that began with (next to) nothing.
    beside = np.where(has, 0.0, c - w * r) - np.where(lists, 0.0, d - v * b)
    return BrinsonEffects(
        allocation=(w - v) * (b - whole),
        selection=v * (r - b) + beside,
        interaction=(w - v) * (r - b),
        portfolio_return=np.asarray(portfolio),
        benchmark_return=np.asarray(benchmark),
        semi_notional=np.asarray((w * b).sum(axis=-1)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class GeometricEffects:
    """Factors less one of a period, [...]: ``(1 + allocation)(1 + selection) = (1+R)/(1+B)``."""

    allocation: FloatArray
    selection: FloatArray

    @property
    def total(self) -> FloatArray:
        return np.asarray((1.0 + self.allocation) * (1.0 + self.selection) - 1.0)


def geometric(effects: BrinsonEffects) -> GeometricEffects:
    """Geometric effects (Burnie, Knowles and Teder 1998); interaction belongs to selection."""
    semi = 1.0 + effects.semi_notional
    return GeometricEffects(
        semi / (1.0 + effects.benchmark_return) - 1.0,
        (1.0 + effects.portfolio_return) / semi - 1.0,
    )
