"""Interest-rate and overnight-indexed swaps: value per unit of notional to the fixed payer.

Arguments are discount factors [state, period] that a curve gave at the dates of the legs. Periods
that are over have a weight of zero, so that legs of different age fit into one rectangle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.pricing.formulas.arrays import FloatArray


def fixed_leg(rate: ArrayLike, accruals: FloatArray, discounts: FloatArray) -> FloatArray:
    """[state]: ``rate`` × the annuity of the periods."""
    return np.asarray(np.asarray(rate) * (accruals * discounts).sum(axis=-1))


def projected_leg(
    accruals: FloatArray,
    projection_start: FloatArray,
    projection_end: FloatArray,
    discounts: FloatArray,
    fixed_rates: FloatArray | None = None,
    spread: float = 0.0,
) -> FloatArray:
    """[state]: floating periods at the forwards of a projection curve.

    ``fixed_rates`` [state, period] holds the rate where it is fixed already and NaN elsewhere.
    """
    is_over = accruals == 0.0
    forwards = (projection_start / projection_end - 1.0) / np.where(is_over, 1.0, accruals)
    if fixed_rates is not None:
        forwards = np.where(np.isnan(fixed_rates), forwards, fixed_rates)
    return np.asarray((accruals * (forwards + spread) * discounts).sum(axis=-1))


def compounded_leg(
    grown: FloatArray, start_discount: FloatArray, end_discounts: FloatArray
) -> FloatArray:
    """[state]: an overnight leg paid at the ends of its periods without delay.

    Its periods telescope: what is due at the end of the current one is worth what has been
    compounded in it so far (``grown``, with ``start_discount`` 1), or for a swap that starts later
    the discount factor of its start (``grown`` 1); less the discount factor of the last period's
    end; and each payment in between is reinvested in the next. ``end_discounts`` is [state].
    """
    return np.asarray(grown * start_discount - end_discounts)


def payer_value(floating: FloatArray, fixed: FloatArray) -> FloatArray:
    """[state]: what the payer of the fixed leg receives less what it pays."""
    return np.asarray(floating - fixed)
