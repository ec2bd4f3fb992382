"""Defaults: an issuer whose hazard rate is so high that it has failed by tomorrow.

The unit engine then values bonds at their recovery and default swaps at their loss, by full
revaluation. The recovery is part of a unit's flows, so that another than the curve's is put into
the cube afterwards, instrument by instrument: see :mod:`.recoveries`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.scenario import Shock
from riskplatform.stress.conversions import Rows
from riskplatform.stress.factor_table import FactorTable

FAILED_HAZARD = 20_000.0
"""Per year: a survival of exp(-55) after a day, and of nothing after two."""


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
        moves=FAILED_HAZARD - table.levels[hazards],
        shares=np.flatnonzero(issued & table.of_kind(NodeKind.SPOT, NodeKind.PRICE)),
    )
