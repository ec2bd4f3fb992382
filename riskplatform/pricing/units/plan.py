"""Flows of a book as sparse matrices: units are rows, products of discount factors are columns.

Every discount factor, survival chance, price and price of a currency is the exponential of a
weighted sum of the numbers of a state, and so is every product and ratio of them that a flow
needs. Hence one unit is worth ``coefficients @ exp(weights @ state)``, and what is left are prices
quoted in absolute terms (``direct``), options and the integrals of the ISDA model, which take
their own tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from riskplatform.market.interpolation import (
    Interpolation,
    log_discount,
    log_discount_jacobian,
)
from riskplatform.pricing.units.columns import Columns
from riskplatform.pricing.units.default_table import DefaultTable, default_table
from riskplatform.pricing.units.flows import NodeKind, RateOption, UnitFlows
from riskplatform.pricing.units.layout import FloatArray, StateLayout, Stretch
from riskplatform.pricing.units.option_table import OptionTable, option_table
from riskplatform.pricing.units.price_option_table import PriceOptionTable, price_option_table
from riskplatform.pricing.units.terms import Terms


@dataclass(frozen=True, slots=True, eq=False)
class CubicTimes:
    """Times at which a rule without weights reads a curve: extra numbers of a state."""

    stretch: Stretch
    rule: Interpolation
    times: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """``coefficients`` has a row for each unit, then two for each option on a rate (annuity and
    floating leg), then three for each option on a price (level, growth and discount)."""

    instrument_ids: tuple[str, ...]
    currencies: tuple[str, ...]
    layout: StateLayout
    weights: sparse.csr_matrix
    coefficients: sparse.csr_matrix
    direct: sparse.csr_matrix
    cash: FloatArray
    options: OptionTable
    price_options: PriceOptionTable
    defaults: DefaultTable
    cubics: tuple[CubicTimes, ...]
    horizon_days: int = 0

    def __len__(self) -> int:
        return len(self.instrument_ids)

    def extended(self, states: FloatArray) -> FloatArray:
        """States with the log discounts of cubic curves put behind them."""
        logs = [
            log_discount(each.rule, each.stretch.times, states[:, each.stretch.place], each.times)
            for each in self.cubics
        ]
        joined = np.concatenate([states, *logs], axis=1) if logs else states
        return np.ascontiguousarray(joined, dtype=np.float64)

    def pulled_back(self, gradient: FloatArray, state: FloatArray) -> FloatArray:
        """A gradient [unit, extended node] as one by the nodes of the state."""
        size = self.layout.size
        result = np.array(gradient[:, :size])
        first = size
        for each in self.cubics:
            last = first + len(each.times)
            nodes = state[each.stretch.place]
            jacobian = log_discount_jacobian(each.rule, each.stretch.times, nodes, each.times)
            result[:, each.stretch.place] += gradient[:, first:last] @ jacobian
            first = last
        return result


def make_plan(units: Sequence[UnitFlows], layout: StateLayout, horizon_days: int = 0) -> Plan:
    """The matrices of these units; their days are counted from the day of the states."""
    columns = Columns(layout)
    terms = Terms(columns)
    options: list[tuple[int, RateOption]] = []
    for row, unit in enumerate(units):
        terms.unit(row, unit)
        options += [(row, option) for option in unit.options]
    for number, (_, option) in enumerate(options):
        row = len(units) + 2 * number
        terms.annuity(row, option)
        for coupon in option.floating:
            terms.floating(row + 1, coupon)
    price_options = [(row, each) for row, unit in enumerate(units) for each in unit.price_options]
    first_price_row = len(units) + 2 * len(options)
    for number, (_, price_option) in enumerate(price_options):
        terms.price_option(first_price_row + 3 * number, price_option)
    rows = first_price_row + 3 * len(price_options)
    defaults = default_table(units, layout, columns)
    atoms, cubics = columns.atom_weights()
    weights = (columns.products_by_atom() @ atoms).tocsr()
    weights.sort_indices()
    width = atoms.shape[1]
    coefficients = terms.matrix(rows, weights.shape[0])
    plan = Plan(
        instrument_ids=tuple(unit.instrument_id for unit in units),
        currencies=tuple(unit.currency for unit in units),
        layout=layout,
        weights=weights,
        coefficients=coefficients,
        direct=_direct(terms.direct, layout, (rows, width)),
        cash=np.array([unit.cash for unit in units], dtype=np.float64),
        options=option_table(options, layout, len(units), width),
        price_options=price_option_table(price_options, layout, first_price_row, width),
        defaults=defaults.resolved(atoms, columns.atom_places()),
        cubics=tuple(CubicTimes(*each) for each in cubics),
        horizon_days=horizon_days,
    )
    return _placed(plan)


def _direct(
    terms: Sequence[tuple[int, str, float]], layout: StateLayout, shape: tuple[int, int]
) -> sparse.csr_matrix:
    """Weights of prices that count as they are: [row, node]."""
    rows = [row for row, _, _ in terms]
    places = [layout.place(NodeKind.PRICE, name).start for _, name, _ in terms]
    values = np.array([amount for _, _, amount in terms], dtype=np.float64)
    return sparse.csr_matrix((values, (rows, places)), shape=shape)


def _placed(plan: Plan) -> Plan:
    """With the options where the market as it is puts their strikes."""
    extended = plan.extended(plan.layout.base[None, :])[0]
    rates, row = plan.options.annuity_row, plan.price_options.row
    with np.errstate(all="ignore"):
        values = plan.coefficients @ np.exp(plan.weights @ extended) + plan.direct @ extended
        forward = values[rates + 1] / values[rates]
    return replace(
        plan,
        options=plan.options.placed(forward),
        price_options=plan.price_options.placed(values[row], values[row + 1], values[row + 2]),
    )
