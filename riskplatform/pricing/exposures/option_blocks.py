"""Second derivatives and rho of the options on prices, as columns of E."""

from __future__ import annotations

import numpy as np

from riskplatform.market.curves import BASIS_POINT
from riskplatform.market.interpolation import FloatArray
from riskplatform.pricing.exposures.columns import Block, scattered
from riskplatform.pricing.units.flows import Level
from riskplatform.pricing.units.plan import Plan
from riskplatform.pricing.units.price_option_greeks import OptionGreeks

_PERCENT, _VOL_POINT = 0.01, 0.01


def option_blocks(plan: Plan, greeks: OptionGreeks, rates: FloatArray) -> list[Block]:
    """gamma, vanna, volga and rho; ``rates`` [unit] turn money into the base currency."""
    table = plan.price_options
    if not len(table):
        return []
    spot = greeks.spot
    scale = table.quantity * rates[table.unit]
    underlyings = [underlying_name(option.level) for option in table.options]
    surfaces = [option.surface.surface_id for option in table.options]
    curves = [option.discount for option in table.options]
    entries = (
        ("gamma", underlyings, greeks.gamma * spot**2 * _PERCENT),
        ("vanna", underlyings, greeks.vanna * spot * _VOL_POINT),
        ("volga", surfaces, greeks.volga * _VOL_POINT**2),
        ("rho", curves, greeks.rho * BASIS_POINT),
    )
    return [
        scattered(measure, table.unit, names, np.where(greeks.status == 0, each * scale, 0.0),
                  len(plan))
        for measure, names, each in entries
    ]  # fmt: skip


def underlying_name(level: Level) -> str:
    """What a delta of it is called."""
    if level.bought is not None and level.sold is not None:
        return f"{level.bought}{level.sold}"
    return level.spot or level.price or level.bond_curve or "money"
