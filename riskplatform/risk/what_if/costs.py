"""What a trade is assumed to cost: half a spread and fees, by kind of instrument.

These are plain assumptions of an institution in calm markets, not measurements; a desk that knows
better hands in its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.risk.book import RiskBook

BASIS_POINTS: Mapping[str, float] = {
    "cash": 0.0,
    "equity": 6.0,
    "reit": 7.0,
    "etf": 3.0,
    "future": 0.8,
    "perpetual": 4.0,
    "coin": 10.0,
    "fx_spot": 0.8,
    "fx_forward": 1.0,
    "fixed_bond": 12.0,
    "floating_bond": 15.0,
    "zero_bond": 6.0,
    "swap": 1.0,
    "ois": 0.6,
    "cds": 4.0,
    "option": 120.0,
    "barrier_option": 250.0,
}
"""Of the value traded; of a swap, a CDS or an FX forward, whose value is near nothing, of the
notional."""

USUAL = 20.0
_OF_NOTIONAL = frozenset({"swap", "ois", "cds", "fx_forward"})


def cost_per_unit(book: RiskBook, basis_points: Mapping[str, float] = BASIS_POINTS) -> FloatArray:
    """In the base currency; not a number where the unit has no value."""
    rate = np.array([basis_points.get(kind, USUAL) for kind in book.kinds]) * 1e-4
    return np.asarray(rate * size_per_unit(book))


def size_per_unit(book: RiskBook) -> FloatArray:
    """What one unit counts as money traded: its value; of a contract on a notional that, one."""
    values = np.abs(book.known.values)
    is_nominal = np.isin(book.kinds, list(_OF_NOTIONAL))
    return np.asarray(np.where(is_nominal, np.maximum(values, 1.0), values))
