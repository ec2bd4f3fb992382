"""The costs of the cost model as a plan over several periods takes them: linear and quadratic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.optimisation.trading_costs.pieces import CostPieces


class PlannedCosts(NamedTuple):
    """``spread`` and ``impact`` by asset, as ``RecedingHorizon`` and ``TowardsAim`` take them."""

    spread: Mapping[str, float]
    impact: Mapping[str, float]


def planned_costs(pieces: CostPieces, sizes: ArrayLike) -> PlannedCosts:
    """Impact by a power law, replaced by the parabola that costs the same for trades of ``sizes``
    (changes of weight, one for all or one for each asset); smaller trades cost less than they do,
    larger ones more."""
    size = np.broadcast_to(np.asarray(sizes, dtype=np.float64), pieces.linear.shape)
    if not (np.isfinite(size) & (size > 0.0)).all():
        raise UserInputError(
            "Sizes of trades are changes of weight above 0.",
            hint="Give what is traded of an asset on a usual day, such as 0.005 for 0.5 %.",
        )
    impact = 2.0 * (pieces.curved * size ** (pieces.power - 2.0) + pieces.squared)
    names = pieces.asset_ids
    return PlannedCosts(
        spread=dict(zip(names, pieces.linear.tolist(), strict=True)),
        impact=dict(zip(names, impact.tolist(), strict=True)),
    )
