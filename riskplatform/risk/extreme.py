"""Extreme losses: a Pareto tail beyond a threshold, for VaR and ES beyond the data.

The default threshold leaves beyond it the worst tenth of the losses, but no more than
``2 n^(2/3) / log(log n)`` of them (Loretan and Phillips, 1994), so that the share falls as the
sample grows; 30 at least. :func:`threshold_table` shows what other thresholds would give.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import checked_confidence, checked_pnl
from riskplatform.risk.intervals import LEVEL, Interval, TailIntervals
from riskplatform.risk.pareto import ParetoFit, fit_excesses
from riskplatform.risk.quantiles import Tail

LEAST_BEYOND = 30


def default_excess_count(count: int) -> int:
    """How many losses are beyond the default threshold; the rule is at the top of the file."""
    if count < LEAST_BEYOND + 1:
        return count - 1
    cap = 2.0 * count ** (2.0 / 3.0) / math.log(math.log(count))
    return int(min(max(LEAST_BEYOND, math.floor(min(0.1 * count, cap))), count - 1))


@dataclass(frozen=True, eq=False)
class TailModel:
    """``excesses`` of ``count`` losses lie beyond ``threshold``, itself one of the losses."""

    threshold: float
    excesses: FloatArray
    count: int
    fit: str
    pareto: ParetoFit

    @property
    def share_beyond(self) -> float:
        return self.excesses.size / self.count

    def covers(self, confidence: float) -> bool:
        """Whether the quantile is beyond the threshold, where the model speaks."""
        return 1.0 - checked_confidence(confidence) <= self.share_beyond

    def tail(self, confidence: float) -> Tail:
        if not self.covers(confidence):
            raise UserInputError(
                f"The tail holds {self.share_beyond:.4g} of the losses; {confidence:g} is inside.",
                hint="Ask for a higher confidence or let more losses be beyond the threshold.",
            )
        shape, scale = self.pareto.shape, self.pareto.scale
        ratio = self.share_beyond / (1.0 - confidence)
        var = self.threshold + scale * growth(shape, ratio)
        es = self.threshold + scale * mean_growth(shape, ratio)
        return Tail(np.asarray(var), np.asarray(es))

    def delta_intervals(self, confidence: float, level: float = LEVEL) -> TailIntervals:
        """Normal, from the covariance of shape, scale and the share beyond the threshold."""
        shape, scale, share = self.pareto.shape, self.pareto.scale, self.share_beyond
        ratio = share / (1.0 - confidence)
        width = float(special.ndtri(0.5 + 0.5 * level))
        spread = np.zeros((3, 3))
        spread[:2, :2] = self.pareto.covariance
        spread[2, 2] = share * (1.0 - share) / self.count
        step = 1e-5
        out = []
        for grown, middle in zip((growth, mean_growth), self.tail(confidence), strict=True):
            by_shape = (grown(shape + step, ratio) - grown(shape - step, ratio)) / (2.0 * step)
            by_ratio = (grown(shape, ratio * (1 + step)) - grown(shape, ratio * (1 - step))) / (
                2.0 * step * share
            )
            slope = np.array([scale * by_shape, grown(shape, ratio), scale * by_ratio])
            error = width * math.sqrt(float(slope @ spread @ slope))
            name = f"delta method, {self.fit}"
            out.append(Interval(float(middle) - error, float(middle) + error, level, name))
        return TailIntervals(*out)

    def to_dict(self) -> dict[str, Any]:
        return {
            "threshold": self.threshold,
            "beyond": int(self.excesses.size),
            "shape": self.pareto.shape,
            "scale": self.pareto.scale,
            "fit": self.fit,
        }


def growth(shape: float, ratio: float) -> float:
    """VaR beyond the threshold in units of scale; ``ratio``: share beyond it over the tail's."""
    exponent = shape * math.log(ratio)
    return math.log(ratio) if abs(exponent) < 1e-12 else math.expm1(exponent) / shape


def mean_growth(shape: float, ratio: float) -> float:
    """The same for ES."""
    return (growth(shape, ratio) + 1.0) / (1.0 - shape)


def fit_tail(
    pnl: ArrayLike,
    *,
    beyond: int | None = None,
    threshold: float | None = None,
    fit: str = "ml",
) -> TailModel | Failure:
    """The tail of the losses of one P&L vector; give the number beyond, a threshold, or neither."""
    values = checked_pnl(pnl)
    losses = np.sort(-values)[::-1]
    if threshold is None:
        count = default_excess_count(losses.size) if beyond is None else int(beyond)
        if not 0 < count < losses.size:
            raise UserInputError(f"{count} losses beyond the threshold, of {losses.size:,}.")
        threshold = float(losses[count])
    elif beyond is not None:
        raise UserInputError("A tail is given by its threshold or by the number beyond, not both.")
    excesses = losses[losses > threshold] - threshold
    if excesses.size < LEAST_BEYOND and beyond is None:
        message = (
            f"{losses.size:,} losses leave {excesses.size} beyond the threshold; a tail is fitted "
            f"to {LEAST_BEYOND} or more"
        )
        return Failure(FailureReason.MISSING_DATA, message)
    found = fit_excesses(excesses, fit)
    if isinstance(found, Failure):
        return found
    return TailModel(float(threshold), excesses, losses.size, fit, found)


def mean_excess_table(pnl: ArrayLike, counts: ArrayLike | None = None) -> pd.DataFrame:
    """Mean excess over each threshold, with its error: a Pareto tail makes a straight line."""
    losses = np.sort(-checked_pnl(pnl))[::-1]
    rows = []
    for count in _counts(losses.size, counts):
        excesses = losses[:count] - losses[count]
        error = float(excesses.std(ddof=1) / math.sqrt(count)) if count > 1 else math.nan
        rows.append((count, losses[count], float(excesses.mean()), error))
    return pd.DataFrame(rows, columns=["beyond", "threshold", "mean_excess", "standard_error"])


def threshold_table(
    pnl: ArrayLike, confidence: float, counts: ArrayLike | None = None, *, fit: str = "ml"
) -> pd.DataFrame:
    """Shape, scale brought to threshold 0, VaR and ES by threshold: look where they are level."""
    values = checked_pnl(pnl)
    chosen = default_excess_count(values.size)
    rows = []
    for count in _counts(values.size, counts):
        model = fit_tail(values, beyond=count, fit=fit)
        if isinstance(model, Failure) or not model.covers(confidence):
            continue
        var, es = (float(each) for each in model.tail(confidence))
        shape, scale = model.pareto.shape, model.pareto.scale
        error = math.sqrt(model.pareto.covariance[0, 0])
        modified = scale - shape * model.threshold
        rows.append((count, model.threshold, shape, error, modified, var, es, count == chosen))
    names = ["beyond", "threshold", "shape", "shape_error", "modified_scale", "var", "es"]
    return pd.DataFrame(rows, columns=[*names, "is_default"])


def _counts(size: int, counts: ArrayLike | None) -> list[int]:
    if counts is not None:
        chosen = [int(each) for each in np.atleast_1d(np.asarray(counts))]
        if min(chosen) < 1 or max(chosen) >= size:
            raise UserInputError(f"A threshold leaves between 1 and {size - 1} losses beyond it.")
        return chosen
    last = max(size // 5, 2)
    grid = np.unique(np.geomspace(min(15, last), last, 25).astype(int))
    return sorted({*grid.tolist(), default_excess_count(size)} - {0})
