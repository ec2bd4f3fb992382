"""Bootstrap for interpolation rules in which every node moves the whole curve.

Newton's method on all zero rates of a day together, started from the local solution, which is
already close. Days of a history are solved side by side.
"""

from __future__ import annotations

import numpy as np

from riskplatform.market.bootstrap_layout import DiscountLogs, Layout, model_rates
from riskplatform.market.bootstrap_local import solve_local
from riskplatform.market.interpolation import (
    FloatArray,
    Interpolation,
    log_discount,
    log_discount_jacobian,
)

_MAX_STEPS = 25
_SETTLED_RATE = 2e-15


def solve_global(
    rule: Interpolation, layout: Layout, rates: FloatArray, known: DiscountLogs | None
) -> FloatArray:
    """Zero rates at ``layout.times``; a day without a solution keeps its last try."""
    zero_rates = solve_local(Interpolation.LOG_LINEAR_DISCOUNT, layout, rates, known)
    best = np.full(len(rates), np.inf)
    for _ in range(_MAX_STEPS):
        misses = rates - model_rates(rule, layout, zero_rates, known)
        worst = np.max(np.abs(misses), axis=1)
        # Rounding, not mathematics, decides once the error is small and stops falling.
        moving = np.isfinite(worst) & ~((worst < 1e-12) & (worst > 0.25 * best))
        moving &= worst > _SETTLED_RATE
        if not moving.any():
            break
        best = np.fmin(best, worst)
        own = None if known is None else DiscountLogs(known.floating[moving], known.fixed[moving])
        slopes = _rate_jacobian(rule, layout.rows(moving), zero_rates[moving], own)
        zero_rates[moving] += _newton_steps(slopes, misses[moving])
    return zero_rates


def _newton_steps(slopes: FloatArray, misses: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.solve(slopes, misses[..., None])[..., 0])
    except np.linalg.LinAlgError:
        # One singular day refuses the whole stack; it alone is to fail, so it stands still.
        regular = np.linalg.cond(slopes) < 1e14
        steps = np.zeros_like(misses)
        steps[regular] = np.linalg.solve(slopes[regular], misses[regular][..., None])[..., 0]
        return steps


def _rate_jacobian(
    rule: Interpolation, layout: Layout, zero_rates: FloatArray, known: DiscountLogs | None
) -> FloatArray:
    """Derivative of each model rate by each zero rate: (day, instrument, node)."""

    def logs(at: FloatArray) -> FloatArray:
        return log_discount(rule, layout.times, zero_rates, at)

    def slopes(at: FloatArray) -> FloatArray:
        return log_discount_jacobian(rule, layout.times, zero_rates, at)

    def summed(values: FloatArray, first: np.ndarray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, first, axis=1))

    start, end = layout.floating_start, layout.floating_end
    growth = np.expm1(logs(start) - logs(end))
    paid = np.exp(logs(layout.floating_payment) if known is None else known.floating)
    accrued = layout.fixed_accrual * np.exp(
        logs(layout.fixed_payment) if known is None else known.fixed
    )
    annuity = summed(accrued, layout.fixed_first)[..., None]
    model = summed(growth * paid, layout.floating_first)[..., None] / annuity
    moved = (paid * (growth + 1))[..., None] * (slopes(start) - slopes(end))
    if known is not None:
        return summed(moved, layout.floating_first) / annuity
    moved += (growth * paid)[..., None] * slopes(layout.floating_payment)
    by_annuity = summed(accrued[..., None] * slopes(layout.fixed_payment), layout.fixed_first)
    return (summed(moved, layout.floating_first) - model * by_annuity) / annuity
