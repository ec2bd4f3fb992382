"""Filtered historical sets of the desk: by exponential weights, or by a GARCH of each factor."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from riskplatform.desk.scenarios import made
from riskplatform.errors import UserInputError
from riskplatform.simulation import FactorHistory, ScenarioPlan, factor_history
from riskplatform.simulation.filtered import FilteredHistorical

DAYS = 600


def history() -> FactorHistory:
    """Two prices whose volatility comes in clusters, and one that never moves."""
    rng = np.random.default_rng(5)
    moves = np.zeros((DAYS, 3))
    variance = np.full(2, 1e-4)
    for day in range(1, DAYS):
        moves[day, :2] = np.sqrt(variance) * rng.standard_normal(2)
        variance = 2e-6 + 0.1 * moves[day, :2] ** 2 + 0.88 * variance
    levels = 100.0 * np.exp(moves.cumsum(axis=0))
    dates = [date(2024, 1, 1) + timedelta(shift) for shift in range(DAYS)]
    return factor_history(levels, dates, ["spot.A", "spot.B", "spot.STILL"])


def plan(volatility: str) -> ScenarioPlan:
    recipe = FilteredHistorical(scenarios=500, horizon_days=5, volatility=volatility)
    found = made(history(), recipe, seed=1)
    assert isinstance(found, ScenarioPlan)
    return found


@pytest.mark.slow
def test_a_garch_of_each_factor_and_what_cannot_be_fitted_is_named() -> None:
    fitted, weighted = plan("garch"), plan("ewma")
    assert fitted.scenario_set_id != weighted.scenario_set_id
    assert any("spot.STILL" in note for note in fitted.notes)
    assert not any("spot.A" in note for note in fitted.notes)
    spread = fitted.materialise().moves.std(axis=0)
    other = weighted.materialise().moves.std(axis=0)
    assert spread[:2] == pytest.approx(other[:2], rel=0.5)
    assert spread[2] == other[2] == 0.0


def test_another_volatility_is_refused() -> None:
    with pytest.raises(UserInputError, match="'ewma' or 'garch'"):
        FilteredHistorical(volatility="garhc")
