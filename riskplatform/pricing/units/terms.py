"""The coefficients of a plan as they are found, flow by flow."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from riskplatform.pricing.units.columns import Columns, Power
from riskplatform.pricing.units.flows import (
    Floating,
    Level,
    NodeKind,
    Paid,
    PriceOption,
    RateOption,
    UnitFlows,
)


class Terms:
    """Triples (row, column, value); ``direct`` are (row, name, amount) of absolute prices."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.rows: list[int] = []
        self.places: list[int] = []
        self.values: list[float] = []
        self.direct: list[tuple[int, str, float]] = []

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

    def level(self, row: int, level: Level) -> None:
        """What is delivered, grown to the day; dividends on the way are taken off."""
        columns = self.columns
        grown: list[Power] = []
        if level.discount is not None:
            grown += columns.discount(level.discount, level.day, power=-1.0)
        if level.carry is not None:
            grown += columns.node(NodeKind.CARRY, level.carry, level.day)
        if level.foreign is not None:
            grown += columns.discount(level.foreign, level.day)
        if level.basis is not None:
            grown += columns.node(NodeKind.BASIS, level.basis)
        if level.spot is not None:
            spot = columns.node(NodeKind.SPOT, level.spot)
            self.add(row, columns.product([*spot, *grown]), level.amount)
        elif level.bought is not None and level.sold is not None:
            pair = columns.exchange(level.bought, level.sold)
            self.add(row, columns.product([*pair, *grown]), level.amount)
        elif level.price is not None:
            self.direct.append((row, level.price, level.amount))
        elif level.bond_curve is None:
            self.add(row, columns.product(grown), level.amount)
        for day, amount in level.bond:
            assert level.bond_curve is not None
            paid = columns.discount(level.bond_curve, day)
            self.add(row, columns.product([*paid, *grown]), level.amount * amount)
        for day, amount in level.dividends:
            self._dividend(row, level, day, amount, grown)

    def _dividend(
        self, row: int, level: Level, day: float, amount: float, grown: list[Power]
    ) -> None:
        assert level.discount is not None
        worth = [*self.columns.discount(level.discount, day), *grown]
        if level.carry is not None:
            worth += [
                (atom, -power)
                for atom, power in self.columns.node(NodeKind.CARRY, level.carry, day)
            ]
        self.add(row, self.columns.product(worth), -level.amount * amount)

    def price_option(self, row: int, option: PriceOption) -> None:
        """Level, growth of one unit of it, discount: what a formula on the spot reads."""
        columns = self.columns
        self.level(row, option.level)
        if option.is_on_future:
            growth = columns.discount(option.discount, option.expiry)
        elif option.foreign is not None:
            growth = columns.discount(option.foreign, option.expiry)
        else:
            carry = option.carry
            growth = columns.node(NodeKind.CARRY, carry, option.expiry) if carry else ()
        self.add(row + 1, columns.product(growth), 1.0)
        discount = columns.discount(option.discount, option.expiry)
        self.add(row + 2, columns.product(discount), 1.0)

    def unit(self, row: int, unit: UnitFlows) -> None:
        columns = self.columns
        for level in unit.levels:
            self.level(row, level)
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
        places = self.columns.product_places()[np.array(self.places, dtype=np.int64)]
        matrix = sparse.csr_matrix((self.values, (self.rows, places)), shape=shape)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix
