"""Low rank plus diagonal: a few common components and each factor's own variance, kept as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.covariance.denoised import split_noise
from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.factors.covariance.observations import Observations, observed
from riskplatform.factors.covariance.result import CovarianceResult
from riskplatform.market.content import FloatArray

# No factor is all common: at least this share of its variance stays its own, so Σ can be solved.
_LEAST_OWN_SHARE = 1e-6
_MOST_NAMED = 5


@dataclass(frozen=True)
class FactorStructured:
    """Principal components of the correlations; variances are those of the sample.

    ``components`` is their number; if not given, as many as lie beyond the Marchenko-Pastur edge,
    and at least one. The dense matrix is never formed, so thousands of factors are no trouble.
    """

    components: int | None = None

    def __post_init__(self) -> None:
        if self.components is not None and self.components < 1:
            raise UserInputError(f"At least one component, not {self.components}.")

    @property
    def method_id(self) -> str:
        count = "found" if self.components is None else str(self.components)
        return f"low rank plus diagonal (components {count})"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        seen = observed(returns, names, weights)
        scale, values, basis = _principal(seen)
        rank = self._rank(values, seen)
        loadings = basis[:, :rank] * np.sqrt(values[:rank])
        common = np.sum(loadings**2, axis=1)
        # Where components explain more than they may, they are scaled down and not the variance up.
        shrink = np.sqrt(np.minimum(1.0, (1.0 - _LEAST_OWN_SHARE) / np.maximum(common, 1e-300)))
        loadings *= shrink[:, np.newaxis]
        common = np.sum(loadings**2, axis=1)
        return CovarianceResult(
            matrix=LowRank(scale[:, np.newaxis] * loadings, scale**2 * (1.0 - common)),
            names=seen.names,
            method_id=self.method_id,
            observations=seen.days,
            effective_observations=seen.effective_days,
            source=seen,
            details={"components": rank, "share of variance in common": float(common.mean())},
            per_factor={"common_share": common},
        )

    def _rank(self, values: FloatArray, seen: Observations) -> int:
        if self.components is not None:
            if self.components > len(values):
                raise UserInputError(
                    f"{self.components} components from {seen.days} days of "
                    f"{len(seen.names)} factors; there are {len(values)}."
                )
            return self.components
        count = len(seen.names)
        full = np.zeros(count)
        full[count - len(values) :] = values[::-1]
        signals = split_noise(full, seen.effective_days).signals
        return min(max(signals, 1), len(values))


def _principal(seen: Observations) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Volatilities; eigenvalues of the correlation, largest first; eigenvectors in columns."""
    weighted = seen.centred() * np.sqrt(seen.weights / (1.0 - np.sum(seen.weights**2)))[:, None]
    scale = np.sqrt(np.sum(weighted**2, axis=0))
    still = [name for name, size in zip(seen.names, scale, strict=True) if size == 0.0]
    if still:
        raise DataError(
            f"Factors that never move cannot have their own variance: "
            f"{', '.join(still[:_MOST_NAMED])}{' …' if len(still) > _MOST_NAMED else ''}.",
            hint="Leave them out.",
        )
    _, singular, right = linalg.svd(weighted / scale, full_matrices=False)
    return scale, np.asarray(singular**2), np.asarray(right.T)
