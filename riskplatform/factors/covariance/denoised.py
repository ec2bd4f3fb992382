"""Correlations with the noise taken out: eigenvalues that chance alone would give are levelled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.factors.covariance.observations import observed
from riskplatform.factors.covariance.result import CovarianceResult, dense_result
from riskplatform.factors.covariance.sample import second_moment
from riskplatform.market.content import FloatArray


@dataclass(frozen=True)
class NoiseSplit:
    """How many eigenvalues are beyond the edge of noise of a variance, and where the edge is."""

    signals: int
    noise_variance: float
    upper_edge: float


@dataclass(frozen=True)
class Denoised:
    """Constant residual eigenvalue (Laloux et al. 1999; Lopez de Prado 2020).

    Eigenvalues of the correlation below the Marchenko-Pastur edge become their mean, the diagonal
    is made one again, and sample variances are put back. ``noise_variance`` is the share of
    variance that is noise; if not given, what is left after the eigenvalues that are beyond the
    edge of pure noise (Laloux's rule).
    """

    noise_variance: float | None = None

    def __post_init__(self) -> None:
        if self.noise_variance is not None and not 0.0 < self.noise_variance <= 1.0:
            raise UserInputError("The variance of noise is a share between 0 and 1.")

    @property
    def method_id(self) -> str:
        given = self.noise_variance
        return f"denoised (noise variance {'residual' if given is None else f'{given:g}'})"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        seen = observed(returns, names, weights)
        moment = second_moment(seen.centred(), seen.weights)
        scale, correlation = to_correlation(moment / (1.0 - np.sum(seen.weights**2)))
        values, basis = linalg.eigh(correlation)
        split = split_noise(values, seen.effective_days, self.noise_variance)
        noise = len(values) - split.signals
        levelled = values.copy()
        if noise:
            levelled[:noise] = max(float(values[:noise].mean()), 0.0)
        _, clean = to_correlation((basis * levelled) @ basis.T)
        return dense_result(
            clean * np.outer(scale, scale),
            seen,
            self.method_id,
            details={
                "eigenvalues kept": split.signals,
                "variance of noise": split.noise_variance,
                "edge of noise": split.upper_edge,
                "share of variance kept": float(values[noise:].sum() / values.sum()),
            },
        )


def marchenko_pastur_edges(
    days_per_factor: float, noise_variance: float = 1.0
) -> tuple[float, float]:
    """Between these lie the eigenvalues of a correlation of pure noise; zeros aside."""
    if not days_per_factor > 0.0:
        raise UserInputError(f"There are more than {days_per_factor} days per factor.")
    root = math.sqrt(1.0 / days_per_factor)
    return noise_variance * (1.0 - root) ** 2, noise_variance * (1.0 + root) ** 2


def split_noise(
    eigenvalues: FloatArray, days: float, noise_variance: float | None = None
) -> NoiseSplit:
    """Divide ascending eigenvalues into noise and signal.

    If not given, the variance of noise is what the eigenvalues beyond the edge of pure noise leave.
    That is done once: repeated until it agrees with itself, it would take a spectrum without a gap,
    such as that of curves with many tenors, for signal down to the last digit.
    """
    count = len(eigenvalues)
    _, edge = marchenko_pastur_edges(days / count)
    variance = noise_variance
    if variance is None:
        variance = float(np.sum(eigenvalues[eigenvalues <= edge]) / count)
    _, edge = marchenko_pastur_edges(days / count, variance)
    return NoiseSplit(int(np.count_nonzero(eigenvalues > edge)), variance, edge)
