"""Effects of single periods as effects of the whole: arithmetic and geometric linking.

Cariño (1999): each period's effect times k(t)/k, k = (ln(1+R) - ln(1+B)) / (R - B). Menchero
(2000): times M + a(t), the coefficients as even over time as they can be. Both sum to the whole's
R - B exactly. Geometric effects compound.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError, UnknownNameError
from riskplatform.market.content import FloatArray

_CLOSE = 1e-12


class Linking(StrEnum):
    """How effects of periods are joined."""

    CARINO = "carino"
    MENCHERO = "menchero"


def linking_named(name: str) -> Linking:
    """The rule called ``name``."""
    try:
        return Linking(name)
    except ValueError:
        raise UnknownNameError("linking", name, list(Linking)) from None


def compounded(returns: ArrayLike) -> float:
    """The return of all periods after one another."""
    return float(np.prod(1.0 + np.asarray(returns, dtype=np.float64)) - 1.0)


def coefficients(
    portfolio: ArrayLike, benchmark: ArrayLike, rule: Linking = Linking.CARINO
) -> FloatArray:
    """By period, what its effects are multiplied by so that they sum over periods."""
    r, b = (np.asarray(each, dtype=np.float64) for each in (portfolio, benchmark))
    if (r <= -1.0).any() or (b <= -1.0).any():
        raise DataError(
            "A period lost all of its value or more; its effects cannot be linked to others.",
            hint="Attribute the periods before and after it apart.",
        )
    whole, market = compounded(r), compounded(b)
    return (
        _carino(r, b, whole, market) if rule is Linking.CARINO else _menchero(r, b, whole, market)
    )


def linked(
    effects: ArrayLike, portfolio: ArrayLike, benchmark: ArrayLike, rule: Linking = Linking.CARINO
) -> FloatArray:
    """Effects [period, ...] joined over periods."""
    scale = coefficients(portfolio, benchmark, rule)
    return np.tensordot(scale, np.asarray(effects, dtype=np.float64), axes=1)


def linked_contributions(contributions: ArrayLike, returns: ArrayLike) -> FloatArray:
    """Contributions [period, ...] to the return, joined so that they sum to the compounded one."""
    flat = np.zeros(len(np.asarray(returns)))
    return linked(contributions, returns, flat)


def log_slope(one: ArrayLike, other: ArrayLike) -> FloatArray:
    """(ln(1+x) - ln(1+y)) / (x - y), and its limit 1/(1+x) where they are the same."""
    x, y = (np.asarray(each, dtype=np.float64) for each in (one, other))
    same = np.abs(x - y) < _CLOSE
    gap = np.where(same, 1.0, x - y)
    return np.asarray(np.where(same, 1.0 / (1.0 + x), (np.log1p(x) - np.log1p(y)) / gap))


def _carino(r: FloatArray, b: FloatArray, whole: float, market: float) -> FloatArray:
    return np.asarray(log_slope(r, b) / log_slope(whole, market))


def _menchero(r: FloatArray, b: FloatArray, whole: float, market: float) -> FloatArray:
    count, gap = len(r), r - b
    mean = (1.0 + whole) ** (1 / count) - (1.0 + market) ** (1 / count)
    if abs(mean) < _CLOSE:
        even = ((1.0 + whole) ** ((count - 1) / count)) if count else 1.0
    else:
        even = (whole - market) / count / mean
    squares = float(np.square(gap).sum())
    left = (whole - market) - even * float(gap.sum())
    return even + (left / squares if squares else 0.0) * gap
