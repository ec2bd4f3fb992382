"""Measures of P&L vectors other than VaR and ES: spread, downside, drawdown, benchmark, crowding.

All take P&L [..., scenario], signed, and one weight per scenario; they return one number per node.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_pnl, checked_shares, shares_or_equal
from riskplatform.risk.quantiles import Tail, var_and_es


def mean_pnl(pnl: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """The weighted mean, signed."""
    values, shares = _given(pnl, weights)
    return np.asarray(values @ shares)


def volatility(pnl: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """Standard deviation; the divisor is n - 1, or what stands for it with weights."""
    values, shares = _given(pnl, weights)
    return np.sqrt(_products(values, values, shares))


def semi_deviation(
    pnl: ArrayLike, weights: ArrayLike | None = None, *, target: float | None = None
) -> FloatArray:
    """Root mean square of what is below the target, by default the mean; divisor: all scenarios."""
    values, shares = _given(pnl, weights)
    centre = (values @ shares)[..., None] if target is None else target
    return np.asarray(np.sqrt(np.square(np.minimum(values - centre, 0.0)) @ shares))


def maximum_loss(pnl: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """The largest loss of all scenarios that count, positive."""
    values, shares = _given(pnl, weights)
    return np.asarray(-values[..., shares > 0.0].min(axis=-1))


class Drawdowns(NamedTuple):
    """Of an ordered history: falls of the summed P&L below its highest level so far, positive."""

    maximum: FloatArray
    at_risk: FloatArray
    conditional: FloatArray
    mean: FloatArray


def drawdowns(history: ArrayLike, confidence: float, rule: str = "hull") -> Drawdowns:
    """Quantile and tail mean of the daily drawdowns of P&L [..., day], oldest first."""
    falls = drawdown_path(history)
    at_risk: Tail = var_and_es(-falls, confidence, rule=rule)
    return Drawdowns(falls.max(axis=-1), at_risk.var, at_risk.es, falls.mean(axis=-1))


def drawdown_path(history: ArrayLike) -> FloatArray:
    """The fall below the highest level so far, day by day; the start counts as a level."""
    level = np.cumsum(checked_pnl(history, what="history of P&L"), axis=-1)
    highest = np.maximum.accumulate(np.maximum(level, 0.0), axis=-1)
    return np.asarray(highest - level)


class AgainstBenchmark(NamedTuple):
    """``beta`` is per unit of the benchmark's P&L."""

    tracking_error: FloatArray
    beta: FloatArray
    correlation: FloatArray


def against_benchmark(
    pnl: ArrayLike, benchmark: ArrayLike, weights: ArrayLike | None = None
) -> AgainstBenchmark:
    """Volatility of the difference, beta and correlation against one benchmark vector."""
    values, shares = _given(pnl, weights)
    other = checked_pnl(benchmark, what="P&L of the benchmark")
    if other.shape != values.shape[-1:]:
        raise UserInputError(
            f"The benchmark has {other.shape} numbers for {values.shape[-1]} scenarios."
        )
    own = _products(other, other, shares)
    if own <= 0.0:
        raise DataError(
            "The benchmark has the same P&L in all scenarios; there is no beta against it.",
            hint="Give a benchmark that moves, such as an index.",
        )
    common = _products(values, other, shares)
    spread = np.sqrt(_products(values, values, shares) * own)
    correlation = np.divide(common, spread, out=np.zeros_like(common), where=spread > 0.0)
    difference = values - other
    return AgainstBenchmark(
        np.sqrt(_products(difference, difference, shares)), common / own, correlation
    )


def diversification_ratio(parts: ArrayLike, total: float) -> float:
    """Sum of the parts' risks over the risk of the whole: 1 when nothing diversifies."""
    alone = float(np.sum(np.asarray(parts, dtype=np.float64)))
    if total == 0.0:
        return float("inf") if alone else 1.0
    return alone / float(total)


class Concentration(NamedTuple):
    """``herfindahl`` is 1 for one line alone; ``effective_number`` that many lines of one size."""

    herfindahl: float
    effective_number: float
    largest_share: float


def concentration(sizes: ArrayLike) -> Concentration:
    """Of shares of gross size: long and short both count. An empty book has no concentration."""
    gross = np.abs(np.asarray(sizes, dtype=np.float64))
    total = float(gross.sum())
    if not np.isfinite(total):
        raise DataError("A size is no number; its share of the whole is not known.")
    if total == 0.0:
        return Concentration(0.0, 0.0, 0.0)
    shares = gross / total
    herfindahl = float(np.square(shares).sum())
    return Concentration(herfindahl, 1.0 / herfindahl, float(shares.max()))


def _given(pnl: ArrayLike, weights: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    values = checked_pnl(pnl)
    count = values.shape[-1]
    return values, shares_or_equal(checked_shares(weights, count), count)


def _products(one: FloatArray, other: FloatArray, shares: FloatArray) -> FloatArray:
    """Weighted covariance along the last axis; exactly zero for what never moves."""
    left = _centred(one, shares)
    right = left if other is one else _centred(other, shares)
    free = 1.0 - float(np.square(shares).sum())
    if free <= 0.0:
        return np.zeros(np.broadcast_shapes(left.shape, right.shape)[:-1])
    return np.asarray((left * right) @ shares / free)


def _centred(values: FloatArray, shares: FloatArray) -> FloatArray:
    centred = values - (values @ shares)[..., None]
    centred[values.max(axis=-1) == values.min(axis=-1)] = 0.0
    return np.asarray(centred)
