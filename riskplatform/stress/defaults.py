"""Defaults: an issuer whose hazard rate is so high that it fails at once.

The unit engine then values bonds at their recovery and default swaps at their loss, by full
revaluation. (A bond's recovery is paid in the middle of its coupon period, as everywhere in the
engine, so that it is discounted by a few months.) The recovery is part of a unit's flows, so that
another than the curve's is put into the cube afterwards, instrument by instrument: see
:mod:`.recoveries`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.scenario import Shock
from riskplatform.stress.conversions import Rows
from riskplatform.stress.factor_table import FactorTable

FAILED = 600.0
"""Minus the logarithm of survival to the first node of a curve; the engine bears 708. With a node
at half a year the issuer is alive with 4 % after a day, and with 0.1 % after two."""
_LONGEST_YEARS = 50.0


@dataclass(frozen=True, slots=True)
class DefaultMove:
    """An issuer that fails; ``recovery`` is its curve's where none is given."""

    issuer_id: str
    recovery: float | None


@dataclass(frozen=True, slots=True, eq=False)
class DefaultMoves:
    """Issuers, the rows of their hazard rates with moves, and the rows of their shares."""

    issuers: tuple[DefaultMove, ...]
    hazards: Rows
    moves: FloatArray
    shares: Rows


def default_moves(shock: Shock, table: FactorTable) -> DefaultMoves:
    """What a shock of default does."""
    hazards = np.flatnonzero(table.selected(shock.selection, table.of_kind(NodeKind.HAZARD)))
    names = list(dict.fromkeys(table.nodes[row].name for row in hazards))
    recovery = shock.amount("recovery")
    share = None if recovery is None else recovery.fraction
    issued = table.groups["issuer_id"].isin(names).to_numpy(dtype=np.bool_)
    return DefaultMoves(
        issuers=tuple(DefaultMove(name, share) for name in names),
        hazards=hazards,
        moves=_failed(table, hazards) - table.levels[hazards],
        shares=np.flatnonzero(issued & table.of_kind(NodeKind.SPOT, NodeKind.PRICE)),
    )


def _failed(table: FactorTable, hazards: Rows) -> FloatArray:
    """Hazard rates of failure: all of it before each issuer's first node, nothing after."""
    found = np.zeros(len(hazards))
    names = np.array([table.nodes[row].name for row in hazards], dtype=object)
    years = table.years[hazards]
    for name in dict.fromkeys(names):
        mine = np.flatnonzero(names == name)
        first = mine[years[mine].argmin()]
        # The last rate of a curve goes on for ever.
        found[first] = FAILED / (_LONGEST_YEARS if len(mine) == 1 else years[first])
    return found
