"""Bootstrap for local interpolation rules: node after node, all days of a history at once.

With a local rule an instrument depends on its own node and those before it, and through payments
after its node very slightly on the next one. So the nodes are swept in order, each found by
Newton's method in one unknown per day, and the sweep is repeated until nothing moves. The coupons
of an instrument follow each other without a gap, so a floating leg is its boundaries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.bootstrap_layout import DiscountLogs, Layout, first_guess
from riskplatform.market.interpolation import FloatArray, IntArray, Interpolation, node_weights

_MAX_SWEEPS = 12
_MAX_STEPS = 25
_SETTLED_RATE = 2e-15
_SETTLED_STEP = 1e-13
# A step of half the world's interest rate is already absurd; longer ones only lose the way.
_LONGEST_STEP = 0.5


def solve_local(
    rule: Interpolation, layout: Layout, rates: FloatArray, known: DiscountLogs | None
) -> FloatArray:
    """Zero rates at ``layout.times``; a day without a solution keeps its last try."""
    zero_rates = first_guess(layout, rates)
    orders, group = np.unique(layout.order, axis=0, return_inverse=True)
    for number, order in enumerate(orders):
        rows = np.ravel(group) == number
        own = None if known is None else DiscountLogs(known.floating[rows], known.fixed[rows])
        part = layout.rows(rows)
        zero_rates[rows] = _solve_group(rule, part, order, rates[rows], own, zero_rates[rows])
    return zero_rates


def _solve_group(
    rule: Interpolation,
    layout: Layout,
    order: IntArray,
    rates: FloatArray,
    known: DiscountLogs | None,
    zero_rates: FloatArray,
) -> FloatArray:
    """Days whose instruments stand in one order of time."""
    instruments = [_instrument(rule, layout, int(column), known) for column in order]
    best = np.full(len(rates), np.inf)
    for _ in range(_MAX_SWEEPS):
        for node, instrument in enumerate(instruments):
            instrument.solve(zero_rates, node, rates[:, order[node]])
        models = np.stack([instrument.rate(zero_rates) for instrument in instruments], axis=1)
        miss = np.max(np.abs(models - rates[:, order]), axis=1)
        improving = (miss > _SETTLED_RATE) & (miss < 0.25 * best)
        if not improving.any():
            break
        best = np.fmin(best, miss)
    return zero_rates


@dataclass(frozen=True, slots=True)
class _Logs:
    """Log discounts at fixed times: linear in the zero rates. ``low`` and ``high`` are nodes."""

    low: IntArray
    high: IntArray
    at_low: FloatArray
    at_high: FloatArray

    def value(self, zero_rates: FloatArray) -> FloatArray:
        # Flat indices: one ``take`` is twice as fast as ``take_along_axis``.
        row_start = np.arange(len(zero_rates))[:, None] * zero_rates.shape[1]
        low = np.take(zero_rates, row_start + self.low)
        high = np.take(zero_rates, row_start + self.high)
        return np.asarray(self.at_low * low + self.at_high * high)

    def slope(self, node: int) -> FloatArray:
        at_low = np.where(self.low == node, self.at_low, 0.0)
        return np.asarray(at_low + np.where(self.high == node, self.at_high, 0.0))


@dataclass(frozen=True, slots=True)
class _Instrument:
    """One instrument on all days of a group; equal payment dates are one object."""

    boundaries: _Logs
    floating_paid: _Logs | FloatArray
    fixed_paid: _Logs | FloatArray
    accrual: FloatArray

    def solve(self, zero_rates: FloatArray, node: int, rates: FloatArray) -> None:
        """Move the zero rates of one node, in place, until the instrument has its rate."""
        d_growth = -np.diff(self.boundaries.slope(node))
        d_floating, d_fixed = _slope(self.floating_paid, node), _slope(self.fixed_paid, node)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for _ in range(_MAX_STEPS):
                growth, paid, accrued = self._flows(zero_rates)
                annuity = accrued.sum(axis=1)
                model = (growth * paid).sum(axis=1) / annuity
                slope = (paid * ((growth + 1) * d_growth + growth * d_floating)).sum(axis=1)
                slope = (slope - model * (accrued * d_fixed).sum(axis=1)) / annuity
                step = np.clip((rates - model) / slope, -_LONGEST_STEP, _LONGEST_STEP)
                step[~np.isfinite(step)] = 0.0
                zero_rates[:, node] += step
                if np.all(np.abs(step) < _SETTLED_STEP):
                    return

    def rate(self, zero_rates: FloatArray) -> FloatArray:
        """The rate that the instrument has on curves with these zero rates."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            growth, paid, accrued = self._flows(zero_rates)
            return np.asarray((growth * paid).sum(axis=1) / accrued.sum(axis=1))

    def _flows(self, zero_rates: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        growth = np.expm1(-np.diff(self.boundaries.value(zero_rates)))
        paid = np.exp(_value(self.floating_paid, zero_rates))
        if self.fixed_paid is self.floating_paid:
            return growth, paid, self.accrual * paid
        return growth, paid, self.accrual * np.exp(_value(self.fixed_paid, zero_rates))


def _value(logs: _Logs | FloatArray, zero_rates: FloatArray) -> FloatArray:
    return logs.value(zero_rates) if isinstance(logs, _Logs) else logs


def _slope(logs: _Logs | FloatArray, node: int) -> FloatArray | float:
    return logs.slope(node) if isinstance(logs, _Logs) else 0.0


def _instrument(
    rule: Interpolation, layout: Layout, column: int, known: DiscountLogs | None
) -> _Instrument:
    floating = _columns(layout.floating_first, column, layout.floating_start.shape[1])
    fixed = _columns(layout.fixed_first, column, layout.fixed_payment.shape[1])
    first, ends = layout.floating_start[:, floating][:, :1], layout.floating_end[:, floating]
    accrual = layout.fixed_accrual[:, fixed]
    boundaries = _logs(rule, layout.times, np.concatenate([first, ends], axis=1))
    if known is not None:
        return _Instrument(boundaries, known.floating[:, floating], known.fixed[:, fixed], accrual)
    paid, also_paid = layout.floating_payment[:, floating], layout.fixed_payment[:, fixed]
    floating_paid = _logs(rule, layout.times, paid)
    same = np.array_equal(paid, also_paid)
    fixed_paid = floating_paid if same else _logs(rule, layout.times, also_paid)
    return _Instrument(boundaries, floating_paid, fixed_paid, accrual)


def _logs(rule: Interpolation, times: FloatArray, at: FloatArray) -> _Logs:
    weights = node_weights(rule, times, at)
    return _Logs(weights.low, weights.high, weights.at_low, weights.at_high)


def _columns(first: IntArray, column: int, total: int) -> slice:
    end = int(first[column + 1]) if column + 1 < len(first) else total
    return slice(int(first[column]), end)
