"""Huber's robust regression of many series at once, each on its own few regressors.

Iteratively reweighted least squares: a day whose residual is beyond ``tuning`` robust scales
counts with the weight that pulls it back to that distance. The scale is the median of absolute
residuals (about zero) over 0.6745, renewed in every step. Large moves of the regressors
themselves are not weighted down: this guards against wrong or freakish returns of a name, not
against wrong factor returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray

BoolArray = NDArray[np.bool_]

TUNING = 1.345  # 95% efficient when the noise is normal
# The median of the absolute value of a standard normal.
_NORMAL_MAD = 0.6744897501960817
_MOST_STEPS = 300
# A step that moves no coefficient by this share of the noise is the last one.
_TOLERANCE = 1e-11
# Residuals this small beside the series are rounding: the regressors explain it exactly.
_EXACT = 1e-12
# Names solved together: their designs stay in the processor's cache.
_TOGETHER = 24


@dataclass(frozen=True)
class Designs:
    """What is regressed: ``x`` [name, day, regressor], ``y`` and ``used`` [name, day].

    The first regressor is the constant. ``x`` and ``y`` are zero on days that are not used, and
    columns of ``x`` that are not ``kept`` [name, regressor] are zero.
    """

    x: FloatArray
    y: FloatArray
    used: BoolArray
    kept: BoolArray


@dataclass(frozen=True)
class HuberFits:
    """One row per name; regressors that were not kept have a zero coefficient and error."""

    coefficients: FloatArray
    standard_errors: FloatArray
    robust_scale: FloatArray
    residual_deviation: FloatArray
    r_squared: FloatArray
    downweighted_days: NDArray[np.int64]
    converged: BoolArray


def fit_huber(designs: Designs, *, tuning: float = TUNING) -> HuberFits:
    """Solve all names; one that does not converge is marked and the others are not affected."""
    starts = range(0, len(designs.y), _TOGETHER)
    parts = [_fit(_block(designs, start), tuning) for start in starts]
    fields = HuberFits.__dataclass_fields__
    return HuberFits(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in fields})


def _block(designs: Designs, start: int) -> Designs:
    rows = slice(start, start + _TOGETHER)
    return Designs(designs.x[rows], designs.y[rows], designs.used[rows], designs.kept[rows])


def _fit(designs: Designs, tuning: float) -> HuberFits:
    ones = designs.used.astype(np.float64)
    coefficients = _weighted(designs, ones)
    scale = _scale(designs, _residuals(designs, coefficients))
    spread = np.sqrt(np.sum(designs.y**2, axis=1) / designs.used.sum(axis=1))
    converged = scale <= _EXACT * spread
    for _ in range(_MOST_STEPS):
        todo = np.flatnonzero(~converged)
        if not todo.size:
            break
        # Most names are done after a few steps; the slow ones go on alone.
        part = Designs(*(values[todo] for values in vars(designs).values()))
        before = coefficients[todo]
        weights = _weights(part, _residuals(part, before), scale[todo], tuning)
        after = _weighted(part, weights)
        coefficients[todo] = after
        scale[todo] = _scale(part, _residuals(part, after))
        moved = np.abs(after - before).max(axis=1)
        converged[todo] = (moved <= _TOLERANCE * scale[todo]) | (
            scale[todo] <= _EXACT * spread[todo]
        )
    return _summary(designs, coefficients, scale, converged, tuning)


def _weighted(designs: Designs, weights: FloatArray) -> FloatArray:
    """Weighted least squares. A regressor that is not kept gets the equation 1·b = 0."""
    heavy = designs.x * weights[:, :, np.newaxis]
    right = np.einsum("nik,ni->nk", heavy, designs.y)
    gram = np.matmul(heavy.transpose(0, 2, 1), designs.x) + _identity_of_dropped(designs.kept)
    solved: FloatArray = np.linalg.solve(gram, right[:, :, np.newaxis])[:, :, 0]
    return solved


def _identity_of_dropped(kept: BoolArray) -> FloatArray:
    return np.asarray(np.eye(kept.shape[1]) * (~kept)[:, np.newaxis, :])


def _residuals(designs: Designs, coefficients: FloatArray) -> FloatArray:
    return np.asarray(designs.y - np.matmul(designs.x, coefficients[:, :, np.newaxis])[:, :, 0])


def _scale(designs: Designs, residuals: FloatArray) -> FloatArray:
    """Median of absolute residuals on the days used, as a standard deviation."""
    size = np.where(designs.used, np.abs(residuals), np.inf)
    size.sort(axis=1)
    count = designs.used.sum(axis=1)
    rows = np.arange(len(count))
    middle = 0.5 * (size[rows, (count - 1) // 2] + size[rows, count // 2])
    return np.asarray(middle / _NORMAL_MAD)


def _weights(
    designs: Designs, residuals: FloatArray, scale: FloatArray, tuning: float
) -> FloatArray:
    """1 inside ``tuning`` scales, beyond it what shrinks the residual to that distance."""
    limit = (tuning * scale)[:, np.newaxis]
    size = np.abs(residuals)
    weights = np.divide(limit, size, out=np.ones_like(size), where=size > limit)
    return np.asarray(weights * designs.used)


def _summary(
    designs: Designs, coefficients: FloatArray, scale: FloatArray, converged: BoolArray, k: float
) -> HuberFits:
    residuals = _residuals(designs, coefficients)
    days, rank = designs.used.sum(axis=1), designs.kept.sum(axis=1)
    inside = designs.used & (np.abs(residuals) <= (k * scale)[:, np.newaxis])
    weights = _weights(designs, residuals, scale, k)
    return HuberFits(
        coefficients=coefficients,
        standard_errors=_standard_errors(designs, residuals * weights, inside),
        robust_scale=scale,
        residual_deviation=np.sqrt(np.sum(residuals**2, axis=1) / (days - rank)),
        r_squared=_r_squared(designs.y, residuals, weights),
        downweighted_days=np.asarray(days - inside.sum(axis=1), dtype=np.int64),
        converged=converged,
    )


def _standard_errors(designs: Designs, pulled: FloatArray, inside: BoolArray) -> FloatArray:
    """The sandwich of Huber (1973, 1981) in the form that statsmodels names H1.

    ``K² · Σψ²/(n−p) / (mean ψ')² · (X'X)⁻¹`` with ``K = 1 + p/n · (1−m)/m`` and ``m = mean ψ'``,
    the share of days inside; ``pulled`` is ψ in units of returns.
    """
    days, rank = designs.used.sum(axis=1), designs.kept.sum(axis=1)
    share = inside.sum(axis=1) / days
    correction = 1.0 + rank / days * (1.0 - share) / share
    variance = (correction / share) ** 2 * np.sum(pulled**2, axis=1) / (days - rank)
    gram = np.matmul(designs.x.transpose(0, 2, 1), designs.x)
    inverse = np.linalg.inv(gram + _identity_of_dropped(designs.kept))
    own = np.where(designs.kept, np.diagonal(inverse, axis1=1, axis2=2), 0.0)
    return np.asarray(np.sqrt(variance[:, np.newaxis] * own))


def _r_squared(y: FloatArray, residuals: FloatArray, weights: FloatArray) -> FloatArray:
    """Share of the variance explained, each day with its weight of the last step."""
    total = weights.sum(axis=1)
    middle = np.sum(weights * y, axis=1) / total
    around = np.sum(weights * (y - middle[:, np.newaxis]) ** 2, axis=1)
    left = np.sum(weights * residuals**2, axis=1)
    share = np.divide(left, around, out=np.zeros_like(left), where=around > 0)
    return np.asarray(1.0 - share)
