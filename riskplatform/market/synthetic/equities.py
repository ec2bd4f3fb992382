"""Share prices: common factors by exposure, own shocks, earnings jumps, dividends and splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.synthetic.crises import deviation_multiples
from riskplatform.market.synthetic.drivers import MARKET_DRIVER
from riskplatform.market.synthetic.grid import DateArray, business_day_of_month, month_of
from riskplatform.market.synthetic.macro import DriverPaths
from riskplatform.market.synthetic.places import COUNTRIES, COUNTRY_BY_CODE, REGION_CODES
from riskplatform.market.synthetic.recursions import smooth
from riskplatform.market.synthetic.sectors import SECTORS
from riskplatform.market.synthetic.shocks import NAME_CLUSTERING, clustered_shocks
from riskplatform.market.synthetic.streams import FloatArray, blockwise_product, stream, unit_t
from riskplatform.market.synthetic.universe import STYLES, Name, Universe

EQUITY_FACTORS = (
    MARKET_DRIVER,
    *(f"CTY.{code}" for code in REGION_CODES.values()),
    *(f"CTY.{country.code}" for country in COUNTRIES),
    *(f"SEC.{sector.code}" for sector in SECTORS),
    *(f"STY.{style}" for style in STYLES),
)

_YEAR_DAYS = 252.0
_JUMP_SHARE = 0.16  # an earnings jump's deviation as a share of annual own volatility
_SPLIT_MONTHS = (2, 5, 8, 11)
_SPLIT_DAY = 11
_SPLIT_ABOVE = 7.0  # multiples of the country's usual share price
_CONSOLIDATE_BELOW = 0.06
_CONSOLIDATION = 0.1
_TURNOVER = 0.0025
_USUAL_MOVE = 0.018


@dataclass(frozen=True)
class ReturnParts:
    """Total log returns [day, name] and the calm-relative variance of own shocks."""

    total: FloatArray
    own_next_variance: FloatArray


@dataclass(frozen=True)
class PricedNames:
    """Prices and events [day, name] in the order of the universe."""

    raw_close: FloatArray
    total_return: FloatArray
    volume: FloatArray
    dividends: FloatArray
    split_ratios: FloatArray


def exposures(names: tuple[Name, ...]) -> FloatArray:
    """[factor, name] exposures to ``EQUITY_FACTORS``; funds have none of their own."""
    matrix = np.zeros((len(EQUITY_FACTORS), len(names)), dtype=np.float64)
    row = {factor_id: place for place, factor_id in enumerate(EQUITY_FACTORS)}
    for column, name in enumerate(names):
        if name.tracks:
            continue
        matrix[row[MARKET_DRIVER], column] = name.beta
        matrix[row[f"CTY.{REGION_CODES[name.region]}"], column] = 1.0
        matrix[row[f"CTY.{name.country}"], column] = 1.0
        matrix[row[f"SEC.{name.sector_code}"], column] = 1.0
        for style, score in zip(STYLES, name.styles, strict=True):
            matrix[row[f"STY.{style}"], column] = score
    return matrix


def factor_moves(drivers: DriverPaths) -> FloatArray:
    """Daily log returns [day, factor] of ``EQUITY_FACTORS``."""
    return np.stack([drivers.move(factor_id) for factor_id in EQUITY_FACTORS], axis=1)


def name_returns(
    seed: int,
    universe: Universe,
    dates: DateArray,
    drivers: DriverPaths,
    index_returns: dict[str, FloatArray],
) -> ReturnParts:
    """Total log returns of every name; a fund follows its index."""
    names = universe.names
    multiples = deviation_multiples(dates, "name")[:, np.newaxis]
    own = clustered_shocks(seed, "name", len(names), multiples, NAME_CLUSTERING)
    own_volatility = np.array([name.own_volatility for name in names])
    daily_own = own_volatility / np.sqrt(_YEAR_DAYS)
    jumps = _earnings_jumps(seed, names, dates)
    yields = np.array([name.dividend_yield for name in names])
    # Own risk earns nothing on average in money, so it costs half its variance in logarithms.
    drift = (yields - 0.55 * own_volatility**2) / _YEAR_DAYS
    total = blockwise_product(factor_moves(drivers), exposures(names))
    total += own.shocks * daily_own + jumps + drift
    for column, name in enumerate(names):
        if name.tracks:
            wobble = own.shocks[:, column] * 0.0004
            total[:, column] = index_returns[name.tracks] + wobble + yields[column] / _YEAR_DAYS
    total[0] = 0.0
    return ReturnParts(total=total, own_next_variance=own.next_variance)


def _earnings_jumps(seed: int, names: tuple[Name, ...], dates: DateArray) -> FloatArray:
    """Jumps on one day a quarter; each name has its month of the quarter and day of the month."""
    rng = stream(seed, "earnings.calendar")
    month_in_quarter = rng.choice(3, size=len(names), p=(0.6, 0.35, 0.05))
    day_in_month = rng.integers(9, 21, size=len(names))
    announces = (month_of(dates)[:, np.newaxis] - 1) % 3 == month_in_quarter
    announces &= business_day_of_month(dates)[:, np.newaxis] == day_in_month
    size = unit_t(stream(seed, "earnings.size"), 5.0, announces.shape)
    scale = np.array([0.0 if name.tracks else _JUMP_SHARE * name.own_volatility for name in names])
    return np.asarray(np.where(announces, size * scale, 0.0), dtype=np.float64)


def price_names(
    seed: int,
    universe: Universe,
    dates: DateArray,
    returns: ReturnParts,
    first_dollars: dict[str, float],
) -> PricedNames:
    """Closing prices as traded, with the dividends and splits on the way.

    ``first_dollars`` is dollars per unit of each currency on the first day.
    """
    names = universe.names
    fraction = _dividend_fraction(names, dates, returns.total)
    first = np.array([name.first_price for name in names])
    path = first * np.exp(np.cumsum(returns.total + np.log1p(-fraction), axis=0))
    ratios, shares = _splits(names, dates, path)
    unrounded = path / shares
    tick = np.array([COUNTRY_BY_CODE[name.country].tick for name in names])
    raw_close = np.maximum(np.round(unrounded / tick), 1.0) * tick
    # Cash is a fraction of yesterday's price in today's shares.
    yesterday = np.vstack([unrounded[:1], unrounded[:-1]]) / ratios
    return PricedNames(
        raw_close=np.round(raw_close, 4),
        total_return=first * np.exp(np.cumsum(returns.total, axis=0)),
        volume=_volumes(seed, names, returns, shares, first_dollars),
        dividends=np.round(fraction * yesterday, 4),
        split_ratios=ratios,
    )


def _dividend_fraction(names: tuple[Name, ...], dates: DateArray, total: FloatArray) -> FloatArray:
    """Share of the price paid out on ex-dates, zero elsewhere.

    Boards pay on the smoothed price, so the yield is high after a fall and low after a rise.
    """
    month, day = month_of(dates)[:, np.newaxis], business_day_of_month(dates)[:, np.newaxis]
    order = np.arange(len(names))
    per_year = np.array([COUNTRY_BY_CODE[name.country].dividends_per_year for name in names])
    first_month = np.where(per_year == 1, 4 + order % 2, 1 + order % 3)
    pays = ((month - first_month) % (12 // per_year) == 0) & (day == 1 + (order * 7) % 10)
    level = np.cumsum(total, axis=0)
    gap = np.clip(smooth(level, 1.0 / 180.0) - level, -0.8, 0.8)
    before = np.vstack([gap[:1], gap[:-1]])
    yields = np.array([name.dividend_yield for name in names])
    fraction = np.where(pays, yields / per_year * np.exp(0.7 * before), 0.0)
    fraction[0] = 0.0
    return np.asarray(fraction, dtype=np.float64)


def _splits(
    names: tuple[Name, ...], dates: DateArray, path: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Ratios on the day of each split, and shares per first share afterwards.

    A board splits when the price before has grown far beyond its country's habit, and
    consolidates when it has become pennies.
    """
    usual = np.array([COUNTRY_BY_CODE[name.country].price_scale for name in names])
    ratios, shares = np.ones_like(path), np.ones_like(path)
    current = np.ones(len(names))
    is_day = np.isin(month_of(dates), _SPLIT_MONTHS) & (business_day_of_month(dates) == _SPLIT_DAY)
    start = 0
    for day in np.flatnonzero(is_day[1:]) + 1:
        shares[start:day] = current
        relative = path[day - 1] / current / usual
        ratio = np.select(
            [relative > 2.0 * _SPLIT_ABOVE, relative > _SPLIT_ABOVE, relative < _CONSOLIDATE_BELOW],
            [10.0, 4.0, _CONSOLIDATION],
            default=1.0,
        )
        ratios[day] = ratio
        current = current * ratio
        start = int(day)
    shares[start:] = current
    return ratios, shares


def _volumes(
    seed: int,
    names: tuple[Name, ...],
    returns: ReturnParts,
    shares: FloatArray,
    first_dollars: dict[str, float],
) -> FloatArray:
    """Shares traded: a share of those outstanding, more on days of large moves."""
    worth = np.array([name.first_price * first_dollars[name.currency] for name in names])
    outstanding = np.array([name.market_cap_usd for name in names]) / worth
    noise = stream(seed, "volume").standard_normal(returns.total.shape)
    size = np.minimum(np.abs(returns.total) / _USUAL_MOVE, 5.0)
    traded = _TURNOVER * outstanding * shares * np.exp(0.35 * size + 0.30 * noise)
    return np.asarray(np.round(traded, -2) + 100.0, dtype=np.float64)
