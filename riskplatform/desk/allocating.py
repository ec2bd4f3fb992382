"""A rule applied to a portfolio's ground: the weights, or why there are none, and how sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.desk.allocation_ground import Ground
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cost_aware import CostAwareMeanVariance
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocator, FailedPortfolio, Portfolio
from riskplatform.optimisation.recipes import allocator_of
from riskplatform.optimisation.resampling import Bootstrap
from riskplatform.optimisation.rules import AllocationRule
from riskplatform.optimisation.sensitivity import weight_band
from riskplatform.optimisation.trading_costs import cost_pieces

LEVELS = (0.05, 0.95)
_SEED = 20260630


class NoAllocationError(UserInputError):
    """The rule has no answer on this portfolio; ``failed`` says why and what would have to give."""

    def __init__(self, failed: FailedPortfolio) -> None:
        words = "; ".join(binding.words for binding in failed.conflict)
        super().__init__(
            f"{failed.method} has no answer: {failed.failure.message}", hint=words or None
        )
        self.failed = failed


@dataclass(frozen=True, eq=False)
class Allocated:
    """``inputs`` are those that the weights were fitted on; the band is [low/high, asset]."""

    portfolio: Portfolio
    inputs: Inputs
    band: FloatArray | None = None

    def band_of(self, asset_id: str) -> tuple[float | None, float | None]:
        if self.band is None or asset_id not in self.inputs.asset_ids:
            return None, None
        place = self.inputs.asset_ids.index(asset_id)
        return float(self.band[0, place]), float(self.band[1, place])


def allocated(ground: Ground, rule: AllocationRule) -> Allocated:
    """The weights; where the rule resamples, with the band that 90 % of other histories give."""
    inputs = inputs_of(ground, rule)
    allocator = allocator_on(ground, rule, inputs)
    found = allocator.fit(inputs)
    if isinstance(found, FailedPortfolio):
        raise NoAllocationError(found)
    if not rule.resamples:
        return Allocated(found, inputs)
    resampling = Bootstrap(returns=rule.expected)
    band = weight_band(
        allocator, inputs, resampling, np.random.default_rng(_SEED), draws=rule.resamples,
        levels=LEVELS,
    )  # fmt: skip
    if isinstance(band, FailedPortfolio):
        raise NoAllocationError(band)
    return Allocated(found, inputs, band.quantiles)


def inputs_of(ground: Ground, rule: AllocationRule) -> Inputs:
    """The ground's, with what the rule expects of returns."""
    inputs = ground.inputs
    return inputs if rule.expected is None else rule.expected.fit(inputs).into(inputs)


def allocator_on(ground: Ground, rule: AllocationRule, inputs: Inputs) -> Allocator:
    """The rule's method, with its constraints on this universe."""
    constraints = ground.constraints()
    if not rule.cost_periods:
        return allocator_of(rule.recipe, rule.choices, constraints)
    markets = ground.liquidity.chosen(inputs.asset_ids)
    return CostAwareMeanVariance(
        aversion=float(rule.choices["aversion"]),
        costs=cost_pieces(rule.costs, markets, ground.value),
        periods=rule.cost_periods,
        constraints=constraints,
    )
