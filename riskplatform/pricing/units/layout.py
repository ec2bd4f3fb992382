"""The market state as one row of numbers: which stretch of it is which curve.

A state holds the zero rates of every curve, the hazard rates of every issuer, the logarithms of
prices and of currency prices, the yields of underlyings, the basis of futures, and for each expiry
of each surface a shift of volatility and one of its skew. States are rows of an array, so that a
scenario set is the base row with some stretches replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UnknownNameError
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.units.flows import NodeKind, UnitFlows
from riskplatform.pricing.units.needs import Key, levels, needs

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The nodes of one curve in a state; ``times`` are years from the day of the state."""

    kind: NodeKind
    name: str
    times: FloatArray
    first: int
    interpolation: Interpolation | None = None

    @property
    def place(self) -> slice:
        return slice(self.first, self.first + len(self.times))


@dataclass(frozen=True, slots=True, eq=False)
class StateLayout:
    """The stretches of a state in order, and the state of the market as it is."""

    stretches: dict[Key, Stretch]
    base: FloatArray

    @property
    def size(self) -> int:
        return len(self.base)

    def place(self, kind: NodeKind, name: str) -> slice:
        """The columns of a curve, issuer, currency or surface."""
        return self.stretch(kind, name).place

    def stretch(self, kind: NodeKind, name: str) -> Stretch:
        if (kind, name) not in self.stretches:
            raise UnknownNameError(kind.value, name, [key[1] for key in self.stretches])
        return self.stretches[kind, name]

    def states(self, count: int) -> FloatArray:
        """``count`` copies of the base state, to be shocked in place."""
        return np.tile(self.base, (count, 1))

    def columns(self, kind: NodeKind) -> Iterator[tuple[str, float, int]]:
        """Name, time and column of every node of a kind."""
        for stretch in self.stretches.values():
            if stretch.kind is kind:
                for offset, time in enumerate(stretch.times.tolist()):
                    yield stretch.name, time, stretch.first + offset


def layout_of(units: Sequence[UnitFlows], market: MarketSnapshot) -> StateLayout:
    """A layout with exactly what these units need, and every currency of the market."""
    keys = {key for unit in units for key in needs(unit)}
    basis = {level.basis: level.basis_log for unit in units for level in levels(unit)}
    keys |= {(NodeKind.FX, currency) for currency in market.fx.currencies}
    stretches: dict[Key, Stretch] = {}
    parts: list[FloatArray] = []
    first = 0
    for kind, name in sorted(keys):
        times, values, rule = _nodes(kind, name, market, basis)
        stretches[kind, name] = Stretch(kind, name, times, first, rule)
        parts.append(values)
        first += len(times)
    return StateLayout(stretches, np.concatenate([*parts, np.empty(0)]))


def _nodes(
    kind: NodeKind, name: str, market: MarketSnapshot, basis: Mapping[str | None, float]
) -> tuple[FloatArray, FloatArray, Interpolation | None]:
    if kind is NodeKind.ZERO:
        curve = market.curve(name)
        return curve.times, curve.zero_rates, curve.interpolation
    if kind is NodeKind.HAZARD:
        credit = market.credit(name)
        return credit.times, credit.hazard_rates, None
    if kind is NodeKind.FX:
        price = market.fx.rate(name, market.fx.pivot)
        return np.zeros(1), np.log(np.array([price])), None
    if kind is NodeKind.SPOT:
        return np.zeros(1), np.log(np.array([market.price(name)])), None
    if kind is NodeKind.PRICE:
        return np.zeros(1), np.array([market.price(name)]), None
    if kind is NodeKind.CARRY:
        carry = market.carry(name)
        return carry.times, carry.yields, None
    if kind is NodeKind.BASIS:
        return np.zeros(1), np.array([basis[name]]), None
    expiries = market.surface(name).expiries
    return expiries, np.zeros(len(expiries)), None
