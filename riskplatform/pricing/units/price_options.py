"""Values of the options on prices of a plan in many states, style by style."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from riskplatform.pricing.options.american import american_price
from riskplatform.pricing.options.barrier import barrier_price
from riskplatform.pricing.options.digital import asset_or_nothing, cash_or_nothing, one_touch
from riskplatform.pricing.options.status import Priced
from riskplatform.pricing.options.vanilla import vanilla_price
from riskplatform.pricing.purpose import Purpose
from riskplatform.pricing.units.flows import Style
from riskplatform.pricing.units.layout import FloatArray
from riskplatform.pricing.units.price_option_table import PriceOptionTable

if TYPE_CHECKING:
    from riskplatform.pricing.units.plan import Plan


@dataclass(frozen=True, slots=True, eq=False)
class OptionInputs:
    """What the formulas read, each [option, state]; rates and yields continuously compounded."""

    spot: FloatArray
    vol: FloatArray
    rate: FloatArray
    carry: FloatArray

    def taken(self, places: NDArray[np.int64]) -> OptionInputs:
        return OptionInputs(
            self.spot[places], self.vol[places], self.rate[places], self.carry[places]
        )


def option_inputs(plan: Plan, extended: FloatArray, values: FloatArray) -> OptionInputs:
    """Read off the rows of the plan that belong to its options."""
    table = plan.price_options
    spot, growth, discount = (values[table.row + offset] for offset in range(3))
    years = table.years[:, None]
    # On its last day an option neither earns interest nor carries.
    per_year = np.where(years > 0, 1.0 / np.where(years > 0, years, 1.0), 0.0)
    with np.errstate(all="ignore"):
        forward = spot * growth / discount
        rate, carry = -np.log(discount) * per_year, -np.log(growth) * per_year
    return OptionInputs(spot, table.volatility(forward, extended), rate, carry)


def price_option_values(
    table: PriceOptionTable, inputs: OptionInputs, *, purpose: Purpose = Purpose.VALUE
) -> Priced:
    """Premiums per unit of the underlying, and a status of the kernels for each."""
    value = np.zeros(inputs.spot.shape)
    status = np.zeros(inputs.spot.shape, dtype=np.int8)
    for style, price in _FORMULAS.items():
        places = table.places(style)
        if len(places):
            priced = price(table.taken(places), inputs.taken(places), purpose)
            value[places], status[places] = priced.value, priced.status
    return Priced(value, status)


def _plain(
    table: PriceOptionTable, inputs: OptionInputs
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    return (
        inputs.spot, table.strike[:, None], table.years[:, None], inputs.vol, inputs.rate,
        inputs.carry,
    )  # fmt: skip


def _european(table: PriceOptionTable, inputs: OptionInputs, _purpose: Purpose) -> Priced:
    return vanilla_price(*_plain(table, inputs), table.is_call[:, None])


def _american(table: PriceOptionTable, inputs: OptionInputs, purpose: Purpose) -> Priced:
    plain, accurate = _plain(table, inputs), purpose is Purpose.DERIVATIVES
    return american_price(*plain, table.is_call[:, None], accurate=accurate)


def _barrier(table: PriceOptionTable, inputs: OptionInputs, _purpose: Purpose) -> Priced:
    spot, strike, *rest = _plain(table, inputs)
    return barrier_price(
        spot,
        strike,
        _column(table, "barrier"),
        *rest,
        is_call=table.is_call[:, None],
        is_up=_column(table, "is_up"),
        is_out=_column(table, "is_out"),
        rebate=_column(table, "rebate"),
    )


def _cash(table: PriceOptionTable, inputs: OptionInputs, _purpose: Purpose) -> Priced:
    plain = _plain(table, inputs)
    return cash_or_nothing(*plain, table.is_call[:, None], cash=_column(table, "cash"))


def _asset(table: PriceOptionTable, inputs: OptionInputs, _purpose: Purpose) -> Priced:
    return asset_or_nothing(*_plain(table, inputs), table.is_call[:, None])


def _touch(table: PriceOptionTable, inputs: OptionInputs, _purpose: Purpose) -> Priced:
    plain = _plain(table, inputs)
    return one_touch(*plain, is_up=table.is_call[:, None], cash=_column(table, "cash"))


def _exotic(table: PriceOptionTable, inputs: OptionInputs, purpose: Purpose) -> Priced:
    """By QuantLib in processes of its own; read off grids where states are many."""
    from riskplatform.pricing.exotics.grid import MarketPoint
    from riskplatform.pricing.exotics.values import exotic_values

    contracts = [option.exotic for option in table.options if option.exotic is not None]
    centres = zip(table.base_spot, table.base_vol, table.base_rate, table.base_carry, strict=True)
    return exotic_values(
        contracts,
        inputs.spot,
        _column(table, "elapsed_days"),
        inputs.vol,
        inputs.rate,
        inputs.carry,
        base=[MarketPoint(*(float(number) for number in centre)) for centre in centres],
        purpose=purpose,
    )


def _column(table: PriceOptionTable, name: str) -> FloatArray:
    return np.array([[getattr(option, name)] for option in table.options])


_FORMULAS: dict[Style, Callable[[PriceOptionTable, OptionInputs, Purpose], Priced]] = {
    Style.EUROPEAN: _european,
    Style.AMERICAN: _american,
    Style.BARRIER: _barrier,
    Style.CASH: _cash,
    Style.ASSET: _asset,
    Style.TOUCH: _touch,
    Style.EXOTIC: _exotic,
}
