"""The methods of allocation by name, so that a register can say which, with what choices.

A method that knows no constraints (HRP and its kin) takes them all the same: its weights are then
the benchmark to which the nearest allowed weights, in tracking error, are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from riskplatform.errors import TermsError, UnknownNameError
from riskplatform.optimisation.benchmark_relative import (
    ActiveMeanVariance,
    MaximumInformationRatio,
)
from riskplatform.optimisation.by_riskfolio import ByRiskfolio
from riskplatform.optimisation.constraints.contract import Constraint
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
from riskplatform.optimisation.portfolio import Allocation, Allocator, FailedPortfolio
from riskplatform.optimisation.risk_budgets import RiskBudgets
from riskplatform.optimisation.robust import RobustMeanVariance, RobustShortfall
from riskplatform.optimisation.schur import SchurComplementary
from riskplatform.optimisation.shortfall import MeanDrawdown, MeanEntropic, MeanShortfall
from riskplatform.optimisation.validation.baselines import EqualWeight

RECIPES: dict[str, type[Any]] = {
    "hrp": Hrp,
    "herc": Herc,
    "nested-clusters": NestedClusters,
    "schur": SchurComplementary,
    "risk-budgets": RiskBudgets,
    "minimum-variance": MinimumVariance,
    "maximum-sharpe": MaximumSharpe,
    "maximum-diversification": MaximumDiversification,
    "mean-variance": MeanVariance,
    "tracking-error": TrackingErrorMinimum,
    "active-mean-variance": ActiveMeanVariance,
    "information-ratio": MaximumInformationRatio,
    "shortfall": MeanShortfall,
    "drawdown": MeanDrawdown,
    "entropic": MeanEntropic,
    "robust-mean-variance": RobustMeanVariance,
    "robust-shortfall": RobustShortfall,
    "kelly": Kelly,
    "growth": GrowthOptimal,
    "towards-aim": TowardsAim,
    "receding-horizon": RecedingHorizon,
    "equal-weight": EqualWeight,
    "riskfolio": ByRiskfolio,
}
NEED_EXPECTED = frozenset(
    {"maximum-sharpe", "mean-variance", "robust-mean-variance", "kelly", "active-mean-variance",
     "information-ratio", "towards-aim", "receding-horizon"}
)  # fmt: skip
"""Those that need expected returns; others need them only with a return to reach or to weigh."""

_NOT_WRITTEN = frozenset({"constraints", "inner", "outer", "signals"})


@dataclass(frozen=True)
class Nearest:
    """The allowed weights nearest to those of ``wished``, in tracking error."""

    wished: Allocator
    constraints: tuple[Constraint, ...]

    def fit(self, inputs: Inputs) -> Allocation:
        wish = self.wished.fit(inputs)
        if isinstance(wish, FailedPortfolio):
            return wish
        if wish.asset_ids != inputs.asset_ids:
            # A method may leave assets out; nothing is wished of them.
            weights = [wish.weight(asset) for asset in inputs.asset_ids]
        else:
            weights = wish.weights.tolist()
        asked = replace(inputs, benchmark=np.asarray(weights))
        found = TrackingErrorMinimum(self.constraints).fit(asked)
        if isinstance(found, FailedPortfolio):
            return replace(found, method=wish.method)
        return replace(
            found,
            method=wish.method,
            parameters={**wish.parameters, "within": "nearest in tracking error"},
            inputs=inputs.content,
            details={**found.details, "wished": wish.weights},
            notes=(*wish.notes, *found.notes, _NEAREST.format(method=wish.method)),
        )


_NEAREST = (
    "{method} knows no constraints: these are the allowed weights nearest to its own, in tracking "
    "error."
)


def takes_constraints(recipe: str) -> bool:
    """Whether the method itself optimises under constraints."""
    return any(each.name == "constraints" for each in fields(RECIPES[recipe]))


def choices_of(recipe: str) -> dict[str, Any]:
    """What can be chosen in a file, with its default."""
    if recipe not in RECIPES:
        error = UnknownNameError("method of allocation", recipe, RECIPES)
        error.hint = error.hint or f"There are {', '.join(RECIPES)}."
        raise error
    return {
        each.name: each.default for each in fields(RECIPES[recipe]) if each.name not in _NOT_WRITTEN
    }


def allocator_of(
    recipe: str,
    parameters: Mapping[str, Any] | None = None,
    constraints: tuple[Constraint, ...] = (),
) -> Allocator:
    """A method by its recipe; ``parameters`` are its choices."""
    known = choices_of(recipe)
    given = dict(parameters or {})
    for name, value in given.items():
        if name not in known:
            error = UnknownNameError(f"choice of {recipe}", name, known)
            error.hint = error.hint or f"There are {', '.join(known)}."
            raise error
        given[name] = _checked(recipe, name, value, known[name])
    if constraints and takes_constraints(recipe):
        given["constraints"] = constraints
    try:
        made: Allocator = RECIPES[recipe](**given)
    except TypeError as error:
        raise TermsError(f"{recipe}: {error}.", hint="Give what it needs.") from None
    if constraints and not takes_constraints(recipe):
        return Nearest(made, constraints)
    return made


def _checked(recipe: str, name: str, value: Any, default: Any) -> Any:
    """A value of the same kind as the default, where there is one."""
    wanted = {bool: bool, str: str, int: int, float: (int, float)}.get(type(default))
    if name == "budgets" and isinstance(value, Mapping):
        return {str(key): float(each) for key, each in value.items()}
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = isinstance(value, wanted) if wanted else (is_number or value is None)  # type: ignore[arg-type]
    if not fits or (isinstance(value, bool) and wanted is not bool):
        kind = type(default).__name__ if wanted else "number"
        raise TermsError(f"{name} of {recipe} is {value!r}, which is no {kind}.")
    return value
