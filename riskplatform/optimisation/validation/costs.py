"""Costs of rebalancing as shares of the capital, for a validation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.trading_costs import (
    CostModel,
    CostPieces,
    Liquidity,
    cost_pieces,
)


@dataclass(frozen=True)
class NoCost:
    """Trading for nothing: how a rule looks before costs."""

    cost_id: str = "none"

    def __call__(
        self, day: int, asset_ids: Sequence[str], before: FloatArray, after: FloatArray
    ) -> float:
        return 0.0


@dataclass(frozen=True)
class ProportionalCost:
    """``basis_points`` of all that is bought and sold."""

    basis_points: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.basis_points) and self.basis_points >= 0.0):
            raise UserInputError(f"A cost of {self.basis_points:g} bp; give a number from 0 on.")

    @property
    def cost_id(self) -> str:
        return f"{self.basis_points:g} bp"

    def __call__(
        self, day: int, asset_ids: Sequence[str], before: FloatArray, after: FloatArray
    ) -> float:
        return float(np.abs(after - before).sum()) * self.basis_points * 1e-4


@dataclass(frozen=True)
class ModelCost:
    """The cost model of the optimiser and of the execution, in markets as they are now and for a
    ``capital`` in the base currency. Shorts are borrowed for ``holding_days`` at every trade."""

    model: CostModel
    markets: Liquidity
    capital: float
    holding_days: float = 0.0
    _known: dict[tuple[str, ...], CostPieces] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def cost_id(self) -> str:
        terms = (self.model.to_dict(), self.markets.content_hash(), self.capital, self.holding_days)
        return f"{self.model.model_id} {content_hash(*terms)[:16]}"

    def __call__(
        self, day: int, asset_ids: Sequence[str], before: FloatArray, after: FloatArray
    ) -> float:
        key = tuple(asset_ids)
        if key not in self._known:
            self._known[key] = cost_pieces(
                self.model, self.markets.chosen(key), self.capital, holding_days=self.holding_days
            )
        return self._known[key].total(after, before)
