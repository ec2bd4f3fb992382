"""The unit P&L cube of the desk: found by what was asked, or built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from riskplatform.desk.known_cubes import cube_question, known_cube
from riskplatform.desk.recipes import recipe_of
from riskplatform.desk.scenarios import scenario_plan
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.desk.units import held_units
from riskplatform.project.scenario_language import Scenario
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_build import CubeRequest, build_cube
from riskplatform.simulation.engines import engine_named
from riskplatform.simulation.plan import ScenarioPlan
from riskplatform.simulation.recipe import Recipe
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.stress.stress_set import Stress

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


def scenario_set(
    desk: Desk, recipe: Recipe, as_of: date, *, days: int, seed: int, at_snapshot: int | None
) -> ScenarioSet:
    """The set of a recipe, made once and kept: the same question opens what was made."""
    snapshot = market_snapshot(desk.lake) if at_snapshot is None else at_snapshot
    made = scenario_plan(desk, recipe, as_of, days=days, seed=seed, snapshot=snapshot)
    if made.facts.scenario_set_id in desk.scenario_sets.list():
        return desk.scenario_sets.open(made.facts.scenario_set_id, proved=True)
    whole = made.materialise() if isinstance(made, ScenarioPlan) else made
    desk.scenario_sets.save(whole)
    return whole


def cube(
    desk: Desk,
    scenarios: ScenarioSet | Recipe | str | Mapping[str, Any],
    as_of: date,
    *,
    days: int,
    seed: int,
    at_snapshot: int | None,
    progress: Callable[[int, int], None] | None,
) -> UnitCube:
    """What every unit held gains in every scenario."""
    snapshot = market_snapshot(desk.lake) if at_snapshot is None else at_snapshot
    if not isinstance(scenarios, ScenarioSet):
        scenarios = recipe_of(scenarios)
    if isinstance(scenarios, Stress):
        from riskplatform.desk.stress_cubes import scenarios_of

        wanted = scenarios_of(desk, scenarios)
        return stress_cube(desk, wanted, as_of, days=days, at_snapshot=snapshot, progress=progress)
    known = known_cube(desk, scenarios, as_of, days=days, seed=seed, snapshot=snapshot)
    if known is not None:
        return known
    asked = cube_question(desk, scenarios, as_of, days, seed, snapshot)
    if isinstance(scenarios, Recipe):
        scenarios = scenario_set(desk, scenarios, as_of, days=days, seed=seed, at_snapshot=snapshot)
    _, book = held_units(desk, as_of, snapshot)
    request = CubeRequest(book, scenarios, scenarios.horizon_days)
    engine = engine_named(desk.settings.engine, desk.settings.engine_address)
    found = build_cube(
        desk.cubes,
        request,
        engine=engine,
        progress=progress,
        lock_timeout_seconds=desk.settings.lock_timeout_seconds,
    )
    desk.cubes.remember(asked, found.cube_id)
    return found


def stress_cube(
    desk: Desk,
    wanted: Sequence[Scenario],
    as_of: date,
    *,
    days: int,
    at_snapshot: int | None,
    progress: Callable[[int, int], None] | None,
) -> UnitCube:
    """What every unit held gains in stress scenarios; remembered like any other cube."""
    from riskplatform.desk.stress_cubes import build

    snapshot = market_snapshot(desk.lake) if at_snapshot is None else at_snapshot
    known = known_stress_cube(desk, wanted, as_of, days=days, snapshot=snapshot)
    if known is not None:
        return known
    asked = cube_question(desk, Stress.of(wanted), as_of, days, 0, snapshot)
    found = build(desk, wanted, as_of, days=days, snapshot=snapshot, progress=progress).cube
    desk.cubes.remember(asked, found.cube_id)
    return found


def known_stress_cube(
    desk: Desk, wanted: Sequence[Scenario], as_of: date, *, days: int, snapshot: int
) -> UnitCube | None:
    """The cube of just these scenarios, if it is built already."""
    return known_cube(desk, Stress.of(wanted), as_of, days=days, seed=0, snapshot=snapshot)
