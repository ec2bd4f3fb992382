"""Scenario sets: what the factors may do, by history, by filtered history, by Monte Carlo, by hand.

A function that ends in ``_set`` gives a :class:`ScenarioSet`; one that ends in ``_plan`` gives a
:class:`ScenarioPlan`, which streams blocks or is materialised. Each takes its data, a frozen
recipe and, where it draws, a seed.

Names are brought in when they are first used: a reader of cubes needs no copulas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskplatform.factors.garch.model import GarchParameters
    from riskplatform.simulation.axis import FactorAxis, factor_axis
    from riskplatform.simulation.copula import Copula, copula_plan, fitted_copula_plan
    from riskplatform.simulation.copula_fit import FittedCopula, fit_copula, t_tail_dependence
    from riskplatform.simulation.describe import Description
    from riskplatform.simulation.elliptical import Gaussian, StudentT, monte_carlo_plan
    from riskplatform.simulation.factor_model import FactorModel, factor_model_plan
    from riskplatform.simulation.filtered import FilteredHistorical, filtered_historical_plan
    from riskplatform.simulation.garch import fit_each, garch_filter
    from riskplatform.simulation.historical import (
        AgeWeighted,
        Historical,
        age_weighted_set,
        historical_set,
    )
    from riskplatform.simulation.history import FactorHistory, factor_history, history_from_frame
    from riskplatform.simulation.importance import ImportanceTails, importance_plan
    from riskplatform.simulation.jumps import Merton, merton_plan
    from riskplatform.simulation.kinds import MoveKind
    from riskplatform.simulation.marginals import Marginals, fit_marginals
    from riskplatform.simulation.own import Own, own_set, own_set_from_frame, zero_set
    from riskplatform.simulation.paths import GarchPaths, garch_paths_plan
    from riskplatform.simulation.plan import ScenarioBlock, ScenarioPlan
    from riskplatform.simulation.recipe import Recipe, recipe_from_dict
    from riskplatform.simulation.scenario_set import ScenarioSet
    from riskplatform.simulation.selections import combined
    from riskplatform.simulation.volatility_scaled import VolatilityScaled, volatility_scaled_set
    from riskplatform.simulation.weights import effective_sample_size, normalised

_NAMES = {
    "riskplatform.factors.garch.model": "GarchParameters",
    "riskplatform.simulation.axis": "FactorAxis factor_axis",
    "riskplatform.simulation.copula": "Copula copula_plan fitted_copula_plan",
    "riskplatform.simulation.copula_fit": "FittedCopula fit_copula t_tail_dependence",
    "riskplatform.simulation.describe": "Description",
    "riskplatform.simulation.elliptical": "Gaussian StudentT monte_carlo_plan",
    "riskplatform.simulation.factor_model": "FactorModel factor_model_plan",
    "riskplatform.simulation.filtered": "FilteredHistorical filtered_historical_plan",
    "riskplatform.simulation.garch": "fit_each garch_filter",
    "riskplatform.simulation.historical": "AgeWeighted Historical age_weighted_set historical_set",
    "riskplatform.simulation.history": "FactorHistory factor_history history_from_frame",
    "riskplatform.simulation.importance": "ImportanceTails importance_plan",
    "riskplatform.simulation.jumps": "Merton merton_plan",
    "riskplatform.simulation.kinds": "MoveKind",
    "riskplatform.simulation.marginals": "Marginals fit_marginals",
    "riskplatform.simulation.own": "Own own_set own_set_from_frame zero_set",
    "riskplatform.simulation.paths": "GarchPaths garch_paths_plan",
    "riskplatform.simulation.plan": "ScenarioBlock ScenarioPlan",
    "riskplatform.simulation.recipe": "Recipe recipe_from_dict",
    "riskplatform.simulation.scenario_set": "ScenarioSet",
    "riskplatform.simulation.selections": "combined",
    "riskplatform.simulation.volatility_scaled": "VolatilityScaled volatility_scaled_set",
    "riskplatform.simulation.weights": "effective_sample_size normalised",
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """A name from the module that it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


__all__ = [
    "AgeWeighted",
    "Copula",
    "Description",
    "FactorAxis",
    "FactorHistory",
    "FactorModel",
    "FilteredHistorical",
    "FittedCopula",
    "GarchParameters",
    "GarchPaths",
    "Gaussian",
    "Historical",
    "ImportanceTails",
    "Marginals",
    "Merton",
    "MoveKind",
    "Own",
    "Recipe",
    "ScenarioBlock",
    "ScenarioPlan",
    "ScenarioSet",
    "StudentT",
    "VolatilityScaled",
    "age_weighted_set",
    "combined",
    "copula_plan",
    "effective_sample_size",
    "factor_axis",
    "factor_history",
    "factor_model_plan",
    "filtered_historical_plan",
    "fit_copula",
    "fit_each",
    "fit_marginals",
    "fitted_copula_plan",
    "garch_filter",
    "garch_paths_plan",
    "historical_set",
    "history_from_frame",
    "importance_plan",
    "merton_plan",
    "monte_carlo_plan",
    "normalised",
    "own_set",
    "own_set_from_frame",
    "recipe_from_dict",
    "t_tail_dependence",
    "volatility_scaled_set",
    "zero_set",
]
