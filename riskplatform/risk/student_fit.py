"""Student t fitted to weighted P&L by maximum likelihood, with the error of its VaR and ES."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray
from riskplatform.risk.closed_forms import student_tail
from riskplatform.risk.intervals import Interval, TailIntervals
from riskplatform.risk.quantiles import Tail

# One over the degrees of freedom: from the normal, nearly, to where an ES is hardly finite.
_LEAST, _MOST = 1e-3, 0.8


class StudentFit(NamedTuple):
    """P&L is ``location + scale · t``; ``at_bound`` when it wants no tail, or a longer one."""

    degrees: float
    location: float
    scale: float
    at_bound: bool

    @property
    def volatility(self) -> float:
        """Infinite with two degrees of freedom or fewer."""
        if self.degrees <= 2.0:
            return math.inf
        return self.scale * math.sqrt(self.degrees / (self.degrees - 2.0))

    def tail(self, confidence: float) -> Tail:
        return student_tail(self.scale, self.degrees, confidence, self.location)


def fit_student(values: FloatArray, shares: FloatArray) -> StudentFit:
    """The three parameters of the largest weighted likelihood."""
    from scipy import optimize

    centre, unit = _frame(values, shares)
    standard = (values - centre) / unit
    bounds = [(_LEAST, _MOST), (-5.0, 5.0), (-5.0, 3.0)]
    found = min(
        (
            optimize.minimize(_cost, start, args=(standard, shares), jac=True, bounds=bounds,
                              method="SLSQP", options={"ftol": 1e-15, "maxiter": 200})
            for start in (np.array([0.2, 0.0, -0.3]), np.array([0.02, 0.0, 0.0]))
        ),
        key=lambda result: float(result.fun),
    )  # fmt: skip
    inverse, place, width = (float(value) for value in found.x)
    at_bound = inverse <= _LEAST * 1.0001 or inverse >= _MOST * 0.9999
    return StudentFit(1.0 / inverse, centre + unit * place, unit * math.exp(width), at_bound)


def student_intervals(
    fit: StudentFit, values: FloatArray, shares: FloatArray, confidence: float, level: float
) -> TailIntervals:
    """Delta method on the parameters, with the sandwich covariance (right also where t is not)."""
    point = np.array([1.0 / fit.degrees, 0.0, 0.0])
    standard = (values - fit.location) / fit.scale
    free = np.array([0, 1, 2]) if not fit.at_bound else np.array([1, 2])
    scores = _scores(point, standard)[free]
    step = 1e-5
    bend = np.empty((free.size, free.size))
    for row, place in enumerate(free):
        move = np.zeros(3)
        move[place] = step
        up, down = (_scores(point + sign * move, standard)[free] @ shares for sign in (1, -1))
        bend[row] = (up - down) / (2.0 * step)
    # Sums without a BLAS, whose threads wait for each other longer than such small sums take.
    inverse = np.linalg.inv(0.5 * (bend + bend.T))
    meat = np.einsum("ik,k,jk->ij", scores, np.square(shares), scores)
    spread = inverse @ meat @ inverse
    width = float(special.ndtri(0.5 + 0.5 * level))
    out = []
    for which, middle in enumerate(fit.tail(confidence)):
        slope = np.empty(free.size)
        for row, place in enumerate(free):
            move = np.zeros(3)
            move[place] = step
            up, down = (_at(fit, point + sign * move).tail(confidence)[which] for sign in (1, -1))
            slope[row] = float(up - down) / (2.0 * step)
        error = width * math.sqrt(float(slope @ spread @ slope))
        name = "delta method on the likelihood's parameters"
        out.append(Interval(float(middle) - error, float(middle) + error, level, name))
    return TailIntervals(*out)


def _at(fit: StudentFit, point: FloatArray) -> StudentFit:
    location = fit.location + fit.scale * float(point[1])
    return StudentFit(1.0 / float(point[0]), location, fit.scale * math.exp(point[2]), False)


def _frame(values: FloatArray, shares: FloatArray) -> tuple[float, float]:
    centre = float(values @ shares)
    unit = math.sqrt(float(np.square(values - centre) @ shares))
    if not unit > 0.0:
        raise DataError("The P&L is the same in all scenarios; it has no distribution to fit.")
    return centre, unit


def _cost(point: FloatArray, standard: FloatArray, shares: FloatArray) -> tuple[float, FloatArray]:
    """Minus the mean log-likelihood, and its slope."""
    inverse, place, width = point
    nu = 1.0 / inverse
    z = (standard - place) * math.exp(-width)
    constant = special.gammaln(0.5 * (nu + 1.0)) - special.gammaln(0.5 * nu)
    constant -= 0.5 * math.log(nu * math.pi) + width
    fun = constant - 0.5 * (nu + 1.0) * float((np.log1p(z * z * inverse) * shares).sum())
    return -fun, -(_scores(point, standard) * shares).sum(axis=1)


def _scores(point: FloatArray, standard: FloatArray) -> FloatArray:
    """Slope of each log-density in one over the degrees, location and log of scale."""
    inverse, place, width = point
    nu = 1.0 / inverse
    z = (standard - place) * math.exp(-width)
    square = z * z
    pull = (nu + 1.0) / (nu + square)
    by_nu = 0.5 * (
        special.digamma(0.5 * (nu + 1.0))
        - special.digamma(0.5 * nu)
        - inverse
        - np.log1p(square * inverse)
        + pull * square * inverse
    )
    return np.stack([-by_nu * nu * nu, pull * z * math.exp(-width), pull * square - 1.0])
