"""What options on prices add to a gradient: the chain rule over level, growth, discount and vol."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from riskplatform.pricing.options.status import FloatArray
from riskplatform.pricing.units.engine import linear_part
from riskplatform.pricing.units.plan import Plan
from riskplatform.pricing.units.price_option_greeks import OptionGreeks, option_greeks
from riskplatform.pricing.units.price_options import option_inputs


def greeks_in(plan: Plan, state: FloatArray) -> OptionGreeks:
    """Of every option on a price, in one state (a row)."""
    extended = plan.extended(state[None, :])
    values = linear_part(plan, extended) + plan.direct @ extended.T
    return option_greeks(plan.price_options, option_inputs(plan, extended, values))


def add_price_options(
    plan: Plan,
    greeks: OptionGreeks,
    values: FloatArray,
    linear: sparse.csr_matrix,
    total: FloatArray,
) -> None:
    """Add to ``total`` [unit, node]; ``linear`` [row, node] is the gradient of the plan's rows."""
    table = plan.price_options
    if not len(table):
        return
    spot, growth, discount = (values[table.row + offset, 0] for offset in range(3))
    # rate = -log(discount) / years, and the same for the yield.
    per_year = np.where(table.years > 0, 1.0 / np.where(table.years > 0, table.years, 1.0), 0.0)
    by_log_forward = greeks.vega * table.smile_slope()
    factors = (
        greeks.delta + by_log_forward / spot,
        (-greeks.dividend_rho * per_year + by_log_forward) / growth,
        (-greeks.rho * per_year - by_log_forward) / discount,
    )
    for offset, factor in enumerate(factors):
        rows = linear[table.row + offset].multiply((factor * table.quantity)[:, None])
        np.add.at(total, table.unit, np.asarray(rows.todense()))
    by_vol = table.shift_weights.multiply((greeks.vega * table.quantity)[:, None])
    np.add.at(total, table.unit, np.asarray(by_vol.todense()))
