"""Does a surface allow a free lunch? Calendar and butterfly checks that report and never raise.

Calendar: total variance at the same forward moneyness must not fall with the expiry. Butterfly:
the call price must be convex in the strike, which is to say that the implied density must not be
negative. Both look only inside the quoted points, not at the flat wings beyond them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskplatform.market.content import FloatArray
from riskplatform.market.surfaces import SurfaceAxis, VolSurface

_GRID = 201


@dataclass(frozen=True, slots=True)
class ArbitrageViolation:
    """Where a surface allows arbitrage, at its worst in a stretch of strikes.

    ``size`` is the fall of total variance (calendar) or the negative probability in the stretch
    (butterfly).
    """

    surface_id: str
    kind: str
    expiry: float
    moneyness: float
    size: float

    def __str__(self) -> str:
        return (
            f"{self.kind} arbitrage of {self.size:.2e} in {self.surface_id} at {self.expiry:.3f}"
            f" years, strike {self.moneyness:.1%} of the forward"
        )


def arbitrage_violations(
    surface: VolSurface, *, forward: float | None = None, tolerance: float = 1e-6
) -> tuple[ArbitrageViolation, ...]:
    """All violations larger than ``tolerance``, calendar first, by expiry.

    A surface by strike is judged against one ``forward`` for all expiries, by default its middle
    strike; the other axes need none.
    """
    if surface.axis is not SurfaceAxis.STRIKE:
        level = 1.0
    else:
        level = forward or float(surface.points[surface.points.size // 2])
    return (*_calendar(surface, level, tolerance), *_butterfly(surface, level, tolerance))


def _calendar(surface: VolSurface, forward: float, tolerance: float) -> list[ArbitrageViolation]:
    found = []
    for early, late in zip(surface.expiries[:-1], surface.expiries[1:], strict=True):
        ends = np.array([_range(surface, float(expiry), forward) for expiry in (early, late)])
        k = np.linspace(ends[:, 0].max(), ends[:, 1].min(), _GRID)
        strikes = forward * np.exp(k)
        fall = surface.vol(strikes, early, forward) ** 2 * early
        fall = fall - surface.vol(strikes, late, forward) ** 2 * late
        for stretch in _stretches(fall > tolerance):
            worst = stretch[np.argmax(fall[stretch])]
            found.append(_violation(surface, "calendar", late, k[worst], fall[worst]))
    return found


def _butterfly(surface: VolSurface, forward: float, tolerance: float) -> list[ArbitrageViolation]:
    if surface.points.size == 1:
        return []
    found = []
    for expiry in surface.expiries:
        low, high = _range(surface, float(expiry), forward)
        moneyness = np.linspace(np.exp(low), np.exp(high), _GRID)
        vol = surface.vol(forward * moneyness, expiry, forward)
        price = _call(moneyness, vol * np.sqrt(expiry))
        # The second difference over the step is the probability between neighbouring strikes.
        mass = np.diff(price, 2) / (moneyness[1] - moneyness[0])
        for stretch in _stretches(mass < 0):
            size = -float(mass[stretch].sum())
            if size > tolerance:
                worst = stretch[np.argmin(mass[stretch])]
                k = np.log(moneyness[worst + 1])
                found.append(_violation(surface, "butterfly", expiry, k, size))
    return found


def _range(surface: VolSurface, expiry: float, forward: float) -> tuple[float, float]:
    """Log-moneyness of the first and last quoted point."""
    strikes = surface.quoted_strikes(expiry, forward)
    return float(np.log(strikes[0] / forward)), float(np.log(strikes[-1] / forward))


def _call(moneyness: FloatArray, deviation: FloatArray) -> FloatArray:
    """Undiscounted Black call on a forward of one."""
    from scipy.special import ndtr

    d1 = -np.log(moneyness) / deviation + deviation / 2
    return np.asarray(ndtr(d1) - moneyness * ndtr(d1 - deviation))


def _stretches(bad: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Runs of neighbouring positions that are bad."""
    places = np.flatnonzero(bad)
    if places.size == 0:
        return []
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)


def _violation(
    surface: VolSurface, kind: str, expiry: Any, k: Any, size: Any
) -> ArbitrageViolation:
    return ArbitrageViolation(
        surface.surface_id, kind, float(expiry), float(np.exp(k)), float(size)
    )
