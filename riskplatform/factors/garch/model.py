"""One or many GJR-GARCH(1,1) models as parameters: filter, standardise, forecast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import Content, FloatArray

_BACKCAST_DAYS = 75
_BACKCAST_DECAY = 0.94


class Start(StrEnum):
    """What is taken as the variance and squared residual before the first day.

    BACKCAST: an exponential average (decay 0.94) of the first 75 squared residuals, as in the
    package arch. MEAN_SQUARE: the mean of all squared residuals, as in most other packages.
    The two differ at the beginning and agree after a few months.
    """

    BACKCAST = "exponential backcast"
    MEAN_SQUARE = "mean square"


@dataclass(frozen=True, slots=True, eq=False)
class GarchParameters(Content):
    """``σ²(t+1) = ω + (α + γ·[ε(t) < 0]) ε(t)² + β σ²(t)``, one number of each per series.

    ``mean`` is the constant of ``r = mean + ε``. ``gamma`` zero is plain GARCH. ``nu`` is the
    degrees of freedom of the shocks; infinite is the normal distribution.
    """

    mean: FloatArray
    omega: FloatArray
    alpha: FloatArray
    gamma: FloatArray
    beta: FloatArray
    nu: FloatArray = field(default_factory=lambda: np.array([np.inf]))

    def __post_init__(self) -> None:
        size = np.atleast_1d(np.asarray(self.omega)).shape
        if len(size) != 1:
            raise DataError(f"GARCH parameters are one number per series; omega has shape {size}.")
        for name in ("mean", "omega", "alpha", "gamma", "beta", "nu"):
            values = np.array(
                np.broadcast_to(np.atleast_1d(getattr(self, name)), size), dtype=float
            )
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        for name, good, wanted in (
            ("the mean", np.isfinite(self.mean), "finite"),
            ("omega", (self.omega >= 0.0) & np.isfinite(self.omega), "at least 0"),
            ("alpha", self.alpha >= 0.0, "at least 0"),
            ("alpha + gamma", self.alpha + self.gamma >= 0.0, "at least 0"),
            ("beta", (self.beta >= 0.0) & (self.beta < 1.0), "at least 0 and below 1"),
            ("nu", self.nu > 2.0, "above 2"),
            ("the persistence", self.persistence <= 1.0 + 1e-9, "at most 1"),
        ):
            bad = np.flatnonzero(~np.asarray(good))
            if bad.size:
                raise DataError(
                    f"GARCH parameters: {name} must be {wanted}; it is not for {bad.size} series, "
                    f"the first in column {bad[0]}."
                )

    @classmethod
    def of(cls, rows: Iterable[Sequence[float]], mean: ArrayLike | None = None) -> GarchParameters:
        """From one (omega, alpha, gamma, beta, nu) per series, and daily means (zero)."""
        table = np.array([tuple(row) for row in rows], dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != 5:
            raise DataError("Each factor needs omega, alpha, gamma, beta and nu.")
        centre = np.zeros(len(table)) if mean is None else np.asarray(mean, dtype=np.float64)
        omega, alpha, gamma, beta, nu = table.T
        return cls(mean=centre, omega=omega, alpha=alpha, gamma=gamma, beta=beta, nu=nu)

    def __len__(self) -> int:
        return self.size

    @property
    def size(self) -> int:
        return len(self.omega)

    @property
    def persistence(self) -> FloatArray:
        """What is left of a shock to variance after a day: α + γ/2 + β."""
        return np.asarray(self.alpha + 0.5 * self.gamma + self.beta)

    @property
    def long_run_variance(self) -> FloatArray:
        """ω / (1 − persistence); infinite where shocks stay for ever."""
        left = 1.0 - self.persistence
        infinite = np.full(self.size, np.inf)
        np.divide(self.omega, left, out=infinite, where=left > 0)
        return infinite

    def filter(
        self,
        returns: ArrayLike,
        *,
        start: Start = Start.BACKCAST,
        first_variance: ArrayLike | None = None,
    ) -> GarchPath:
        """Variances of every day and of the day after, from returns [day, series].

        ``first_variance`` is the variance of the first day itself; where it is given no start
        rule is needed.
        """
        from riskplatform.factors.garch.recursion import filter_variances

        residuals = self._residuals(returns)
        if first_variance is None:
            before = presample_variance(residuals, start)
            first = self.omega + self.persistence * before
        else:
            first = np.broadcast_to(np.asarray(first_variance, dtype=np.float64), (self.size,))
        variances = np.empty((len(residuals) + 1, self.size))
        arrays = (self.omega, self.alpha, self.gamma, self.beta, np.ascontiguousarray(first))
        filter_variances(residuals, *arrays, variances)
        return GarchPath(residuals, variances)

    def step(self, variance: ArrayLike, residual: ArrayLike) -> FloatArray:
        """Tomorrow's variance from today's variance and today's residual."""
        square = np.square(np.asarray(residual, dtype=np.float64))
        news = (self.alpha + self.gamma * (np.asarray(residual) < 0.0)) * square
        return np.asarray(self.omega + news + self.beta * np.asarray(variance))

    def forecast(self, next_variance: ArrayLike, days_ahead: ArrayLike) -> FloatArray:
        """Expected variance of the day ``days_ahead`` after the one of ``next_variance``.

        Shape [days_ahead, series]: it moves to the long-run variance by the persistence.
        """
        after = np.atleast_1d(np.asarray(days_ahead, dtype=np.float64))[:, np.newaxis]
        if (after < 0).any():
            raise UserInputError("A forecast is for days ahead, not behind.")
        kept = self.persistence**after
        left = 1.0 - self.persistence
        # Without mean reversion every day adds omega.
        added = np.where(left != 0, (1.0 - kept) / np.where(left != 0, left, 1.0), after)
        return np.asarray(kept * np.asarray(next_variance) + self.omega * added)

    def _residuals(self, returns: ArrayLike) -> FloatArray:
        values = np.asarray(returns, dtype=np.float64)
        values = values[:, np.newaxis] if values.ndim == 1 else values
        if values.ndim != 2 or values.shape[1] != self.size or not len(values):
            raise UserInputError(
                f"Returns of shape {values.shape} do not fit {self.size} GARCH models."
            )
        if not np.isfinite(values).all():
            raise DataError("Returns to be filtered hold a number that is not finite.")
        return np.ascontiguousarray(values - self.mean)


@dataclass(frozen=True)
class GarchPath:
    """``residuals`` [day, series] and ``variances`` [day + 1, series], the last tomorrow's."""

    residuals: FloatArray
    variances: FloatArray

    @property
    def next_variance(self) -> FloatArray:
        """The variance of the day after the last."""
        return np.asarray(self.variances[-1])

    @property
    def volatilities(self) -> FloatArray:
        return np.asarray(np.sqrt(self.variances))

    def standardised(self) -> FloatArray:
        """Residuals over the volatility that was expected of their day; zero where that is zero."""
        expected = np.sqrt(self.variances[:-1])
        zero = np.zeros_like(self.residuals)
        return np.asarray(np.divide(self.residuals, expected, out=zero, where=expected > 0))


def presample_variance(residuals: FloatArray, start: Start) -> FloatArray:
    """The variance before the first day, by a start rule."""
    squares = residuals**2
    if start is Start.MEAN_SQUARE:
        return np.asarray(squares.mean(axis=0))
    days = min(_BACKCAST_DAYS, len(residuals))
    weights = _BACKCAST_DECAY ** np.arange(days)
    return np.asarray(weights @ squares[:days] / weights.sum())
