"""What a method is given: P&L of today's book, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.risk.checks import (
    checked_confidence,
    checked_horizon,
    checked_shares,
    effective_count,
    not_numbers,
    shares_or_equal,
)
from riskplatform.risk.figures import Detail, RiskFigures
from riskplatform.risk.intervals import INTERVALS, LEVEL, TailIntervals, sampling_intervals
from riskplatform.risk.measures import mean_pnl, volatility
from riskplatform.risk.quantiles import RULES, tail_count, var_and_es


@dataclass(frozen=True, eq=False)
class Sample:
    """P&L in scenarios, or of days when ``is_history``: then oldest first.

    ``horizon_days`` is what each P&L covers. ``weights`` are those of the scenarios, summing to 1.
    """

    pnl: FloatArray
    weights: FloatArray | None = None
    is_history: bool = False
    horizon_days: float = 1.0
    labels: Sequence[str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        values = np.array(self.pnl, dtype=np.float64)
        if values.ndim != 1:
            raise UserInputError(f"A sample is one vector of P&L; found shape {values.shape}.")
        if self.labels is not None and len(self.labels) != values.size:
            raise UserInputError(f"{len(self.labels)} labels for {values.size} scenarios.")
        values.flags.writeable = False
        object.__setattr__(self, "pnl", values)
        if values.size:
            object.__setattr__(self, "weights", checked_shares(self.weights, values.size))
        checked_horizon(self.horizon_days)

    @property
    def shares(self) -> FloatArray:
        return shares_or_equal(self.weights, self.pnl.size)

    @property
    def effective_size(self) -> float:
        return effective_count(self.weights, self.pnl.size)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Confidence and horizon asked for, how to read a quantile, and how to say how sure it is.

    ``seed`` is needed by what draws: a bootstrap, and the simulation of several days.
    """

    confidence: float = 0.99
    horizon_days: float = 1.0
    rule: str = "hull"
    interval: str = "order statistic"
    level: float = LEVEL
    seed: int | None = None
    decay: float = 0.94
    age_decay: float = 0.98
    paths: int = 10_000

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)
        checked_confidence(self.level)
        checked_horizon(self.horizon_days)
        if self.rule not in RULES:
            raise UnknownNameError("quantile rule", self.rule, RULES)
        if self.interval not in INTERVALS:
            raise UnknownNameError("interval method", self.interval, INTERVALS)
        if self.interval == "bootstrap" and self.seed is None:
            raise UserInputError("A bootstrap draws; it needs a seed.", hint="Give seed=1, say.")
        for name in ("decay", "age_decay"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise UserInputError(f"The {name} is {getattr(self, name):g}; between 0 and 1.")


def problem(sample: Sample) -> Failure | None:
    """What no method can measure."""
    values = sample.pnl
    if not values.size:
        return Failure(FailureReason.MISSING_DATA, "The set of scenarios is empty")
    if not np.isfinite(values).all():
        return Failure(FailureReason.INVALID_DATA, not_numbers(values, sample.labels))
    if not values.any():
        message = (
            f"All {values.size:,} P&L are zero: the book is empty, does not move with any factor, "
            "or nothing in it was priced"
        )
        return Failure(FailureReason.INVALID_DATA, message)
    return None


def too_few(count: int, confidence: float) -> Failure | None:
    """A tail without one whole scenario has no quantile of its own."""
    tail = tail_count(count, 1.0 - confidence)
    if tail >= 1.0:
        return None
    needed = int(np.ceil(round(1.0 / (1.0 - confidence), 6)))
    message = (
        f"{count:,} scenarios hold {tail:.3g} in the tail beyond {confidence:.6g}; at least 1 is "
        f"needed, which takes {needed:,} scenarios"
    )
    return Failure(FailureReason.MISSING_DATA, message)


def figures_of(
    method: str,
    pnl: FloatArray,
    weights: FloatArray | None,
    question: Question,
    *,
    horizon_days: float,
    notes: tuple[str, ...] = (),
    details: Mapping[str, Detail] | None = None,
    interval_note: str = "",
) -> RiskFigures | Failure:
    """The empirical figures of a vector, at the vector's own horizon."""
    few = too_few(pnl.size, question.confidence)
    if few is not None:
        return few
    rule = question.rule if weights is None else "weighted"
    found = var_and_es(pnl, question.confidence, weights, rule)
    if rule == "weighted" and question.rule not in ("hull", "weighted"):
        notes = (
            *notes,
            f"The rule {question.rule!r} knows no weights; Hull's by weight stands in.",
        )
    effective = effective_count(weights, pnl.size)
    if effective * (1.0 - question.confidence) < 1.0 - 1e-9:
        notes = (*notes, f"The tail holds {effective * (1.0 - question.confidence):.2g} effective "
                 "scenarios: it is one or two of them that speak.")  # fmt: skip
    intervals = sampling_intervals(
        pnl, question.confidence, weights,
        method=question.interval, level=question.level, seed=question.seed,
    )  # fmt: skip
    if interval_note:
        intervals = TailIntervals(*(each.noted(interval_note) for each in intervals))
    return RiskFigures(
        method=method,
        rule=rule,
        confidence=question.confidence,
        horizon_days=horizon_days,
        var=float(found.var),
        es=float(found.es),
        volatility=float(volatility(pnl, weights)),
        mean=float(mean_pnl(pnl, weights)),
        scenarios=pnl.size,
        effective_sample_size=effective,
        var_interval=intervals.var,
        es_interval=intervals.es,
        notes=notes,
        details=details or {},
    )


def sample_of(pnl: ArrayLike | Sample, **more: Any) -> Sample:
    """A sample from a vector, or as it is."""
    return pnl if isinstance(pnl, Sample) else Sample(np.asarray(pnl, dtype=np.float64), **more)
