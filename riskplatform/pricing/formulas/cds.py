"""Credit default swaps: upfront value per unit of notional to the buyer of protection.

The midpoint rule: a default inside a premium period happens in the middle of what is left of it,
costs the loss there and half the accrued premium of the period.
"""

from __future__ import annotations

import numpy as np

from riskplatform.pricing.formulas.arrays import FloatArray


def protection_value(
    running_spread: float,
    recovery: float,
    accruals: FloatArray,
    accrued: FloatArray,
    payment_discounts: FloatArray,
    middle_discounts: FloatArray,
    survival_starts: FloatArray,
    survival_ends: FloatArray,
) -> FloatArray:
    """[state]: protection less premium, the accrued premium of the current period included.

    All arrays are [state, period]. ``accruals`` are whole periods in years (zero once paid);
    ``accrued`` is the part of each that has run before today, not in a period still to start;
    ``survival_starts`` is 1 for the current period.
    """
    default_chance = survival_starts - survival_ends
    # Premium accrues from the period's start to the middle of the days that are left.
    at_default = accrued + 0.5 * (accruals - accrued)
    premium = (accruals * payment_discounts * survival_ends).sum(axis=-1)
    premium = premium + (at_default * middle_discounts * default_chance).sum(axis=-1)
    alive = accruals > 0.0
    protection = np.where(alive, middle_discounts * default_chance, 0.0).sum(axis=-1)
    return np.asarray((1.0 - recovery) * protection - running_spread * premium)
