"""Taylor: yesterday's sensitivities times what the factors did since.

First order is exact (the gradient of full revaluation) in relative moves of prices and currencies
and absolute moves of rates, volatilities and yields. Second order: options on prices by their
gamma, vanna and volga, all other units by the difference of the gradient along the move of zero
and hazard rates. Time is a revaluation so many days ahead in the unmoved market.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from riskplatform.market.content import FloatArray
from riskplatform.pricing.options.vanilla import SpotGreeks
from riskplatform.pricing.units.book import carry_from
from riskplatform.pricing.units.engine import linear_part, value_states
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.plan import Plan
from riskplatform.pricing.units.price_option_gradient import greeks_in
from riskplatform.pricing.units.price_option_greeks import OptionGreeks
from riskplatform.pricing.units.sensitivities import gradient
from riskplatform.risk.explain.moves import GROUPS, MarketMove
from riskplatform.risk.explain.units import UnitTerms, options_among, rates_into

_FIRST_ORDER = {
    "delta": "price", "vega": "volatility", "rates": "rates", "credit": "credit", "fx": "fx",
    "yields": "yields",
}  # fmt: skip
_LOGGED = (NodeKind.SPOT, NodeKind.FX, NodeKind.BASIS)
# Of the move, to each side: the gradient's error is of the square of it.
_PART = 0.05


def second_order(
    gamma: FloatArray | float,
    vanna: FloatArray | float,
    volga: FloatArray | float,
    spot_move: FloatArray | float,
    vol_move: FloatArray | float,
) -> dict[str, FloatArray]:
    """What an option gains by the second order of a move of its underlying and volatility."""
    return {
        "gamma": np.asarray(0.5 * np.asarray(gamma) * np.square(spot_move)),
        "vanna": np.asarray(np.asarray(vanna) * spot_move * vol_move),
        "volga": np.asarray(0.5 * np.asarray(volga) * np.square(vol_move)),
    }


def greek_terms(
    greeks: SpotGreeks, spot_move: FloatArray | float, vol_move: FloatArray | float, years: float
) -> dict[str, FloatArray]:
    """Delta, gamma, vega, theta, vanna and volga of bare options, by their sensitivities alone."""
    return {
        "delta": greeks.delta * spot_move,
        "vega": greeks.vega * vol_move,
        "theta": greeks.theta * years,
        **second_order(greeks.gamma, greeks.vanna, greeks.volga, spot_move, vol_move),
    }


def taylor_terms(move: MarketMove, base_currency: str) -> UnitTerms:
    """Terms of every unit of ``move.book`` by the sensitivities of its market."""
    book, plan = move.book, move.book.plan()
    now = value_states(plan, book.layout.states(1))
    greeks = greeks_in(plan, move.before)
    found = gradient(plan, move.before, greeks)
    currencies = [unit.currency for unit in book.units]
    both = rates_into(book.layout, currencies, base_currency, np.stack([move.before, move.after]))
    rate, gain = both[:, 0], both[:, 1] / both[:, 0] - 1.0
    worth = now.values[:, 0] * rate
    relative = relative_move(move)
    local = found.by_node * relative * rate[:, None]
    passed = carry_from(book, now, move.days).total * rate if move.days else np.zeros(len(plan))
    is_option = options_among(book)
    terms = {
        "carry": np.where(is_option, 0.0, passed),
        "theta": np.where(is_option, passed, 0.0),
        **{name: local[:, move.columns(group)].sum(axis=1) for name, group in _FIRST_ORDER.items()},
        **_of_options(plan, greeks, move, rate),
        "convexity": _convexity(plan, move) * rate,
    }
    terms["cross"] = np.asarray(sum(terms.values(), np.zeros(len(plan)))) * gain
    terms["fx"] = terms["fx"] + worth * gain
    known = found.is_known & (now.status[:, 0] == 0)
    factors, by_factor = _by_factor(move, local, relative, worth, both)
    return UnitTerms(
        plan.instrument_ids,
        base_currency,
        {name: np.where(known, values, 0.0) for name, values in terms.items()},
        known,
        (*book.failures, *now.failures, *move.failures),
        factors,
        np.where(known[:, None], by_factor, 0.0),
    )


def relative_move(move: MarketMove) -> FloatArray:
    """Relative for prices, currencies and the basis, absolute for all else, as sensitivities are.

    A state has the logarithms of the former, so that their gradient is per relative move.
    """
    change = move.after - move.before
    for kind in _LOGGED:
        places = [column for _, _, column in move.book.layout.columns(kind)]
        change[places] = np.expm1(change[places])
    return change


def _of_options(
    plan: Plan, greeks: OptionGreeks, move: MarketMove, rate: FloatArray
) -> dict[str, FloatArray]:
    """gamma, vanna and volga [unit] of options on prices, by the move of what each is on."""
    table = plan.price_options
    total = {name: np.zeros(len(plan)) for name in ("gamma", "vanna", "volga")}
    if not len(table):
        return total
    moved = move.state(("price", "fx", "yields"))
    at = []
    for state in (move.before, moved):
        extended = plan.extended(state[None, :])
        at.append((linear_part(plan, extended) + plan.direct @ extended.T)[table.row, 0])
    vols = move.state(("volatility",)) - move.before
    vol_move = table.shift_weights @ plan.extended((move.before + vols)[None, :])[0]
    vol_move = vol_move - table.shift_weights @ plan.extended(move.before[None, :])[0]
    parts = second_order(greeks.gamma, greeks.vanna, greeks.volga, at[1] - at[0], vol_move)
    scale = np.where(greeks.status == 0, table.quantity * rate[table.unit], 0.0)
    for name, values in parts.items():
        np.add.at(total[name], table.unit, values * scale)
    return total


def _convexity(plan: Plan, move: MarketMove) -> FloatArray:
    """Half the second derivative along the move of zero and hazard rates, without price options.

    Differences of the differences that price most options are noise.
    """
    flows = replace(plan, price_options=plan.price_options.none())
    direction = move.state(("rates", "credit")) - move.before
    if not direction.any():
        return np.zeros(len(plan))
    up, down = (gradient(flows, move.before + sign * _PART * direction) for sign in (1, -1))
    second = (up.by_node - down.by_node) @ direction / (2 * _PART)
    second[plan.price_options.unit] = 0.0
    return np.asarray(0.5 * second)


def _by_factor(
    move: MarketMove,
    local: FloatArray,
    relative: FloatArray,
    worth: FloatArray,
    rates: FloatArray,
) -> tuple[pd.DataFrame, FloatArray]:
    """First-order gains [unit, factor]; a currency's has what units are themselves worth in it."""
    layout, values = move.book.layout, local.copy()
    for row, unit in enumerate(move.book.units):
        place = layout.place(NodeKind.FX, unit.currency).start
        values[row, place] += worth[row] * (rates[row, 1] / rates[row, 0] - 1.0)
    term_of = {kind: name for name, group in _FIRST_ORDER.items() for kind in GROUPS[group]}
    rows = [
        (column, term_of[kind], name, time, relative[column])
        for kind in term_of
        for name, time, column in layout.columns(kind)
        if values[:, column].any()
    ]
    table = pd.DataFrame(rows, columns=["column", "term", "factor", "years", "move"])
    places = table.pop("column").to_numpy(dtype=np.intp)
    return table, values[:, places]
