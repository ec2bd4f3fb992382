"""What it earns to hold an underlying: dividend yields, commodity carry, futures, funding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.synthetic.drivers import VOL_INDICES
from riskplatform.market.synthetic.grid import DateArray
from riskplatform.market.synthetic.listings import COINS, FUTURES, INDICES, FuturesRoot
from riskplatform.market.synthetic.macro import DriverPaths
from riskplatform.market.synthetic.panels import NodePanel, Panel, position, seal
from riskplatform.market.synthetic.recursions import smooth
from riskplatform.market.synthetic.streams import FloatArray, blockwise_product, stream
from riskplatform.market.synthetic.universe import Name

CARRY_TIMES = np.array([0.25, 0.5, 1.0, 2.0, 3.0, 5.0])

_USUAL_INDEX_YIELD = 0.024
_INDEX_YIELDS = {
    "IDX.US500": 0.016, "IDX.USTECH": 0.008, "IDX.UK100": 0.037, "IDX.EU50": 0.031,
    "IDX.JP225": 0.019, "IDX.AU200": 0.041, "IDX.HK50": 0.035, "IDX.WENERGY": 0.041,
}  # fmt: skip
_COMMODITY_YIELDS = {
    "WTI": 0.035, "BRENT": 0.035, "NATGAS": -0.08, "GOLD": 0.002, "SILVER": 0.001,
    "COPPER": 0.015, "WHEAT": -0.06, "CORN": -0.04,
}  # fmt: skip
_YIELD_ELASTICITY = 0.8
_SLOW = 1.0 / 180.0
_CARRY_REVERSION = 1.5
_BOND_COUPON = 6.0
_LONGEST_LISTING_DAYS = 460
_PERCENT = 0.01


@dataclass(frozen=True)
class FuturesPanel:
    """Spot prices of what futures are on, and the yearly cost of carrying it to each time.

    A contract costs spot · exp(cost · time to expiry). The spot of a bond future is the price of
    a ten-year bond with a coupon of six percent on the government curve.
    """

    roots: tuple[str, ...]
    dates: DateArray
    spot: FloatArray
    cost_of_carry: NodePanel

    def __post_init__(self) -> None:
        seal(self)

    def contract(self, root: str, expiry: date) -> tuple[DateArray, FloatArray]:
        """Dates and settlement prices of one contract, from its listing through its expiry."""
        column = position("futures root", self.roots, root)
        last = np.datetime64(expiry)
        listed = (self.dates <= last) & (self.dates > last - _LONGEST_LISTING_DAYS)
        if not listed.any():
            raise UserInputError(
                f"The future {root} expiring on {expiry} has no price in this history, "
                f"which runs from {self.dates[0]} to {self.dates[-1]}.",
                hint=f"Ask for an expiry within {_LONGEST_LISTING_DAYS} days of it.",
            )
        years = (last - self.dates[listed]).astype(np.float64) / 365.0
        nodes = self.cost_of_carry.values[listed, column]
        times = self.cost_of_carry.times
        cost = np.array(
            [np.interp(year, times, row) for year, row in zip(years, nodes, strict=True)]
        )
        prices = self.spot[listed, column] * np.exp(cost * years)
        return self.dates[listed], np.asarray(prices, dtype=np.float64)


def third_friday(year: int, month: int) -> date:
    """The day on which every contract of the synthetic market expires."""
    first = date(year, month, 1)
    return date(year, month, 15 + (4 - first.weekday()) % 7)


def contract_expiries(root: FuturesRoot, after: date, count: int) -> tuple[date, ...]:
    """The next ``count`` expiries of a root on or after a date."""
    expiries: list[date] = []
    year = after.year
    while len(expiries) < count:
        days = (third_friday(year, month) for month in root.months)
        expiries.extend(day for day in days if day >= after)
        year += 1
    return tuple(expiries[:count])


def dividend_yields(
    drivers: DriverPaths,
    index_returns: dict[str, FloatArray],
    names: tuple[Name, ...],
    share_paths: dict[str, FloatArray],
) -> NodePanel:
    """Dividend yields of indices and of names with options: high after a fall, low after a rise."""
    ids, usual, logs, shifts = [], [], [], []
    days = drivers.paths.shape[0]
    for index in INDICES:
        index_id = index.instrument_id
        ids.append(f"DIV.{index_id}")
        usual.append(_INDEX_YIELDS.get(index_id, _USUAL_INDEX_YIELD))
        logs.append(np.cumsum(index_returns[index_id]))
        has_driver = index_id in VOL_INDICES
        shifts.append(drivers.path(f"DIV.{index_id}") if has_driver else np.zeros(days))
    for name in names:
        ids.append(f"DIV.{name.instrument_id}")
        usual.append(name.dividend_yield)
        logs.append(share_paths[name.instrument_id])
        shifts.append(np.zeros(days))
    levels = np.stack(logs, axis=1)
    gap = np.clip(smooth(levels, _SLOW) - levels, -0.6, 0.6)
    yields = np.array(usual) * np.exp(_YIELD_ELASTICITY * gap)
    yields = np.maximum(yields + _PERCENT * np.stack(shifts, axis=1), 0.0)
    # Markets expect the yield to drift back, so far yields lie nearer to the usual one.
    weight = np.exp(-CARRY_TIMES / 4.0)
    values = yields[..., np.newaxis] * weight + np.array(usual)[:, np.newaxis] * (1.0 - weight)
    return NodePanel("carry yield", tuple(ids), CARRY_TIMES.copy(), values)


def futures_panel(
    dates: DateArray, drivers: DriverPaths, curves: NodePanel, indices: Panel, yields: NodePanel
) -> FuturesPanel:
    """Spot and cost of carry of every futures root."""
    spots, costs = [], []
    for root in FUTURES:
        rate = np.stack([curves.at(f"{root.currency}.OIS", time) for time in CARRY_TIMES], axis=1)
        if root.kind == "index":
            spots.append(indices.of(root.underlying))
            costs.append(rate - yields.of(f"DIV.{root.underlying}"))
        elif root.kind == "bond":
            price = _bond_price(curves, root.underlying)
            spots.append(price)
            costs.append(rate - (_BOND_COUPON / price)[:, np.newaxis])
        else:
            code = root.underlying.removeprefix("CM.")
            spots.append(np.exp(drivers.path(root.underlying)))
            costs.append(rate - _commodity_yield(drivers, code))
    roots = tuple(root.root for root in FUTURES)
    carry = NodePanel("futures root", roots, CARRY_TIMES.copy(), np.stack(costs, axis=1))
    return FuturesPanel(roots, dates, np.stack(spots, axis=1), carry)


def _commodity_yield(drivers: DriverPaths, code: str) -> FloatArray:
    """Convenience yield less storage to each time, reverting to the usual one."""
    usual = _COMMODITY_YIELDS[code]
    scale = 0.15 if code in {"GOLD", "SILVER"} else 1.0
    now = drivers.path(f"CARRY.{code}")[:, np.newaxis] * scale
    kept = -np.expm1(-_CARRY_REVERSION * CARRY_TIMES) / (_CARRY_REVERSION * CARRY_TIMES)
    return np.asarray(usual + now * kept, dtype=np.float64)


def _bond_price(curves: NodePanel, curve_id: str) -> FloatArray:
    """Price of a fresh ten-year bond with half-yearly coupons."""
    times = np.arange(1, 21) / 2.0
    hats = np.stack([np.interp(times, curves.times, row) for row in np.eye(curves.times.size)])
    zeros = blockwise_product(curves.of(curve_id), hats)
    discounts = np.exp(-zeros * times)
    return np.asarray(
        _BOND_COUPON / 2.0 * discounts.sum(axis=1) + 100.0 * discounts[:, -1], dtype=np.float64
    )


def perpetual_funding(seed: int, drivers: DriverPaths) -> Panel:
    """What a long perpetual pays per day: little in calm, much after a rise, less after a fall."""
    codes = tuple(coin.code for coin in COINS)
    paths = np.stack([drivers.path(f"CX.{code}") for code in codes], axis=1)
    momentum = paths - smooth(paths, 1.0 / 15.0)
    noise = stream(seed, "funding").standard_normal(paths.shape) * 0.00006
    rates = np.clip(0.0003 + 0.003 * np.clip(momentum, -0.25, 0.4) + noise, -0.001, 0.0025)
    return Panel("perpetual", codes, np.round(rates, 7))
