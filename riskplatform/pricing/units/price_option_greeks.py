"""Sensitivities of options on prices in one state: closed forms, or central differences.

European options have closed forms. All others are differences of their price. The step in spot is
a share of the deviation to expiry (a twentieth for Americans, whose prices are good to 1e-7 of
spot, a five-hundredth for closed forms) and never reaches a barrier; in rates and yields it is one
basis point, in volatility a tenth of a point.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from riskplatform.pricing.options.status import FloatArray
from riskplatform.pricing.options.vanilla import future_greeks, vanilla_greeks
from riskplatform.pricing.purpose import Purpose
from riskplatform.pricing.units.flows import PriceOption, Style
from riskplatform.pricing.units.price_option_table import PriceOptionTable
from riskplatform.pricing.units.price_options import OptionInputs, price_option_values

CLOSED_FORM = "closed form"
DIFFERENCES = "central difference"
_RATE_STEP, _VOL_STEP = 1e-4, 1e-3
_SPOT_SHARES = {Style.AMERICAN: 0.05, Style.EXOTIC: 0.05}
# What a mesh prices is smooth to fewer digits, so that a wider step errs less.
_VOL_STEPS = {Style.EXOTIC: 1e-2}


@dataclass(frozen=True, slots=True, eq=False)
class OptionGreeks:
    """Per unit of the underlying, one entry for each option; see :class:`SpotGreeks` for units."""

    spot: FloatArray
    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    rho: FloatArray
    dividend_rho: FloatArray
    vanna: FloatArray
    volga: FloatArray
    status: NDArray[np.int8]
    is_closed_form: NDArray[np.bool_]


def option_greeks(table: PriceOptionTable, inputs: OptionInputs) -> OptionGreeks:
    """In the one state of ``inputs``. For a future, rho moves the yield with the rate."""
    size = len(table)
    numbers = {field.name: np.zeros(size) for field in fields(OptionGreeks)[:9]}
    status, closed_form = np.zeros(size, dtype=np.int8), np.zeros(size, dtype=np.bool_)
    found = OptionGreeks(**numbers, status=status, is_closed_form=closed_form)
    closed = table.places(Style.EUROPEAN)
    others = np.setdiff1d(np.arange(size), closed)
    for places, compute in ((closed, _closed_forms), (others, _differences)):
        if len(places):
            part = compute(table.taken(places), inputs.taken(places))
            for field in fields(OptionGreeks):
                getattr(found, field.name)[places] = getattr(part, field.name)
    return found


def _closed_forms(table: PriceOptionTable, inputs: OptionInputs) -> OptionGreeks:
    spot, vol, rate, carry = (x[:, 0] for x in _columns(inputs))
    plain = (spot, table.strike, table.years, vol, rate)
    spots = vanilla_greeks(*plain, carry, table.is_call)
    futures = future_greeks(*plain, table.is_call)
    on_future = np.array([option.is_on_future for option in table.options])
    rho = np.where(on_future, futures.rho, spots.rho)
    dividend_rho = np.where(on_future, 0.0, spots.dividend_rho)
    return OptionGreeks(
        spot, spots.price, spots.delta, spots.gamma, spots.vega, rho, dividend_rho, spots.vanna,
        spots.volga, spots.status, np.ones(len(table), dtype=np.bool_),
    )  # fmt: skip


def _differences(table: PriceOptionTable, inputs: OptionInputs) -> OptionGreeks:
    """One call of the kernels with every bump as a state."""
    h = _spot_steps(table, inputs)
    widest = np.array([_VOL_STEPS.get(option.style, _VOL_STEP) for option in table.options])
    v = np.minimum(widest, inputs.vol[:, 0] / 2)
    bumps: dict[str, tuple[float | FloatArray, ...]] = {
        "base": (0, 0, 0, 0), "s+": (h, 0, 0, 0), "s-": (-h, 0, 0, 0),
        "v+": (0, v, 0, 0), "v-": (0, -v, 0, 0),
        "r+": (0, 0, _RATE_STEP, 0), "r-": (0, 0, -_RATE_STEP, 0),
        "q+": (0, 0, 0, _RATE_STEP), "q-": (0, 0, 0, -_RATE_STEP),
        "f+": (0, 0, _RATE_STEP, _RATE_STEP), "f-": (0, 0, -_RATE_STEP, -_RATE_STEP),
        "++": (h, v, 0, 0), "+-": (h, -v, 0, 0), "-+": (-h, v, 0, 0), "--": (-h, -v, 0, 0),
    }  # fmt: skip
    moved = [
        np.stack([base[:, 0] + bump[k] for bump in bumps.values()], axis=1)
        for k, base in enumerate(_columns(inputs))
    ]
    priced = price_option_values(table, OptionInputs(*moved), purpose=Purpose.DERIVATIVES)
    at = dict(zip(bumps, priced.value.T, strict=True))
    two_h, two_v, two_r = 2 * h, 2 * v, 2 * _RATE_STEP
    on_future = np.array([option.is_on_future for option in table.options])
    rho = np.where(on_future, at["f+"] - at["f-"], at["r+"] - at["r-"]) / two_r
    with np.errstate(all="ignore"):
        result = OptionGreeks(
            spot=inputs.spot[:, 0],
            price=at["base"],
            delta=(at["s+"] - at["s-"]) / two_h,
            gamma=(at["s+"] - 2 * at["base"] + at["s-"]) / h**2,
            vega=(at["v+"] - at["v-"]) / two_v,
            rho=rho,
            dividend_rho=np.where(on_future, 0.0, (at["q+"] - at["q-"]) / two_r),
            vanna=(at["++"] - at["+-"] - at["-+"] + at["--"]) / (two_h * two_v),
            volga=(at["v+"] - 2 * at["base"] + at["v-"]) / v**2,
            status=priced.status.max(axis=1),
            is_closed_form=np.zeros(len(table), dtype=np.bool_),
        )
    return result


def _columns(inputs: OptionInputs) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    return inputs.spot, inputs.vol, inputs.rate, inputs.carry


def _spot_steps(table: PriceOptionTable, inputs: OptionInputs) -> FloatArray:
    spot = inputs.spot[:, 0]
    deviation = inputs.vol[:, 0] * np.sqrt(table.years)
    share = np.array([_SPOT_SHARES.get(option.style, 0.002) for option in table.options])
    step = np.abs(spot) * np.clip(share * deviation, 1e-5, 0.02)
    walls = np.array([_wall(option) for option in table.options])
    room = np.abs(np.where(np.isnan(walls), np.inf, walls) - spot) / 2
    # On the edge itself there is no room; the difference then says how far the price falls.
    return np.where(room > 1e-7 * np.abs(spot), np.minimum(step, room), step)


def _wall(option: PriceOption) -> float:
    """The level at which the price has an edge, if there is one."""
    if option.barrier > 0:
        return option.barrier
    return option.strike if option.style is Style.TOUCH else np.nan
