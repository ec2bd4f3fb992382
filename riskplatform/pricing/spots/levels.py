"""Levels: the price of a share, coin, pair or currency as a product of numbers of the state."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from riskplatform.domain.instruments import Cash, FxSpot, Instrument
from riskplatform.errors import DataError
from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.lookup import missing_data
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.units.flows import Level, UnitFlows


def days_until(as_of: date, day: date) -> float:
    return float((day - as_of).days)


def carry_name(underlying_id: str, market: MarketSnapshot, *, needed_by: str) -> str:
    """The yield curve of an underlying: ``DIV.<id>``, or one under the id itself."""
    for name in (f"DIV.{underlying_id}", underlying_id):
        if name in market.carries:
            return name
    raise missing_data(
        "the carry of",
        f"DIV.{underlying_id}",
        as_of=market.as_of,
        needed_by=needed_by,
        known=market.carries.keys(),
        hint="Load its dividend, convenience or funding yield; 0 if it has none.",
    )


def quoted_level(name: str, market: MarketSnapshot, amount: float = 1.0) -> Level:
    """By its own quote: relative moves where the price is positive, absolute ones elsewhere."""
    value = market.price(name, needed_by=name)
    if not math.isfinite(value):
        raise DataError(f"The price of {name} is {value}.")
    return Level(amount, spot=name) if value > 0 else Level(amount, price=name)


def pair_level(bought: str, sold: str, market: MarketSnapshot, *, needed_by: str) -> Level:
    """Units of ``sold`` for one of ``bought``."""
    market.fx.rate(bought, sold, needed_by=needed_by)
    return Level(bought=bought, sold=sold)


def spot_flows(instrument: Instrument, market: MarketSnapshot) -> UnitFlows:
    """A share, fund, index, coin, pair or money: worth its price."""
    name, amount = instrument.instrument_id, float(instrument.multiplier)
    match instrument:
        case Cash():
            level = Level(amount)
        case FxSpot():
            level = pair_level(
                instrument.bought_currency, instrument.currency, market, needed_by=name
            )
        case _:
            level = quoted_level(name, market, amount)
    return UnitFlows(name, instrument.currency, levels=(level,))


def level_now(level: Level, market: MarketSnapshot) -> float:
    """The level in the market as it is, its basis left out."""
    time = level.day / DAYS_PER_YEAR
    growth = 1.0
    if level.discount is not None:
        growth /= float(market.curve(level.discount).discount(time))
    if level.carry is not None:
        growth *= float(market.carry(level.carry).growth(time)) if time > 0 else 1.0
    if level.foreign is not None:
        growth *= float(market.curve(level.foreign).discount(time))
    if level.bond_curve is not None:
        days, amounts = np.array(level.bond).T
        worth = float(
            (amounts * market.curve(level.bond_curve).discount(days / DAYS_PER_YEAR)).sum()
        )
    elif level.bought is not None and level.sold is not None:
        worth = market.fx.rate(level.bought, level.sold)
    else:
        name = level.spot or level.price
        worth = market.price(name) if name is not None else 1.0
    return level.amount * worth * growth
