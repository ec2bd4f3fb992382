"""ES over the liquidity horizons of its risk factors (Basel MAR33.5)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray

LIQUIDITY_HORIZONS_DAYS = (10.0, 20.0, 40.0, 60.0, 120.0)


class LiquidityEs(NamedTuple):
    """``terms`` are what each step of horizon adds, before they are squared and summed."""

    es: float
    terms: FloatArray


def liquidity_horizon_es(
    es_of_subsets: ArrayLike, horizons_days: ArrayLike = LIQUIDITY_HORIZONS_DAYS
) -> LiquidityEs:
    """Combine the ES at the first horizon of nested subsets of factors.

    The j-th subset holds the factors whose liquidity horizon is the j-th or a longer one; its ES is
    scaled by the root of the step from the horizon before, over the first horizon.
    """
    subsets = np.asarray(es_of_subsets, dtype=np.float64)
    horizons = np.asarray(horizons_days, dtype=np.float64)
    if subsets.shape != horizons.shape or subsets.ndim != 1 or not subsets.size:
        raise UserInputError(
            f"{subsets.size} ES for {horizons.size} liquidity horizons; one for each is needed."
        )
    if not (np.isfinite(subsets).all() and (subsets >= 0.0).all()):
        raise UserInputError("An ES of a subset of factors is a number of zero or more.")
    steps = np.diff(horizons, prepend=0.0)
    if not (steps > 0.0).all():
        raise UserInputError("Liquidity horizons rise, from a first one above 0 days.")
    terms = subsets * np.sqrt(steps / horizons[0])
    return LiquidityEs(float(np.sqrt(np.square(terms).sum())), terms)
