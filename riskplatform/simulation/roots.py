"""Square roots of covariance matrices, and what is done about one that has none.

A pivoted Cholesky root takes the factors in the order of what is left of their variance: it needs
no more columns than the matrix has rank, takes factors without variance as they are, and puts what
matters most into the first random numbers, which a Sobol sequence likes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray, frozen_array
from riskplatform.simulation.products import correlation_from, product

# A correlation may be missed by this before the matrix is called indefinite.
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """``matrix`` [factor, column] with matrix · its transpose = the covariance."""

    matrix: FloatArray = field(repr=False)
    covariance: FloatArray = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def is_repaired(self) -> bool:
        return any("repaired" in note for note in self.notes)


def covariance_root(
    covariance: ArrayLike, *, what: str = "The covariance", repair: bool = True
) -> Root:
    """A root; a matrix that is not positive semi-definite is repaired and the repair is told.

    With ``repair=False`` such a matrix is refused.
    """
    matrix = checked_covariance(covariance, what)
    deviation = np.sqrt(np.diagonal(matrix))
    correlation = correlation_from(matrix)
    # A factor that does not vary is no column of randomness.
    correlation[deviation == 0.0, deviation == 0.0] = 0.0
    root = pivoted_root(correlation)
    notes: tuple[str, ...] = ()
    if np.abs(product(root, root.T) - correlation).max() > _TOLERANCE:
        if not repair:
            raise DataError(
                f"{what} is not positive semi-definite (smallest eigenvalue of its correlation "
                f"{np.linalg.eigvalsh(correlation)[0]:.3g}).",
                hint="Estimate it again, or allow the repair.",
            )
        correlation, note = _repaired(correlation, what)
        root, notes = pivoted_root(correlation), (note,)
        matrix = correlation * deviation[:, None] * deviation
    still = int((deviation == 0.0).sum())
    if still:
        notes += (f"Factors without variance in {what[0].lower()}{what[1:]}: {still}.",)
    return Root(np.ascontiguousarray(root * deviation[:, None]), matrix, notes)


def checked_covariance(covariance: ArrayLike, what: str) -> FloatArray:
    """A square, finite, symmetric matrix with no variance below zero, or a refusal."""
    matrix = frozen_array(covariance, what=what)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise DataError(f"{what} has shape {matrix.shape}; a square matrix is needed.")
    variance = np.diagonal(matrix)
    if (variance < 0.0).any():
        raise DataError(f"{what} has the variance {variance.min():.6g} below zero.")
    scale = np.sqrt(np.outer(variance, variance))
    if (np.abs(matrix - matrix.T) > _TOLERANCE * scale + 1e-300).any():
        raise DataError(f"{what} is not symmetric.", hint="Take the mean of it and its transpose.")
    if (np.abs(matrix)[scale == 0.0] > 0.0).any():
        raise DataError(f"{what} has covariances with a factor that has no variance.")
    return matrix


def _repaired(correlation: FloatArray, what: str) -> tuple[FloatArray, str]:
    """Eigenvalues below zero set to zero, and the diagonal set back to one."""
    values, vectors = np.linalg.eigh(correlation)
    clipped = (vectors * np.maximum(values, 0.0)) @ vectors.T
    scale = np.sqrt(np.diagonal(clipped))
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0.0)
    # Rounded, since the last digits of an eigenvector depend on the number of threads.
    mended = np.round(clipped * inverse[:, None] * inverse, 12)
    np.fill_diagonal(mended, np.diagonal(correlation))
    note = (
        f"{what} was not positive semi-definite (smallest eigenvalue of its correlation "
        f"{values[0]:.3g}) and was repaired; no correlation changed by more than "
        f"{np.abs(mended - correlation).max():.3g}."
    )
    return np.asarray(mended, dtype=np.float64), note


def kernels() -> ModuleType:
    """The compiled loops; the compiler takes a third of a second to import, so not above."""
    from riskplatform.simulation import matrix_kernels

    return matrix_kernels


def pivoted_root(correlation: FloatArray) -> FloatArray:
    """The pivoted Cholesky root, as many columns as the matrix has rank."""
    size = correlation.shape[0]
    root = np.zeros((size, size))
    rank = kernels().pivoted(correlation, size * 1e-15, root)
    return np.ascontiguousarray(root[:, :rank])


def lower_root(matrix: FloatArray) -> FloatArray:
    """The lower triangular root of a positive definite matrix."""
    root = np.zeros_like(matrix)
    kernels().cholesky(matrix, root)
    return root


def inverse_lower(lower: FloatArray) -> FloatArray:
    """The inverse of a lower triangular matrix."""
    inverse = np.zeros_like(lower)
    kernels().invert(lower, inverse)
    return inverse
