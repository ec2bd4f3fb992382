"""All methods of allocation, with what is known of each, for properties that hold for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.benchmark_relative import (
    ActiveMeanVariance,
    MaximumInformationRatio,
)
from riskplatform.optimisation.constraints import Box, Constraint
from riskplatform.optimisation.growth import GrowthOptimal
from riskplatform.optimisation.herc import Herc
from riskplatform.optimisation.hrp import Hrp
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.kelly import Kelly
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.mean_variance import (
    MaximumDiversification,
    MeanVariance,
    TrackingErrorMinimum,
)
from riskplatform.optimisation.multi_period import RecedingHorizon, TowardsAim
from riskplatform.optimisation.nco import NestedClusters
from riskplatform.optimisation.portfolio import Allocator
from riskplatform.optimisation.risk_budgets import RiskBudgets
from riskplatform.optimisation.robust import RobustMeanVariance, RobustShortfall
from riskplatform.optimisation.schur import SchurComplementary
from riskplatform.optimisation.shortfall import MeanDrawdown, MeanEntropic, MeanShortfall
from riskplatform.optimisation.validation import EqualWeight
from tests.optimisation.random_markets import names, returns

COUNT, DAYS = 8, 160


@dataclass(frozen=True)
class Known:
    """``make`` takes constraints where ``takes_constraints``. A method is whole where its weights
    sum to one. A twin is split where adding one to the assets leaves the objective as it is."""

    make: Callable[..., Allocator]
    takes_constraints: bool = True
    is_whole: bool = True
    splits_twins: bool = True
    uses_expected: bool = False
    needs_more_than_one: bool = False
    needs_all_risk: bool = False


def _plain(method: type[Any], *args: Any, **given: Any) -> Callable[..., Allocator]:
    return lambda constraints=(): method(*args, **given, constraints=constraints)


def _fixed(method: type[Any], *args: Any, **given: Any) -> Callable[..., Allocator]:
    return lambda: method(*args, **given)


METHODS: dict[str, Known] = {
    # With the optimal order leaves may only be mirrored, which halves of eight do not mind.
    "hrp": Known(_fixed(Hrp, is_optimal_order=True), False, splits_twins=False),
    "hrp by tree": Known(_fixed(Hrp, split="tree", linkage="average"), False, splits_twins=False),
    "herc": Known(_fixed(Herc), False, splits_twins=False),
    "nested clusters": Known(_fixed(NestedClusters), False, splits_twins=False),
    "schur": Known(_fixed(SchurComplementary, is_optimal_order=True), False, splits_twins=False),
    "equal weight": Known(_fixed(EqualWeight), False, splits_twins=False),
    "minimum variance": Known(_plain(MinimumVariance)),
    "maximum sharpe": Known(_plain(MaximumSharpe), uses_expected=True),
    "maximum diversification": Known(_plain(MaximumDiversification)),
    "mean-variance": Known(_plain(MeanVariance, 20.0), uses_expected=True),
    "tracking error": Known(_plain(TrackingErrorMinimum)),
    "active mean-variance": Known(_plain(ActiveMeanVariance, 20.0), uses_expected=True),
    "information ratio": Known(
        _plain(MaximumInformationRatio), uses_expected=True, needs_more_than_one=True,
        needs_all_risk=True,
    ),
    "risk budgets": Known(_plain(RiskBudgets), splits_twins=False),
    "kelly": Known(_fixed(Kelly), False, is_whole=False, uses_expected=True, needs_all_risk=True),
    "growth": Known(_plain(GrowthOptimal)),
    "shortfall": Known(_plain(MeanShortfall, 0.9)),
    "drawdown": Known(_plain(MeanDrawdown, 0.9)),
    "entropic": Known(_plain(MeanEntropic, 0.9)),
    "robust mean-variance": Known(_plain(RobustMeanVariance, 20.0), uses_expected=True),
    # A ball of Euclid's length likes more assets better.
    "robust shortfall": Known(_plain(RobustShortfall, 0.001, 0.9), splits_twins=False),
    "towards aim": Known(
        _fixed(TowardsAim, 20.0, 5.0), False, is_whole=False, splits_twins=False,
        uses_expected=True, needs_all_risk=True,
    ),
    "receding horizon": Known(
        _plain(RecedingHorizon, 20.0, 3, 5.0, 1e-5, half_life=10.0), splits_twins=False,
        uses_expected=True,
    ),
}  # fmt: skip


def inputs_of(table: FloatArray, asset_ids: list[str] | None = None) -> Inputs:
    """With sample moments, the same held now of each, and a benchmark."""
    count = table.shape[1]
    even = np.full(count, 1.0 / count)
    return Inputs(
        tuple(asset_ids or names(count)),
        Dense(np.cov(table.T).reshape(count, count)),
        returns=table,
        expected=table.mean(axis=0),
        current=even,
        benchmark=even,
    )


def history(seed: int) -> FloatArray:
    return returns(COUNT, DAYS, seed) + 0.0008


def impossible() -> tuple[Constraint, ...]:
    """No weights of eight assets, each at most a tenth, are a whole."""
    return (Box(0.0, 0.1),)
