"""Credit spreads and hazard curves that move with equity.

In Merton's firm a fall of the share is a fall of the distance to default. Here, in logarithms, an
issuer's five-year spread rises with the gap of its share (or its country's market) below its
slow average and with its credit index, and has a little news of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.synthetic.crises import deviation_multiples
from riskplatform.market.synthetic.drivers import CREDIT_INDICES, MARKET_DRIVER
from riskplatform.market.synthetic.grid import DateArray
from riskplatform.market.synthetic.issuers import RATING_SPREAD_BP, Issuer
from riskplatform.market.synthetic.macro import DriverPaths
from riskplatform.market.synthetic.panels import NodePanel, Panel
from riskplatform.market.synthetic.places import COUNTRY_BY_CODE, REGION_CODES
from riskplatform.market.synthetic.recursions import accumulate, smooth
from riskplatform.market.synthetic.shocks import OWN_CLUSTERING, clustered_shocks
from riskplatform.market.synthetic.streams import FloatArray, stream
from riskplatform.market.synthetic.surfaces import market_stress

CREDIT_TIMES = np.array([0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0])

_SLOW = 1.0 / 200.0
_MARKET_ELASTICITY = 1.3
_STRESS_ELASTICITY = 0.22
_SHARE_ELASTICITY = 0.65
_INDEX_SHARE = 0.65
_OWN_DAILY = 0.021
_OWN_KEEP = 0.975
_BASIS_POINT = 1e-4


@dataclass(frozen=True)
class CreditCurves:
    """Five-year spreads of indices and issuers, and hazard curves of issuers.

    ``hazard_rates`` are forward: each is constant from the node before to its own node.
    """

    index_spreads: Panel
    issuer_spreads: Panel
    hazard_rates: NodePanel
    recoveries: FloatArray


def credit_curves(
    seed: int,
    dates: DateArray,
    issuers: tuple[Issuer, ...],
    drivers: DriverPaths,
    share_paths: dict[str, FloatArray],
) -> CreditCurves:
    """All credit; ``share_paths`` are log total-return paths by instrument id."""
    indices = _index_logs(drivers)
    multiples = deviation_multiples(dates, "issuer")[:, np.newaxis]
    news = clustered_shocks(seed, "issuer", len(issuers), multiples, OWN_CLUSTERING).shocks
    own = accumulate(_OWN_DAILY * news, np.full((dates.size, 1), _OWN_KEEP))
    quality = stream(seed, "issuer.quality").standard_normal(len(issuers))
    shares = np.stack([_equity_path(issuer, drivers, share_paths) for issuer in issuers], axis=1)
    gaps = np.clip(shares - smooth(shares, _SLOW), -1.0, 0.7)
    logs = own - _SHARE_ELASTICITY * gaps
    for column, issuer in enumerate(issuers):
        usual = np.log(CREDIT_INDICES[issuer.follows][0] * _BASIS_POINT)
        base = RATING_SPREAD_BP[issuer.rating] * np.exp(0.15 * quality[column]) * _BASIS_POINT
        logs[:, column] += np.log(base) + _INDEX_SHARE * (indices[issuer.follows] - usual)
    spreads = np.exp(logs)
    recoveries = np.array([issuer.recovery for issuer in issuers])
    ids = tuple(issuer.issuer_id for issuer in issuers)
    index_ids = tuple(f"CR.{code}.5Y" for code in CREDIT_INDICES)
    index_levels = np.exp(np.stack(list(indices.values()), axis=1))
    return CreditCurves(
        index_spreads=Panel("credit index", index_ids, index_levels),
        issuer_spreads=Panel("issuer", ids, spreads),
        hazard_rates=NodePanel(
            "issuer", ids, CREDIT_TIMES.copy(), hazard_curves(spreads, recoveries)
        ),
        recoveries=recoveries,
    )


def _index_logs(drivers: DriverPaths) -> dict[str, FloatArray]:
    """Log five-year spread of each credit index."""
    market = drivers.path(MARKET_DRIVER)[:, np.newaxis]
    gap = (market - smooth(market, _SLOW))[:, 0]
    common = _STRESS_ELASTICITY * market_stress(drivers) - _MARKET_ELASTICITY * gap
    return {
        code: np.log(usual_bp * _BASIS_POINT) + common + drivers.path(f"CR.{code}")
        for code, (usual_bp, _) in CREDIT_INDICES.items()
    }


def _equity_path(
    issuer: Issuer, drivers: DriverPaths, share_paths: dict[str, FloatArray]
) -> FloatArray:
    """The log price of the issuer's share, or of what stands for it when it has none."""
    if issuer.listed_id:
        return share_paths[issuer.listed_id]
    country = COUNTRY_BY_CODE[issuer.country]
    path = (
        drivers.path(MARKET_DRIVER)
        + drivers.path(f"CTY.{REGION_CODES[country.region]}")
        + drivers.path(f"CTY.{issuer.country}")
    )
    if issuer.kind == "bank":
        return path + drivers.path("SEC.FINANCIALS")
    return 0.5 * path


def hazard_curves(spreads: FloatArray, recoveries: FloatArray) -> FloatArray:
    """Forward hazard rates [day, issuer, node] from five-year spreads.

    Sound issuers have rising spread curves, distressed ones falling: the exponent of the curve
    s(T) = s(5) · (T/5)^p goes from 0.5 to −0.25 as the spread grows.
    """
    power = np.clip(0.42 - 0.17 * np.log(spreads / 0.01), -0.25, 0.5)[..., np.newaxis]
    average = (spreads / (1.0 - recoveries))[..., np.newaxis] * (CREDIT_TIMES / 5.0) ** power
    cumulative = average * CREDIT_TIMES
    steps = np.diff(cumulative, axis=-1, prepend=0.0)
    return np.asarray(steps / np.diff(CREDIT_TIMES, prepend=0.0), dtype=np.float64)
