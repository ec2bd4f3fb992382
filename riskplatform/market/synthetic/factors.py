"""The list of risk factors and their levels, read off the simulated market.

Factors are not a second simulation: each is a point of a curve, a price or a path of the market,
so a factor's return and the revaluation of what it drives agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from riskplatform.market.synthetic.anchors_prices import COMMODITY
from riskplatform.market.synthetic.anchors_rates import (
    GOVERNMENT_SPREAD,
    RATE_CURRENCIES,
    SIX_MONTH_BASIS,
)
from riskplatform.market.synthetic.credit import CreditCurves
from riskplatform.market.synthetic.drivers import VOL_COINS, VOL_INDICES, VOL_PAIRS
from riskplatform.market.synthetic.equities import EQUITY_FACTORS
from riskplatform.market.synthetic.listings import COINS, FX_CURRENCIES
from riskplatform.market.synthetic.macro import DriverPaths
from riskplatform.market.synthetic.panels import FactorPanel, NodePanel
from riskplatform.market.synthetic.streams import FloatArray
from riskplatform.market.synthetic.surfaces import SurfaceStates

LOG = "log"
ABSOLUTE = "absolute"

TENOR_YEARS = {"3M": 0.25, "2Y": 2.0, "5Y": 5.0, "10Y": 10.0, "30Y": 30.0}
_GOVERNMENT_TENORS = ("2Y", "10Y")
_BASIS_TENOR = "5Y"


@dataclass(frozen=True)
class _Factor:
    factor_id: str
    kind: str
    levels: FloatArray


def factor_panel(
    drivers: DriverPaths,
    curves: NodePanel,
    credit: CreditCurves,
    by_moneyness: SurfaceStates,
    by_delta: SurfaceStates,
    yields: NodePanel,
) -> FactorPanel:
    """Every risk factor with levels and daily returns."""
    factors = [
        *_driver_factors(drivers),
        *_rate_factors(curves),
        *_credit_factors(credit),
        *_volatility_factors(by_moneyness, by_delta),
        *(
            _Factor(f"DIV.{index_id}", ABSOLUTE, yields.at(f"DIV.{index_id}", 1.0))
            for index_id in VOL_INDICES
        ),
    ]
    levels = np.stack([factor.levels for factor in factors], axis=1)
    is_log = np.array([factor.kind == LOG for factor in factors])
    scaled = levels.copy()
    scaled[:, is_log] = np.log(levels[:, is_log])
    return FactorPanel(
        ids=tuple(factor.factor_id for factor in factors),
        kinds=tuple(factor.kind for factor in factors),
        levels=levels,
        returns=np.diff(scaled, axis=0, prepend=scaled[:1]),
    )


def _driver_factors(drivers: DriverPaths) -> Iterator[_Factor]:
    for factor_id in EQUITY_FACTORS:
        yield _Factor(factor_id, LOG, 100.0 * np.exp(drivers.path(factor_id)))
    prices = (
        *(f"FX.{currency}" for currency in FX_CURRENCIES),
        *(f"CM.{code}" for code in COMMODITY),
        *(f"CX.{coin.code}" for coin in COINS),
    )
    for factor_id in prices:
        yield _Factor(factor_id, LOG, np.exp(drivers.path(factor_id)))


def _rate_factors(curves: NodePanel) -> Iterator[_Factor]:
    nodes = [
        *((f"{currency}.OIS", tenor) for currency in RATE_CURRENCIES for tenor in TENOR_YEARS),
        *((f"{currency}.6M", _BASIS_TENOR) for currency in SIX_MONTH_BASIS),
        *(
            (f"{currency}.GOVT", tenor)
            for currency in GOVERNMENT_SPREAD
            for tenor in _GOVERNMENT_TENORS
        ),
    ]
    for curve_id, tenor in nodes:
        yield _Factor(f"IR.{curve_id}.{tenor}", ABSOLUTE, curves.at(curve_id, TENOR_YEARS[tenor]))


def _credit_factors(credit: CreditCurves) -> Iterator[_Factor]:
    for factor_id in credit.index_spreads.ids:
        yield _Factor(factor_id, LOG, credit.index_spreads.of(factor_id))


def _volatility_factors(by_moneyness: SurfaceStates, by_delta: SurfaceStates) -> Iterator[_Factor]:
    buckets = [
        *((by_moneyness, index_id, bucket) for index_id in VOL_INDICES for bucket in ("1M", "12M")),
        *((by_moneyness, coin, "1M") for coin in VOL_COINS),
        *((by_moneyness, root, "3M") for root in ("FGC", "FCL")),
        *((by_delta, pair, "3M") for pair in VOL_PAIRS),
    ]
    for surfaces, underlying, bucket in buckets:
        years = int(bucket.removesuffix("M")) / 12.0
        levels = surfaces.at_the_money(f"VOL.{underlying}", years)
        yield _Factor(f"VOL.{underlying}.{bucket}", LOG, levels)
