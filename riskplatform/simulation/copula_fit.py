"""Copulas fitted to ranks: Gaussian, Student-t and skewed Student-t.

The Gaussian correlation is that of normal scores. The t copulas start from sin(pi/2 · Kendall's
tau) and then climb the likelihood of the ranks: degrees of freedom and skew by search, the
correlation by expectation-maximisation (with many factors Kendall's alone would hide the tails).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from scipy.special import ndtri, stdtr

from riskplatform.errors import DataError, UnknownNameError
from riskplatform.market.content import Content, FloatArray
from riskplatform.simulation.copula_likelihood import (
    Ranks,
    expected_correlation,
    inverse_root,
    mean_log_density,
)
from riskplatform.simulation.products import correlation_from, covariance_of
from riskplatform.simulation.ranks import kendall_tau, pseudo_observations
from riskplatform.simulation.roots import covariance_root

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
    root = np.sqrt((nu + 1.0) * (1.0 - correlation) / (1.0 + correlation))
    return float(2.0 * stdtr(nu + 1.0, -root))


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
        raw = correlation_from(covariance_of(ndtri(uniforms)))
    else:
        raw = np.sin(0.5 * np.pi * kendall_tau(moves))
    root = covariance_root(raw, what="The rank correlation", repair=repair)
    start = FittedCopula(kind, root.covariance, notes=root.notes)
    if kind is CopulaFamily.GAUSSIAN:
        return start
    return _climbed(Ranks.of(uniforms), start, nu, 0.0 if kind is CopulaFamily.T else skew)


def _climbed(
    ranks: Ranks, start: FittedCopula, nu: float | None, skew: float | None
) -> FittedCopula:
    """Shape and correlation improved in turns."""
    correlation, shape = start.correlation, (nu or 8.0, skew or 0.0)
    for _ in range(_ROUNDS):
        shape = _fit_shape(ranks, correlation, nu, skew)
        correlation = expected_correlation(ranks, correlation, *shape)
    correlation.flags.writeable = False
    return replace(start, correlation=correlation, nu=shape[0], skew=shape[1])


def _fit_shape(
    ranks: Ranks, correlation: FloatArray, nu: float | None, skew: float | None
) -> tuple[float, float]:
    """The nu and the skew of the highest likelihood; a given one stays as it is."""
    from scipy.optimize import minimize, minimize_scalar

    inverse = inverse_root(correlation)
    logs = (float(np.log(NU_RANGE[0])), float(np.log(NU_RANGE[1])))

    def cost(log_nu: float, tried: float) -> float:
        return -mean_log_density(ranks, inverse, float(np.exp(log_nu)), tried)

    if nu is not None and skew is not None:
        return nu, skew
    if skew is not None:
        found = minimize_scalar(lambda at: cost(at, skew), bounds=logs, method="bounded")
        return _rounded(np.exp(found.x)), skew
    if nu is not None:
        log_nu = float(np.log(nu))
        found = minimize_scalar(lambda at: cost(log_nu, at), bounds=SKEW_RANGE, method="bounded")
        return nu, _rounded(found.x)
    simplex = [[2.1, 0.0], [1.6, 0.2], [2.1, -0.2]]
    found = minimize(
        lambda at: cost(*at),
        x0=simplex[0],
        method="Nelder-Mead",
        bounds=[logs, SKEW_RANGE],
        options={"xatol": 1e-3, "fatol": 1e-6, "initial_simplex": simplex},
    )
    return _rounded(np.exp(found.x[0])), _rounded(found.x[1])


def _rounded(value: float) -> float:
    """Six digits: the search itself is no more exact, and the noise must not reach the id."""
    return float(f"{value:.6g}")
