"""Shapes of curve moves: what each tenor does when the short end rises or the middle bends."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.project.scenario_language.amounts import Amount
from riskplatform.project.scenario_language.scenario import Shock

DECAY_YEARS = 4.0
"""Of the Basel Committee's shocks of the short and the long end (BCBS d368, annex 2)."""
_BETWEEN, _MIDDLE = (2.0, 10.0), 5.0


def tilt(years: FloatArray, between: tuple[float, float] = _BETWEEN) -> FloatArray:
    """Minus a half up to the near tenor, plus a half from the far one, a straight line between."""
    return np.interp(years, between, (-0.5, 0.5))


def bend(
    years: FloatArray, between: tuple[float, float] = _BETWEEN, around: float = _MIDDLE
) -> FloatArray:
    """One at the middle tenor, nothing at and beyond the two others, straight lines between."""
    near, far = between
    return np.interp(years, (near, around, far), (0.0, 1.0, 0.0))


def short_end(years: FloatArray, decay_years: float = DECAY_YEARS) -> FloatArray:
    """One today, dying out."""
    return np.asarray(np.exp(-years / decay_years))


def long_end(years: FloatArray, decay_years: float = DECAY_YEARS) -> FloatArray:
    """Nothing today, one far away."""
    return np.asarray(-np.expm1(-years / decay_years))


def by_tenor(years: FloatArray, amounts: tuple[tuple[float, Amount], ...]) -> FloatArray:
    """Fractions of one: straight lines between the tenors given, flat beyond them."""
    tenors = [tenor for tenor, _ in amounts]
    return np.interp(years, tenors, [amount.fraction for _, amount in amounts])


def rate_moves(shock: Shock, years: FloatArray) -> FloatArray:
    """What a shock of rates adds to the zero rate of each tenor, without its parallel part."""
    between = shock.get("between", _BETWEEN)
    decay = shock.get("decay_years", DECAY_YEARS)
    shapes = {
        "tilt": tilt(years, between),
        "bend": bend(years, between, shock.get("around", _middle(between))),
        "short": short_end(years, decay),
        "long": long_end(years, decay),
    }
    total = np.zeros(len(years))
    for name, shape in shapes.items():
        amount = shock.amount(name)
        if amount is not None:
            total += amount.fraction * shape
    tenors = shock.get("tenors")
    return total + by_tenor(years, tenors) if tenors else total


def _middle(between: tuple[float, float]) -> float:
    near, far = between
    return _MIDDLE if near < _MIDDLE < far else (near + far) / 2
