"""The likelihood of ranks under a t or skewed t copula, and one step of its correlation uphill."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from riskplatform.market.content import FloatArray
from riskplatform.simulation.products import correlation_from, product
from riskplatform.simulation.roots import inverse_lower, lower_root
from riskplatform.simulation.skewed_t import conditional_scales, log_density, skewed_table


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Ranks as few different probabilities and, per day and factor, which of them it has."""

    different: FloatArray = field(repr=False)
    where: NDArray[np.intp] = field(repr=False)

    @classmethod
    def of(cls, uniforms: FloatArray) -> Ranks:
        different, where = np.unique(uniforms, return_inverse=True)
        return cls(different, where.reshape(uniforms.shape))

    def values(self, nu: float, skew: float) -> FloatArray:
        """The component's value at each of the different probabilities."""
        if skew == 0.0:
            return np.asarray(stdtrit(nu, self.different), dtype=np.float64)
        return skewed_table(nu, skew).quantile(self.different)


def mean_log_density(ranks: Ranks, inverse: FloatArray, nu: float, skew: float) -> float:
    """The mean log copula density per day; ``inverse`` is that of the correlation's root."""
    values = ranks.values(nu, skew)
    x = values[ranks.where]
    whitened = product(x, inverse.T)
    direction = inverse.sum(axis=1) * skew
    joint = log_density(
        np.square(whitened).sum(axis=1),
        product(whitened, direction[:, None])[:, 0],
        float(np.square(direction).sum()),
        nu,
        x.shape[1],
        -2.0 * float(np.log(np.diagonal(inverse)).sum()),
    )
    alone = log_density(np.square(values), values * skew, skew * skew, nu, 1, 0.0)
    return float(np.mean(joint - alone[ranks.where].sum(axis=1)))


def expected_correlation(
    ranks: Ranks, correlation: FloatArray, nu: float, skew: float
) -> FloatArray:
    """One step of expectation-maximisation: the expected (x - W·skew)(x - W·skew)' / W."""
    x = ranks.values(nu, skew)[ranks.where]
    inverse = inverse_root(correlation)
    quadratic = np.square(product(x, inverse.T)).sum(axis=1)
    square = float(np.square(inverse.sum(axis=1) * skew).sum())
    mean, weight = conditional_scales(quadratic, square, nu, x.shape[1])
    centre = x.mean(axis=0) * skew
    scatter = product(x.T * weight, x) / len(x) - centre[:, None] - centre
    return np.round(correlation_from(scatter + skew * skew * mean.mean()), 12)


def inverse_root(correlation: FloatArray) -> FloatArray:
    """The inverse of the lower root, moved a little to independence should it be singular."""
    mended = correlation + 1e-6 * (np.eye(len(correlation)) - correlation)
    return inverse_lower(lower_root(mended))
