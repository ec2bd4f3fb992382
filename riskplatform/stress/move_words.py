"""Moves of factors as people say them: a price in percent, a rate in basis points."""

from __future__ import annotations

import math

from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation.kinds import MoveKind
from riskplatform.simulation.nodes import USUAL_KINDS

_IN_BASIS_POINTS = (NodeKind.ZERO, NodeKind.CARRY, NodeKind.BASIS)


def move_words(kind: NodeKind, move: float) -> str:
    """Of a usual move: by a logarithm or by a difference, as history counts it."""
    if USUAL_KINDS[kind] is MoveKind.LOG:
        return f"{100.0 * math.expm1(move):+.2f} %"
    if kind in _IN_BASIS_POINTS:
        return f"{1e4 * move:+.1f} bp"
    if kind in (NodeKind.VOL, NodeKind.SKEW):
        return f"{100.0 * move:+.2f} points"
    return f"{move:+.4g}"
