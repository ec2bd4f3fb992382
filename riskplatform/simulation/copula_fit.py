"""Copulas fitted to ranks: Gaussian, Student-t and skewed Student-t.

The correlation is that of normal scores (Gaussian) or sin(pi/2 · Kendall's tau) (t). The degrees
of freedom and the skew maximise the likelihood of the ranks; with a skew, the correlation is then
found by expectation-maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from riskplatform.errors import DataError, UnknownNameError
from riskplatform.market.content import Content, FloatArray
from riskplatform.simulation.products import correlation_from, covariance_of, product
from riskplatform.simulation.ranks import kendall_tau, pseudo_observations
from riskplatform.simulation.roots import covariance_root, inverse_lower, lower_root
from riskplatform.simulation.skewed_t import conditional_scales, log_density, skewed_table

NU_RANGE = (2.1, 60.0)
SKEW_RANGE = (-1.5, 1.5)
_ROUNDS = 3


class CopulaFamily(StrEnum):
    """The kind of dependence between factors."""

    GAUSSIAN = "gaussian"
    T = "t"
    SKEWED_T = "skewed_t"


@dataclass(frozen=True, slots=True, eq=False)
class FittedCopula(Content):
    """``correlation`` of the normals inside; ``nu`` infinite for the Gaussian; one common skew."""

    family: CopulaFamily
    correlation: FloatArray = field(repr=False)
    nu: float = np.inf
    skew: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.nu > 0.0 or (self.skew and np.isinf(self.nu)):
            raise DataError(f"A copula with nu {self.nu} and skew {self.skew} does not exist.")


def copula_family(name: str) -> CopulaFamily:
    """The family called ``name``."""
    try:
        return CopulaFamily(name)
    except ValueError:
        raise UnknownNameError("family of copulas", name, list(CopulaFamily)) from None


def t_tail_dependence(nu: float, correlation: float) -> float:
    """The limit of P(one is extreme | the other is) for the t copula, the same in both tails."""
    return float(
        2.0 * stdtr(nu + 1.0, -np.sqrt((nu + 1.0) * (1.0 - correlation) / (1.0 + correlation)))
    )


def fit_copula(
    moves: FloatArray,
    family: str = CopulaFamily.T,
    *,
    nu: float | None = None,
    skew: float | None = None,
    repair: bool = True,
) -> FittedCopula:
    """A copula for moves [day, factor]; ``nu`` and ``skew`` that are given are kept."""
    kind = copula_family(family)
    uniforms = pseudo_observations(moves)
    if kind is CopulaFamily.GAUSSIAN:
        correlation = correlation_from(covariance_of(ndtri(uniforms)))
        correlation, notes = _semidefinite(correlation, repair)
        return FittedCopula(kind, correlation, notes=notes)
    raw = np.sin(0.5 * np.pi * kendall_tau(moves))
    correlation, notes = _semidefinite(raw, repair)
    start = FittedCopula(kind, correlation, notes=notes)
    if kind is CopulaFamily.T:
        found = _fit_shape(uniforms, correlation, nu, 0.0) if nu is None else (nu, 0.0)
        return replace(start, nu=found[0])
    return _fit_skewed(uniforms, start, nu, skew)


def copula_log_likelihood(uniforms: FloatArray, copula: FittedCopula) -> float:
    """The mean log density of the copula at ranks; the higher the better it describes them."""
    inverse = inverse_lower(lower_root(_invertible(copula.correlation)))
    return -_cost(uniforms, inverse, copula.nu, copula.skew)


def _semidefinite(correlation: FloatArray, repair: bool) -> tuple[FloatArray, tuple[str, ...]]:
    root = covariance_root(correlation, what="The rank correlation", repair=repair)
    return root.covariance, root.notes


def _fit_skewed(
    uniforms: FloatArray, start: FittedCopula, nu: float | None, skew: float | None
) -> FittedCopula:
    correlation, found = start.correlation, (nu or 8.0, skew or 0.0)
    for _ in range(_ROUNDS):
        if nu is None or skew is None:
            found = _fit_shape(uniforms, correlation, nu, skew)
        correlation = _expected_correlation(uniforms, correlation, *found)
    return replace(start, correlation=correlation, nu=found[0], skew=found[1])


def _fit_shape(
    uniforms: FloatArray, correlation: FloatArray, nu: float | None, skew: float | None
) -> tuple[float, float]:
    """The nu and the skew of the highest likelihood; a given one stays as it is."""
    from scipy.optimize import minimize, minimize_scalar

    inverse = inverse_lower(lower_root(_invertible(correlation)))
    logs = np.log(NU_RANGE)

    def cost(log_nu: float, tried: float) -> float:
        return _cost(uniforms, inverse, float(np.exp(log_nu)), tried)

    if skew is not None:
        found = minimize_scalar(
            cost, bounds=tuple(logs), args=(skew,), method="bounded", options={"xatol": 1e-4}
        )
        return _rounded(np.exp(found.x)), skew
    if nu is not None:
        found = minimize_scalar(
            lambda tried: cost(np.log(nu), tried), bounds=SKEW_RANGE, method="bounded"
        )
        return nu, _rounded(found.x)
    both = minimize(
        lambda at: cost(*at),
        x0=[np.log(8.0), 0.0],
        method="Nelder-Mead",
        bounds=[tuple(logs), SKEW_RANGE],
        options={
            "xatol": 1e-3,
            "fatol": 1e-6,
            "initial_simplex": [[2.1, 0.0], [1.6, 0.2], [2.1, -0.2]],
        },
    )
    return _rounded(np.exp(both.x[0])), _rounded(both.x[1])


def _cost(uniforms: FloatArray, inverse: FloatArray, nu: float, skew: float) -> float:
    """Minus the mean log copula density; ``inverse`` is that of the correlation's lower root."""
    size = uniforms.shape[1]
    if np.isinf(nu):
        x = ndtri(uniforms)
        whitened = product(x, inverse.T)
        joint = -0.5 * np.square(whitened).sum(axis=1) + np.log(np.diagonal(inverse)).sum()
        return float(-np.mean(joint + 0.5 * np.square(x).sum(axis=1)))
    x = component_quantiles(uniforms, nu, skew)
    whitened = product(x, inverse.T)
    direction = inverse.sum(axis=1) * skew
    joint = log_density(
        np.square(whitened).sum(axis=1),
        product(whitened, direction[:, None])[:, 0],
        float(np.square(direction).sum()),
        nu,
        size,
        -2.0 * float(np.log(np.diagonal(inverse)).sum()),
    )
    alone = log_density(np.square(x), x * skew, skew * skew, nu, 1, 0.0).sum(axis=1)
    return float(-np.mean(joint - alone))


def component_quantiles(uniforms: FloatArray, nu: float, skew: float) -> FloatArray:
    """The component's value at each probability; few probabilities are different ones."""
    different, where = np.unique(uniforms, return_inverse=True)
    table = skewed_table(nu, skew) if skew else None
    values = table.quantile(different) if table else stdtrit(nu, different)
    return np.asarray(values[where].reshape(uniforms.shape), dtype=np.float64)


def _expected_correlation(
    uniforms: FloatArray, correlation: FloatArray, nu: float, skew: float
) -> FloatArray:
    """One step of expectation-maximisation: the expected (x - W·skew)(x - W·skew)' / W."""
    x = component_quantiles(uniforms, nu, skew)
    inverse = inverse_lower(lower_root(_invertible(correlation)))
    quadratic = np.square(product(x, inverse.T)).sum(axis=1)
    square = float(np.square(inverse.sum(axis=1) * skew).sum())
    mean, weight = conditional_scales(quadratic, square, nu, x.shape[1])
    centre = x.mean(axis=0) * skew
    scatter = product(x.T * weight, x) / len(x) - centre[:, None] - centre
    return np.round(correlation_from(scatter + skew * skew * mean.mean()), 12)


def _invertible(correlation: FloatArray) -> FloatArray:
    """Moved a little towards independence, so that a singular one has a density too."""
    return correlation + 1e-6 * (np.eye(len(correlation)) - correlation)


def _rounded(value: float) -> float:
    """Six digits: the search itself is no more exact, and the noise must not reach the id."""
    return float(f"{value:.6g}")
