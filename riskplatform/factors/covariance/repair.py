"""The nearest correlation matrix, for what is none (Higham 2002)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.market.content import FloatArray

# A smallest eigenvalue of a correlation above minus this is zero with rounding.
ROUNDING = 1e-10
_TOLERANCE = 1e-12
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Repair:
    """What it took: ``distance`` is the Frobenius norm of the change of the correlations."""

    distance: float
    largest_change: float
    smallest_eigenvalue_before: float
    steps: int


def positive_semidefinite(covariance: FloatArray) -> tuple[FloatArray, Repair | None]:
    """The covariance itself where it is one; else with the nearest correlations. Variances stay."""
    covariance = 0.5 * (covariance + covariance.T)
    if (np.diagonal(covariance) < 0).any():
        raise DataError("A covariance has a negative variance.")
    scale, correlation = to_correlation(covariance)
    if _has_root(correlation):
        return covariance, None
    smallest = float(linalg.eigvalsh(correlation, subset_by_index=[0, 0])[0])
    if smallest >= -ROUNDING:
        return covariance, None
    nearest, steps = nearest_correlation(correlation)
    change = nearest - correlation
    repair = Repair(
        distance=float(np.linalg.norm(change)),
        largest_change=float(np.abs(change).max()),
        smallest_eigenvalue_before=smallest,
        steps=steps,
    )
    repaired = nearest * np.outer(scale, scale)
    # What had a variance keeps it to the last digit.
    np.fill_diagonal(repaired, np.diagonal(covariance))
    return repaired, repair


def _has_root(correlation: FloatArray) -> bool:
    """Whether a Cholesky root exists up to rounding: a tenth of the work of an eigenvalue."""
    try:
        np.linalg.cholesky(correlation + ROUNDING * np.eye(len(correlation)))
    except np.linalg.LinAlgError:
        return False
    return True


def nearest_correlation(matrix: FloatArray) -> tuple[FloatArray, int]:
    """The correlation matrix nearest in Frobenius norm, and the number of steps.

    Alternating projections on the positive semi-definite matrices and on those with a unit
    diagonal, with Dykstra's correction, without which the limit is a correlation matrix but not
    the nearest one.
    """
    current = np.array(matrix, dtype=np.float64)
    if current.ndim != 2 or current.shape[0] != current.shape[1]:
        raise UserInputError(f"A correlation matrix is square, not {current.shape}.")
    if not np.isfinite(current).all():
        raise DataError("A correlation matrix holds a number that is not finite.")
    current = 0.5 * (current + current.T)
    correction = np.zeros_like(current)
    for step in range(1, _MOST_STEPS + 1):
        target = current - correction
        projected = _without_negative(target)
        correction = projected - target
        before = current
        current = projected.copy()
        np.fill_diagonal(current, 1.0)
        if np.linalg.norm(current - before) <= _TOLERANCE * len(current):
            return _finished(projected), step
    return _finished(current), _MOST_STEPS


def _without_negative(matrix: FloatArray) -> FloatArray:
    values, basis = linalg.eigh(matrix)
    positive = basis * np.maximum(values, 0.0)
    result = positive @ basis.T
    return np.asarray(0.5 * (result + result.T))


def _finished(matrix: FloatArray) -> FloatArray:
    """Exactly semi-definite and with a unit diagonal; moves the last digits alone."""
    _, correlation = to_correlation(_without_negative(matrix))
    return np.clip(correlation, -1.0, 1.0)
