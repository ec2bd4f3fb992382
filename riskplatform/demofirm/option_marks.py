"""Premiums of options from the surfaces, curves and underlyings of every day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from riskplatform.demofirm.marks import MarkBook
from riskplatform.demofirm.stage import Item, RowArray, Stage
from riskplatform.domain.instruments import (
    Barrier,
    BarrierOption,
    Exercise,
    Option,
    Right,
    Underlying,
)
from riskplatform.market.synthetic.ssvi import (
    forward_variance,
    log_moneyness_of_delta,
    normal_quantiles,
    total_variance,
)
from riskplatform.market.synthetic.surfaces import SurfaceStates
from riskplatform.pricing.formulas.american import leisen_reimer
from riskplatform.pricing.formulas.arrays import FloatArray
from riskplatform.pricing.formulas.barrier import single_barrier
from riskplatform.pricing.formulas.black import black

_STEPS = 51
_DECIMALS = {Underlying.FX: 6, Underlying.CRYPTO: 2}


def add_option_marks(stage: Stage, items: Sequence[Item], book: MarkBook) -> None:
    """Add the premiums of all ``items``; the marks of what underlies them are in ``book``."""
    for item in items:
        option = item.instrument
        assert isinstance(option, Option)
        rows = np.arange(item.first, item.last + 1)
        years = np.maximum(stage.years_to(option.expiry, rows), 0.0)
        values = _premiums(stage, option, rows, years, book)
        decimals = _DECIMALS.get(option.underlying_type, 4)
        quoted = stage.is_open(option.calendar)
        if option.expiry <= stage.as_of:
            # On its last day an option is settled, not quoted; before, it costs at least a tick.
            quoted = quoted & (np.arange(stage.end + 1) < item.last)
        floor = np.where(years > 0.0, 10.0**-decimals, 0.0)
        book.add(item, np.maximum(np.round(values, decimals), floor), quoted)


def _premiums(
    stage: Stage, option: Option, rows: RowArray, years: FloatArray, book: MarkBook
) -> FloatArray:
    series = book.of(option.underlying_id)
    spot = series.values[rows - series.first]
    rate = stage.zero_rates(option.discount_curve_id, rows, years)
    carry = _carry(stage, option, rows, years, rate)
    forward = spot * np.exp((rate - carry) * years)
    vol = volatility(stage, option.surface_id, rows, years, np.log(option.strike / forward))
    is_call = option.right is Right.CALL
    if isinstance(option, BarrierOption):
        return single_barrier(
            spot, option.strike, option.barrier, years, vol, rate, carry,
            is_call=is_call,
            is_up=option.barrier_type in (Barrier.UP_IN, Barrier.UP_OUT),
            is_out=option.barrier_type in (Barrier.DOWN_OUT, Barrier.UP_OUT),
            rebate=option.rebate,
        )  # fmt: skip
    if option.exercise is Exercise.AMERICAN:
        return leisen_reimer(spot, option.strike, years, vol, rate, carry, is_call, steps=_STEPS)
    return black(forward, option.strike, vol * np.sqrt(years), np.exp(-rate * years), is_call)


def _carry(
    stage: Stage, option: Option, rows: RowArray, years: FloatArray, rate: FloatArray
) -> FloatArray:
    """What holding the underlying yields: dividends, the foreign rate, or all of the rate."""
    match option.underlying_type:
        case Underlying.FUTURE:
            return rate
        case Underlying.FX:
            return stage.zero_rates(f"{option.underlying_id[:3]}.OIS", rows, years)
        case Underlying.CRYPTO:
            return np.zeros_like(rate)
    return stage.carry_yields(f"DIV.{option.underlying_id}", rows, years)


def volatility(
    stage: Stage, surface_id: str, rows: RowArray, years: FloatArray, log_moneyness: FloatArray
) -> FloatArray:
    """Volatilities read as from the quoted grid: flat outside its expiries and its points."""
    history = stage.history
    by_delta = surface_id in history.surfaces_by_delta.ids
    states = history.surfaces_by_delta if by_delta else history.surfaces_by_moneyness
    column = states.ids.index(surface_id)
    times = np.clip(years, states.expiries[0], states.expiries[-1])
    theta = forward_variance(
        states.short_variance[rows, column],
        states.long_variance[rows, column],
        times[:, np.newaxis],
    )[:, 0]
    rho, eta = states.rho[rows, column], states.eta[rows, column]
    low, high = _edges(states, theta, rho, eta)
    inside = np.clip(log_moneyness, low, high)
    return np.asarray(np.sqrt(total_variance(inside, theta, rho, eta) / times))


def _edges(
    states: SurfaceStates, theta: FloatArray, rho: FloatArray, eta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log-moneyness of the outermost points on each row."""
    if states.axis == "moneyness":
        low, high = np.log(states.points[[0, -1]])
        return np.full_like(theta, low), np.full_like(theta, high)
    high_delta, low_delta = (
        log_moneyness_of_delta(quantile, theta, rho, eta)
        for quantile in normal_quantiles(states.points[[-1, 0]])
    )
    return high_delta, low_delta
