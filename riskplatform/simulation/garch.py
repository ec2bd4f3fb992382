"""GJR-GARCH(1,1) for many factors at once: filter, forecast, and one step of a simulation.

variance(t+1) = omega + (alpha + gamma · [shock < 0]) · shock² + beta · variance(t), where the shock
is the move less its mean. How the parameters are estimated is not this room's business: they come
as plain numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError
from riskplatform.market.content import Content, FloatArray, frozen_array

# omega, alpha, gamma, beta, nu of one factor; an infinite nu is the normal distribution.
GarchTuple = tuple[float, float, float, float, float]
Fit = Callable[[FloatArray], Sequence[float]]

EWMA_DECAY = 0.94


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GarchParameters(Content):
    """One entry per factor in each vector; ``mean`` is the daily mean."""

    omega: FloatArray
    alpha: FloatArray
    gamma: FloatArray
    beta: FloatArray
    nu: FloatArray
    mean: FloatArray

    def __post_init__(self) -> None:
        for field in fields(self):
            given = np.array(getattr(self, field.name), dtype=np.float64, ndmin=1)
            given.flags.writeable = False
            object.__setattr__(self, field.name, given)
        shapes = {getattr(self, field.name).shape for field in fields(self)}
        if len(shapes) != 1 or self.omega.ndim != 1:
            raise DataError(f"GARCH parameters need one entry per factor each; found {shapes}.")
        self._check("omega", (self.omega >= 0.0) & np.isfinite(self.omega), "at least 0")
        self._check("alpha", self.alpha >= 0.0, "at least 0")
        self._check("alpha + gamma", self.alpha + self.gamma >= 0.0, "at least 0")
        self._check("beta", (self.beta >= 0.0) & (self.beta < 1.0), "at least 0 and below 1")
        self._check("nu", self.nu > 2.0, "above 2")
        self._check("the mean", np.isfinite(self.mean), "finite")
        self._check("the persistence", self.persistence <= 1.0 + 1e-9, "at most 1")

    @classmethod
    def of(cls, rows: Iterable[Sequence[float]], mean: ArrayLike | None = None) -> GarchParameters:
        """From one (omega, alpha, gamma, beta, nu) per factor, and daily means (zero)."""
        table = np.array([tuple(row) for row in rows], dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != 5:
            raise DataError("Each factor needs omega, alpha, gamma, beta and nu.")
        centre = np.zeros(len(table)) if mean is None else np.asarray(mean, dtype=np.float64)
        omega, alpha, gamma, beta, nu = table.T
        return cls(omega=omega, alpha=alpha, gamma=gamma, beta=beta, nu=nu, mean=centre)

    def __len__(self) -> int:
        return len(self.omega)

    @property
    def persistence(self) -> FloatArray:
        """How much of a variance above its long run is left a day later, shocks symmetric."""
        return self.alpha + 0.5 * self.gamma + self.beta

    @property
    def long_run_variance(self) -> FloatArray:
        """Where the variance tends to; infinite when it does not."""
        left = 1.0 - self.persistence
        out = np.full_like(left, np.inf)
        return np.divide(self.omega, left, out=out, where=left > 0.0)

    def _check(self, name: str, good: ArrayLike, wanted: str) -> None:
        bad = np.flatnonzero(~np.asarray(good))
        if bad.size:
            raise DataError(
                f"GARCH parameters: {name} must be {wanted}; it is not for {bad.size} factors, "
                f"the first in column {bad[0]}."
            )


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
    shocks = moves - parameters.mean
    variance = np.empty((moves.shape[0] + 1, moves.shape[1]))
    variance[0] = np.square(shocks).mean(axis=0) if start is None else np.asarray(start)
    for day in range(moves.shape[0]):
        variance[day + 1] = next_variance(parameters, shocks[day], variance[day])
    deviation = np.sqrt(variance[:-1])
    residuals = np.divide(shocks, deviation, out=np.zeros_like(shocks), where=deviation > 0.0)
    return Filtered(residuals, variance)


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
