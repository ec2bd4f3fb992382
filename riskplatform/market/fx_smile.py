"""An FX volatility surface from what the market quotes: at the money, risk reversal, butterfly.

The butterfly is the smile (broker's average) butterfly: the 25-delta call is quoted at
ATM + BF + RR/2 and the put at ATM + BF - RR/2. Strikes follow the delta convention of the pair;
the surface is stored in forward call deltas and passes through every quoted strike exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray, frozen_array, increasing_array
from riskplatform.market.delta import (
    AtmConvention,
    DeltaConvention,
    atm_strike,
    strike_from_delta,
)
from riskplatform.market.surfaces import SurfaceAxis, VolSurface

_ROUNDS = 100
_CLOSE = 1e-13


@dataclass(frozen=True, slots=True)
class FxSmileQuotes:
    """Quotes of one pair, one number for each expiry; wings by delta, such as 0.25 and 0.10."""

    expiries: ArrayLike
    atm: ArrayLike
    risk_reversals: Mapping[float, ArrayLike]
    butterflies: Mapping[float, ArrayLike]
    foreign_discounts: ArrayLike = 1.0
    delta: DeltaConvention = DeltaConvention.SPOT
    at_the_money: AtmConvention = AtmConvention.DELTA_NEUTRAL


def fx_surface(surface_id: str, as_of: date, quotes: FxSmileQuotes) -> VolSurface:
    """The surface through the quotes."""
    expiries = increasing_array(quotes.expiries, what=f"The quotes of {surface_id}: expiries")
    if set(quotes.risk_reversals) != set(quotes.butterflies):
        raise DataError(
            f"The quotes of {surface_id} have risk reversals at"
            f" {sorted(quotes.risk_reversals)} and butterflies at {sorted(quotes.butterflies)}.",
            hint="Give both at the same deltas.",
        )
    wings = sorted(quotes.risk_reversals)
    vols = pillar_vols(surface_id, quotes, expiries)
    strikes = _pillar_strikes(quotes, expiries, vols, wings)
    points = np.array([*wings, 0.5, *(1 - wing for wing in reversed(wings))])
    surface = VolSurface(surface_id, as_of, SurfaceAxis.DELTA, expiries, points, vols)
    return _through(surface, strikes, vols)


def _through(surface: VolSurface, strikes: FloatArray, vols: FloatArray) -> VolSurface:
    """``surface`` moved until it has these volatilities at these strikes over the forward."""
    for _ in range(_ROUNDS):
        # Quoted strikes lie near the grid's deltas, so the miss at one is mended at the other.
        miss = vols - surface.vol(strikes, surface.expiries[:, None], 1.0)
        if np.abs(miss).max() < _CLOSE:
            return surface
        surface = surface.with_vols(surface.vols + miss)
    raise DataError(
        f"No smooth smile passes through the quotes of {surface.surface_id}.",
        hint="Check the wings.",
    )


def pillar_vols(surface_id: str, quotes: FxSmileQuotes, expiries: FloatArray) -> FloatArray:
    """Volatilities by expiry from the lowest call delta to the lowest put delta."""
    shape = expiries.shape
    atm = frozen_array(quotes.atm, what=f"The ATM vols of {surface_id}", shape=shape)
    calls, puts = [], []
    for wing in sorted(quotes.risk_reversals):
        what = f"The {wing:g}-delta quotes of {surface_id}"
        reversal = frozen_array(quotes.risk_reversals[wing], what=what, shape=shape)
        centre = atm + frozen_array(quotes.butterflies[wing], what=what, shape=shape)
        calls.append(centre + reversal / 2)
        puts.append(centre - reversal / 2)
    return np.column_stack([*calls, atm, *reversed(puts)])


def _pillar_strikes(
    quotes: FxSmileQuotes, expiries: FloatArray, vols: FloatArray, wings: list[float]
) -> FloatArray:
    """Strikes over the forward of the pillars, in the order of :func:`pillar_vols`."""
    deviation = vols * np.sqrt(expiries)[:, None]
    middle = len(wings)
    foreign = np.broadcast_to(np.asarray(quotes.foreign_discounts, dtype=float), expiries.shape)
    signed = np.array([*wings, *(-wing for wing in reversed(wings))])
    around = strike_from_delta(
        signed,
        1.0,
        np.delete(deviation, middle, axis=1),
        convention=quotes.delta,
        foreign_discount=foreign[:, None],
    )
    centre = atm_strike(
        1.0,
        deviation[:, middle],
        atm=quotes.at_the_money,
        is_premium_adjusted=quotes.delta.is_premium_adjusted,
    )
    return np.insert(around, middle, centre, axis=1)
