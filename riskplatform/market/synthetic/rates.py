"""Interest-rate curves and fixings from the short, ten-year and hump drivers of each currency.

Zero rates are continuously compounded decimals. A curve is Nelson-Siegel rewritten so that its
states are the overnight and the ten-year rate themselves, with a small mean-reverting wrinkle per
node so that no curve is spanned by three factors alone.
"""

from __future__ import annotations

import numpy as np

from riskplatform.market.synthetic.anchors_rates import (
    GOVERNMENT_SPREAD,
    RATE_CURRENCIES,
    SIX_MONTH_BASIS,
)
from riskplatform.market.synthetic.macro import DriverPaths
from riskplatform.market.synthetic.panels import NodePanel, Panel
from riskplatform.market.synthetic.recursions import accumulate
from riskplatform.market.synthetic.streams import FloatArray, blockwise_product, stream

CURVE_TIMES = np.array([1 / 12, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0])
CURVE_IDS = (
    *(f"{currency}.OIS" for currency in RATE_CURRENCIES),
    *(f"{currency}.6M" for currency in SIX_MONTH_BASIS),
    *(f"{currency}.GOVT" for currency in GOVERNMENT_SPREAD),
)

OVERNIGHT_INDEX = {
    "USD": "SOFR", "EUR": "ESTR", "GBP": "SONIA", "JPY": "TONA", "CHF": "SARON", "CAD": "CORRA",
    "AUD": "AONIA",
}  # fmt: skip
TERM_INDEX = {"EUR": "EURIBOR6M", "JPY": "TIBOR6M"}

_DECAY_YEARS = 1.8
_PERCENT = 0.01
_WRINKLE_KNOTS = np.array([0.25, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0])
_WRINKLE_DAILY = 0.00004
_WRINKLE_KEEP = 0.97
_MEETING_EVERY = 32
_POLICY_STEP = 0.0025
# The bank moves only when the market is this far from its rate.
_POLICY_PATIENCE = 0.0017
# Between meetings it moves only when it is this far.
_EMERGENCY = 0.0065


def curve_basis(times: FloatArray) -> FloatArray:
    """[3, node] weights of the short, ten-year and hump states on zero rates."""
    scaled, ten = times / _DECAY_YEARS, 10.0 / _DECAY_YEARS
    slope, slope_ten = -np.expm1(-scaled) / scaled, -np.expm1(-ten) / ten
    hump, hump_ten = slope - np.exp(-scaled), slope_ten - np.exp(-ten)
    level = (1.0 - slope) / (1.0 - slope_ten)
    return np.stack([slope - slope_ten * level, level, hump - hump_ten * level])


def zero_curves(seed: int, drivers: DriverPaths) -> NodePanel:
    """Every curve on the fixed nodes."""
    days = drivers.paths.shape[0]
    values = np.empty((days, len(CURVE_IDS), CURVE_TIMES.size), dtype=np.float64)
    basis = curve_basis(CURVE_TIMES)
    wrinkles = _wrinkles(seed, days)
    for currency in RATE_CURRENCIES:
        states = np.stack(
            [drivers.path(f"{part}.{currency}") for part in ("SHORT", "TEN", "HUMP")], axis=1
        )
        column = CURVE_IDS.index(f"{currency}.OIS")
        values[:, column] = blockwise_product(states, basis) * _PERCENT + wrinkles[:, column]
    government_shape = 0.35 + 0.65 * np.minimum(CURVE_TIMES / 10.0, 1.3)
    basis_shape = 0.75 + 0.25 * np.exp(-CURVE_TIMES / 5.0)
    for kind, driver, shape in (("GOVT", "GOVT", government_shape), ("6M", "BASIS", basis_shape)):
        for column, curve_id in enumerate(CURVE_IDS):
            currency, _, found = curve_id.partition(".")
            if found != kind:
                continue
            spread = drivers.path(f"{driver}.{currency}")[:, np.newaxis] * shape * _PERCENT
            discount = values[:, CURVE_IDS.index(f"{currency}.OIS")]
            values[:, column] = discount + spread + 0.4 * wrinkles[:, column]
    return NodePanel("curve", CURVE_IDS, CURVE_TIMES.copy(), values)


def _wrinkles(seed: int, days: int) -> FloatArray:
    """Small mean-reverting deviations [day, curve, node], interpolated between knots."""
    curves, knots = len(CURVE_IDS), _WRINKLE_KNOTS.size
    draws = stream(seed, "curve.wrinkle").standard_normal((days, curves * knots))
    keep = np.full((days, 1), _WRINKLE_KEEP)
    walks = accumulate(draws * _WRINKLE_DAILY, keep).reshape(days * curves, knots)
    hats = np.stack(
        [np.interp(np.log(CURVE_TIMES), np.log(_WRINKLE_KNOTS), row) for row in np.eye(knots)]
    )
    return blockwise_product(walks, hats).reshape(days, curves, CURVE_TIMES.size)


def policy_rate(short: FloatArray) -> FloatArray:
    """A central bank's rate: it moves in quarter points, at meetings or in need."""
    policy = np.empty_like(short)
    rate = round(float(short[0]) / _POLICY_STEP) * _POLICY_STEP
    for day, wanted in enumerate(short.tolist()):
        patience = _POLICY_PATIENCE if day % _MEETING_EVERY == 0 else _EMERGENCY
        if abs(wanted - rate) > patience:
            rate = round(wanted / _POLICY_STEP) * _POLICY_STEP
        policy[day] = rate
    return policy


def rate_fixings(seed: int, drivers: DriverPaths, curves: NodePanel) -> Panel:
    """Overnight fixings about the policy rate and six-month fixings from the projection curve.

    All are simple annual rates as decimals, those of six months on Act/360.
    """
    days = drivers.paths.shape[0]
    noise = stream(seed, "fixing").standard_normal((days, len(OVERNIGHT_INDEX))) * 0.00004
    columns = []
    for place, currency in enumerate(OVERNIGHT_INDEX):
        policy = policy_rate(drivers.path(f"SHORT.{currency}") * _PERCENT)
        columns.append(policy - 0.0003 + noise[:, place])
    for currency in TERM_INDEX:
        zero = curves.at(f"{currency}.6M", 0.5)
        columns.append(np.expm1(0.5 * zero) / 0.5 * (360.0 / 365.0))
    ids = (*OVERNIGHT_INDEX.values(), *TERM_INDEX.values())
    return Panel("fixing", ids, np.stack(columns, axis=1).round(6))
