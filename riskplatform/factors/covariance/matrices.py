"""Two ways to hold a covariance: dense, and as low rank plus diagonal. Both multiply, solve and
sample; the second never forms the dense matrix to do so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy import linalg

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray, frozen_array

# Eigenvalues below this share of the largest are rounding.
_ROUNDING = 1e-12


def to_correlation(covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Volatilities and correlations; a factor without variance has no correlation with others."""
    scale = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    per_unit = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    correlation = covariance * np.outer(per_unit, per_unit)
    np.fill_diagonal(correlation, 1.0)
    return scale, correlation


def is_singular(covariance: FloatArray) -> bool:
    """Whether some combination of the factors has no variance but rounding."""
    variances = np.diagonal(covariance)
    # A standard deviation below this share of the largest is none.
    if not (variances > _ROUNDING**2 * max(float(variances.max(initial=0.0)), 1e-300)).all():
        return True
    values = linalg.eigvalsh(to_correlation(covariance)[1])
    return bool(values[0] <= _ROUNDING * len(values) * values[-1])


class CovarianceMatrix(Protocol):
    """What a covariance can do, whatever it is made of."""

    @property
    def size(self) -> int: ...
    def dense(self) -> FloatArray:
        """The matrix, all of it."""
        ...

    def variances(self) -> FloatArray:
        """The diagonal."""
        ...

    def multiply(self, vectors: FloatArray) -> FloatArray:
        """Σ x for a vector or for each column."""
        ...

    def solve(self, vectors: FloatArray) -> FloatArray:
        """The x with Σ x = b; of many, the shortest in units of the factors' volatility."""
        ...

    def quadratic(self, vectors: FloatArray) -> FloatArray:
        """xᵀ Σ x for a vector or for each column."""
        ...

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """``count`` normal draws [draw, factor] of mean zero."""
        ...


@dataclass(frozen=True)
class Dense:
    """Σ as one symmetric array."""

    values: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen_array(self.values, what="A covariance"))

    @property
    def size(self) -> int:
        return len(self.values)

    def dense(self) -> FloatArray:
        return self.values

    def variances(self) -> FloatArray:
        return np.diagonal(self.values).copy()

    def multiply(self, vectors: FloatArray) -> FloatArray:
        return np.asarray(self.values @ vectors)

    def solve(self, vectors: FloatArray) -> FloatArray:
        """By eigenvectors, so that a singular Σ gives the shortest solution and not noise."""
        scale, values, basis = self._eigen
        per_unit = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
        large = values > _ROUNDING * self.size * values[-1]
        inside = basis[:, large].T @ (vectors.T * per_unit).T
        return np.asarray(((basis[:, large] @ (inside.T / values[large]).T).T * per_unit).T)

    def quadratic(self, vectors: FloatArray) -> FloatArray:
        return np.asarray(np.sum(vectors * self.multiply(vectors), axis=0))

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        scale, values, basis = self._eigen
        root = scale[:, np.newaxis] * basis * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(rng.standard_normal((count, self.size)) @ root.T)

    @cached_property
    def _eigen(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Volatilities, and eigenvalues and vectors of the correlation.

        Factors differ in variance by many powers of ten; of the covariance itself the small ones
        would be lost in the rounding of the large.
        """
        scale, correlation = to_correlation(self.values)
        values, basis = linalg.eigh(correlation)
        return scale, values, basis


@dataclass(frozen=True)
class LowRank:
    """Σ = B Bᵀ + diag(d): ``loadings`` B [factor, component], ``own_variances`` d > 0."""

    loadings: FloatArray
    own_variances: FloatArray

    def __post_init__(self) -> None:
        loadings = frozen_array(self.loadings, what="Loadings")
        own = frozen_array(self.own_variances, what="Own variances", shape=loadings.shape[:1])
        if not (own > 0).all():
            raise DataError("An own variance of a low-rank covariance must be positive.")
        object.__setattr__(self, "loadings", loadings)
        object.__setattr__(self, "own_variances", own)

    @property
    def size(self) -> int:
        return len(self.own_variances)

    @property
    def rank(self) -> int:
        return int(self.loadings.shape[1])

    def dense(self) -> FloatArray:
        return np.asarray(self.loadings @ self.loadings.T + np.diag(self.own_variances))

    def variances(self) -> FloatArray:
        return np.asarray(np.sum(self.loadings**2, axis=1) + self.own_variances)

    def multiply(self, vectors: FloatArray) -> FloatArray:
        common = self.loadings @ (self.loadings.T @ vectors)
        return np.asarray(common + (vectors.T * self.own_variances).T)

    def solve(self, vectors: FloatArray) -> FloatArray:
        """Woodbury: one system of the size of the rank."""
        scaled = (vectors.T / self.own_variances).T
        inner = linalg.cho_solve(self._core, self.loadings.T @ scaled)
        return np.asarray(scaled - ((self.loadings @ inner).T / self.own_variances).T)

    def quadratic(self, vectors: FloatArray) -> FloatArray:
        common = np.sum((self.loadings.T @ vectors) ** 2, axis=0)
        return np.asarray(common + self.own_variances @ vectors**2)

    def log_determinant(self) -> float:
        core = 2.0 * np.sum(np.log(np.diagonal(self._core[0])))
        return float(core + np.sum(np.log(self.own_variances)))

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        common = rng.standard_normal((count, self.rank)) @ self.loadings.T
        own = rng.standard_normal((count, self.size)) * np.sqrt(self.own_variances)
        return np.asarray(common + own)

    @cached_property
    def _core(self) -> tuple[FloatArray, bool]:
        """Cholesky factor of I + Bᵀ D⁻¹ B."""
        weighted = self.loadings / self.own_variances[:, np.newaxis]
        factor, lower = linalg.cho_factor(np.eye(self.rank) + self.loadings.T @ weighted)
        return factor, lower
