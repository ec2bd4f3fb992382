"""Flows seen from a later day: what is paid on the way is cash at its amount.

What is decided on the way (a fixing, a caplet, a swaption whose swap has started) is decided at
the forward rates of the market as it is. A default on the way is no part of a roll: the state says
who is alive at the horizon. A swaption that expires on the way into a swap that is still to start
is worth its intrinsic value in the state. An option on a price that expires on the way is exercised
at the price of the state; a share's dividends on the way are no part of its price.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.rates.bonds import middle
from riskplatform.pricing.units.flows import (
    DefaultLeg,
    Floating,
    Level,
    Paid,
    PriceOption,
    RateOption,
    Recovered,
    UnitFlows,
)


def rolled(unit: UnitFlows, days: int, market: MarketSnapshot) -> UnitFlows:
    """The same unit ``days`` later, its days counted from there."""
    if days == 0:
        return unit
    entered, options = _options(unit.options, days, market)
    known, floating = _coupons((*unit.floating, *entered.floating), days, market)
    paid, cash = _split((*unit.paid, *entered.paid, *known), days)
    return replace(
        unit,
        levels=tuple(_level(level, days) for level in unit.levels),
        price_options=tuple(_price_option(option, days) for option in unit.price_options),
        paid=tuple(paid),
        floating=tuple(floating),
        recovered=tuple(_recovered(unit.recovered, days)),
        default_legs=tuple(_default_leg(leg, days) for leg in unit.default_legs),
        options=tuple(options),
        cash=unit.cash + cash + unit.paid_per_day * days,
    )


def _level(level: Level, days: int) -> Level:
    """A delivery that has passed stays at the price of the state: it settled there."""
    return replace(
        level,
        day=max(level.day - days, 0.0),
        bond=tuple((day - days, amount) for day, amount in level.bond if day > days),
        dividends=tuple((day - days, amount) for day, amount in level.dividends if day > days),
    )


def _price_option(option: PriceOption, days: int) -> PriceOption:
    """One that expires on the way is exercised at the price of the state."""
    level, expiry = _level(option.level, days), max(option.expiry - days, 0.0)
    elapsed = option.elapsed_days + days
    return replace(option, level=level, expiry=expiry, elapsed_days=elapsed)


def _split(paid: tuple[Paid, ...], days: int) -> tuple[list[Paid], float]:
    """What is still to come, and the sum of what has been paid.

    Currency that has been delivered stays a flow, because its worth depends on the state.
    """
    later: list[Paid] = []
    cash = 0.0
    for each in paid:
        if each.day <= days and each.bought is None:
            cash += each.amount
        else:
            day, alive_on = max(each.day - days, 0.0), max(each.alive_on - days, 0.0)
            later.append(replace(each, day=day, alive_on=alive_on))
    return later, cash


def _growth(coupon: Floating, until: float, market: MarketSnapshot) -> float:
    """Growth of 1 from the coupon's start at the forwards of the market as it is."""
    logs = market.curve(coupon.projection).discount(
        [coupon.start / DAYS_PER_YEAR, until / DAYS_PER_YEAR]
    )
    return float(logs[0] / logs[1])


def _coupons(
    coupons: tuple[Floating, ...], days: int, market: MarketSnapshot
) -> tuple[list[Paid], list[Floating]]:
    known: list[Paid] = []
    still_open: list[Floating] = []
    for coupon in coupons:
        if _is_known(coupon, days):
            rate = coupon.growth * _growth(coupon, coupon.end, market) - 1.0
            amount = coupon.weight * rate
            known.append(Paid(coupon.day, amount, coupon.discount, coupon.credit, coupon.day))
            continue
        started = coupon.compounded and coupon.start < days
        growth = coupon.growth * (_growth(coupon, float(days), market) if started else 1.0)
        still_open.append(_shifted(replace(coupon, growth=growth), days))
    return known, still_open


def _is_known(coupon: Floating, days: int) -> bool:
    return coupon.end <= days if coupon.compounded else coupon.fixing_day <= days


def _shifted(coupon: Floating, days: int) -> Floating:
    return replace(
        coupon,
        day=coupon.day - days,
        start=max(coupon.start - days, 0.0),
        end=coupon.end - days,
        fixing_day=coupon.fixing_day - days,
    )


def _recovered(recovered: tuple[Recovered, ...], days: int) -> Iterator[Recovered]:
    for each in recovered:
        if each.end <= days:
            continue
        start, end = max(each.start - days, 0.0), each.end - days
        at = each.at - days if each.start >= days else middle(start, end)
        yield replace(each, start=start, end=end, at=at, since=each.since - days)


def _default_leg(leg: DefaultLeg, days: int) -> DefaultLeg:
    return replace(
        leg,
        start=max(leg.start - days, 0.0),
        accrual_starts=tuple(start - days for start in leg.accrual_starts),
        observed=tuple(max(end - days, 0.0) for end in leg.observed),
    )


def _options(
    options: tuple[RateOption, ...], days: int, market: MarketSnapshot
) -> tuple[UnitFlows, list[RateOption]]:
    """What options became on the way, and the options that are left."""
    paid: list[Paid] = []
    entered: list[Floating] = []
    left: list[RateOption] = []
    for option in options:
        begins = min((coupon.start for coupon in option.floating), default=option.expiry)
        decided_on = option.expiry if option.is_strip else max(begins, option.expiry)
        if decided_on > days or (not option.is_strip and decided_on == days):
            left.append(_option_shifted(option, days))
            continue
        sign = option.quantity if option.is_call else -option.quantity
        if _is_exercised(option, market):
            paid += [
                Paid(day, -sign * option.strike * accrual, option.discount)
                for day, accrual in option.annuity
            ]
            entered += [
                replace(each, weight=sign * each.weight, fixing_day=min(each.fixing_day, days))
                if each.start <= days
                else replace(each, weight=sign * each.weight)
                for each in option.floating
            ]
    return UnitFlows("", "", tuple(paid), tuple(entered)), left


def _is_exercised(option: RateOption, market: MarketSnapshot) -> bool:
    """Whether the option is in the money at the forwards of the market as it is."""
    curve = market.curve(option.discount)
    gain = -sum(
        option.strike * accrual * float(curve.discount(day / DAYS_PER_YEAR))
        for day, accrual in option.annuity
    )
    for coupon in option.floating:
        rate = coupon.growth * _growth(coupon, coupon.end, market) - 1.0
        gain += coupon.weight * rate * float(curve.discount(coupon.day / DAYS_PER_YEAR))
    return gain > 0 if option.is_call else gain < 0


def _option_shifted(option: RateOption, days: int) -> RateOption:
    return replace(
        option,
        expiry=max(option.expiry - days, 0.0),
        annuity=tuple((day - days, accrual) for day, accrual in option.annuity),
        floating=tuple(_shifted(each, days) for each in option.floating),
    )
