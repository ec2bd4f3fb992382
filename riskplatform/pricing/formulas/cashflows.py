"""Present values of many fixed cash flows against many states of a curve.

A state is one row of zero rates on common nodes: a scenario, or a day of history. Zero rates are
continuously compounded, linear between nodes and flat outside. Hazard rates are forward: each
holds from the node before to its own node, the last one for ever.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskplatform.pricing.formulas.arrays import FloatArray


def linear_zero(times: FloatArray, node_times: FloatArray, zero_rates: FloatArray) -> FloatArray:
    """Zero rates [state, flow] of ``zero_rates`` [state, node] at ``times``.

    ``times`` is [flow], the same in all states, or [state, flow].
    """
    place = np.clip(np.searchsorted(node_times, times), 1, node_times.size - 1)
    left, right = node_times[place - 1], node_times[place]
    weight = np.clip((times - left) / (right - left), 0.0, 1.0)
    if times.ndim == 1:
        low, high = zero_rates[:, place - 1], zero_rates[:, place]
    else:
        low = np.take_along_axis(zero_rates, place - 1, axis=1)
        high = np.take_along_axis(zero_rates, place, axis=1)
    return np.asarray(low + weight * (high - low))


def discount_factors(
    times: FloatArray, node_times: FloatArray, zero_rates: FloatArray
) -> FloatArray:
    """Discount factors [state, flow]; a flow that is due or past is worth its amount."""
    years = np.maximum(times, 0.0)
    return np.asarray(np.exp(-linear_zero(years, node_times, zero_rates) * years))


def survival(times: FloatArray, node_times: FloatArray, hazard_rates: FloatArray) -> FloatArray:
    """Chances [state, flow] that nothing has defaulted by ``times``."""
    years = np.maximum(times, 0.0)
    steps = np.diff(node_times, prepend=0.0)
    summed = np.cumsum(hazard_rates * steps, axis=1)
    summed = np.concatenate([np.zeros((summed.shape[0], 1)), summed], axis=1)
    place = np.clip(np.searchsorted(node_times, years), 0, node_times.size - 1)
    since = years - np.concatenate([[0.0], node_times])[place]
    if times.ndim == 1:
        base, rate = summed[:, place], hazard_rates[:, place]
    else:
        base = np.take_along_axis(summed, place, axis=1)
        rate = np.take_along_axis(hazard_rates, place, axis=1)
    return np.asarray(np.exp(-(base + rate * since)))


def present_values(
    amounts: FloatArray, owners: NDArray[np.intp], discounts: FloatArray, count: int
) -> FloatArray:
    """[state, owner]: sums of amounts × discount factors, for ``count`` owners of flows.

    ``owners`` rise, so that each owner's flows stand together.
    """
    values = np.zeros((discounts.shape[0], count))
    if owners.size:
        first = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]]))
        values[:, owners[first]] = np.add.reduceat(discounts * amounts, first, axis=1)
    return values


def risky_present_value(
    amounts: FloatArray,
    face: float,
    recovery: float,
    discounts: FloatArray,
    survivals: FloatArray,
    survival_now: FloatArray | float = 1.0,
) -> FloatArray:
    """[state]: flows paid while nothing defaults, and recovery of ``face`` when it does.

    A default between two flows pays at the middle of the two, discounted by the geometric mean of
    their discount factors. Flows are in order of time; a flow of zero amount refines the grid.
    """
    paid = (amounts * discounts * survivals).sum(axis=1)
    ones = np.ones((discounts.shape[0], 1))
    before = np.concatenate([ones * np.reshape(survival_now, (-1, 1)), survivals[:, :-1]], axis=1)
    earlier = np.concatenate([ones, discounts[:, :-1]], axis=1)
    recovered = (np.sqrt(earlier * discounts) * (before - survivals)).sum(axis=1)
    return np.asarray(paid + recovery * face * recovered)
