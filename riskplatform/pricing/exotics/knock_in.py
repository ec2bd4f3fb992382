"""American knock-ins as an integral over the moment of the touch; runs in a worker's main thread.

At the touch the option becomes a plain American one with the spot at the barrier, so its value
there depends on the time left alone: QuantLib's QD+ fixed-point engine tabulates it. What remains
is the density of the first passage. With y = distance / (vol √time), which is half normal when
there is no drift, the density is smooth and the integral a few sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from riskplatform.pricing.exotics.contracts import AmericanBarrier
from riskplatform.pricing.exotics.flat_market import FlatMarket, plain_payoff
from riskplatform.pricing.options.status import FloatArray

_TABLE = 65
# Beyond so many deviations there is no density left.
_FARTHEST = 9.0
_POINTS = 16


def knock_in_values(
    ql: Any, contract: AmericanBarrier, market: FlatMarket, spots: FloatArray
) -> FloatArray:
    """Values at spots on the live side of the barrier, the barrier itself included."""
    from scipy.interpolate import CubicSpline

    root_left, plain = _plain_table(ql, contract, market)
    # Discounted to today, by the square root of the time left at the touch.
    table = CubicSpline(root_left, plain * np.exp(-market.rate * (contract.time - root_left**2)))
    never = contract.rebate * math.exp(-market.rate * contract.time)
    distances = np.log(contract.barrier / spots)
    values = _expected(table, contract.time, market, distances, never)
    return np.where(distances == 0.0, plain[-1], values)


def _plain_table(
    ql: Any, contract: AmericanBarrier, market: FlatMarket
) -> tuple[FloatArray, FloatArray]:
    """Square roots of the time left, and the plain option at the barrier."""
    scheme = ql.QdFpAmericanEngine.accurateScheme()
    root_left = np.linspace(0.0, math.sqrt(contract.time), _TABLE)

    def collocated(process: Any) -> Any:
        return ql.QdFpAmericanEngine(process, scheme)

    def on_a_mesh(process: Any) -> Any:
        return ql.FdBlackScholesVanillaEngine(process, 100, 400)

    try:
        return root_left, _plain(ql, contract, market, root_left**2, collocated)
    except RuntimeError:
        # Negative rates below the yield leave two exercise boundaries, which QD+ refuses.
        root_left = root_left[::2]
        return root_left, _plain(ql, contract, market, root_left**2, on_a_mesh)


def _plain(
    ql: Any,
    contract: AmericanBarrier,
    market: FlatMarket,
    left: FloatArray,
    engine: Callable[[Any], Any],
) -> FloatArray:
    """The plain option with the spot at the barrier, by years to go."""
    spot, today = contract.barrier, ql.Settings.instance().evaluationDate
    payoff = plain_payoff(ql, contract.is_call, contract.strike)
    option = ql.VanillaOption(payoff, ql.AmericanExercise(today, today + 365))
    values = [payoff(spot)]
    for years in left[1:].tolist():
        # Engines count whole days; a year in which vol and rates are scaled is any time.
        option.setPricingEngine(engine(market.process(ql, spot, time_scale=years)))
        values.append(option.NPV())
    return np.array(values)


def _expected(
    table: Any, time: float, market: FlatMarket, distances: FloatArray, never: float
) -> FloatArray:
    """What the touch is worth over all its moments, and the rebate of no touch."""
    drift = market.rate - market.carry_yield - 0.5 * market.vol**2
    pace = np.maximum(np.abs(distances), 1e-12) / market.vol
    pull = (drift / market.vol * np.sign(distances))[:, None]
    y, weight = _panels(pace / math.sqrt(time), float(pull.max(initial=0.0)) * math.sqrt(time))
    root_moment = pace[:, None] / y
    # 2 φ(y) for no drift; the exponent with it is -(distance - drift t)² / (2 vol² t).
    density = np.exp(-0.5 * (y - pull * root_moment) ** 2) * math.sqrt(2.0 / math.pi)
    chance = weight * density
    worth = table(np.sqrt(np.maximum(time - root_moment**2, 0.0)))
    missed = np.maximum(1.0 - chance.sum(axis=1), 0.0)
    return np.asarray((chance * worth).sum(axis=1) + never * missed)


def _panels(start: FloatArray, shift: float) -> tuple[FloatArray, FloatArray]:
    """Gauss points and weights [spot, point] from each start on.

    Panels begin small, on the scale on which the moment changes with y, and double up to one.
    """
    x, w = np.polynomial.legendre.leggauss(_POINTS)
    first = np.clip(0.25 * start, 1e-6, 0.25)[:, None]
    count = math.ceil(-math.log2(float(first.min()))) + math.ceil(_FARTHEST + shift)
    width = np.minimum(first * 2.0 ** np.arange(count), 1.0)
    low = start[:, None] + np.cumsum(width, axis=1) - width
    y = (low + 0.5 * width)[:, :, None] + 0.5 * width[:, :, None] * x
    return y.reshape(start.size, -1), (0.5 * width[:, :, None] * w).reshape(start.size, -1)
