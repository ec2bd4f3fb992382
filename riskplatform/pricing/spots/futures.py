"""Futures and perpetuals: the price of what underlies them, carried to delivery, plus a basis.

The basis is whatever the quoted price is above the model today, kept as a ratio in its own number
of the state. Where the underlying or its carry is not known, a contract follows its own quote.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from riskplatform.domain.instruments import Future, FutureFamily, Instrument, Perpetual
from riskplatform.market.calendars import business_calendar
from riskplatform.market.schedule import coupon_schedule
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.spots.levels import days_until, level_now, quoted_level
from riskplatform.pricing.units.flows import Level, UnitFlows


def future_flows(
    contract: Future | Perpetual, market: MarketSnapshot, conventions: PricingConventions
) -> UnitFlows:
    """The full price of one unit; what was paid for it is a balance of the line."""
    level = contract_level(contract, market, conventions)
    amount = float(contract.multiplier)
    funding = 0.0
    if isinstance(contract, Perpetual):
        funding = -amount * market.price(contract.instrument_id) * _funding_rate(contract, market)
    return UnitFlows(
        contract.instrument_id,
        contract.currency,
        levels=(replace(level, amount=amount),),
        paid_per_day=funding,
    )


def _funding_rate(contract: Perpetual, market: MarketSnapshot) -> float:
    """What a long contract pays a day as a share of its price: the last that was fixed."""
    if contract.funding_index_id not in market.fixings:
        return 0.0
    return market.fixings[contract.funding_index_id].last(market.as_of)[1]


def contract_level(
    contract: Future | Perpetual, market: MarketSnapshot, conventions: PricingConventions
) -> Level:
    """The price of one contract, its multiplier left out."""
    name = contract.instrument_id
    own = quoted_level(name, market)
    if own.spot is None:
        return own
    if isinstance(contract, Perpetual):
        model = _by_spot(contract.underlying_id, market)
    else:
        model = _carried(contract, market, conventions)
    if model is None:
        return own
    worth = level_now(model, market)
    if not worth > 0:
        return own
    return replace(model, basis=name, basis_log=math.log(market.price(name) / worth))


def _by_spot(underlying_id: str, market: MarketSnapshot) -> Level | None:
    if underlying_id not in market.prices or not market.price(underlying_id) > 0:
        return None
    return Level(spot=underlying_id)


def _carried(
    future: Future, market: MarketSnapshot, conventions: PricingConventions
) -> Level | None:
    """The model of each family, or None when the market lacks what it needs."""
    discount = conventions.discount_curve(future.currency)
    if discount not in market.curves:
        return None
    day = days_until(market.as_of, future.expiry)
    match future.family:
        case FutureFamily.FX:
            return _currency(future, market, conventions, Level(day=day, discount=discount))
        case FutureFamily.BOND:
            return _bond(future, market, Level(day=day, discount=future.underlying_id))
        case FutureFamily.RATE:
            return None
    spot = _by_spot(future.underlying_id, market)
    carries = [f"DIV.{future.underlying_id}", future.underlying_id]
    known = [name for name in carries if name in market.carries]
    if spot is None or not known:
        return None
    return replace(spot, day=day, discount=discount, carry=known[0])


def _currency(
    future: Future, market: MarketSnapshot, conventions: PricingConventions, level: Level
) -> Level | None:
    """A pair such as USDJPY names both currencies; the future is on the one it is not paid in."""
    pair = future.underlying_id
    codes = {pair[:3], pair[3:6]} - {future.currency}
    if len(pair) != 6 or len(codes) != 1:
        return None
    bought = codes.pop()
    foreign = conventions.discount_curve(bought)
    if bought not in market.fx.currencies or foreign not in market.curves:
        return None
    return replace(level, bought=bought, sold=future.currency, foreign=foreign)


def _bond(future: Future, market: MarketSnapshot, level: Level) -> Level | None:
    """The notional bond of the contract, bought forward on the curve that underlies it."""
    if future.underlying_id not in market.curves or future.notional_years is None:
        return None
    flows = _notional_bond(
        future.expiry, future.notional_years, future.notional_coupon, market.as_of
    )
    return replace(level, bond=flows, bond_curve=future.underlying_id)


def _notional_bond(
    start: date, years: int, coupon: float, as_of: date
) -> tuple[tuple[float, float], ...]:
    """Half-yearly coupons from delivery, per 100 of face."""
    end = _years_after(start, years)
    schedule = coupon_schedule(start, end, months=6, calendar=business_calendar("WEEKENDS"))
    days = [(day.item() - as_of).days for day in schedule.payment]
    amounts = [50.0 * coupon] * len(days)
    amounts[-1] += 100.0
    return tuple(zip([float(day) for day in days], amounts, strict=True))


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def with_implied_spots(
    instruments: Iterable[Instrument], market: MarketSnapshot, conventions: PricingConventions
) -> MarketSnapshot:
    """The market with a spot for each underlying that only futures quote, read off the nearest.

    Moves of a contract do not depend on that level, because its basis is a ratio; the spot makes
    contracts on one underlying share one risk factor.
    """
    nearest: dict[str, Future] = {}
    for each in instruments:
        if not isinstance(each, Future) or each.family is not FutureFamily.COMMODITY:
            continue
        name = each.underlying_id
        if name in market.prices or each.instrument_id not in market.prices:
            continue
        if each.expiry >= market.as_of and market.price(each.instrument_id) > 0:
            best = nearest.get(name)
            nearest[name] = each if best is None or each.expiry < best.expiry else best
    return market.with_(prices=_implied(nearest, market, conventions)) if nearest else market


def _implied(
    nearest: dict[str, Future], market: MarketSnapshot, conventions: PricingConventions
) -> dict[str, float]:
    found = {}
    for name, future in nearest.items():
        trial = market.with_(prices={name: 1.0})
        level = _carried(future, trial, conventions)
        if level is not None:
            found[name] = market.price(future.instrument_id) / level_now(level, trial)
    return found
