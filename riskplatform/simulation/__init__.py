"""Scenario sets: what the factors may do, by history, by filtered history, by Monte Carlo, by hand.

A function that ends in ``_set`` gives a :class:`ScenarioSet`; one that ends in ``_plan`` gives a
:class:`ScenarioPlan`, which streams blocks or is materialised. Each takes its data, a frozen
recipe and, where it draws, a seed.
"""

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
