"""GJR-GARCH(1,1) for many factors at once: filter, forecast, and one step of a simulation.

variance(t+1) = omega + (alpha + gamma · [shock < 0]) · shock² + beta · variance(t), where the shock
is the move less its mean. The parameters are those of
:mod:`riskplatform.factors.garch`; how they are estimated is not this room's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError
from riskplatform.factors.garch.model import GarchParameters
from riskplatform.market.content import FloatArray, frozen_array

# omega, alpha, gamma, beta, nu of one factor; an infinite nu is the normal distribution.
GarchTuple = tuple[float, float, float, float, float]
Fit = Callable[[FloatArray], Sequence[float]]

EWMA_DECAY = 0.94


class Filtered(NamedTuple):
    """``residuals`` [day, factor] of unit variance; ``variance`` has one row more, tomorrow's."""

    residuals: FloatArray
    variance: FloatArray


def next_variance(
    parameters: GarchParameters, shocks: FloatArray, variance: FloatArray
) -> FloatArray:
    """Tomorrow's variance after today's ``shocks``, along the last axis by factor."""
    news = np.square(shocks)
    # Many markets have no leverage term: half of the work is then spared.
    if parameters.gamma.any():
        news *= parameters.alpha + parameters.gamma * (shocks < 0.0)
    else:
        news *= parameters.alpha
    news += parameters.omega
    news += parameters.beta * variance
    return news


def garch_filter(
    moves: FloatArray, parameters: GarchParameters, start: ArrayLike | None = None
) -> Filtered:
    """Residuals and variances through a history; each variance knows earlier moves only.

    ``start`` is the variance of the first day, by default the mean square of all shocks.
    """
    first = np.square(moves - parameters.mean).mean(axis=0) if start is None else start
    path = parameters.filter(moves, first_variance=first)
    return Filtered(path.standardised(), path.variances)


def variance_forecast(parameters: GarchParameters, variance: ArrayLike, days: int) -> FloatArray:
    """Row k is the expected variance k days after the day that has ``variance``."""
    table = np.empty((days + 1, len(parameters)))
    table[0] = frozen_array(variance, what="The variance")
    for day in range(days):
        table[day + 1] = parameters.omega + parameters.persistence * table[day]
    return table


def fit_each(
    moves: FloatArray, factor_ids: Sequence[str], fit: Fit, mean: ArrayLike | None = None
) -> tuple[GarchParameters, tuple[Failure, ...]]:
    """Parameters of each column by ``fit``; where it fails, exponential weights, and the reason.

    ``fit`` takes one factor's shocks and returns (omega, alpha, gamma, beta, nu).
    """
    centre = np.zeros(moves.shape[1]) if mean is None else np.asarray(mean, dtype=np.float64)
    rows: list[Sequence[float]] = []
    failures: list[Failure] = []
    for column, factor_id in enumerate(factor_ids):
        try:
            row = tuple(fit(moves[:, column] - centre[column]))
            GarchParameters.of([row])
        except (ArithmeticError, ValueError, TypeError, RuntimeError, DataError) as error:
            reason = f"no GARCH fit, exponential weights of {EWMA_DECAY} instead: {error}"
            failures.append(Failure(FailureReason.CALCULATION_FAILED, reason, factor_id))
            row = (0.0, 1.0 - EWMA_DECAY, 0.0, EWMA_DECAY, np.inf)
        rows.append(row)
    return GarchParameters.of(rows, centre), tuple(failures)
