"""One call makes the whole history: the same seed and date give the same numbers.

A history to a later date begins with exactly the numbers of a shorter one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TypeVar

import numpy as np

from riskplatform.market.synthetic.anchors_prices import COMMODITY
from riskplatform.market.synthetic.carry import (
    FuturesPanel,
    dividend_yields,
    futures_panel,
    perpetual_funding,
)
from riskplatform.market.synthetic.credit import credit_curves
from riskplatform.market.synthetic.equities import PricedNames, name_returns, price_names
from riskplatform.market.synthetic.factors import factor_panel
from riskplatform.market.synthetic.grid import DateArray, business_days, first_business_days
from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.indices import index_levels, index_returns
from riskplatform.market.synthetic.issuers import build_issuers
from riskplatform.market.synthetic.listings import COINS, FX_CURRENCIES
from riskplatform.market.synthetic.macro import DriverPaths, driver_paths
from riskplatform.market.synthetic.network import build_network
from riskplatform.market.synthetic.panels import EquityPanel, FactorPanel, NodePanel, Panel
from riskplatform.market.synthetic.rates import rate_fixings, zero_curves
from riskplatform.market.synthetic.streams import padded_length
from riskplatform.market.synthetic.surfaces import SurfaceStates, optionable, surface_states
from riskplatform.market.synthetic.universe import DEFAULT_SEED, Universe, build_universe

Table = TypeVar("Table", Panel, NodePanel)


def simulate(as_of: date, seed: int = DEFAULT_SEED) -> SyntheticHistory:
    """The synthetic market from 2016-01-04 through ``as_of``."""
    wanted = business_days(as_of)
    # Whole blocks are simulated and the days beyond as_of thrown away; see ``streams``.
    dates = first_business_days(padded_length(wanted.size))
    days = wanted.size
    universe, network = build_universe(seed), build_network(seed)
    issuers = build_issuers(universe, network)
    drivers = driver_paths(seed, dates)
    returns_of_indices = index_returns(seed, drivers)
    returns = name_returns(seed, universe, dates, drivers, returns_of_indices)
    currencies = _prices("currency", drivers, "FX", FX_CURRENCIES)
    first_dollars = {"USD": 1.0, **{code: float(currencies.of(code)[0]) for code in FX_CURRENCIES}}
    priced = price_names(seed, universe, dates, returns, first_dollars)
    logs = np.log(priced.total_return)
    share_paths = {
        name.instrument_id: logs[:, column] for column, name in enumerate(universe.names)
    }
    indices = index_levels(returns_of_indices)
    curves = zero_curves(seed, drivers)
    credit = credit_curves(seed, dates, issuers, drivers, share_paths)
    by_moneyness, by_delta = surface_states(universe, drivers, returns)
    yields = dividend_yields(drivers, returns_of_indices, optionable(universe), share_paths)
    futures = futures_panel(dates, drivers, curves, indices, yields)
    factors = factor_panel(drivers, curves, credit, by_moneyness, by_delta, yields)
    return SyntheticHistory(
        seed=seed,
        as_of=as_of,
        dates=wanted,
        universe=universe,
        issuers=issuers,
        network=network,
        factors=_cut_factors(factors, days),
        equities=_equity_panel(universe, wanted, priced),
        indices=_cut(indices, days),
        usd_per_unit=_cut(currencies, days),
        coins=_cut(_prices("coin", drivers, "CX", tuple(coin.code for coin in COINS)), days),
        commodities=_cut(_prices("commodity", drivers, "CM", tuple(COMMODITY)), days),
        curves=_cut(curves, days),
        fixings=_cut(rate_fixings(seed, drivers, curves), days),
        credit_index_spreads=_cut(credit.index_spreads, days),
        issuer_spreads=_cut(credit.issuer_spreads, days),
        hazard_rates=_cut(credit.hazard_rates, days),
        recoveries=credit.recoveries,
        surfaces_by_moneyness=_cut_surfaces(by_moneyness, days),
        surfaces_by_delta=_cut_surfaces(by_delta, days),
        carry_yields=_cut(yields, days),
        futures=_cut_futures(futures, wanted),
        perpetual_funding=_cut(perpetual_funding(seed, drivers), days),
    )


def _prices(what: str, drivers: DriverPaths, prefix: str, codes: tuple[str, ...]) -> Panel:
    columns = [np.exp(drivers.path(f"{prefix}.{code}")) for code in codes]
    return Panel(what, codes, np.stack(columns, axis=1))


def _cut(table: Table, days: int) -> Table:
    return replace(table, values=table.values[:days].copy())


def _cut_factors(factors: FactorPanel, days: int) -> FactorPanel:
    return replace(
        factors, levels=factors.levels[:days].copy(), returns=factors.returns[:days].copy()
    )


def _cut_surfaces(states: SurfaceStates, days: int) -> SurfaceStates:
    return replace(
        states,
        short_variance=states.short_variance[:days].copy(),
        long_variance=states.long_variance[:days].copy(),
        rho=states.rho[:days].copy(),
        eta=states.eta[:days].copy(),
    )


def _cut_futures(futures: FuturesPanel, dates: DateArray) -> FuturesPanel:
    return replace(
        futures,
        dates=dates,
        spot=futures.spot[: dates.size].copy(),
        cost_of_carry=_cut(futures.cost_of_carry, dates.size),
    )


def _equity_panel(universe: Universe, dates: DateArray, priced: PricedNames) -> EquityPanel:
    days = dates.size
    return EquityPanel(
        ids=tuple(name.instrument_id for name in universe.names),
        currencies=tuple(name.currency for name in universe.names),
        dates=dates,
        raw_close=priced.raw_close[:days].copy(),
        total_return=priced.total_return[:days].copy(),
        volume=priced.volume[:days].copy(),
        dividends=priced.dividends[:days].copy(),
        split_ratios=priced.split_ratios[:days].copy(),
    )
