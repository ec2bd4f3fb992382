"""Which stretches of a market state a unit reads."""

from __future__ import annotations

from collections.abc import Iterator

from riskplatform.pricing.units.flows import (
    DefaultLeg,
    Level,
    NodeKind,
    PriceOption,
    Recovered,
    UnitFlows,
)

Key = tuple[NodeKind, str]


def needs(unit: UnitFlows) -> Iterator[Key]:
    """The keys of a unit, some more than once."""
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
        yield from _of_surface(option.surface)
    for level in unit.levels:
        yield from _of_level(level)
    for price_option in unit.price_options:
        yield from _of_option(price_option)


def levels(unit: UnitFlows) -> Iterator[Level]:
    """The levels held, and those below options."""
    yield from unit.levels
    for option in unit.price_options:
        yield option.level


def _of_level(level: Level) -> Iterator[Key]:
    named = (
        (NodeKind.SPOT, level.spot),
        (NodeKind.PRICE, level.price),
        (NodeKind.FX, level.bought),
        (NodeKind.FX, level.sold),
        (NodeKind.ZERO, level.bond_curve),
        (NodeKind.ZERO, level.discount),
        (NodeKind.ZERO, level.foreign),
        (NodeKind.CARRY, level.carry),
        (NodeKind.BASIS, level.basis),
    )
    for kind, name in named:
        if name is not None:
            yield kind, name


def _of_surface(surface_id: str) -> Iterator[Key]:
    yield NodeKind.VOL, surface_id
    yield NodeKind.SKEW, surface_id


def _of_option(option: PriceOption) -> Iterator[Key]:
    yield from _of_level(option.level)
    yield NodeKind.ZERO, option.discount
    yield from _of_surface(option.surface.surface_id)
    if option.foreign is not None:
        yield NodeKind.ZERO, option.foreign
    if option.carry is not None:
        yield NodeKind.CARRY, option.carry
