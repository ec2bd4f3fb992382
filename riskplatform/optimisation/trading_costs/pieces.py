"""The cost of changing weights as a convex function, and as columns of a programme.

Weights are shares of a capital in the base currency, and so is the cost. A least fee is no convex
function of a trade; it is left out here and stays in ``trade_costs``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.convex.program import Part
from riskplatform.optimisation.trading_costs.costs import (
    BASIS_POINT,
    DAYS_OF_YEAR,
    check_known,
    needed_columns,
    permanent_rate,
)
from riskplatform.optimisation.trading_costs.liquidity import Liquidity
from riskplatform.optimisation.trading_costs.model import CostModel


@dataclass(frozen=True, slots=True, eq=False)
class CostPieces:
    """Cost of a change d of a weight to w: linear |d| + curved |d|^power + squared d² + short of
    what of w is below zero. One number per asset; the cost is a share of the capital."""

    asset_ids: tuple[str, ...]
    linear: FloatArray
    curved: FloatArray
    power: FloatArray
    squared: FloatArray
    short: FloatArray

    def costs(self, weights: ArrayLike, current: ArrayLike) -> FloatArray:
        """Of each asset's change from ``current`` to ``weights``."""
        found = np.asarray(weights, dtype=np.float64)
        held = self.short * np.maximum(-found, 0.0)
        return np.asarray(self.traded(np.abs(found - np.asarray(current))) + held)

    def total(self, weights: ArrayLike, current: ArrayLike) -> float:
        return float(self.costs(weights, current).sum())

    def slopes(self, sizes: ArrayLike) -> FloatArray:
        """What a change of these sizes costs more per unit, as it grows."""
        size = np.abs(np.asarray(sizes, dtype=np.float64))
        bent = self.power * self.curved * size ** (self.power - 1.0)
        return np.asarray(self.linear + bent + 2.0 * self.squared * size)

    def curvature(self, sizes: ArrayLike) -> FloatArray:
        """How fast these slopes grow; without end at nothing, where impact grows by a root."""
        size = np.abs(np.asarray(sizes, dtype=np.float64))
        with np.errstate(divide="ignore"):
            bent = self.power * (self.power - 1.0) * self.curved * size ** (self.power - 2.0)
        return np.asarray(np.where(self.curved > 0.0, bent, 0.0) + 2.0 * self.squared)

    def pull(self, draft: Draft, slopes: FloatArray, share: float = 1.0) -> None:
        """Adds slopes · |w - current|, and what shorts cost, to what a programme makes least; all
        of it times ``share``."""
        self._check(draft)
        each = sparse.csr_array(sparse.eye_array(draft.assets))
        sizes = draft.hinge("trading cost", [Part(0, each)], draft.current, is_two_sided=True)
        draft.pull(sizes, slopes * share)
        if self.short.any():
            held = draft.hinge("borrow", [Part(0, -each)], np.zeros(draft.assets))
            draft.pull(held, self.short * share)

    @property
    def is_curved(self) -> bool:
        """Whether one unit more costs more, the larger the trade."""
        return bool(self.curved.any() or self.squared.any())

    def traded(self, sizes: FloatArray) -> FloatArray:
        return np.asarray(
            self.linear * sizes + self.curved * sizes**self.power + self.squared * sizes**2
        )

    def _check(self, draft: Draft) -> None:
        if self.asset_ids != draft.inputs.asset_ids:
            raise UserInputError(
                f"The costs are of {len(self.asset_ids)} assets, the inputs have {draft.assets}, "
                "or the order is another.",
                hint="Make the pieces from the markets of the inputs' asset_ids.",
            )


def cost_pieces(
    model: CostModel, markets: Liquidity, capital: float, *, holding_days: float = 0.0
) -> CostPieces:
    """The model for weights of ``capital``; shorts are borrowed for ``holding_days``."""
    if not (np.isfinite(capital) and capital > 0.0):
        raise UserInputError(f"The capital is {capital:g}; give one above 0.")
    check_known(model, markets)
    unit = markets.unit_values
    exponent = model.term("exponent", markets)
    linear = BASIS_POINT * (
        model.term("half_spread_bp", markets) + model.term("fee_bp", markets)
    ) + (model.term("fee_per_unit", markets) / unit)
    curved, squared = np.zeros(len(unit)), np.zeros(len(unit))
    moves = needed_columns(model, markets)["daily_volumes"]
    # A change of one is this many days of volume.
    with np.errstate(invalid="ignore", divide="ignore"):
        days = capital / (unit * markets.daily_volumes)
        pace = (days / model.term("days", markets)) ** exponent
        curved[moves] = (model.term("temporary", markets) * markets.volatilities * pace)[moves]
        squared[moves] = (0.5 * permanent_rate(model, markets) * days)[moves]
    short = model.term("borrow_bp", markets) * BASIS_POINT * holding_days / DAYS_OF_YEAR
    return CostPieces(markets.instrument_ids, linear, curved, 1.0 + exponent, squared, short)
