"""The random scale that makes normals Student-t: one number per scenario, or one per factor.

A Student-t vector is a normal vector times the root of W = nu / chi-square(nu). W comes from a
uniform by the inverse distribution, so that it can also come from a Sobol sequence.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtr, ndtri

from riskplatform.market.content import FloatArray

# The inverse distribution is tabulated along the normal score of the uniform.
_SCORES = np.linspace(-8.2, 8.2, 3_281)


def mixing_variance(uniforms: FloatArray, nu: float) -> FloatArray:
    """W = nu / chi-square(nu): large where the uniform is near 1."""
    return np.asarray(0.5 * nu / gammainccinv(0.5 * nu, uniforms), dtype=np.float64)


def unit_scales(uniforms: FloatArray, nu: FloatArray) -> FloatArray:
    """Factors [scenario, factor] that make unit normals unit Student-t, nu by factor.

    The scales of all factors come from the one uniform of the scenario, so that they are large
    together. An infinite nu leaves the factor normal.
    """
    kinds, which = np.unique(nu, return_inverse=True)
    scores = ndtri(uniforms)
    columns = [np.interp(scores, _SCORES, _unit_table(float(kind))) for kind in kinds]
    return np.stack(columns, axis=1)[:, which]


@lru_cache(maxsize=4_096)
def _unit_table(nu: float) -> FloatArray:
    if np.isinf(nu):
        return np.ones_like(_SCORES)
    # A large score is a small chi-square: its chance is exact through the mirrored score.
    chance = np.maximum(ndtr(-_SCORES), 1e-300)
    return np.asarray(np.sqrt(0.5 * (nu - 2.0) / gammaincinv(0.5 * nu, chance)), dtype=np.float64)
