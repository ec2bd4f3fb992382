"""The market state as one row of numbers: which stretch of it is which curve.

A state holds the zero rates of every curve, the hazard rates of every issuer, the logarithms of
currency prices and a shift of volatility for each expiry of each surface. States are rows of an
array, so that a scenario set is the base row with some stretches replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskplatform.errors import UnknownNameError
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.rates.flows import DefaultLeg, NodeKind, Recovered, UnitFlows

FloatArray = NDArray[np.float64]
Key = tuple[NodeKind, str]


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


def layout_of(units: Iterable[UnitFlows], market: MarketSnapshot) -> StateLayout:
    """A layout with exactly what these units need."""
    keys = sorted({key for unit in units for key in _needs(unit)})
    stretches: dict[Key, Stretch] = {}
    parts: list[FloatArray] = []
    first = 0
    for kind, name in keys:
        times, values, rule = _nodes(kind, name, market)
        stretches[kind, name] = Stretch(kind, name, times, first, rule)
        parts.append(values)
        first += len(times)
    return StateLayout(stretches, np.concatenate([*parts, np.empty(0)]))


def _needs(unit: UnitFlows) -> Iterator[Key]:
    for paid in unit.paid:
        yield NodeKind.ZERO, paid.discount
        if paid.credit is not None:
            yield NodeKind.HAZARD, paid.credit
        if paid.bought is not None and paid.sold is not None:
            yield NodeKind.FX, paid.bought
            yield NodeKind.FX, paid.sold
    coupons = [*unit.floating, *(each for option in unit.options for each in option.floating)]
    for coupon in coupons:
        yield NodeKind.ZERO, coupon.discount
        yield NodeKind.ZERO, coupon.projection
        if coupon.credit is not None:
            yield NodeKind.HAZARD, coupon.credit
    on_default: list[Recovered | DefaultLeg] = [*unit.recovered, *unit.default_legs]
    for leg in on_default:
        yield NodeKind.ZERO, leg.discount
        yield NodeKind.HAZARD, leg.credit
    for option in unit.options:
        yield NodeKind.ZERO, option.discount
        yield NodeKind.VOL, option.surface


def _nodes(
    kind: NodeKind, name: str, market: MarketSnapshot
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
    expiries = market.surface(name).expiries
    return expiries, np.zeros(len(expiries)), None
