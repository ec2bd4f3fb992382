"""Exact derivatives of unit values by every number of the state, and the ladders made of them.

Values are sums of exponentials of weighted sums, so their derivatives are the same sums, weighted;
options and the ISDA integrals add theirs by the chain rule. Curves read by a cubic rule take the
Jacobian of :mod:`riskplatform.market.interpolation`. All ladders are per basis point (1e-4) of
their node, vega per 0.01 of volatility, in the unit's currency, analytic (no bump).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.market.curves import BASIS_POINT
from riskplatform.pricing.units.engine import option_part, value_states
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.layout import FloatArray
from riskplatform.pricing.units.plan import Plan
from riskplatform.pricing.units.price_option_gradient import add_price_options, greeks_in
from riskplatform.pricing.units.price_option_greeks import OptionGreeks
from riskplatform.pricing.units.twins import decay_integrals

VOL_POINT = 0.01
# Of the gradient, along a direction: its error is of the square of the step.
_GRADIENT_STEP = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Gradient:
    """``by_node`` [unit, node of the layout]: change of a unit's value per 1.0 of each number.

    A unit that failed in the state has a row of zeros and ``is_known`` false.
    """

    plan: Plan
    by_node: FloatArray
    is_known: NDArray[np.bool_]

    def of(self, kind: NodeKind, name: str) -> FloatArray:
        """The columns of one curve."""
        return np.asarray(self.by_node[:, self.plan.layout.place(kind, name)])

    def parallel(self, kind: NodeKind) -> FloatArray:
        """All nodes of a kind moved together by 1.0."""
        places = [column for _, _, column in self.plan.layout.columns(kind)]
        return np.asarray(self.by_node[:, places].sum(axis=1))


def gradient(plan: Plan, state: FloatArray, greeks: OptionGreeks | None = None) -> Gradient:
    """Derivatives in one state (a row); ``greeks`` of its options there, if known already."""
    row = np.asarray(state, dtype=np.float64)[None, :]
    status = value_states(plan, row, compiled=False).status[:, 0]
    extended = plan.extended(row)
    with np.errstate(all="ignore"):
        worth = np.exp(plan.weights @ extended[0])
        linear = (_scaled(plan.coefficients, worth) @ plan.weights + plan.direct).tocsr()
        values = np.asarray(plan.coefficients @ worth + plan.direct @ extended[0])[:, None]
        total = np.asarray(linear[: len(plan)].todense())
        _add_options(plan, extended, values, linear, total)
        known = greeks_in(plan, row[0]) if greeks is None else greeks
        add_price_options(plan, known, values, linear, total)
        _add_defaults(plan, extended, total)
        by_node = plan.pulled_back(total, row[0])
    is_known = (status == 0) & np.isfinite(by_node).all(axis=1)
    by_node[~is_known] = 0.0
    return Gradient(plan, by_node, is_known)


def _scaled(matrix: sparse.csr_matrix, factors: FloatArray) -> sparse.csr_matrix:
    """Columns times factors."""
    return sparse.csr_matrix(
        (matrix.data * factors[matrix.indices], matrix.indices, matrix.indptr), matrix.shape
    )


def _add_options(
    plan: Plan,
    extended: FloatArray,
    values: FloatArray,
    linear: sparse.csr_matrix,
    total: FloatArray,
) -> None:
    table = plan.options
    if not len(table):
        return
    parts = option_part(plan, extended, values, compiled=False)[1:, :, 0] * table.quantity
    # A volatility that a shift has taken below zero is held at zero.
    is_held = table.volatility + table.shift_weights @ extended[0] <= 0
    by_annuity, by_floating, by_volatility = parts
    by_volatility = np.where(is_held, 0.0, by_volatility)
    for factor, rows in (
        (by_annuity, linear[table.annuity_row]),
        (by_floating, linear[table.annuity_row + 1]),
        (by_volatility, table.shift_weights),
    ):
        np.add.at(total, table.unit, np.asarray(rows.multiply(factor[:, None]).todense()))


def _add_defaults(plan: Plan, extended: FloatArray, total: FloatArray) -> None:
    """Of exp(joint) × hazard × (flat × f(decay) + slope × g(decay)), interval by interval."""
    table = plan.defaults
    if not len(table.unit):
        return
    logs = np.asarray(table.logs @ extended[0])
    joint, alive = logs[0::2], logs[1::2]
    one, two, three = decay_integrals(joint[:-1] - joint[1:])
    flat, slope = table.flat[:-1], table.slope[:-1]
    hazard, start = alive[:-1] - alive[1:], np.exp(joint[:-1])
    paid = flat * one + slope * two
    by_decay = -start * hazard * (flat * two + slope * three)
    by_start, by_hazard = start * hazard * paid, start * paid
    weights = np.zeros(len(logs))
    for leg, unit in enumerate(table.unit):
        first, last = table.first[leg], table.first[leg + 1]
        inside = slice(first, last - 1)
        weights[:] = 0.0
        of_joint, of_alive = weights[0::2], weights[1::2]
        of_joint[inside] += by_start[inside] + by_decay[inside]
        of_joint[first + 1 : last] -= by_decay[inside]
        of_alive[inside] += by_hazard[inside]
        of_alive[first + 1 : last] -= by_hazard[inside]
        rows = slice(2 * first, 2 * last)
        total[unit] += weights[rows] @ table.logs[rows]


def parallel_dv01(found: Gradient) -> FloatArray:
    """Change per basis point of all zero rates together: the sum of the key-rate DV01s."""
    return found.parallel(NodeKind.ZERO) * BASIS_POINT


def parallel_cs01(found: Gradient) -> FloatArray:
    """Change per basis point of all hazard rates together: the sum of the CS01s by tenor."""
    return found.parallel(NodeKind.HAZARD) * BASIS_POINT


def key_rate_dv01(found: Gradient) -> pd.DataFrame:
    """Per basis point of each zero rate: instrument_id, curve_id, time, value; zeros left out."""
    return _ladder(found, NodeKind.ZERO, BASIS_POINT, "curve_id")


def cs01(found: Gradient) -> pd.DataFrame:
    """Per basis point of each hazard rate: instrument_id, issuer_id, time, value."""
    return _ladder(found, NodeKind.HAZARD, BASIS_POINT, "issuer_id")


def vega(found: Gradient) -> pd.DataFrame:
    """Per point of volatility (0.01), by the surface's expiries."""
    return _ladder(found, NodeKind.VOL, VOL_POINT, "surface_id")


def fx_delta(found: Gradient) -> pd.DataFrame:
    """Per 1 % (relative, in logs) of each currency's price in the pivot."""
    return _ladder(found, NodeKind.FX, 0.01, "currency")


def convexity(plan: Plan, state: FloatArray) -> FloatArray:
    """Second derivative by all zero rates together, per unit and 1.0 squared.

    A central difference of the exact gradient.
    """
    step = np.zeros(plan.layout.size)
    for _, _, column in plan.layout.columns(NodeKind.ZERO):
        step[column] = _GRADIENT_STEP
    up, down = gradient(plan, state + step), gradient(plan, state - step)
    return (up.parallel(NodeKind.ZERO) - down.parallel(NodeKind.ZERO)) / (2 * _GRADIENT_STEP)


def _ladder(found: Gradient, kind: NodeKind, size: float, label: str) -> pd.DataFrame:
    nodes = list(found.plan.layout.columns(kind))
    columns = np.array([column for _, _, column in nodes], dtype=np.int64)
    values = found.by_node[:, columns] * size
    unit, node = np.nonzero(values)
    return pd.DataFrame(
        {
            "instrument_id": np.array(found.plan.instrument_ids, dtype=object)[unit],
            label: np.array([name for name, _, _ in nodes], dtype=object)[node],
            "time": np.array([time for _, time, _ in nodes], dtype=np.float64)[node],
            "value": values[unit, node],
        }
    )
