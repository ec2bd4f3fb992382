"""The skewed Student-t that mixes mean and variance: X = skew · W + sqrt(W) · Z.

W = nu / chi-square(nu) and Z normal with unit variances and correlation R (the generalised
hyperbolic skewed t of Demarta and McNeil, 2005). A negative skew makes joint falls likelier than
joint rises. Without skew it is Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy.special import gammaln, kve

from riskplatform.market.content import FloatArray

# Bessel functions of larger order over- and underflow; their expansion is then exact enough.
_LARGE_ORDER = 50.0
# Steps of asinh(x) on which the distribution function is tabulated, and how far out.
_GRID = np.linspace(-18.5, 18.5, 12_001)


@dataclass(frozen=True, slots=True, eq=False)
class SkewedTable:
    """The distribution function of one component on a grid of asinh(x)."""

    chances: FloatArray = field(repr=False)

    def cdf(self, values: FloatArray) -> FloatArray:
        return np.interp(np.arcsinh(values), _GRID, self.chances)

    def quantile(self, chances: FloatArray) -> FloatArray:
        return np.asarray(np.sinh(np.interp(chances, self.chances, _GRID)), dtype=np.float64)


@lru_cache(maxsize=256)
def skewed_table(nu: float, skew: float) -> SkewedTable:
    """The table for one component with these parameters."""
    from scipy.integrate import cumulative_simpson

    x = np.sinh(_GRID)
    quadratic, linear = np.square(x), x * skew
    density = np.exp(log_density(quadratic, linear, skew * skew, nu, 1, 0.0)) * np.cosh(_GRID)
    chances = cumulative_simpson(density, x=_GRID, initial=0.0)
    chances = np.maximum.accumulate(np.clip(chances / chances[-1], 0.0, 1.0))
    chances.flags.writeable = False
    return SkewedTable(chances)


def log_density(
    quadratic: FloatArray,
    linear: FloatArray,
    skew_square: float,
    nu: float,
    size: int,
    log_determinant: float,
) -> FloatArray:
    """The log density from x'R⁻¹x, x'R⁻¹·skew, skew'R⁻¹·skew, and log det R."""
    order = 0.5 * (nu + size)
    constant = -0.5 * size * np.log(np.pi * nu) - gammaln(0.5 * nu) - 0.5 * log_determinant
    body = -order * np.log1p(quadratic / nu)
    if skew_square < 1e-12:
        return np.asarray(constant + gammaln(order) + body, dtype=np.float64)
    argument = np.sqrt((nu + quadratic) * skew_square)
    bessel = log_bessel(order, argument) + order * np.log(argument)
    constant += (1.0 - order) * np.log(2.0)
    return np.asarray(constant + bessel + linear + body, dtype=np.float64)


def log_bessel(order: float, argument: FloatArray) -> FloatArray:
    """The log of the modified Bessel function of the second kind."""
    if order <= _LARGE_ORDER:
        return np.asarray(np.log(kve(order, argument)) - argument, dtype=np.float64)
    z = argument / order
    root = np.sqrt(1.0 + z * z)
    t = 1.0 / root
    exponent = root + np.log(z / (1.0 + root))
    first = (3.0 * t - 5.0 * t**3) / (24.0 * order)
    second = (81.0 * t**2 - 462.0 * t**4 + 385.0 * t**6) / (1152.0 * order**2)
    correction = 1.0 - first + second
    leading = 0.5 * np.log(np.pi / (2.0 * order)) - order * exponent - 0.5 * np.log(root)
    return np.asarray(leading + np.log(correction), dtype=np.float64)


def conditional_scales(
    quadratic: FloatArray, skew_square: float, nu: float, size: int
) -> tuple[FloatArray, FloatArray]:
    """The expectations of W and of 1/W, given x: what the fitting of R weighs days by."""
    order, chi = 0.5 * (nu + size), nu + quadratic
    if skew_square < 1e-12:
        inverse = (nu + size) / chi
        return chi / np.maximum(nu + size - 2.0, 1e-9), inverse
    argument = np.sqrt(chi * skew_square)
    here = log_bessel(order, argument)
    ratio = np.sqrt(chi / skew_square)
    mean = ratio * np.exp(log_bessel(order - 1.0, argument) - here)
    inverse = np.exp(log_bessel(order + 1.0, argument) - here) / ratio
    return np.asarray(mean), np.asarray(inverse)
