"""Named rules that turn zero rates at nodes into a discount factor at any time.

Pure functions over arrays: ``times`` and ``zero_rates`` end in the node axis, ``t`` in the time
axis, and any leading axes (days, scenarios) are carried along. Times are year fractions > 0 and
increase; zero rates are continuously compounded; time 0 has discount factor 1.

==============================  ====================================  ======================
rule                            between nodes                         beyond the last node
==============================  ====================================  ======================
``linear_zero``                 zero rate linear                      zero rate flat
``log_linear_discount``         forward constant                      last forward flat
``monotone_cubic_log_discount`` natural cubic on log discount,        last forward flat
                                Hyman's monotonicity filter
==============================  ====================================  ======================

Before the first node the two linear rules hold the first zero rate flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from riskplatform.errors import UnknownNameError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Central differences of the piecewise linear filter: exact but at its kinks.
_NODE_BUMP = 1e-5


class Interpolation(StrEnum):
    """The value is the name stored with a curve."""

    LINEAR_ZERO = "linear_zero"
    LOG_LINEAR_DISCOUNT = "log_linear_discount"
    MONOTONE_CUBIC_LOG_DISCOUNT = "monotone_cubic_log_discount"


def interpolation_rule(name: str) -> Interpolation:
    """The rule of that name; unknown names get the nearest ones suggested."""
    try:
        return Interpolation(name)
    except ValueError:
        known = [rule.value for rule in Interpolation]
        raise UnknownNameError("interpolation rule", name, known) from None


@dataclass(frozen=True, slots=True)
class NodeWeights:
    """For a linear rule: log discount = ``at_low * z[low] + at_high * z[high]``, and its slope."""

    low: IntArray
    high: IntArray
    at_low: FloatArray
    at_high: FloatArray
    slope_at_low: FloatArray
    slope_at_high: FloatArray


def log_discount(
    rule: Interpolation, times: FloatArray, zero_rates: FloatArray, t: FloatArray
) -> FloatArray:
    """Natural logarithm of the discount factor at each ``t``."""
    if rule is Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT:
        return _Cubic(times, zero_rates).value(t)
    weights = node_weights(rule, times, t)
    low, high = _gather(zero_rates, weights.low), _gather(zero_rates, weights.high)
    return weights.at_low * low + weights.at_high * high


def instantaneous_forward(
    rule: Interpolation, times: FloatArray, zero_rates: FloatArray, t: FloatArray
) -> FloatArray:
    """Minus the slope of the log discount; at a node of a linear rule the one to its right."""
    if rule is Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT:
        return -_Cubic(times, zero_rates).slope(t)
    weights = node_weights(rule, times, t)
    low, high = _gather(zero_rates, weights.low), _gather(zero_rates, weights.high)
    return -(weights.slope_at_low * low + weights.slope_at_high * high)


def log_discount_jacobian(
    rule: Interpolation, times: FloatArray, zero_rates: FloatArray, t: FloatArray
) -> FloatArray:
    """Derivative of the log discount at each ``t`` by each node's zero rate: ``(..., t, node)``."""
    if rule is Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT:
        return _Cubic(times, zero_rates).jacobian(t)
    weights = node_weights(rule, times, t)
    dense = np.zeros((*weights.low.shape, times.shape[-1]))
    np.put_along_axis(dense, weights.high[..., None], weights.at_high[..., None], axis=-1)
    # Where both nodes are the same one the low weight is zero and must not overwrite the high.
    low = np.take_along_axis(dense, weights.low[..., None], axis=-1) + weights.at_low[..., None]
    np.put_along_axis(dense, weights.low[..., None], low, axis=-1)
    return dense


def node_weights(rule: Interpolation, times: FloatArray, t: FloatArray) -> NodeWeights:
    """The two nodes and weights of a linear rule, the form that compiled loops want."""
    last = times.shape[-1] - 1
    passed = _count_passed(times, t)
    if rule is Interpolation.LINEAR_ZERO:
        low, high = np.clip(passed - 1, 0, last), np.clip(passed, 0, last)
        start, width = _gather(times, low), _gather(times, high) - _gather(times, low)
        per_year = np.where(width > 0, 1.0 / np.where(width > 0, width, 1.0), 0.0)
        share = (t - start) * per_year
        slope = t * per_year
        return NodeWeights(
            low, high, -t * (1 - share), -t * share, slope - (1 - share), -slope - share
        )
    high = np.clip(passed, 0, last)
    low = np.maximum(high - 1, 0)
    end = _gather(times, high)
    start = np.where(high > 0, _gather(times, low), 0.0)
    per_year = 1.0 / (end - start)
    share = (t - start) * per_year
    return NodeWeights(
        low, high, -(1 - share) * start, -share * end, per_year * start, -per_year * end
    )


def _count_passed(times: FloatArray, t: FloatArray) -> IntArray:
    """How many nodes are at or before each ``t``."""
    if times.ndim == 1:
        return np.searchsorted(times, t, side="right").astype(np.int64)
    return np.asarray((times[..., None, :] <= t[..., :, None]).sum(axis=-1), dtype=np.int64)


def _gather(values: FloatArray, index: IntArray) -> FloatArray:
    """``values`` at ``index`` along the last axis, leading axes broadcast."""
    if values.ndim == 1 or index.ndim <= 1:
        return values[..., index]
    lead = np.broadcast_shapes(values.shape[:-1], index.shape[:-1])
    return np.take_along_axis(
        np.broadcast_to(values, (*lead, values.shape[-1])),
        np.broadcast_to(index, (*lead, index.shape[-1])),
        axis=-1,
    )


class _Cubic:
    """Cubic Hermite on the log discount, knots at 0 and the nodes."""

    def __init__(self, times: FloatArray, zero_rates: FloatArray) -> None:
        lead = np.broadcast_shapes(times.shape, zero_rates.shape)[:-1]
        origin = np.zeros((*lead, 1))
        self._times = np.broadcast_to(times, (*lead, times.shape[-1]))
        self._knots = np.concatenate([origin, self._times], axis=-1)
        self._widths = np.diff(self._knots)
        self._values = np.concatenate([origin, -zero_rates * self._times], axis=-1)
        self._secants = np.diff(self._values) / self._widths
        self._free_slopes = natural_spline_slopes(self._widths, self._secants)
        self._slopes = hyman_filter(self._free_slopes, self._widths, self._secants)

    def value(self, t: FloatArray) -> FloatArray:
        left, basis = self._basis(t)
        return self._combine(left, basis)

    def slope(self, t: FloatArray) -> FloatArray:
        left, x, width = self._position(t)
        inside = np.minimum(x, 1.0)
        by_value = 6 * inside * (1 - inside) / width
        return self._combine(
            left,
            (
                -by_value,
                by_value,
                (1 - inside) * (1 - 3 * inside),
                inside * (3 * inside - 2),
            ),
        )

    def jacobian(self, t: FloatArray) -> FloatArray:
        """Derivative of the value by each zero rate: exact but for the limited slopes."""
        left, basis = self._basis(t)
        nodes = self._times.shape[-1]
        by_value = np.zeros((*self._times.shape[:-1], nodes + 1, nodes))
        by_value[..., np.arange(1, nodes + 1), np.arange(nodes)] = -self._times
        by_slope = self._slope_jacobian(by_value)
        lead = np.broadcast_shapes(by_value.shape[:-2], left.shape[:-1])
        rows = np.broadcast_to(left, (*lead, left.shape[-1]))[..., None]
        by_value = np.broadcast_to(by_value, (*lead, nodes + 1, nodes))
        by_slope = np.broadcast_to(by_slope, (*lead, nodes + 1, nodes))
        parts = (
            np.take_along_axis(by_value, rows, axis=-2),
            np.take_along_axis(by_value, rows + 1, axis=-2),
            np.take_along_axis(by_slope, rows, axis=-2),
            np.take_along_axis(by_slope, rows + 1, axis=-2),
        )
        terms = [weight[..., None] * part for weight, part in zip(basis, parts, strict=True)]
        return np.asarray(sum(terms[1:], start=terms[0]))

    def _slope_jacobian(self, by_value: FloatArray) -> FloatArray:
        """Derivative of the knot slopes, (..., knot, node); the filter's by central differences."""
        secant_moves = np.swapaxes(np.diff(by_value, axis=-2), -1, -2) / self._widths[..., None, :]
        # The spline is linear in the secants, so its slopes move by the spline of the moves.
        widths = np.broadcast_to(self._widths[..., None, :], secant_moves.shape)
        slope_moves = natural_spline_slopes(widths, secant_moves)
        free, secants = self._free_slopes[..., None, :], self._secants[..., None, :]
        up = hyman_filter(
            free + _NODE_BUMP * slope_moves, widths, secants + _NODE_BUMP * secant_moves
        )
        down = hyman_filter(
            free - _NODE_BUMP * slope_moves, widths, secants - _NODE_BUMP * secant_moves
        )
        return np.swapaxes(up - down, -1, -2) / (2 * _NODE_BUMP)

    def _position(self, t: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Left knot, position in the segment (above 1 beyond the last knot) and its width."""
        left = np.minimum(_count_passed(self._times, t), self._widths.shape[-1] - 1)
        width = _gather(self._widths, left)
        return left, (t - _gather(self._knots, left)) / width, width

    def _basis(self, t: FloatArray) -> tuple[IntArray, tuple[FloatArray, ...]]:
        """Hermite weights of the two values and two slopes; beyond the end a straight line."""
        left, x, width = self._position(t)
        inside = np.minimum(x, 1.0)
        at_right = inside * inside * (3 - 2 * inside)
        slope_right = width * (inside * inside * (inside - 1) + (x - inside))
        return left, (1 - at_right, at_right, width * inside * (1 - inside) ** 2, slope_right)

    def _combine(self, left: IntArray, weights: tuple[FloatArray, ...]) -> FloatArray:
        value_left, value_right, slope_left, slope_right = weights
        return (
            value_left * _gather(self._values, left)
            + value_right * _gather(self._values, left + 1)
            + slope_left * _gather(self._slopes, left)
            + slope_right * _gather(self._slopes, left + 1)
        )


def natural_spline_slopes(widths: FloatArray, secants: FloatArray) -> FloatArray:
    """Knot slopes of the cubic spline whose second derivative is zero at both ends."""
    count = widths.shape[-1] + 1
    matrix = np.zeros((*widths.shape[:-1], count, count))
    right_side = np.empty((*widths.shape[:-1], count))
    inner = np.arange(1, count - 1)
    matrix[..., 0, 0], matrix[..., 0, 1] = 2.0, 1.0
    matrix[..., -1, -1], matrix[..., -1, -2] = 2.0, 1.0
    matrix[..., inner, inner - 1] = widths[..., 1:]
    matrix[..., inner, inner] = 2 * (widths[..., 1:] + widths[..., :-1])
    matrix[..., inner, inner + 1] = widths[..., :-1]
    right_side[..., 0], right_side[..., -1] = 3 * secants[..., 0], 3 * secants[..., -1]
    right_side[..., 1:-1] = 3 * (
        widths[..., 1:] * secants[..., :-1] + widths[..., :-1] * secants[..., 1:]
    )
    return np.asarray(np.linalg.solve(matrix, right_side[..., None])[..., 0])


def hyman_filter(slopes: FloatArray, widths: FloatArray, secants: FloatArray) -> FloatArray:
    """Slopes limited so that the cubic is monotone wherever the data are.

    Hyman (1983) as refined by Dougherty, Edelman and Hyman (1989): at an inner knot the slope may
    reach three times the smallest of the neighbouring secants and the parabolic slope, or
    more where the data bend the same way on both sides.
    """
    ends = np.stack([3 * secants[..., 0], 3 * secants[..., -1]], axis=-1)
    limited_ends = _limit(slopes[..., [0, -1]], ends, np.abs(ends))
    if widths.shape[-1] == 1:
        return limited_ends
    before, after = secants[..., :-1], secants[..., 1:]
    width_before, width_after = widths[..., :-1], widths[..., 1:]
    middle = (before * width_after + after * width_before) / (width_before + width_after)
    bound = 3 * np.minimum(np.minimum(np.abs(before), np.abs(after)), np.abs(middle))
    bend = after - before
    if widths.shape[-1] > 2:
        far = secants[..., :-2]
        down = (
            before[..., 1:] * (2 * width_before[..., 1:] + widths[..., :-2])
            - far * width_before[..., 1:]
        ) / (widths[..., :-2] + width_before[..., 1:])
        relaxed = _relaxed(middle[..., 1:], down, before[..., 1:] - far, bend[..., 1:], 1.0)
        bound[..., 1:] = np.maximum(bound[..., 1:], relaxed)
        far = secants[..., 2:]
        up = (
            after[..., :-1] * (2 * width_after[..., :-1] + widths[..., 2:])
            - far * width_after[..., :-1]
        ) / (width_after[..., :-1] + widths[..., 2:])
        relaxed = _relaxed(middle[..., :-1], up, bend[..., :-1], far - after[..., :-1], -1.0)
        bound[..., :-1] = np.maximum(bound[..., :-1], relaxed)
    inner = _limit(slopes[..., 1:-1], middle, bound)
    return np.concatenate([limited_ends[..., :1], inner, limited_ends[..., 1:]], axis=-1)


def _relaxed(
    middle: FloatArray, side: FloatArray, bend_one: FloatArray, bend_two: FloatArray, sign: float
) -> FloatArray:
    """The wider bound at a knot where both bends agree; zero elsewhere."""
    applies = (bend_one * bend_two > 0) & (middle * side > 0) & (sign * middle * bend_one > 0)
    return np.where(applies, 1.5 * np.minimum(np.abs(middle), np.abs(side)), 0.0)


def _limit(slope: FloatArray, direction: FloatArray, bound: FloatArray) -> FloatArray:
    """The slope cut to ``bound``, or zero when it points against the data."""
    cut = np.sign(slope) * np.minimum(np.abs(slope), bound)
    return np.where(slope * direction > 0, cut, 0.0)
