"""Cross-gamma of a pair of numbers of the market, on request: by four full revaluations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskplatform.errors import UnknownNameError
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind

# The move that a value is per, and the step of the difference, in the numbers of a state.
_SIZES = {
    NodeKind.SPOT: 0.01,
    NodeKind.FX: 0.01,
    NodeKind.BASIS: 0.01,
    NodeKind.VOL: 0.01,
    NodeKind.SKEW: 0.01,
    NodeKind.ZERO: 1e-4,
    NodeKind.HAZARD: 1e-4,
    NodeKind.CARRY: 1e-4,
    NodeKind.PRICE: 1.0,
}
_STEPS = {NodeKind.ZERO: 10.0, NodeKind.HAZARD: 10.0, NodeKind.CARRY: 10.0}


def cross_gamma(
    book: UnitBook, one: tuple[NodeKind, str], other: tuple[NodeKind, str]
) -> pd.DataFrame:
    """Change of a unit's value per size of both moves together, beyond that of each alone.

    instrument_id and value in the unit's currency. A curve or surface moves in parallel. Sizes:
    1 % of a price or currency, one point of volatility or skew, one basis point of a rate.
    """
    moves = [_move(book, key) for key in (one, other)]
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    states = np.stack([book.layout.base + a * moves[0] + b * moves[1] for a, b in signs])
    found = value_states(book.plan(), states)
    difference = found.values @ np.array([1.0, -1.0, -1.0, 1.0]) / 4.0
    scale = _STEPS.get(one[0], 1.0) * _STEPS.get(other[0], 1.0)
    known = (found.status == 0).all(axis=1)
    frame = pd.DataFrame(
        {
            "instrument_id": found.instrument_ids,
            "value": np.where(known, difference / scale, np.nan),
        }
    )
    return frame[(frame["value"] != 0)].reset_index(drop=True)


def _move(book: UnitBook, key: tuple[NodeKind, str]) -> np.ndarray:
    """The step of one curve, surface, price or currency in a state."""
    kind, name = key
    if key not in book.layout.stretches:
        known = [
            known_name for known_kind, known_name in book.layout.stretches if known_kind is kind
        ]
        raise UnknownNameError(kind.value, name, known)
    move = np.zeros(book.layout.size)
    move[book.layout.place(kind, name)] = _SIZES[kind] * _STEPS.get(kind, 1.0)
    return move
