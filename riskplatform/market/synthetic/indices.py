"""Equity indices: the common factors of what they cover, with a small residual of their own.

An index stands for its whole market, of which the names of the universe are a sample; it is
therefore built from factors and not from those names.
"""

from __future__ import annotations

import numpy as np

from riskplatform.market.synthetic.drivers import MARKET_DRIVER
from riskplatform.market.synthetic.listings import INDICES, EquityIndex
from riskplatform.market.synthetic.macro import DriverPaths
from riskplatform.market.synthetic.panels import Panel
from riskplatform.market.synthetic.places import REGION_CODES
from riskplatform.market.synthetic.streams import FloatArray, stream, unit_t

_RESIDUAL_DAILY = 0.0009


def index_returns(seed: int, drivers: DriverPaths) -> dict[str, FloatArray]:
    """Daily log price returns by index id; zero on the first day."""
    days = drivers.paths.shape[0]
    residuals = unit_t(stream(seed, "index"), 6.0, (days, len(INDICES))) * _RESIDUAL_DAILY
    returns = {}
    for column, index in enumerate(INDICES):
        moves = [drivers.move(factor_id) for factor_id in covered_factors(index)]
        total = np.sum(moves, axis=0) + residuals[:, column]
        total[0] = 0.0
        returns[index.instrument_id] = total
    return returns


def covered_factors(index: EquityIndex) -> tuple[str, ...]:
    """The equity factors that an index has an exposure of one to."""
    factors = [MARKET_DRIVER]
    if index.region:
        factors.append(f"CTY.{REGION_CODES[index.region]}")
    if index.country:
        factors.append(f"CTY.{index.country}")
    if index.sector:
        factors.append(f"SEC.{index.sector}")
    return tuple(factors)


def index_levels(returns: dict[str, FloatArray]) -> Panel:
    """Price levels of every index."""
    columns = [
        index.first_level * np.exp(np.cumsum(returns[index.instrument_id])) for index in INDICES
    ]
    ids = tuple(index.instrument_id for index in INDICES)
    return Panel("equity index", ids, np.stack(columns, axis=1).round(2))
