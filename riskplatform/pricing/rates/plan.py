"""Flows of a book as sparse matrices: units are rows, products of discount factors are columns.

Every discount factor, survival chance and currency price is the exponential of a weighted sum of
the numbers of a state, and so is every product and ratio of them that a flow needs. Hence one
unit is worth ``coefficients @ exp(weights @ state)``, and what is left are options and the
integrals of the ISDA model, which take their own tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from riskplatform.market.interpolation import (
    Interpolation,
    log_discount,
    log_discount_jacobian,
)
from riskplatform.pricing.rates.columns import Columns
from riskplatform.pricing.rates.default_table import DefaultTable, default_table
from riskplatform.pricing.rates.flows import Floating, Paid, RateOption, UnitFlows
from riskplatform.pricing.rates.layout import FloatArray, StateLayout, Stretch
from riskplatform.pricing.rates.option_table import OptionTable, option_table


@dataclass(frozen=True, slots=True, eq=False)
class CubicTimes:
    """Times at which a rule without weights reads a curve: extra numbers of a state."""

    stretch: Stretch
    rule: Interpolation
    times: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """``coefficients`` has a row for each unit and after them two for each option."""

    instrument_ids: tuple[str, ...]
    currencies: tuple[str, ...]
    layout: StateLayout
    weights: sparse.csr_matrix
    coefficients: sparse.csr_matrix
    cash: FloatArray
    options: OptionTable
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


class _Terms:
    """Coefficients as they are found."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.rows: list[int] = []
        self.places: list[int] = []
        self.values: list[float] = []

    def add(self, row: int, place: int, value: float) -> None:
        self.rows.append(row)
        self.places.append(place)
        self.values.append(value)

    def paid(self, row: int, flow: Paid) -> None:
        atoms = [*self.columns.discount(flow.discount, flow.day)]
        if flow.credit is not None:
            atoms += self.columns.survival(flow.credit, flow.alive_on)
        if flow.bought is not None and flow.sold is not None:
            atoms += self.columns.exchange(flow.bought, flow.sold)
        self.add(row, self.columns.product(atoms), flow.amount)

    def floating(self, row: int, flow: Floating, scale: float = 1.0) -> None:
        columns = self.columns
        atoms = [*columns.discount(flow.discount, flow.day)]
        if flow.credit is not None:
            atoms += columns.survival(flow.credit, flow.day)
        ratio = [
            *columns.discount(flow.projection, flow.start),
            *columns.discount(flow.projection, flow.end, power=-1.0),
        ]
        weight = scale * flow.weight
        self.add(row, columns.product([*atoms, *ratio]), weight * flow.growth)
        self.add(row, columns.product(atoms), -weight)

    def annuity(self, row: int, option: RateOption) -> None:
        for day, accrual in option.annuity:
            place = self.columns.product([*self.columns.discount(option.discount, day)])
            self.add(row, place, accrual)

    def unit(self, row: int, unit: UnitFlows) -> None:
        columns = self.columns
        for paid in unit.paid:
            self.paid(row, paid)
        for coupon in unit.floating:
            self.floating(row, coupon)
        for each in unit.recovered:
            amount = each.amount + each.per_day * (each.at - each.since)
            at = columns.discount(each.discount, each.at)
            before = columns.product([*at, *columns.survival(each.credit, each.start)])
            after = columns.product([*at, *columns.survival(each.credit, each.end)])
            self.add(row, before, amount)
            self.add(row, after, -amount)

    def matrix(self, rows: int, width: int) -> sparse.csr_matrix:
        shape = (rows, width)
        matrix = sparse.csr_matrix((self.values, (self.rows, self.places)), shape=shape)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix


def make_plan(units: Sequence[UnitFlows], layout: StateLayout, horizon_days: int = 0) -> Plan:
    """The matrices of these units; their days are counted from the day of the states."""
    columns = Columns(layout)
    terms = _Terms(columns)
    options: list[tuple[int, RateOption]] = []
    for row, unit in enumerate(units):
        terms.unit(row, unit)
        options += [(row, option) for option in unit.options]
    for number, (_, option) in enumerate(options):
        row = len(units) + 2 * number
        terms.annuity(row, option)
        for coupon in option.floating:
            terms.floating(row + 1, coupon)
    defaults = default_table(units, layout, columns)
    atoms, cubics = columns.atom_weights()
    weights = (columns.products_by_atom() @ atoms).tocsr()
    width = atoms.shape[1]
    return Plan(
        instrument_ids=tuple(unit.instrument_id for unit in units),
        currencies=tuple(unit.currency for unit in units),
        layout=layout,
        weights=weights,
        coefficients=terms.matrix(len(units) + 2 * len(options), weights.shape[0]),
        cash=np.array([unit.cash for unit in units], dtype=np.float64),
        options=option_table(options, layout, len(units), width),
        defaults=defaults.resolved(atoms),
        cubics=tuple(CubicTimes(*each) for each in cubics),
        horizon_days=horizon_days,
    )
