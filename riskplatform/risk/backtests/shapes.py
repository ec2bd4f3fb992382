"""The distributions that a test may take as its null: normal and Student t, in their own units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, ndtr, ndtri, stdtr, stdtrit

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray


@dataclass(frozen=True, slots=True)
class Normal:
    """The standard normal."""

    @property
    def label(self) -> str:
        return "normal"

    def quantile(self, probability: ArrayLike) -> FloatArray:
        return np.asarray(ndtri(probability))

    def cdf(self, value: ArrayLike) -> FloatArray:
        return np.asarray(ndtr(value))

    def tail_mean(self, probability: ArrayLike) -> FloatArray:
        """The mean of what lies below the quantile, a negative number."""
        p = np.asarray(probability, dtype=np.float64)
        return np.asarray(-np.exp(-0.5 * ndtri(p) ** 2) / (np.sqrt(2.0 * np.pi) * p))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        return rng.standard_normal(shape)


@dataclass(frozen=True, slots=True)
class StudentT:
    """Student t with ``freedom`` degrees of freedom, not scaled to variance one."""

    freedom: float

    def __post_init__(self) -> None:
        if not self.freedom > 1.0:
            raise UserInputError(
                f"Below 1 degree of freedom a t has no mean; found {self.freedom:g}."
            )

    @property
    def label(self) -> str:
        return f"Student t({self.freedom:g})"

    def quantile(self, probability: ArrayLike) -> FloatArray:
        return np.asarray(stdtrit(self.freedom, probability))

    def cdf(self, value: ArrayLike) -> FloatArray:
        return np.asarray(stdtr(self.freedom, value))

    def tail_mean(self, probability: ArrayLike) -> FloatArray:
        """The mean of what lies below the quantile, a negative number."""
        p, nu = np.asarray(probability, dtype=np.float64), self.freedom
        x = stdtrit(nu, p)
        log_density = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi)
        log_density = log_density - (nu + 1) / 2 * np.log1p(x**2 / nu)
        return np.asarray(-np.exp(log_density) * (nu + x**2) / ((nu - 1) * p))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        return rng.standard_t(self.freedom, shape)


Shape = Normal | StudentT
