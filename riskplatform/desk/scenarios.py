"""Scenario sets of the desk: a recipe applied to the history of everything the book depends on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from riskplatform.desk.factor_levels import factor_levels
from riskplatform.desk.units import held_units
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.factors.covariance.shrinkage import LedoitWolf
from riskplatform.factors.covariance.structured import FactorStructured
from riskplatform.factors.garch.many import fit_many
from riskplatform.factors.garch.model import GarchParameters
from riskplatform.market.content import FloatArray
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.elliptical import Gaussian, StudentT, monte_carlo_plan
from riskplatform.simulation.factor_model import FactorModel, factor_model_plan
from riskplatform.simulation.filtered import FilteredHistorical, filtered_historical_plan
from riskplatform.simulation.historical import (
    AgeWeighted,
    Historical,
    age_weighted_set,
    historical_set,
)
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.nodes import WITHOUT_HISTORY, nodes_of
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.simulation.recipe import Recipe
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.simulation.volatility_scaled import VolatilityScaled, volatility_scaled_set
from riskplatform.simulation.windows import windows
from riskplatform.stress.stress_set import Stress

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MAKERS = (
    Historical, AgeWeighted, VolatilityScaled, FilteredHistorical, FactorModel, Gaussian, StudentT,
    Stress,
)  # fmt: skip
"""The recipes that need nothing but the desk's own history."""

# The exponential weights of RiskMetrics: a filter that needs no fitting and follows volatility.
_EWMA_DECAY = 0.94


def scenario_plan(
    desk: Desk, recipe: Recipe, as_of: date, *, days: int, seed: int, snapshot: int
) -> ScenarioSet | ScenarioPlan:
    """The set of a recipe, or, where it is drawn, the plan of it."""
    if isinstance(recipe, Stress):
        from riskplatform.desk.stress_cubes import scenarios_of, stress_set

        wanted = scenarios_of(desk, recipe)
        return stress_set(desk, wanted, as_of, days=days, snapshot=snapshot).whole
    if not isinstance(recipe, MAKERS):
        names = ", ".join(kind.maker for kind in MAKERS)
        raise UserInputError(
            f"The maker {recipe.maker!r} needs more than the desk's history.",
            hint=f"Makers that do not: {names}. Others take arrays: see riskplatform.simulation.",
        )
    _, book = held_units(desk, as_of, snapshot)
    nodes = [node for node in nodes_of(book.layout) if node.kind not in WITHOUT_HISTORY]
    history = factor_levels(desk, nodes, as_of, days, snapshot)
    return made(history, recipe, seed)


def made(history: FactorHistory, recipe: Recipe, seed: int) -> ScenarioSet | ScenarioPlan:
    """A recipe applied to a history."""
    match recipe:
        case Historical():
            return historical_set(history, recipe)
        case AgeWeighted():
            return age_weighted_set(history, recipe)
        case VolatilityScaled():
            return volatility_scaled_set(history, recipe)
        case FilteredHistorical():
            parameters, failures = _filter(history, recipe)
            return filtered_historical_plan(
                history, parameters, recipe, seed=seed, failures=failures
            )
        case FactorModel():
            axis, moves = _moving(history)
            fitted = FactorStructured().fit(moves, axis.factor_ids).matrix
            assert isinstance(fitted, LowRank)
            common = np.eye(fitted.rank)
            plan = factor_model_plan(
                axis, fitted.loadings, common, fitted.own_variances, recipe, seed=seed
            )
            return _told(plan, history)
        case Gaussian() | StudentT():
            axis, moves = _moving(history)
            covariance = LedoitWolf().fit(moves, axis.factor_ids).covariance
            return _told(monte_carlo_plan(axis, covariance, recipe, seed=seed), history)
    raise NotImplementedError(recipe.maker)


def _told(plan: ScenarioPlan, history: FactorHistory) -> ScenarioPlan:
    """The plan with what had to be said of the history that its covariance is from."""
    axis = plan.facts.axis
    still = len(history.axis) - len(axis)
    left_out = f"{still} factors that never moved in the history stand still."
    notes = [*history.notes, *([left_out] if still else []), *plan.notes]
    coverage = Coverage(len(axis), history.coverage.failures)
    return replace(plan, facts=replace(plan.facts, coverage=coverage, notes=tuple(notes)))


def _moving(history: FactorHistory) -> tuple[FactorAxis, FloatArray]:
    """Daily moves of the factors that ever move: what never did has no variance to draw from."""
    moves = windows(history).moves
    columns = np.flatnonzero((moves != moves[:1]).any(axis=0))
    return history.axis.only(columns), np.ascontiguousarray(moves[:, columns])


def _filter(
    history: FactorHistory, recipe: FilteredHistorical
) -> tuple[GarchParameters, tuple[Failure, ...]]:
    """The variance of every factor: by exponential weights, or by a GARCH fitted to each."""
    if recipe.volatility == "garch":
        fits = fit_many(windows(history).moves, history.axis.factor_ids)
        return replace(fits.parameters, nu=fits.tails), fits.failures
    row = (0.0, 1.0 - _EWMA_DECAY, 0.0, _EWMA_DECAY, np.inf)
    return GarchParameters.of([row] * len(history.axis)), ()
