"""Volatility surfaces of indices, shares, currency pairs, coins and two commodities.

Each day a surface is four numbers (short and long variance, skew, curvature) of the SSVI family.
Short variance is a smoothed forecast of the underlying's own variance times a premium, moved by
shocks that fall when spot rises; the long variance follows at a distance, so the term structure
turns over in a crisis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from riskplatform.market.synthetic.drivers import (
    VOL_COINS,
    VOL_INDICES,
    VOL_PAIRS,
)
from riskplatform.market.synthetic.equities import ReturnParts
from riskplatform.market.synthetic.macro import DriverPaths
from riskplatform.market.synthetic.panels import position, seal
from riskplatform.market.synthetic.places import EUROPE, NORTH_AMERICA
from riskplatform.market.synthetic.recursions import accumulate, smooth
from riskplatform.market.synthetic.ssvi import (
    forward_variance,
    largest_eta,
    log_moneyness_of_delta,
    normal_quantiles,
    total_variance,
)
from riskplatform.market.synthetic.streams import FloatArray
from riskplatform.market.synthetic.universe import Name, Universe

EXPIRIES = np.array([1 / 12, 2 / 12, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0])
MONEYNESS = np.array([0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.3, 1.5])
DELTAS = np.array([0.10, 0.25, 0.50, 0.75, 0.90])

_OPTIONS_PER_REGION = {NORTH_AMERICA: 22, EUROPE: 10}
_OPTIONS_ELSEWHERE = 2
# Share of the short end's log moves that the long end follows.
_LONG_FOLLOWS = 0.40
# Fear comes within days and goes within weeks.
_QUICK = 0.18
_SLOW = 0.04
_INDEX_BASE = {
    "IDX.US500": 0.155, "IDX.EU50": 0.175, "IDX.UK100": 0.155, "IDX.JP225": 0.18,
    "IDX.HK50": 0.20, "IDX.EM": 0.19,
}  # fmt: skip
_PAIR_BASE = {
    # pair: (usual volatility, skew ρ of dearer base currency)
    "EURUSD": (0.073, -0.08), "GBPUSD": (0.085, -0.15), "USDJPY": (0.085, -0.22),
    "USDCHF": (0.075, -0.08), "AUDUSD": (0.095, -0.25), "USDCAD": (0.072, 0.12),
    "USDMXN": (0.125, 0.40), "USDBRL": (0.155, 0.38),
}  # fmt: skip
_COIN_BASE = {"BTC": 0.62, "ETH": 0.78}
_COMMODITY_BASE = {
    # code: (root of the future that carries the options, usual volatility, skew ρ)
    "GOLD": ("FGC", 0.145, 0.10), "WTI": ("FCL", 0.34, -0.25),
}  # fmt: skip


@dataclass(frozen=True)
class SurfaceStates:
    """What a group of surfaces with one axis is made from, [day, surface] each.

    ``axis`` is 'moneyness' (strike over forward) or 'delta' (forward call delta, without premium
    adjustment, so points run from high strikes to low ones).
    """

    ids: tuple[str, ...]
    axis: str
    expiries: FloatArray
    points: FloatArray
    short_variance: FloatArray
    long_variance: FloatArray
    rho: FloatArray
    eta: FloatArray

    def __post_init__(self) -> None:
        seal(self)

    def vols(self, days: slice | int = slice(None)) -> FloatArray:
        """Volatilities [day, surface, expiry, point] of the chosen days; one day drops the axis."""
        theta = forward_variance(
            self.short_variance[days], self.long_variance[days], self.expiries
        )[..., np.newaxis]
        rho = self.rho[days][..., np.newaxis, np.newaxis]
        eta = self.eta[days][..., np.newaxis, np.newaxis]
        if self.axis == "delta":
            quantiles = normal_quantiles(self.points)
            strikes = log_moneyness_of_delta(quantiles, theta, rho, eta)
        else:
            strikes = np.log(self.points)
        variance = total_variance(strikes, theta, rho, eta)
        return np.asarray(np.sqrt(variance / self.expiries[:, np.newaxis]), dtype=np.float64)

    def at_the_money(self, surface_id: str, expiry: float) -> FloatArray:
        """Daily volatility at the forward for one surface and expiry."""
        column = position("volatility surface", self.ids, surface_id)
        theta = forward_variance(
            self.short_variance[:, column], self.long_variance[:, column], np.array([expiry])
        )
        return np.asarray(np.sqrt(theta[:, 0] / expiry), dtype=np.float64)


@dataclass(frozen=True)
class _States:
    """States of one surface over all days."""

    surface_id: str
    short_log: FloatArray
    base: float
    rho: FloatArray
    eta: float


def optionable(universe: Universe) -> tuple[Name, ...]:
    """The names with listed options: the largest of each region, no funds."""
    chosen: list[Name] = []
    for region in dict.fromkeys(name.region for name in universe.names):
        here = [name for name in universe.names if name.region == region and name.kind == "equity"]
        here.sort(key=lambda name: -name.market_cap_usd)
        chosen.extend(here[: _OPTIONS_PER_REGION.get(region, _OPTIONS_ELSEWHERE)])
    return tuple(chosen)


def surface_states(
    universe: Universe, drivers: DriverPaths, returns: ReturnParts
) -> tuple[SurfaceStates, SurfaceStates]:
    """All surfaces by moneyness, then all by delta."""
    stress = market_stress(drivers)
    strikes = [
        *_index_states(drivers, stress),
        *_name_states(universe, drivers, returns, stress),
        *_coin_and_commodity_states(drivers, stress),
    ]
    return (
        _stack(strikes, "moneyness", MONEYNESS.copy()),
        _stack(list(_pair_states(drivers, stress)), "delta", DELTAS.copy()),
    )


def _stack(states: list[_States], axis: str, points: FloatArray) -> SurfaceStates:
    short_log = np.stack([state.short_log for state in states], axis=1)
    base = np.log([state.base for state in states])
    long_log = base + 0.04 + _LONG_FOLLOWS * (short_log - base)
    rho = np.stack([state.rho for state in states], axis=1)
    eta = np.minimum(np.array([state.eta for state in states]), 0.98 * largest_eta(rho))
    return SurfaceStates(
        ids=tuple(f"VOL.{state.surface_id}" for state in states),
        axis=axis,
        expiries=EXPIRIES.copy(),
        points=points,
        short_variance=np.exp(2.0 * short_log),
        long_variance=np.exp(2.0 * long_log),
        rho=rho,
        eta=eta,
    )


def market_stress(drivers: DriverPaths) -> FloatArray:
    """Log of the market's forecast volatility over calm, smoothed as option makers would."""
    forecast = 0.5 * np.log(drivers.shocks.latents.next_variance[:, :1])
    quick, slow = smooth(forecast, _QUICK), smooth(forecast, _SLOW)
    return np.asarray((0.55 * quick + 0.45 * slow)[:, 0], dtype=np.float64)


def _index_states(drivers: DriverPaths, stress: FloatArray) -> Iterator[_States]:
    for index_id in VOL_INDICES:
        own = drivers.path(f"VOL.{index_id}")
        base = _INDEX_BASE[index_id]
        rho = -0.62 - 0.10 * np.tanh(stress)
        yield _States(index_id, np.log(base) + 0.90 * stress + own, base, rho, 1.30)


def _name_states(
    universe: Universe, drivers: DriverPaths, returns: ReturnParts, stress: FloatArray
) -> Iterator[_States]:
    chosen = {name.instrument_id for name in optionable(universe)}
    columns = [place for place, name in enumerate(universe.names) if name.instrument_id in chosen]
    own_stress = smooth(0.5 * np.log(returns.own_next_variance[:, columns]), 0.08)
    falls = -returns.total[:, columns]
    keep = np.full((falls.shape[0], 1), 0.93)
    # A fall of the share lifts its own volatility at once, over and above the forecast.
    lift = accumulate(0.7 * np.clip(falls, -0.12, 0.12), keep)
    common = np.exp(2.0 * (0.90 * stress + drivers.path("VOL.IDX.US500")))
    for place, column in enumerate(columns):
        name = universe.names[column]
        own = (1.12 * name.own_volatility) ** 2 * np.exp(1.6 * own_stress[:, place])
        shared = (0.16 * name.beta) ** 2 * common + 0.07**2
        base = float(np.sqrt((1.12 * name.own_volatility) ** 2 + (0.16 * name.beta) ** 2 + 0.07**2))
        short_log = 0.5 * np.log(own + shared) + lift[:, place]
        rho = -0.42 - 0.10 * np.tanh(stress)
        yield _States(name.instrument_id, short_log, base, rho, 1.05)


def _coin_and_commodity_states(drivers: DriverPaths, stress: FloatArray) -> Iterator[_States]:
    flat = np.zeros_like(stress)
    for coin in VOL_COINS:
        own = drivers.path(f"VOL.{coin}") + 0.25 * stress
        base = _COIN_BASE[coin]
        yield _States(coin, np.log(base) + own, base, flat - 0.08, 0.85)
    for code, (root, base, rho) in _COMMODITY_BASE.items():
        own = drivers.path(f"VOL.CM.{code}") + 0.45 * stress
        yield _States(root, np.log(base) + own, base, flat + rho, 0.90)


def _pair_states(drivers: DriverPaths, stress: FloatArray) -> Iterator[_States]:
    for pair_id in VOL_PAIRS:
        base, rho = _PAIR_BASE[pair_id]
        short_log = np.log(base) + 0.35 * stress + drivers.path(f"VOL.{pair_id}")
        yield _States(pair_id, short_log, base, rho * (1.0 + 0.3 * np.tanh(stress)), 0.85)
